"""One system of real processes for all tests that do not break it, and fresh ones for those that do."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from dental_sync.core.config import sqlalchemy_url
from dental_sync.core.late_begin import LateBegin
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.local.run import PROJECT_FOLDER
from dental_sync.sync import log

from .javascript import Connect, JsClient, Node
from .system import System, redis_of_its_own

HERE = Path(__file__).parent
PACKAGE = PROJECT_FOLDER / "clients" / "typescript"
# What a project with the package installs beside it.
INSTALLED = {
    "socket.io-client": HERE,
    "react": HERE,
    "react-dom": HERE,
    "@tanstack/react-query-4": HERE,
    "@tanstack/react-query": PACKAGE,
    "@types/react": PACKAGE,
}

# How long a token lives in the hasty system.
TOKEN_SECONDS = 3

_numbers = itertools.count(1)

StartSystem = Callable[..., System]


@contextmanager
def running_system(
    servers: TemporaryServers, template: str, logs: Path, settings: dict[str, str], **options: Any
) -> Iterator[System]:
    """Processes, a Redis and a copy of the demo practice; everything is stopped and dropped at the end."""
    name = f"live_{next(_numbers)}"
    begin_log(servers.postgres.create_database(name, template).owner)
    redis = redis_of_its_own(servers.redis, name, logs)
    system = System(
        name,
        postgres=servers.postgres,
        redis=redis,
        passwords=servers.passwords,
        logs=logs,
        settings=settings,
        **options,
    )
    with ExitStack() as last_to_stop:
        last_to_stop.callback(servers.postgres.drop_database, name)
        redis.start()
        last_to_stop.callback(redis.stop)
        last_to_stop.callback(system.stop)
        system.start()
        yield system


def begin_log(owner_url: str) -> None:
    """Let a copied database have its own epoch, as it gets one at its first publication, before anybody listens."""
    engine = create_engine(sqlalchemy_url(owner_url), connect_args={"connection_factory": LateBegin})
    with Session(engine) as session:
        log.publish(session, wait=True)
        session.commit()
    engine.dispose()


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """The Node process in which all clients live."""
    with Node() as running:
        yield running


@pytest.fixture(scope="session")
def shared_system(
    servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """The system that nobody breaks."""
    with running_system(servers, template, tmp_path_factory.mktemp("live"), {"DESK_LOCK_MINUTES": "60"}) as running:
        yield running


@pytest.fixture
def system(shared_system: System) -> Iterator[System]:
    """The shared system; whatever a test did to it, no log has a traceback afterwards."""
    yield shared_system
    assert not shared_system.complaints()


@pytest.fixture(scope="session")
def sturdy_system(
    servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """One system for the faults that it survives; each test finds it with the faults before in its bones."""
    logs = tmp_path_factory.mktemp("sturdy")
    with running_system(servers, template, logs, {"LOG_RETENTION_DAYS": "1"}) as running:
        yield running


@pytest.fixture
def sturdy(sturdy_system: System) -> Iterator[System]:
    """It runs and is healthy before each test, whatever the last one left, and has logged no traceback after it."""
    sturdy_system.mend()
    yield sturdy_system
    assert_no_complaints(sturdy_system)


@pytest.fixture(scope="session")
def hasty(servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system whose tokens live for seconds."""
    settings = {"ACCESS_TOKEN_SECONDS": str(TOKEN_SECONDS)}
    with running_system(servers, template, tmp_path_factory.mktemp("hasty"), settings) as system:
        yield system
        assert_no_complaints(system)


@pytest.fixture
def start_system(servers: TemporaryServers, template: str, tmp_path: Path) -> Iterator[StartSystem]:
    """A system of the test's own, to be broken; settings are environment variables: `start_system(PORT="1")`."""
    with ExitStack() as last_to_stop:

        def start(**settings: str) -> System:
            logs = tmp_path / f"system-{next(_numbers)}"
            logs.mkdir()
            system = last_to_stop.enter_context(running_system(servers, template, logs, settings))
            last_to_stop.callback(assert_no_complaints, system)
            return system

        yield start


def assert_no_complaints(system: System) -> None:
    """Nothing that was done to the system may show as a traceback."""
    assert not system.complaints()


@pytest.fixture
def connect(node: Node) -> Iterator[Connect]:
    """Connect a client as a demo account: `connect(system, "patient1", web=1)`; all leave at the end."""
    clients: list[JsClient] = []

    def connect(system: System, name: str, web: int = 0, *, wait: bool = True, **options: Any) -> JsClient:
        client = node.client()
        clients.append(client)
        client.connect(system.url(web), system.account(name).token, **options)
        if wait:
            client.wait_connected()
        return client

    yield connect
    for client in clients:
        client.disconnect()


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has installed what `npm pack` makes of the client."""
    folder = tmp_path_factory.mktemp("front-end")
    packing = ["npm", "pack", "--silent", "--pack-destination", str(folder)]
    subprocess.run(packing, cwd=PACKAGE, check=True, capture_output=True)
    [archive] = folder.glob("*.tgz")
    subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True)
    (folder / "node_modules" / "@dental-sync").mkdir(parents=True)
    (folder / "package").rename(folder / "node_modules" / "@dental-sync" / "client")
    for name, installed in INSTALLED.items():
        link = folder / "node_modules" / name
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(installed / "node_modules" / name)
    (folder / "package.json").write_text(json.dumps({"type": "module"}))
    return folder


@pytest.fixture
def stranger(node: Node) -> Iterator[JsClient]:
    """A client that nobody has connected yet."""
    client = node.client()
    yield client
    client.disconnect()
