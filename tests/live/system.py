"""A whole Dental Sync as processes: two web processes, worker, housekeeper and beat, with a Redis and a database.

Each process and each server can be killed, paused and started again. What they say is kept in one log each.
"""

from __future__ import annotations

import dataclasses
import os
import resource
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg2
from psycopg2.extensions import cursor as Cursor

from dental_sync.local.embedded.passwords import Passwords
from dental_sync.local.embedded.postgres import DatabaseUrls, Postgres
from dental_sync.local.embedded.redis import Redis
from dental_sync.local.embedded.server import die_with_parent, free_port, plain_environment
from dental_sync.local.run import PROJECT_FOLDER, child_environment, is_healthy
from dental_sync.local.supervisor import read_procfile
from tests.scraped import Scraped

from .openings import Opening, openings
from .rest import Account, call
from .warm import Forked, template_for

START_SECONDS = 60.0
STOP_SECONDS = 20.0
WEB_PROCESSES = 2

# Short, so that a test need not wait; whatever a test depends on it sets itself.
SETTINGS = {
    "HEARTBEAT_SECONDS": "1",
    # As with `make run`: pages of other origins may call.
    "CORS_ORIGINS": "*",
    "ACCESS_TOKEN_SECONDS": "7200",
    # On a busy machine too a call waits for its outcome; what is answered before that has a test of its own.
    "WRITE_WAIT_SECONDS": "20",
    # The driver asks again and again how far a process is; a real client does not.
    "SOCKET_EVENTS_PER_SECOND": "10000",
}


def seconds_without_processor(pid: int) -> float:
    """For how long a process has wanted to run while others ran; 0 where the system (Linux does) does not say."""
    statistics = Path(f"/proc/{pid}/schedstat")
    return int(statistics.read_text().split()[1]) / 1e9 if statistics.exists() else 0.0


