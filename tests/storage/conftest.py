"""Databases for the tests of the schema and of the guard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine

from dental_sync.core.config import sqlalchemy_url
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.local.embedded.temporary import TemporaryServers
from tests import plain_sql
from tests.conftest import SignedInPractice
from tests.storage.house import House, furnished


@pytest.fixture
def connection(database: DatabaseUrls) -> Iterator[Connection]:
    """The owner's, for Alembic."""
    engine = create_engine(sqlalchemy_url(database.owner))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def module_database(servers: TemporaryServers, template: str) -> Iterator[DatabaseUrls]:
    """One database for everything that is refused."""
    yield servers.postgres.create_database("practice_of_refusals", template)
    servers.postgres.drop_database("practice_of_refusals")


@pytest.fixture(scope="module")
def house(servers: TemporaryServers, signed_in: SignedInPractice) -> Iterator[House]:
    """One for all tests that change nothing."""
    urls = servers.postgres.create_database("practice_guarded", signed_in.template)
    with plain_sql.connect(urls.owner) as owner:
        yield furnished(owner, urls)
    servers.postgres.drop_database("practice_guarded")
