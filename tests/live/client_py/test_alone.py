"""The Python client stands alone: what it needs is what it brings, and nothing of the server is in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from dental_sync.local.run import PROJECT_FOLDER

from ..system import System, wait_until

CLIENT = "dental-sync-client"
OF_THE_SERVER = {"flask", "apiflask", "flask-socketio", "celery", "psycopg2", "psycopg2-binary", "sqlalchemy", "redis"}


def normalized(name: str) -> str:
    """As package indices compare names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed_by(name: str) -> dict[str, Distribution]:
    """A distribution and, recursively, all that pip would install with it here."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(name)]
    while waiting:
        wanted = waiting.pop()
        extras = ["", *wanted.extras]
        found[normalized(wanted.name)] = there = distribution(wanted.name)
        for line in there.requires or []:
            requirement = Requirement(line)
            if normalized(requirement.name) not in found and any(
                requirement.marker is None or requirement.marker.evaluate({"extra": extra}) for extra in extras
            ):
                waiting.append(requirement)
    return found


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """A folder of packages: the client, and what its metadata say that it needs, and so what pip would install."""
    for name, needed in needed_by(CLIENT).items():
        tops = {file.parts[0] for file in needed.files or []} - {"..", "__pycache__"}
        for top in tops:
            (tmp_path / top).symlink_to(Path(str(needed.locate_file(top))))
        if name == CLIENT:
            # It is installed as a link to its source.
            (tmp_path / "dental_sync_client").symlink_to(PROJECT_FOLDER / "clients/python/src/dental_sync_client")
    return tmp_path


def test_the_chatbot_runs_with_the_client_and_what_that_needs(system: System, alone: Path) -> None:
    """It answers, in an interpreter that sees these packages only; none of them is the server's."""
    environment = {**os.environ, "PYTHONPATH": str(alone)}
    # -S: without this environment's own packages.
    python = [sys.executable, "-S", "-u"]
    listing = "import importlib.metadata as m; print(*{d.name for d in m.distributions()}, sep='\\n')"
    listed = subprocess.run([*python, "-c", listing], capture_output=True, text=True, check=True, env=environment)
    names = {normalized(name) for name in listed.stdout.split()}
    assert {CLIENT, "python-socketio", "requests", "websocket-client"} <= names
    assert not names & OF_THE_SERVER
    said: list[str] = []
    command = [*python, str(PROJECT_FOLDER / "examples/chatbot.py"), "--url", system.url()]
    with subprocess.Popen(command, cwd=alone, env=environment, stdout=subprocess.PIPE, text=True) as chatbot:
        assert chatbot.stdout is not None
        reader = threading.Thread(target=said.extend, args=[chatbot.stdout], daemon=True)
        reader.start()
        try:
            wait_until(lambda: len(said) >= 4, 20, lambda: f"it said only {said}")
        finally:
            chatbot.kill()
            reader.join(10)
    assert said[0] == "The next free times for: Filling (60 minutes)\n"
