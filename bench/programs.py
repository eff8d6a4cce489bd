"""What a benchmark starts: processes with a log of their own, which end with it, and what they cost."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from dental_sync.local.embedded.server import die_with_parent

START_SECONDS = 60.0
STOP_SECONDS = 30.0


class Program:
    """One command in a session of its own; it ends with this process."""

    def __init__(self, command: str, folder: Path, environment: Mapping[str, str], log: Path) -> None:
        self.command = command
        self.log = log
        self._folder = folder
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._read = 0

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.command} was not started"
        return self._process.pid

    def start(self) -> None:
        """Start it; whether it answers is the caller's to find out."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a line of the Procfile, or of ours
                shlex.split(self.command),
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - one system call, looked up before
            )

    def kill(self) -> None:
        """Kill it and its children, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """Ask it to stop; what does not stop in time is killed."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        self.kill()

    def new_lines(self) -> list[str]:
        """What it has logged since this was last asked."""
        with self.log.open("rb") as log:
            log.seek(self._read)
            text = log.read()
        self._read += len(text)
        return text.decode(errors="replace").splitlines()

    def must_run(self) -> None:
        """Fails when it has ended by itself."""
        assert self._process is None or self._process.poll() is None, f"{self.command} ended by itself: see {self.log}"


def wait_until(is_so: Callable[[], bool], what: str, programs: Mapping[str, Program]) -> None:
    """Ask again and again whether something is so; fails when it takes too long or a program ends meanwhile."""
    deadline = time.monotonic() + START_SECONDS
    while not is_so():
        for program in programs.values():
            program.must_run()
        assert time.monotonic() < deadline, f"{what}: not within {START_SECONDS:.0f} s"
        time.sleep(0.05)


def processes_of(pid: int) -> list[psutil.Process]:
    """A process and all that it has started."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def processor_seconds(pid: int) -> float:
    """What a process has used with all that it has started, children that have ended included; 0 once it has ended."""
    used = 0.0
    with suppress(psutil.NoSuchProcess):
        for process in processes_of(pid):
            with suppress(psutil.NoSuchProcess):
                used += sum(process.cpu_times()[:4])
    return used


def memory_mib(pid: int) -> float:
    """What a process occupies with all that it has started: of pages that are shared, its share (PSS)."""
    return float(sum(process.memory_full_info().pss for process in processes_of(pid))) / 2**20


def resident_kib(pid: int) -> float:
    """What of a process is in memory (RSS), with all that it has started."""
    return float(sum(process.memory_info().rss for process in processes_of(pid))) / 1024


@dataclass
class Used:
    """Seconds of the processor in a window of `seconds`, by name; `elsewhere` is what nobody of ours has used."""

    seconds: float = 0.0
    by: dict[str, float] = field(default_factory=dict)
    elsewhere: float = 0.0

    def of(self, *names: str) -> float:
        """What these have used together."""
        return sum(self.by.get(name, 0.0) for name in names)


@contextmanager
def measured(pids: Mapping[str, int]) -> Iterator[Used]:
    """What each of them has used meanwhile; filled in at the end."""
    used = Used()
    began, before, machine = time.monotonic(), {name: processor_seconds(pid) for name, pid in pids.items()}, _busy()
    yield used
    used.seconds = time.monotonic() - began
    used.by = {name: max(0.0, processor_seconds(pid) - before[name]) for name, pid in pids.items()}
    used.elsewhere = max(0.0, _busy() - machine - sum(used.by.values()))


def _busy() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system)
