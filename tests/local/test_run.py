"""`dental-sync run`, as a real process over stand-ins for the app's own: how it starts, stops and fails."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from dental_sync.local.embedded.server import free_port
from dental_sync.local.run import RunLock
from dental_sync.local.supervisor import Supervisor
from tests.local.stage import NO_SERVERS, PROCFILE, READY, Stage


def connect_to(port: int) -> socket.socket:
    """A connection to a debugger that has said its port: it says that before it listens."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def replace(program: Path, source: str) -> None:
    """Change a program in one step: to empty it and then to write it are two changes, and two restarts."""
    newer = program.with_suffix(".new")
    newer.write_text(source)
    newer.replace(program)


def test_with_reload_a_change_restarts_the_process_and_a_breakpoint_waits_on_a_port(stage: Stage) -> None:
    """What `make dev` promises. A changed file that does not run is no end either: the next change is awaited."""
    program = stage.folder / "wsgi.py"
    program.write_text("import time; print('first', flush=True); time.sleep(1000)")
    stage.write_procfile("web: python web.py healthy\nworker: python wsgi.py\n")
    run = stage.run("--reload", **NO_SERVERS)
    run.wait_until_it_says("first")
    run.wait_until_it_says(READY)
    replace(program, "raise SystemExit('not yet')")
    run.wait_until_it_says("not yet")
    replace(program, "import time\nanswer = 42\nbreakpoint()\nprint('gone on', flush=True)\ntime.sleep(1000)\n")
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
        "desk@demo.test",
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
