"""PostgreSQL's own log: ours writes no statements, and of another it can be said."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.local.embedded.postgres import WITHOUT_STATEMENTS, DatabaseUrls
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.storage.statement_log import SAFE, amiss
from tests import plain_sql


def test_the_embedded_postgres_logs_no_statements(database: DatabaseUrls, owner: Session) -> None:
    """Every parameter is as it should be, for each role, and none of them can change it."""
    assert WITHOUT_STATEMENTS == SAFE
    assert amiss(owner) == []
    with plain_sql.connect(database.web) as web:
        assert amiss(web) == []


def test_a_postgres_that_logs_statements_is_said(servers: TemporaryServers, database: DatabaseUrls) -> None:
    """One sentence for each parameter, with what it should be."""
    name = database.owner.rsplit("/", 1)[1]
    with plain_sql.connect(servers.postgres.superuser_url()) as superuser:
        for parameter, value in {"log_statement": "all", "log_min_error_statement": "error"}.items():
            superuser.execute(text(f"ALTER DATABASE {name} SET {parameter} = '{value}'"))
        superuser.commit()
    with plain_sql.connect(database.web) as web:
        assert amiss(web) == [
            "PostgreSQL may log what people typed: log_min_error_statement is error and should be panic.",
            "PostgreSQL may log what people typed: log_statement is all and should be none.",
        ]