class Process:
    """One line of the Procfile, in a session of its own, so that a signal reaches its children too."""

    def __init__(self, name: str, command: str, environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        # How many files it may have open, where that is not what this process may.
        self.open_files: int | None = None
        self._command = shlex.split(command)
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | Forked | None = None
        # The sessions that it was, one for each start.
        self.sessions: set[int] = set()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """How it ended; negative is the signal that killed it."""
        return None if self._process is None else self._process.poll()

    def seconds_without_processor(self) -> float:
        """For how long it has wanted to run while others ran."""
        return seconds_without_processor(self.pid)

    def start(self) -> None:
        """Start it; whether it is ready is the system's to find out."""
        assert not self.is_running, f"{self.name} is running already"
        template = template_for(self._command, self._environment)
        if template is None:
            self._process = self._start_cold()
        else:
            self._process = template.fork(self._command, self._environment, self.log, self.open_files)
        self.sessions.add(self.pid)

    def _start_cold(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                cwd=PROJECT_FOLDER,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=self._prepare,  # noqa: PLW1509 - system calls only, looked up before
            )

    def kill(self) -> None:
        """Kill it and its children, as a power cut would."""
        self._signal_all(signal.SIGKILL)
        self._reap()

    def pause(self) -> None:
        """Stop it and its children in mid-air: they are there, and do nothing."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after a pause."""
        self._signal_all(signal.SIGCONT)

    def ask_to_stop(self) -> None:
        """Send SIGTERM, as a supervisor does first."""
        if self.is_running:
            self.resume()
            os.kill(self.pid, signal.SIGTERM)

    def has_stopped_within(self, seconds: float) -> bool:
        """Wait for its end; what did not end in time is killed."""
        if self._process is None:
            return True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True

    def _prepare(self) -> None:
        die_with_parent(signal.SIGKILL)
        if self.open_files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (self.open_files, self.open_files))

    def _signal_all(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _reap(self) -> None:
        assert self._process is not None
        self._process.wait()


class System:
    """Web processes, worker, housekeeper and beat, over the database `name` and a Redis of their own."""

    def __init__(
        self,
        name: str,
        *,
        postgres: Postgres,
        redis: Redis,
        passwords: Passwords,
        logs: Path,
        settings: Mapping[str, str],
        web_processes: int = WEB_PROCESSES,
    ) -> None:
        """`web_processes`: how often `python wsgi.py` is started, each time on a port of its own."""
        self.postgres = postgres
        self.redis = redis
        self.database = name
        self.urls: DatabaseUrls = postgres.urls(name)
        self.logs = logs
        self.jwt_secret_key = passwords.jwt_secret_key
        self._metrics_token = passwords.metrics_token
        self._accounts: dict[str, Account] = {}
        self._openings = openings(datetime.now(UTC))
        self._opening = threading.Lock()
        self._read: dict[Path, int] = {postgres.log: postgres.log.stat().st_size}
        commands = read_procfile(PROJECT_FOLDER / "Procfile")
        self.ports = [free_port() for _ in range(web_processes)]

        def process(name: str, command: str, port: int) -> Process:
            environment = {
                **child_environment(plain_environment(), passwords, port),
                "DATABASE_URL": self.urls.owner,
                "WEB_DATABASE_URL": self.urls.web,
                "WORKER_DATABASE_URL": self.urls.worker,
                "REDIS_URL": redis.url,
                **SETTINGS,
                **settings,
            }
            return Process(name, command, environment, logs / f"{name}.log")

        self.web = [process(f"web-{port}", commands["web"], port) for port in self.ports]
        self.worker = process("worker", commands["worker"], self.ports[0])
        self._second_worker = process("second-worker", commands["worker"], self.ports[0])
        self.housekeeper = process("housekeeper", commands["housekeeper"], self.ports[0])
        self.beat = process("beat", commands["beat"], self.ports[0])

    @property
    def processes(self) -> list[Process]:
        return [*self.web, self.worker, self.housekeeper, self.beat]

    def start(self) -> None:
        """Start what is not running, and wait until every web process says that all is well."""
        for process in self.processes:
            if not process.is_running:
                process.start()
        self.wait_until_healthy()

    def wait_until_healthy(self) -> None:
        """Every web process reaches the database and Redis, and a lane was at work lately."""
        wait_until(self._is_healthy, START_SECONDS, lambda: f"the system is not healthy:\n{self.last_words()}")

    def mend(self) -> None:
        """Undo whatever was done to it: let go on what is paused, start what is not running."""
        for process in self.processes:
            if process.is_running:
                process.resume()
        self.redis.resume()
        if self.redis.process is None:
            self.redis.start()
        self.start()

    @contextmanager
    def second_worker(self) -> Iterator[None]:
        """Somebody has started the worker twice, by mistake."""
        self._second_worker.start()
        try:
            yield
            assert self._second_worker.is_running
        finally:
            self._second_worker.ask_to_stop()
            assert self._second_worker.has_stopped_within(STOP_SECONDS)

    def stop(self) -> None:
        """Stop every process in an orderly way; fails when one does not stop, or leaves something behind."""
        for process in self.processes:
            process.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        late = [p.name for p in self.processes if not p.has_stopped_within(max(0.1, deadline - time.monotonic()))]
        sessions = set().union(*(process.sessions for process in [*self.processes, self._second_worker]))
        left = [process for process in psutil.process_iter() if _is_of(process, sessions)]
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        assert not late, f"did not stop within {STOP_SECONDS:.0f} s of SIGTERM: {late}"
        assert not left, f"left behind: {left}"

    # What it is asked.

    def url(self, web: int = 0) -> str:
        return f"http://127.0.0.1:{self.ports[web]}"

    def account(self, name: str) -> Account:
        """One of the demo accounts, signed in once: `system.account("patient1")`."""
        if name not in self._accounts:
            self._accounts[name] = Account.sign_in(self.ports, f"{name}@demo.test", "demo-password-1")
        return self._accounts[name]

    def opening(self) -> Opening:
        """Half an hour in which everybody is free; never the same twice."""
        with self._opening:
            return next(self._openings)

    @contextmanager
    def owner(self) -> Iterator[Cursor]:
        """Plain SQL with the rights of the tables' owner, committed at the end."""
        with self.session(self.urls.owner) as cursor:
            yield cursor

    @contextmanager
    def session(self, url: str) -> Iterator[Cursor]:
        """One transaction on a connection of its own."""
        connection = psycopg2.connect(url)
        try:
            with connection, connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def ask(self, query: str, *values: object) -> Any:
        """The one value that a query of the owner's answers."""
        with self.owner() as cursor:
            cursor.execute(query, values)
            row = cursor.fetchone()
            return None if row is None else row[0]

    def settled_head(self) -> int:
        """The last position of the log, once everything that was committed has one."""
        wait_until(
            lambda: self.ask("SELECT count(*) FROM changes") == 0, 10, lambda: "committed changes were not published"
        )
        return int(self.ask("SELECT position FROM log_head"))

    # What it says.

    def scrape(self, web: int = 0) -> Scraped:
        """What a web process says to Prometheus."""
        answer = call(self.ports[web], "GET", "/metrics", headers={"Authorization": f"Bearer {self._metrics_token}"})
        assert answer.status == 200, answer
        return Scraped(answer.body)

    def log_of(self, process: Process) -> str:
        return process.log.read_text(errors="replace")

    def complaints(self) -> list[str]:
        """Tracebacks and deadlocks that were logged since this was last asked."""
        found = []
        for log in [self.postgres.log, *sorted(self.logs.glob("*.log"))]:
            with log.open("rb") as file:
                file.seek(self._read.get(log, 0))
                text = file.read()
            self._read[log] = self._read.get(log, 0) + len(text)
            words = text.decode(errors="replace")
            places = [words.find(sign) for sign in ("Traceback", "deadlock", "PANIC") if sign in words]
            if places:
                found.append(f"--- {log.name}\n{words[max(0, min(places) - 1_000) :][:6_000]}")
        return found

    def last_words(self) -> str:
        """The end of every log."""
        return "\n".join(
            f"--- {process.name} {'runs' if process.is_running else 'has ended'}\n{self.log_of(process)[-2000:]}"
            for process in self.processes
            if process.log.exists()
        )

    def _is_healthy(self) -> bool:
        ended = [process.name for process in self.processes if not process.is_running]
        assert not ended, f"ended by themselves: {ended}\n{self.last_words()}"
        return all(is_healthy(port) for port in self.ports)


def _is_of(process: psutil.Process, sessions: set[int]) -> bool:
    with suppress(ProcessLookupError):
        return os.getsid(process.pid) in sessions and process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def redis_of_its_own(shared: Redis, name: str, folder: Path) -> Redis:
    """Another Redis beside the shared one, with data and a log of its own."""
    workspace = dataclasses.replace(shared.workspace, folder=folder, reachable=shared.workspace.own_folder(name))
    return Redis(workspace, free_port(), shared.password)


def wait_until(is_so: Callable[[], bool], seconds: float, why: Callable[[], str]) -> None:
    """Ask again and again, at most so long; fails with what `why` says."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"after {seconds:.0f} s {why()}"
        time.sleep(0.02)
