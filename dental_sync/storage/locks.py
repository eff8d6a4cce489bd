"""Locks that are taken before a statement with personal data is sent, by statements without any.

PostgreSQL writes a statement that fails into its log, and one that waits for a lock too long has failed: with names,
notes and addresses in it, because the driver puts the values into the text. So whatever such a statement could wait for
is locked first. The only exception is the lane's storing of appointments, which holds ids, times and the reason.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from hashlib import blake2b

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from dental_sync.storage.base import Base
from dental_sync.storage.log_models import RecordChange

Tables = type[Base] | Table

# As text: composed anew for each call it takes longer than all that PostgreSQL does.
_KEEP_ROWS = "SELECT 1 FROM {} WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR KEY SHARE"


def tables_to_write(session: Session, *tables: Tables) -> None:
    """Wait here for whatever changes these tables as a whole, such as a migration, and not while writing rows.

    With them the table in which triggers note that a record has changed.
    """
    session.execute(text(writing(*tables, RecordChange)))


def writing(*tables: Tables) -> str:
    """The statement for these tables alone, where it is sent along with another one that has no data."""
    return _lock_tables(tables, "ROW EXCLUSIVE")


def table_to_search(session: Session, table: Tables) -> None:
    """The same, before rows are searched for by what somebody typed."""
    session.execute(text(_lock_tables([table], "ACCESS SHARE")))


def rows_referred_to(session: Session, table: type[Base], ids: Iterable[object]) -> None:
    """Keep these rows, to which a foreign key of what is written next refers."""
    session.execute(text(_KEEP_ROWS.format(table.__tablename__)), {"ids": [str(id_) for id_ in ids]})


def turn(session: Session, *facts: str) -> None:
    """Take turns with whoever is about the same; only a digest of it is sent."""
    session.execute(select(func.pg_advisory_xact_lock(turn_of(*facts))))


def turn_of(*facts: str) -> int:
    """The number of the advisory lock with which those take turns who are about the same."""
    return int.from_bytes(blake2b("\0".join(facts).encode(), digest_size=8).digest(), signed=True)


def what_a_name_reaches(
    session: Session, *, account: uuid.UUID | None = None, patient: uuid.UUID | None = None
) -> None:
    """Lock an account, its records and every appointment that shows the name, before it is changed."""
    session.execute(select(func.lock_before_renaming(account, patient)))


def only_row(table: type[Base], *, wait: bool = False) -> str:
    """The statement that locks the only row of a table until the transaction ends; without `wait` only if it is free.

    To later statements of the transaction `has_only_row` says whether it did. They see what was committed before.
    """
    locked = f"SELECT FROM {table.__tablename__} FOR UPDATE {'' if wait else 'SKIP LOCKED'}"
    return f"SELECT set_config('{_has(table)}', CAST(count(*) AS text), true) FROM ({locked}) AS locked"  # noqa: S608


def has_only_row(table: type[Base]) -> str:
    """The condition that this transaction has locked the only row of a table by `only_row`."""
    return f"current_setting('{_has(table)}') = '1'"


def _has(table: type[Base]) -> str:
    return f"dental_sync.has_{table.__tablename__}"


def _lock_tables(tables: Iterable[Tables], mode: str) -> str:
    names = ", ".join(table.name if isinstance(table, Table) else table.__tablename__ for table in tables)
    return f"LOCK TABLE {names} IN {mode} MODE"
