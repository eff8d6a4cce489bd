"""The processes of a Procfile, run together: what one says is printed, and when one ends all end."""

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import honcho.manager
import honcho.process
import psutil
from honcho.environ import parse_procfile

from dental_sync.local.embedded.problems import CannotRun
from dental_sync.local.embedded.server import Server, die_with_parent, end_processes

LOOK_SECONDS = 0.1
MARK = "DENTAL_SYNC_RUN_MARK"


def read_procfile(file: Path) -> dict[str, str]:
    try:
        return dict(parse_procfile(file.read_text()).processes)
    except OSError as error:
        raise CannotRun(f"Cannot read {file}: {error.strerror}.") from error


def end_marked(mark: str) -> None:
    """End what a killed run left running. Its environment proves that it is ours, grandchildren included."""
    leftovers = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                leftovers.append(process)
    # No time is given to finish: every process must survive a kill.
    end_processes(leftovers, signal.SIGKILL)


def without_shell(command: str, search_path: str) -> str:
    """Let the shell make way for a plain command: killed together with us, it would leave the command behind."""
    plain = not set(command) & set("|&;<>()`") and shutil.which(command.split(maxsplit=1)[0], path=search_path)
    return f"exec {command}" if plain else command


class _Popen(honcho.process.Popen):  # type: ignore[misc]  # honcho has no types
    def __init__(self, command: str, **options: Any) -> None:
        super().__init__(command, preexec_fn=lambda: die_with_parent(signal.SIGKILL), **options)


class _Process(honcho.process.Process):  # type: ignore[misc]
    """honcho watches each command from a process of its own, which is deaf to SIGINT and SIGTERM."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._child_ctor = _Popen

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        die_with_parent(signal.SIGKILL)
        super().run(events, ignore_signals)


class Supervisor(honcho.manager.Manager):  # type: ignore[misc]
    """Runs commands until one ends or a stop is asked for; `failure` says afterwards what ended by itself.

    honcho alone would trip over a signal that comes while it starts or prints, and wait for ever where no process heeds
    the first one. So the caller's signal handlers stay in force, and `_watch` acts on what they noted (`stop_when`).
    """

    def __init__(
        self,
        commands: Mapping[str, str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        servers: Sequence[Server],
        kill_wait_seconds: float,
        watch: Callable[[], str | None],
        stop_when: Callable[[], bool],
        on_stop: Callable[[], None],
    ) -> None:
        """`watch` and `stop_when` are asked again and again; what `watch` returns is the failure to stop for."""
        super().__init__()
        self.failure: str | None = None
        self._process_ctor = _Process
        self._servers = servers
        self._kill_wait_seconds = kill_wait_seconds
        self._watch_also = watch
        self._stop_when = stop_when
        self._on_stop = on_stop
        self._stopping = False
        honcho.manager.KILL_WAIT = kill_wait_seconds
        for name, command in commands.items():
            self.add_process(name, without_shell(command, environment["PATH"]), env=dict(environment), cwd=str(folder))

    def terminate(self) -> None:
        """Called by honcho when a process has ended, or by its signal handlers in the moment before ours are back."""
        if not self._stopping:
            ended = [name for name, process in self._processes.items() if process.get("returncode") is not None]
            if ended:
                status = self._processes[ended[0]]["returncode"]
                self.failure = f"The process {ended[0]!r} ended by itself (exit status {status})."
        self._stopping = True

    def loop(self) -> None:
        self._handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        super().loop()

    def _start(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        super()._start()
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def _watch(self) -> None:
        kill_at: float | None = None
        while not self._all_stopped():
            time.sleep(LOOK_SECONDS)
            self._notice_lost()
            if kill_at is None and not self._stopping:
                self._look()
            if self._stopping and kill_at is None and self._all_started():
                self._on_stop()
                show("Stopping …")
                super().terminate()
                kill_at = time.monotonic() + self._kill_wait_seconds
            if kill_at is not None and time.monotonic() > kill_at:
                self.kill()

    def _look(self) -> None:
        if self._stop_when():
            self._stopping = True
            return
        dead = [server for server in self._servers if server.process is not None and server.process.poll() is not None]
        reason = f"{dead[0].label} ended by itself (see {dead[0].log})." if dead else self._watch_also()
        if reason is not None:
            self.failure, self._stopping = reason, True

    def _notice_lost(self) -> None:
        """A watching process that was killed reports nothing any more; its command has died with it."""
        for process in self._processes.values():
            watching = process.get("process")
            if watching is not None and not watching.is_alive():
                process.setdefault("pid", watching.pid)
                process.setdefault("returncode", watching.exitcode)


class Parent:
    """The process that started us, for a run that shall not outlive it: `make` in `make run`."""

    def __init__(self) -> None:
        self._pid = os.getppid()
        self._minded_interrupt = self._minds_interrupt()
        die_with_parent(signal.SIGTERM)

    def is_done(self) -> bool:
        """Whether it has ended, or was interrupted: GNU make hands SIGTERM on, but a SIGINT sent to it alone it keeps
        to itself, stops minding a second one, and waits for us for ever."""
        return os.getppid() != self._pid or (self._minded_interrupt and not self._minds_interrupt())

    def _minds_interrupt(self) -> bool:
        try:
            status = Path(f"/proc/{self._pid}/status").read_text()
        except OSError:
            return False
        caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
        return bool(int(caught, 16) >> (signal.SIGINT - 1) & 1)


def show(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
