"""The schema: models equal migrations, and migrating is repeatable, also with one credential and without demo data."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, text

from dental_sync import create_app
from dental_sync.core.config import Settings
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.records import demo
from dental_sync.storage import row_security, schema
from dental_sync.storage.base import Base
from tests import plain_sql
from tests.conftest import a_free_monday, sign_in_to


def test_the_models_are_what_the_migrations_make(connection: Connection) -> None:
    """Tables, columns, types, nullability and foreign keys; indexes and checks are the migrations' own."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    differences = []
    for difference in compare_metadata(context, Base.metadata):
        kind, subject = (difference[0], difference[1]) if isinstance(difference, tuple) else ("change", difference)
        is_alembics_own = isinstance(subject, Table) and subject.name == "alembic_version"
        if kind not in ("remove_index", "remove_constraint") and not is_alembics_own:
            differences.append(difference)
    assert differences == []


@pytest.mark.parametrize("table", [table for table in Base.metadata.tables if table != "claims"])
def test_every_column_that_the_app_leaves_out_has_a_default(connection: Connection, table: str) -> None:
    """A model's `server_default` is only a note for SQLAlchemy: the database must have one where the note says so."""
    defaults = dict(
        connection.execute(
            text(
                "SELECT column_name, column_default IS NOT NULL OR is_identity = 'YES' OR is_generated = 'ALWAYS'"
                " FROM information_schema.columns"
                " WHERE table_name = :table AND table_schema = 'public'"
            ),
            {"table": table},
        ).all()
    )
    for column in Base.metadata.tables[table].columns:
        if column.server_default is not None:
            assert defaults[column.name], f"{table}.{column.name} has no default in the database"


def test_migrating_twice_changes_nothing(database: DatabaseUrls, connection: Connection) -> None:
    """The release step is safe to repeat, and keeps every row."""
    count = text(
        "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM appointments), version_num FROM alembic_version"
    )
    before = connection.execute(count).one()
    connection.rollback()
    schema.upgrade(database.owner, database.web, database.worker)
    assert connection.execute(count).one() == before


def test_with_one_credential_everything_works(servers: TemporaryServers, settings: Settings) -> None:
    """The documented weaker mode: web and worker are the owner; migrating twice is fine there too."""
    urls = servers.postgres.create_database("practice_of_one_role")
    try:
        for _ in range(2):
            schema.upgrade(urls.owner, urls.owner, urls.owner)
        one_role = Settings.from_environment(
            {"DATABASE_URL": urls.owner, "REDIS_URL": settings.redis_url, "DEMO_MODE": "1", "ASYNC_MODE": "threading"}
        )
        with plain_sql.connect(urls.owner) as session:
            assert demo.load(session, a_free_monday())
            session.commit()
        app = create_app(one_role)
        assert sign_in_to(app, "patient1").get("/appointments?limit=1").status_code == 200
        with app.app_context():
            from dental_sync.core.extensions import db

            db.engine.dispose()
    finally:
        servers.postgres.drop_database("practice_of_one_role")


def test_a_fresh_database_needs_no_demo_data(servers: TemporaryServers) -> None:
    """Migrated and nothing else: one practice, one lane, one head of the log, and no account."""
    urls = servers.postgres.create_database("practice_bare")
    try:
        schema.upgrade(urls.owner, urls.web, urls.worker)
        with plain_sql.connect(urls.web, row_security.SYSTEM) as session:
            counts = {
                table: session.scalar(text(f"SELECT count(*) FROM {table}"))
                for table in ("practice", "lane", "log_head", "users", "sync_events", "changes")
            }
        assert counts == {"practice": 1, "lane": 1, "log_head": 1, "users": 0, "sync_events": 0, "changes": 0}
    finally:
        servers.postgres.drop_database("practice_bare")
