"""`dental-sync run`: everything on one machine, from nothing to a healthy address, and back to nothing."""

import fcntl
import json
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import quote

from dental_sync.local.embedded.passwords import Passwords
from dental_sync.local.embedded.postgres import Postgres
from dental_sync.local.embedded.problems import CannotRun
from dental_sync.local.embedded.redis import Redis
from dental_sync.local.embedded.server import Server, die_with_parent
from dental_sync.local.embedded.workspace import Workspace, writable_folder
from dental_sync.local.ports import port_for
from dental_sync.local.supervisor import MARK, Parent, Supervisor, end_marked, read_procfile, show

PROJECT_FOLDER = Path(__file__).resolve().parents[2]
# Below the range the system takes for outgoing connections (32768 and up), beside the servers' usual ports.
POSTGRES_PORT, REDIS_PORT, WEB_PORT = 15432, 16379, 3000
KILL_WAIT_SECONDS = 25.0  # more than a web process takes to drain (20 s)
NEXT_RUN_WAIT_SECONDS = 90.0  # more than all of a stop takes
NO_LIMIT_PER_MINUTE = "600000"  # 10,000 a second: a demo must not refuse its own load test
WATCHED = ("dental_sync", "wsgi.py", "celery_worker.py")
# A process of a Procfile has no terminal: `breakpoint()` listens on a port of loopback and says which. In an evented
# process it would stop every other request, and a drain would delay each restart.
FOR_DEBUGGING = {
    "PYTHONBREAKPOINT": "remote_pdb.set_trace",
    "ASYNC_MODE": "threading",
    "DRAIN_SECONDS": "0.1",
    # In demo mode the texts of exceptions are logged then.
    "LOG_LEVEL": "DEBUG",
}
DEMO_PASSWORD = "demo-password-1"  # noqa: S105 — published with the demo data


class StopAsked(Exception):
    """SIGINT or SIGTERM came before everything had started."""


class StopSignals:
    """SIGINT and SIGTERM: noted, and heeded where it is safe.

    An exception out of the handler could come while a child is being started, which would not be stopped then; and a
    second Ctrl-C could leave the stop half done.
    """

    def __init__(self) -> None:
        self.came = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def heed(self) -> None:
        if self.came:
            raise StopAsked

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.came = True


@dataclass(frozen=True)
class LocalRun:
    """What is to be run: the Procfile's processes in its folder, with the data in `var`."""

    var: Path
    procfile: Path = PROJECT_FOLDER / "Procfile"
    seed_command: str | None = "dental-sync seed"
    healthy_within_seconds: float = 60.0
    stop_with_parent: bool = False
    reload: bool = False


def run(options: LocalRun, settings: Mapping[str, str] = os.environ) -> None:
    """Run until SIGINT or SIGTERM, then return; raise CannotRun when it cannot start or something ends by itself."""
    parent = Parent() if options.stop_with_parent else None
    signals = StopSignals()
    commands = read_procfile(options.procfile)
    release_command = commands.pop("release", None)
    if options.reload:
        commands = {name: reloading(command, options.procfile.parent) for name, command in commands.items()}
        settings = {**FOR_DEBUGGING, **settings}
    with suppress(StopAsked), ExitStack() as last_to_stop:
        var = writable_folder(options.var)
        lock = last_to_stop.enter_context(RunLock.held(var / "run.lock", signals.heed))
        passwords = Passwords.load_or_make(var / "passwords.json")
        end_marked(passwords.run_mark)
        web_port = port_for("the web server", settings, "PORT", WEB_PORT)
        # Mails are read there, or at /api/demo/mail.
        mail_url = f"file:{quote(str(var.resolve() / 'mail'))}"
        environment = {"MAIL_URL": mail_url, **child_environment(settings, passwords, web_port)}
        servers: list[Server] = []
        if "DATABASE_URL" not in settings:
            port = port_for(Postgres.label, settings, Postgres.port_setting, POSTGRES_PORT)
            postgres = Postgres(Workspace.in_folder(var), port, passwords)
            servers.append(_started(postgres, last_to_stop))
            signals.heed()
            urls = postgres.urls()
            environment |= {
                "DATABASE_URL": urls.owner,
                "WEB_DATABASE_URL": urls.web,
                "WORKER_DATABASE_URL": urls.worker,
            }
        if "REDIS_URL" not in settings:
            port = port_for(Redis.label, settings, Redis.port_setting, REDIS_PORT)
            redis = Redis(Workspace.in_folder(var), port, passwords.redis)
            servers.append(_started(redis, last_to_stop))
            signals.heed()
            environment["REDIS_URL"] = redis.url
        last_to_stop.callback(lock.say_stopping)  # the last in is the first out
        for command in (release_command, options.seed_command):
            if command is not None:
                run_once(command, options.procfile.parent, environment, signals)
        supervisor = Supervisor(
            commands,
            options.procfile.parent,
            environment,
            servers=servers,
            kill_wait_seconds=KILL_WAIT_SECONDS,
            watch=HealthWatch(web_port, options, demo=environment["DEMO_MODE"] == "1"),
            stop_when=lambda: signals.came or (parent is not None and parent.is_done()),
            on_stop=lock.say_stopping,
        )
        supervisor.loop()
        end_marked(passwords.run_mark)  # what a process started and left behind
        if supervisor.failure is not None:
            raise CannotRun(supervisor.failure)


def reloading(command: str, folder: Path) -> str:
    """The command, stopped and started again whenever a .py file of the app in `folder` changes."""
    watched = [name for name in WATCHED if (folder / name).exists()]
    return shlex.join(["watchfiles", "--filter", "python", "--target-type", "command", command, *watched])


