"""A system with small limits, shared by all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest

from dental_sync.local.embedded.temporary import TemporaryServers

from ..conftest import Connect, assert_no_complaints, running_system
from ..javascript import JsClient
from ..rest import call
from ..system import System, wait_until
from .harm import EVERYWHERE, SETTINGS


@pytest.fixture(scope="package")
def wary_system(servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of this folder's own."""
    with running_system(servers, template, tmp_path_factory.mktemp("wary"), SETTINGS) as running:
        yield running


@pytest.fixture
def wary(wary_system: System) -> Iterator[System]:
    """It has logged no traceback after a test, and its first web process is as small as before."""
    process = psutil.Process(wary_system.web[0].pid)
    call(wary_system.ports[0], "GET", "/api/sync/health")
    files, megabytes = process.num_fds(), process.memory_info().rss >> 20
    yield wary_system
    # A few are connections to the database, which are kept.
    wait_until(lambda: process.num_fds() <= files + 20, 20, lambda: f"{process.num_fds()} files are open, not {files}")
    assert process.memory_info().rss >> 20 < megabytes + 100
    assert_no_complaints(wary_system)


@pytest.fixture
def witness(wary: System, connect: Connect) -> JsClient:
    """A well-behaved client of the first web process, which hears of every booking."""
    client = connect(wary, "admin")
    client.subscribe(EVERYWHERE)
    return client
