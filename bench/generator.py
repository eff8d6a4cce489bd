"""The load generator: a Node process of its own (bench/generator), told what to do line by line."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

# Of one core; what it sends and reads is late beyond that.
SATURATED = 0.85
# Seconds; shorter commands measure nothing.
LONG_ENOUGH = 1.0
MAIN = Path(__file__).parent / "generator" / "main.mjs"


class Generator:
    """Asks one service. `saturated` names each command during which the generator was the bottleneck."""

    def __init__(self, set_up: dict[str, Any]) -> None:
        self.saturated: list[str] = []
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            ["node", str(MAIN)],  # noqa: S607 - the machine's, or the one in .venv
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._command = ""
        self._began = 0.0
        self._say(set_up)

    @property
    def pid(self) -> int:
        return self._process.pid

    def begin(self, command: str, **more: Any) -> None:
        """Let it begin; `answer` waits for the end."""
        self._command = " ".join([command, *(f"{name}={value}" for name, value in more.items())])
        self._began = time.monotonic()
        self._say({"do": command, **more})

    def answer(self) -> dict[str, Any]:
        """What came of the command that was begun; fails when it could not be done."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the generator has ended during {self._command!r}"
        answer: dict[str, Any] = json.loads(line)
        assert "error" not in answer, f"{self._command}: {answer['error']}"
        seconds = time.monotonic() - self._began
        share = answer["generatorSeconds"] / seconds
        if share > SATURATED and seconds > LONG_ENOUGH:
            self.saturated.append(f"{self._command} ({100 * share:.0f} % of a core)")
        return answer

    def ask(self, command: str, **more: Any) -> dict[str, Any]:
        """Let it do something, and wait for what came of it."""
        self.begin(command, **more)
        return self.answer()

    def stop(self) -> None:
        """Let it end, which it does with its commands."""
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()

    def _say(self, what: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
