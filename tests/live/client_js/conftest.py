"""Front ends that have the package."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dental_sync.local.embedded.temporary import TemporaryServers

from ..conftest import assert_no_complaints, running_system
from .front_end import Open, front_ends
from .storm import Storm, storm


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
