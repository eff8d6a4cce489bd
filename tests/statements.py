"""What a process asks the database, as a test sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apiflask import APIFlask
from sqlalchemy import event

from dental_sync.core.extensions import db


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