def child_environment(settings: Mapping[str, str], passwords: Passwords, web_port: int) -> dict[str, str]:
    """What our processes are told; a setting of the caller's own always wins."""
    ours = {
        "DEMO_MODE": "1",
        "CORS_ORIGINS": "*",
        # The user who pressed Ctrl-C is waiting.
        "DRAIN_SECONDS": "2",
        "SECRET_KEY": passwords.secret_key,
        "JWT_SECRET_KEY": passwords.jwt_secret_key,
        "METRICS_TOKEN": passwords.metrics_token,
        "PUBLIC_URL": f"http://127.0.0.1:{web_port}",
        "RATE_LIMIT_PER_MINUTE": NO_LIMIT_PER_MINUTE,
        "LOGIN_LIMIT_PER_MINUTE": NO_LIMIT_PER_MINUTE,
        "PYTHONUNBUFFERED": "1",
        # Celery warns at length about root; here it is a developer's machine, and loopback only.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
    }
    programs = str(Path(sys.executable).parent)  # not resolved: a virtual environment's python is a link
    return {
        **ours,
        **settings,
        "PATH": os.pathsep.join([programs, settings.get("PATH", os.defpath)]),
        "PORT": str(web_port),
        MARK: passwords.run_mark,
    }


def run_once(command: str, folder: Path, environment: Mapping[str, str], signals: StopSignals) -> None:
    """Run a command to its end, which must be a good one."""
    show(f"Running {command} …")
    process = subprocess.Popen(  # noqa: S602 — a line of the Procfile, which is shell
        command,
        shell=True,
        cwd=folder,
        env=dict(environment),
        start_new_session=True,
        preexec_fn=lambda: die_with_parent(signal.SIGKILL),  # noqa: PLW1509 — one system call, looked up before
    )
    while process.poll() is None:
        if signals.came:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        time.sleep(0.05)
    signals.heed()
    if (status := process.returncode) != 0:
        raise CannotRun(f"`{command}` failed (exit status {status}); what it said is above.")


class HealthWatch:
    """Waits for the web process to say that it is healthy, tells the reader once, and then keeps quiet."""

    def __init__(self, port: int, options: LocalRun, *, demo: bool) -> None:
        self._port = port
        self._demo = demo
        self._within_seconds = options.healthy_within_seconds
        self._started = time.monotonic()
        self._welcomed = False

    def __call__(self) -> str | None:
        if self._welcomed:
            return None
        if is_healthy(self._port):
            self._welcomed = True
            show(welcome(self._port, demo=self._demo))
        elif time.monotonic() - self._started > self._within_seconds:
            return f"The web process was not healthy within {self._within_seconds:.0f} s; what it said is above."
        return None


def is_healthy(port: int) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy cannot see this machine's loopback
    try:
        with direct.open(f"http://127.0.0.1:{port}/api/sync/health", timeout=1) as answer:
            return bool(json.load(answer)["status"] == "healthy")
    except (OSError, ValueError, KeyError, TypeError):
        return False


def welcome(port: int, *, demo: bool) -> str:
    address = f"http://127.0.0.1:{port}"
    lines = ["", "Dental Sync is running. Ctrl-C stops it.", ""]
    lines += [f"  Address    {address}", f"  API        {address}/api/docs"]
    if demo:
        lines += [
            "  Accounts   admin@demo.test, desk@demo.test, chatbot@demo.test,",
            "             dentist1@demo.test … dentist3@demo.test, patient1@demo.test … patient12@demo.test",
            f"  Password   {DEMO_PASSWORD}",
        ]
    lines += ["", f"  curl {address}/api/sync/health"]
    if demo:
        body = json.dumps({"email": "patient1@demo.test", "password": DEMO_PASSWORD})
        lines += [f"  curl {address}/api/auth/login -H 'Content-Type: application/json' -d '{body}'"]
    return "\n".join([*lines, ""])


class RunLock:
    """One run per data folder. A lock of the process, so that no child can hold it on and no crash can leave it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    @contextmanager
    def held(cls, file: Path, heed: Callable[[], None] = lambda: None) -> Iterator["RunLock"]:
        """`heed` is called while waiting and may raise to give up."""
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        lock = cls(descriptor)
        try:
            lock._take(file, heed)
            try:
                lock._say(f"{os.getpid()}")
                yield lock
            finally:
                lock._say("")
        finally:
            os.close(descriptor)

    def say_stopping(self) -> None:
        """The next run may wait for us instead of giving up."""
        self._say(f"{os.getpid()} stopping")

    def _take(self, file: Path, heed: Callable[[], None]) -> None:
        started, waiting = time.monotonic(), False
        while True:
            try:
                fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = file.read_text().split()
                # Wait a little: a run whose parent was killed is about to say that it stops.
                patience_seconds = NEXT_RUN_WAIT_SECONDS if "stopping" in holder else 1.0
                if time.monotonic() - started > patience_seconds:
                    process = f" (process {holder[0]})" if holder else ""
                    raise CannotRun(f"Dental Sync is running already on {file.parent}{process}.") from None
                if "stopping" in holder and not waiting:
                    show("Waiting for the last run to stop …")
                    waiting = True
                heed()
                time.sleep(0.1)
            else:
                return

    def _say(self, text: str) -> None:
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)


def _started(server: Server, last_to_stop: ExitStack) -> Server:
    show(f"Starting {server.label} on port {server.port} …")
    server.start()
    last_to_stop.callback(server.stop)
    return server
