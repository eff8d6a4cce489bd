"""Statements that go together: planned once on a connection, with whatever values, and after whatever failure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from dental_sync.core.config import sqlalchemy_url
from dental_sync.core.late_begin import LateBegin
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.storage import one_call, row_security
from dental_sync.storage.one_call import MOST_PREPARED, Statement
from dental_sync.storage.row_security import Identity
from tests.statements import messages

SOMEBODY = "01a2217e-ffe6-79c9-8c48-7a5dcab69ce4"
AT = datetime(2030, 1, 7, 9, tzinfo=UTC)


class Line:
    """A session with one connection, and what it has sent."""

    def __init__(self, url: str) -> None:
        self.sent: list[str] = []
        self.engine = create_engine(
            sqlalchemy_url(url), connect_args={"connection_factory": LateBegin}, pool_size=1, max_overflow=0
        )
        event.listen(self.engine, "before_cursor_execute", self._note)
        self.session = Session(self.engine)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.sent.append(statement)

    def ask(self, *statements: str, **values: Any) -> Any:
        """The first value of what the last of these answers."""
        rows = one_call.execute(self.session, [Statement(sql) for sql in statements], values)
        return rows[0][0] if rows else None


@pytest.fixture
def line(database: DatabaseUrls) -> Iterator[Line]:
    """Nothing was sent yet."""
    made = Line(database.owner)
    yield made
    made.session.close()
    made.engine.dispose()


@pytest.mark.parametrize(
    ("expression", "value", "expected"),
    [
        ("CAST(:given AS text)", "50 % of 'quoted' \\ :colon; $1", "50 % of 'quoted' \\ :colon; $1"),
        ("CAST(:given AS text)", None, None),
        ("CAST(:given AS uuid[])::text", f"{{{SOMEBODY}}}", f"{{{SOMEBODY}}}"),
        ("CAST(:given AS uuid[])::text", [SOMEBODY, None], f"{{{SOMEBODY},NULL}}"),
        ("(CAST(:given AS jsonb[]))[1] ->> 'a'", ['{"a": "b%"}'], "b%"),
        ("(CAST(:given AS timestamptz[]))[2]", [AT, AT + timedelta(hours=1)], AT + timedelta(hours=1)),
        ("CAST(:given AS timestamptz[])::text", [], "{}"),
        ("'100%' || CAST(:given AS text)", "!", "100%!"),
        ("CAST(:given AS interval)", timedelta(hours=25), timedelta(hours=25)),
        ("CAST(:given AS text) || CAST(:given AS text)", "x", "xx"),
    ],
)
def test_values_arrive_as_they_are(line: Line, expression: str, value: Any, expected: Any) -> None:
    """The first time, and when the statement is known."""
    for _ in range(2):
        assert line.ask(f"SELECT {expression}", given=value) == expected


def test_a_statement_is_planned_once_on_a_connection(line: Line) -> None:
    """In later transactions it is executed by its name; what cannot be prepared is sent as it is."""
    for number in range(3):
        assert line.ask("SET LOCAL lock_timeout = '1s'", "SELECT CAST(:number AS integer)", number=number) == number
        line.session.commit()
    assert [sent.count("PREPARE") for sent in line.sent] == [1, 0, 0]


def test_those_who_go_together_are_sent_together_and_in_their_order(line: Line) -> None:
    """Each sees what those before it have done; the values may be given with each."""
    line.session.execute(text("CREATE TEMPORARY TABLE numbers (number integer)"))
    line.sent.clear()
    added = [Statement(f"INSERT INTO numbers VALUES (:n{place})", {f"n{place}": place}) for place in range(3)]
    found = one_call.execute(line.session, [*added, Statement("SELECT array_agg(number) FROM numbers")])[0][0]
    assert found == [0, 1, 2]
    assert len(line.sent) == 1


def test_after_a_failure_everything_is_prepared_anew(line: Line) -> None:
    """What a message had prepared before it failed stays on the connection, and nobody knows how far it came."""
    line.ask("SELECT 1")
    for _ in range(2):
        with pytest.raises(DBAPIError):
            line.ask("SELECT 2", "SELECT 1 / CAST(:zero AS integer)", zero=0)
        line.session.rollback()
    assert line.ask("SELECT 2", "SELECT 1 / CAST(:zero AS integer)", zero=1) == 1
    assert line.ask("SELECT 1") == 1


def test_a_table_that_has_got_a_column_is_planned_anew(line: Line) -> None:
    """At the next try: a migration may change what a statement answers while a process goes on."""
    line.session.execute(text("CREATE TEMPORARY TABLE growing AS SELECT 1 AS one"))
    line.session.commit()
    assert line.ask("SELECT * FROM growing") == 1
    line.session.commit()
    line.session.execute(text("ALTER TABLE growing ADD COLUMN two integer"))
    line.session.commit()
    with pytest.raises(DBAPIError):
        line.ask("SELECT * FROM growing")
    line.session.rollback()
    assert line.ask("SELECT * FROM growing") == 1


def test_a_connection_keeps_no_more_than_so_many(line: Line) -> None:
    """However many shapes there are."""
    for number in range(MOST_PREPARED + 10):
        assert line.ask(f"SELECT {number}") == number
    kept = line.session.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()
    assert 0 < kept <= MOST_PREPARED + 1


def test_a_statement_is_one_statement() -> None:
    """PostgreSQL prepares one at a time; `split` takes a text apart."""
    with pytest.raises(ValueError, match="one statement"):
        one_call._form("SELECT 1; SELECT 2")
    assert [each.sql.strip() for each in one_call.split("SELECT 1; SELECT 2;\n")] == ["SELECT 1", "SELECT 2"]


def test_rows_have_the_names_of_their_columns_and_what_else_is_asked_keeps_its_own(line: Line) -> None:
    """Also after a failure; a statement that answers nothing has no rows."""
    [row] = one_call.execute(line.session, [Statement("SELECT 1 AS one, 2")])
    assert (row.one, tuple(row)) == (1, (1, 2))
    with pytest.raises(DBAPIError):
        one_call.execute(line.session, [Statement("SELECT 1 / CAST(:number AS integer)")], {"number": 0})
    line.session.rollback()
    assert line.session.execute(text("SELECT 3 AS three")).one().three == 3
    assert one_call.execute(line.session, [Statement("SET LOCAL lock_timeout = 0")]) == []


def test_what_is_all_that_is_asked_is_a_transaction_in_one_message(database: DatabaseUrls) -> None:
    """As whom the session says, the second time by name; nothing is left open or said, whether it succeeds or fails."""
    engine = create_engine(
        sqlalchemy_url(database.web), connect_args={"connection_factory": LateBegin}, pool_size=1, max_overflow=0
    )
    # What SQLAlchemy asks a new connection.
    engine.connect().close()
    session = Session(engine)
    row_security.become(session, Identity(role="patient"))
    role = Statement("SELECT current_setting('dental_sync.role', true) AS role, 1 / CAST(:number AS integer) AS part")
    for number in (1, 1):
        with messages() as sent:
            [row] = one_call.alone(session, role, {"number": number})
        assert (row.role, row.part, len(sent)) == ("patient", 1, 1)
        assert not any(word in message for message in sent for word in ("BEGIN", "COMMIT", "ROLLBACK"))
        assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    with messages() as sent, pytest.raises(DBAPIError):
        one_call.alone(session, role, {"number": 0})
    assert len(sent) == 1
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT current_setting('dental_sync.role', true)")) in (None, "")
    session.execute(text("SELECT 1"))
    with pytest.raises(ValueError, match="a transaction is open"):
        one_call.alone(session, role, {"number": 1})
    assert session.in_transaction()
    session.close()
    engine.dispose()
