"""One row by its id: read, or locked and changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.storage import locks
from dental_sync.storage.base import Base

Row = TypeVar("Row", bound=Base)


def get(session: Session, table: type[Row], row_id: object) -> Row:
    """The row; raises NotFound."""
    return _found(session.get(table, row_id))


def change(session: Session, table: type[Row], row_id: object, values: Mapping[str, Any]) -> Row:
    """Set these columns and return the row, locked until the transaction ends; raises NotFound.

    Of two changes at once, the second waits, and starts from what the first has committed.
    """
    locks.tables_to_write(session, table)
    row = _found(session.get(table, row_id, with_for_update={"key_share": True}))
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return row


def _found(row: Row | None) -> Row:
    if row is None:
        raise errors.NotFound
    return row
