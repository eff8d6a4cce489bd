"""A client of a server that is made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dental_sync_client import RealtimeSync, SyncError
from dental_sync_client.options import GetToken

from .heard import Heard
from .made_up_server import Server

Make = Callable[..., RealtimeSync]


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def errors() -> list[SyncError]:
    return []


@pytest.fixture
def tokens() -> list[bool]:
    """For each token that was fetched, whether it had to be fresh."""
    return []


@pytest.fixture
def make(server: Server, errors: list[SyncError], tokens: list[bool]) -> Iterator[Make]:
    """Make a client of the server; all are closed at the end."""
    made: list[RealtimeSync] = []

    def get_token(fresh: bool) -> str:
        tokens.append(fresh)
        return f"token-{len(tokens) - 1}"

    def make(get_token: GetToken = get_token, **options: Any) -> RealtimeSync:
        own = {"on_error": errors.append, "new_socket": server.new_socket, **options}
        made.append(RealtimeSync("http://somewhere.test", get_token, **own))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def sync(make: Make) -> RealtimeSync:
    return make()


@pytest.fixture
def heard() -> Heard:
    return Heard()
