"""What a process asks the database, as a test sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import event

from dental_sync.core.extensions import db
from dental_sync.core.late_begin import BeginningCursor
from dental_sync.storage import one_call
from dental_sync.storage.one_call import Statement


@contextmanager
def statements_of(app: APIFlask) -> Iterator[list[str]]:
    """The text of each statement that is sent meanwhile; one that is prepared is sent by its name."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def name_of(statement: Statement) -> str:
    """What is in every message that sends a prepared statement."""
    name = one_call._form(statement.sql).name
    assert name is not None
    return name


@contextmanager
def messages() -> Iterator[list[str]]:
    """Every message to PostgreSQL that an app's process sends meanwhile, those that begin and end transactions too.

    psycopg2 sends nothing by itself on such a connection (core/late_begin.py).
    """
    sent: list[str] = []
    send = BeginningCursor.execute

    def note(cursor: Any, query: str, values: Any = None) -> None:
        sent.append(query)
        send(cursor, query, values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BeginningCursor, "execute", note)
        yield sent
