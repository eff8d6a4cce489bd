"""Processes that start with their libraries imported: a live system imported them five times at each start.

That was a third of the processor time of the live tests. A template is a process that has imported what a line of the
Procfile imports, and knows no settings; what it forks goes on as if it had been started by that line, as a child of the
process that asked. How a process starts by itself is tested with the Procfile and with `make run`. Linux only.
"""

from __future__ import annotations

import atexit
import ctypes
import functools
import gc
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from dental_sync.local.embedded.server import die_with_parent, plain_environment
from dental_sync.local.run import PROJECT_FOLDER

# What is imported, by what the command runs, and what runs it then. Importing wsgi patches, and starts nothing.
_PRELOADED = {
    "wsgi.py": ("wsgi", "dental_sync.processes.eventlet_server"),
    "celery": (
        "celery.__main__",
        "celery.bin.celery",
        "celery.apps.worker",
        "celery.apps.beat",
        "celery.concurrency.solo",
        "celery.worker.worker",
        "kombu.transport.redis",
        "dental_sync.processes.worker",
        "dental_sync.processes.working",
        "dental_sync.processes.tasks",
        "dental_sync.processes.beat",
    ),
}
_PR_SET_CHILD_SUBREAPER = 36
_prctl: Callable[..., int] | None = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class Forked:
    """A child that a template has forked, as far as `subprocess.Popen` is needed."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._exit_status: int | None = None

    def poll(self) -> int | None:
        """How it ended, negative for the signal that killed it; None while it runs."""
        if self._exit_status is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self._exit_status = os.waitstatus_to_exitcode(status)
        return self._exit_status

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(0.005)
        return status


class Template:
    """A process that forks, where there is one for a command."""

    def __init__(self, program: str, of_python: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.live.warm", program],
            cwd=PROJECT_FOLDER,
            env={**plain_environment(), **of_python},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=functools.partial(die_with_parent, signal.SIGKILL),  # noqa: PLW1509 - system calls only
        )
        self._turn = threading.Lock()
        atexit.register(self._process.kill)

    def fork(self, command: list[str], environment: Mapping[str, str], log: Path, open_files: int | None) -> Forked:
        """Let the command run in a session of its own, in the project's folder, and write into the log."""
        assert _prctl is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"command": command, "environment": dict(environment), "log": str(log), "open_files": open_files}
        with self._turn:
            # What loses its parent meanwhile becomes our child.
            _prctl(_PR_SET_CHILD_SUBREAPER, 1)
            try:
                self._process.stdin.write(json.dumps({**order, "parent": os.getpid()}).encode() + b"\n")
                self._process.stdin.flush()
                return Forked(int(self._process.stdout.readline()))
            finally:
                _prctl(_PR_SET_CHILD_SUBREAPER, 0)


@functools.cache
def _template(program: str, *of_python: tuple[str, str]) -> Template:
    return Template(program, dict(of_python))


def template_for(command: list[str], environment: Mapping[str, str]) -> Template | None:
    """What forks processes for a command with these settings; None where it must be started."""
    if _prctl is None or environment.get("ASYNC_MODE", "eventlet") != "eventlet":
        return None
    programs = [word for word in command[:2] if word in _PRELOADED]
    # Python itself reads these once, when it starts.
    of_python = sorted((name, value) for name, value in environment.items() if name.startswith("PYTHON"))
    return _template(programs[0], *of_python) if programs else None


# In the template.

# As they are before eventlet replaces them: a template has no event loop, for its children would share it.
_read, _write, _waitpid, _fork, _exit = os.read, os.write, os.waitpid, os.fork, os._exit


def _orders() -> Iterator[dict[str, Any]]:
    waiting = b""
    while True:
        while b"\n" not in waiting:
            more = _read(0, 65_536)
            if not more:
                return
            waiting += more
        line, waiting = waiting.split(b"\n", 1)
        yield json.loads(line)


def main(program: str) -> None:
    """Import, and fork at each order: twice, so that the child becomes one of whoever asked."""
    sys.path.insert(0, str(PROJECT_FOLDER))
    for name in _PRELOADED[program]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    told, telling = os.pipe()
    for order in _orders():
        between = _fork()
        if between == 0:
            pid = _fork()
            if pid == 0:
                _become(program, order, (told, telling))
            _write(telling, f"{pid}\n".encode())
            _exit(0)
        # Only then is the child that of whoever asked.
        _waitpid(between, 0)
        _write(1, _read(told, 100))


def _become(program: str, order: dict[str, Any], pipes: tuple[int, int]) -> NoReturn:
    deadline = time.monotonic() + 10
    while os.getppid() != order["parent"]:
        assert time.monotonic() < deadline, "whoever asked for this process is not its parent"
    os.setsid()
    die_with_parent(signal.SIGKILL)
    if order["open_files"] is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (order["open_files"], order["open_files"]))
    nothing, log = os.open(os.devnull, os.O_RDONLY), os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for opened, standard in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(opened, standard)
    for file in (nothing, log, *pipes):
        os.close(file)
    os.environ.clear()
    os.environ.update(order["environment"])
    if program == "wsgi.py":
        from eventlet import hubs

        # Or all would share the template's, with its epoll.
        hubs.use_hub()
    sys.argv = order["command"][1 if program == "wsgi.py" else 0 :]
    sys.modules[_PRELOADED[program][0]].main()
    sys.exit()


if __name__ == "__main__":
    main(sys.argv[1])
