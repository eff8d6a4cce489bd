"""One server process of ours: its start, its end, and the proof that it is ours."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from dental_sync.local.embedded.problems import CannotRun, PortTaken
from dental_sync.local.embedded.workspace import Workspace

START_SECONDS = 60.0
STOP_SECONDS = 20.0
LOG_LIMIT_BYTES = 10_000_000
HOST = "127.0.0.1"

# Looked up here and not in the forked child, where the loader's lock may be held for ever.
_prctl: Callable[[int, int], int] | None = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int) -> None:
    """Ask Linux to send us this signal when the thread that started us ends; elsewhere the next run finds leftovers."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal_number)


class Server(ABC):
    """A server in the foreground, our child, on 127.0.0.1, whose working folder is its data folder.

    Start it from a thread that lives as long as the server shall: on Linux it ends with that thread.
    """

    label: str
    folder_name: str
    process_name: str
    stop_signal: signal.Signals
    port_setting: str

    def __init__(self, workspace: Workspace, port: int) -> None:
        self.workspace = workspace
        self.port = port
        self.data = workspace.own_folder(self.folder_name)
        self.log = workspace.folder / f"{self.folder_name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self.process is None:
            raise CannotRun(f"{self.label} is not running.")
        return self.process.pid

    def start(self) -> None:
        """Start it on its port and data, wait until it answers. What a killed run left in its data is ended first."""
        if self.process is not None:
            try:
                self.process.wait(1)  # one that was just killed takes a moment to be gone
            except subprocess.TimeoutExpired:
                raise CannotRun(f"{self.label} is running already.") from None
        self.end_leftovers()
        require_free_port(self.port, self.label, self.port_setting)
        try:
            self.prepare()
            self._launch()
            self._await_answer()
            self.after_start()
        except OSError as error:
            self.stop()
            raise CannotRun(f"{self.label} cannot be started: {error}.") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it in an orderly way; one that does not stop in time is killed."""
        if self.process is None:
            return
        self.resume()
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None
        self.end_leftovers()

    def kill(self) -> None:
        """Kill it as a power cut would, with every process of its own; `start` brings it back on the same data."""
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if self.process is not None:
            self.process.wait()
        self.process = None

    def pause(self) -> None:
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                process.suspend()

    def resume(self) -> None:
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def end_leftovers(self) -> None:
        """End servers of a killed run. Ours has this name and works in this data folder; no other server does."""
        end_processes(list(self._processes_in_data()), self.stop_signal)

    # What each server says for itself.

    def prepare(self) -> None:  # noqa: B027 - a server may have nothing to prepare
        """Make the data folder ready."""

    def after_start(self) -> None:  # noqa: B027 - nor anything to make
        """Make what the app expects to find."""

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments."""

    def configuration(self) -> bytes:
        """Read by the server from its standard input: secrets on a command line can be read by everybody."""
        return b""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it answers and is this process on this data; False says: not yet."""

    # How it is done.

    def _launch(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        stop_signal, account = self.stop_signal, self.workspace.account
        # Only for us: what a server complains about can hold what was in a row.
        with open(self.log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as log:
            self.process = process = subprocess.Popen(  # noqa: S603 — our own program
                self.command(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.data,
                env=plain_environment(),
                # Out of the terminal's group: Ctrl-C must reach us alone, for the database stops last.
                start_new_session=True,
                user=account.user_id if account else None,
                group=account.group_id if account else None,
                extra_groups=[] if account else None,
                preexec_fn=lambda: die_with_parent(stop_signal),  # noqa: PLW1509 — one system call, looked up before
            )
        if process.stdin is not None:
            with suppress(BrokenPipeError), process.stdin as pipe:
                pipe.write(self.configuration())

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                raise CannotRun(f"{self.label} did not start: {self.last_log_line()} (see {self.log})")
            if self.answers():
                return
            time.sleep(0.03)
        raise CannotRun(f"{self.label} did not answer within {START_SECONDS:.0f} s (see {self.log}).")

    def last_log_line(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        telling = [line for line in lines if "FATAL" in line or "error" in line.lower()]
        return (telling or lines or ["it said nothing"])[-1].strip()

    def _family(self) -> list[psutil.Process]:
        """The server and its children, wherever they work."""
        if self.process is None or self.process.poll() is not None:
            return []
        try:
            parent = psutil.Process(self.process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _processes_in_data(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter(["name"]):
            if (process.info["name"] or "").startswith(self.process_name):
                with suppress(psutil.Error):
                    if Path(process.cwd()) == self.data:
                        yield process


def plain_environment() -> dict[str, str]:
    """Settings of the caller's shell (PGDATA, LC_ALL, …) must not change how our servers behave."""
    kept = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}


def end_processes(processes: list[psutil.Process], stop_signal: signal.Signals) -> None:
    """Ask them to stop, then kill what has not stopped in time. The first is asked first, its children follow it."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.resume()
            process.send_signal(stop_signal)
    _, left = psutil.wait_procs(processes, timeout=STOP_SECONDS)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    _, left = psutil.wait_procs(left, timeout=STOP_SECONDS)
    if left:
        raise CannotRun(f"Process {left[0].pid} does not end, even when killed.")


def require_free_port(port: int, what: str, setting: str) -> None:
    """Refuse a port that is served on any address: clients cannot tell two programs on one port apart."""
    with socket.socket() as probe:
        probe.settimeout(2)
        taken = probe.connect_ex((HOST, port)) == 0
    if not taken:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of the last run may be closing
            try:
                probe.bind((HOST, port))
            except PermissionError:
                raise CannotRun(f"Port {port}, wanted for {what}, is for root only. Set {setting}.") from None
            except OSError:
                taken = True
    if taken:
        raise PortTaken(what, port, setting)


def free_port() -> int:
    """A port for a test's server. Not one of those the system gives to outgoing connections: while a server is down,
    a client that keeps calling such a port can be given it as its own, and the server cannot come back."""
    for _ in range(1000):
        port = random.randint(20_000, 32_000)  # noqa: S311 — no secret
        with suppress(CannotRun):
            require_free_port(port, "a test", "nothing")
            return port
    raise CannotRun("No port between 20000 and 32000 is free.")
