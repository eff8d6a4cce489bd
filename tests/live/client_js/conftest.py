"""The package as front ends install it, and front ends that have it."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dental_sync.embedded.temporary import TemporaryServers
from dental_sync.local import PROJECT_FOLDER

from ..conftest import assert_no_complaints, running_system
from .front_end import Open, front_ends
from .storm import Storm, storm

HERE = Path(__file__).parent
PACKAGE = PROJECT_FOLDER / "client"
# What a project with the package installs beside it.
INSTALLED = {
    "socket.io-client": HERE.parent,
    "react": HERE.parent,
    "react-dom": HERE.parent,
    "@tanstack/react-query-4": HERE.parent,
    "@tanstack/react-query": PACKAGE,
    "@types/react": PACKAGE,
}


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has installed what `npm pack` makes."""
    folder = tmp_path_factory.mktemp("front-end")
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder)]
    subprocess.run(command, cwd=PACKAGE, check=True, capture_output=True)
    [archive] = folder.glob("*.tgz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    (folder / "node_modules" / "@dental-sync").mkdir(parents=True)
    (folder / "package").rename(folder / "node_modules" / "@dental-sync" / "client")
    for name, installed in INSTALLED.items():
        link = folder / "node_modules" / name
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(installed / "node_modules" / name)
    (folder / "package.json").write_text(json.dumps({"type": "module"}))
    shutil.copy(HERE / "service.mjs", folder)
    return folder


@pytest.fixture
def open_front_end(packed: Path) -> Iterator[Open]:
    """Open a front end: `open_front_end(system, email, password)`; all are closed at the end."""
    with front_ends(packed) as open_one:
        yield open_one


@pytest.fixture(scope="session")
def after_the_storm(
    servers: TemporaryServers, template: str, packed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Storm:
    """What a dashboard was told that was cut off fifty times during two thousand bookings."""
    logs = tmp_path_factory.mktemp("storm")
    with running_system(servers, template, logs, {}) as system, front_ends(packed) as open_one:
        passed = storm(system, open_one)
        assert_no_complaints(system)
    return passed
