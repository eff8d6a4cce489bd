"""What this project's Procfile and lock files say."""

from __future__ import annotations

import json
from pathlib import Path


def test_the_procfile_names_the_five_processes() -> None:
    """Heroku and `make run` start the same commands."""
    procfile = Path(__file__).parents[2] / "Procfile"
    names = [line.split(":")[0] for line in procfile.read_text().splitlines()]
    assert names == ["release", "web", "worker", "housekeeper", "beat"]


def test_platforms_are_told_which_python() -> None:
    """Without it a platform takes its newest, which this project may not know; the lock files are 3.11's."""
    assert (Path(__file__).parents[2] / ".python-version").read_text() == "3.11\n"


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
