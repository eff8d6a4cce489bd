"""What this project's Procfile and lock files say."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def test_the_procfile_names_the_five_processes() -> None:
    """Heroku and `make run` start the same commands."""
    names = [line.split(":")[0] for line in (ROOT / "Procfile").read_text().splitlines()]
    assert names == ["release", "web", "worker", "housekeeper", "beat"]


def test_platforms_are_told_which_python() -> None:
    """Without it a platform takes its newest, which this project may not know; the lock files are 3.11's."""
    assert (ROOT / ".python-version").read_text() == "3.11\n"


def test_the_local_procfile_is_without_the_release_step() -> None:
    """`honcho start` and `foreman start` end everything when one process ends, as the release step does."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    assert (ROOT / "Procfile.local").read_text().splitlines() == lines[1:]


def test_the_lock_file_installs_the_command_too() -> None:
    """`pip install -r requirements.txt` is what hosts run, and `dental-sync` must be found afterwards."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    assert lines[-1] == "-e ."
    pinned = {canonicalize_name(line.partition("==")[0]) for line in lines if "==" in line}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {canonicalize_name(Requirement(wanted).name) for wanted in project["dependencies"]} <= pinned
    assert project["scripts"]["dental-sync"] == "dental_sync.cli:main"


def test_secrets_of_this_machine_stay_out_of_git() -> None:
    """honcho and foreman read `.env`."""
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_the_live_clients_lock_names_no_host() -> None:
    """npm ci must take the packages from whatever registry the machine uses."""
    lock = json.loads((ROOT / "tests" / "live" / "package-lock.json").read_text())
    assert lock["packages"]["node_modules/socket.io-client"]["version"] == "4.8.4"
    assert not [each for each in lock["packages"].values() if "resolved" in each]


def test_the_clients_lock_names_no_host() -> None:
    """The same for clients/typescript, in which TypeScript is pinned and nothing else is needed at run time."""
    lock = json.loads((ROOT / "clients" / "typescript" / "package-lock.json").read_text())
    assert list(lock["packages"][""]["dependencies"]) == ["socket.io-client"]
    assert lock["packages"]["node_modules/socket.io-client"]["version"] == "4.8.4"
    assert not [each for each in lock["packages"].values() if "resolved" in each]


def test_the_pages_lock_names_no_host() -> None:
    """The same for web/, in which the one thing that is not from a registry is the client beside it."""
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text())
    resolved = {each["resolved"] for each in lock["packages"].values() if "resolved" in each}
    assert resolved == {"../clients/typescript"}
