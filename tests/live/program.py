"""A program that somebody else wrote and runs, what it says, and how it ends."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .system import wait_until

WAIT_SECONDS = 30.0


class Program:
    """One that runs; what it says is read as it comes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: dict[str, list[str]] = {"out": [], "err": []}
        self._readers = [self._read("out", process.stdout), self._read("err", process.stderr)]

    def said(self) -> str:
        """On its standard output."""
        return "".join(self._lines["out"])

    def complained(self) -> str:
        """On its standard error."""
        return "".join(self._lines["err"])

    def wait_said(self, words: str, times: int = 1) -> None:
        """Wait until it has said something so often."""
        wait_until(
            lambda: self.said().count(words) >= times,
            WAIT_SECONDS,
            lambda: f"not said: {words}; but {self.said()}\n{self.complained()}",
        )

    def interrupt(self) -> int:
        """Press Ctrl-C; returns its exit status."""
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(WAIT_SECONDS)
        self._join()
        return status

    def _read(self, name: str, stream: IO[str] | None) -> threading.Thread:
        assert stream is not None
        reader = threading.Thread(target=self._lines[name].extend, args=[stream], daemon=True)
        reader.start()
        return reader

    def _join(self) -> None:
        for reader in self._readers:
            reader.join(WAIT_SECONDS)


@contextmanager
def program(command: Sequence[str], folder: Path) -> Iterator[Program]:
    """Run it in a folder; it is killed at the end, if it has not ended."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, stdout=pipe, stderr=pipe, text=True) as process:
        running = Program(process)
        try:
            yield running
        finally:
            process.kill()
            running._join()
