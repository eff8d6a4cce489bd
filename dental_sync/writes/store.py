"""Write what was decided into the tables, many rows in one statement, in the order of the decisions."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.orm import Session

from dental_sync.diary.model import DELETE, INSERT, Decision, RowToStore
from dental_sync.storage import locks
from dental_sync.storage.base import Base
from dental_sync.storage.models import Chair, Dentist, Row

# The outcome shows an appointment as its row is stored: triggers fill in the names, the version and more.
_TABLES = Base.metadata.tables
_SHOWN = "appointments"
# What holds text that people typed and refers to another row: the column, and whose row it is.
_REFERS: Mapping[str, tuple[str, type[Base]]] = {
    "time_off": ("dentist_id", Dentist),
    "chair_time_off": ("chair_id", Chair),
}


def store(session: Session, decisions: Sequence[tuple[uuid.UUID, Decision]]) -> list[Row | None]:
    """Write the decisions, each with the id of its write request, in their order (a time is freed before it is given
    away), new rows in bulk.

    Returns each decision's appointment as the database made it, None where it is about something else.
    """
    shown: dict[int, Row] = {}
    rows = [(number, row) for number, (_, decision) in enumerate(decisions) for row in decision.rows]
    for (kind, table), run in itertools.groupby(rows, key=lambda entry: (entry[1].kind, entry[1].table)):
        numbered = list(run)
        stored: list[Row] = []
        for write_id, part in _by_cause(decisions, kind, numbered):
            caused_by(session, write_id)
            stored += _store_run(session, kind, _TABLES[table], part)
        if table == _SHOWN:
            shown.update(zip((number for number, _ in numbered), stored, strict=True))
    return [shown.get(number) for number in range(len(decisions))]


def caused_by(session: Session, write_id: uuid.UUID | None) -> None:
    """Let the changes from here on be noted as those of a write request, or of none, until the transaction ends."""
    session.execute(select(func.set_config("dental_sync.write_id", "" if write_id is None else str(write_id), True)))


def _by_cause(
    decisions: Sequence[tuple[uuid.UUID, Decision]], kind: str, numbered: Sequence[tuple[int, RowToStore]]
) -> Iterator[tuple[uuid.UUID | None, list[RowToStore]]]:
    """The rows of a run with the write request that causes them.

    New rows of several requests are written in one statement all the same: `log.publish` is told whose each is.
    """
    causes = {decisions[number][0] for number, _ in numbered}
    if kind == INSERT and len(causes) > 1:
        yield None, [row for _, row in numbered]
        return
    for write_id, part in itertools.groupby(numbered, key=lambda entry: decisions[entry[0]][0]):
        yield write_id, [row for _, row in part]


def _store_run(session: Session, kind: str, table: Table, rows: Sequence[RowToStore]) -> list[Row]:
    if kind == DELETE:
        session.execute(delete(table).where(table.c.id.in_([row.id for row in rows])))
        return []
    if table.name in _REFERS:
        column, referred_to = _REFERS[table.name]
        locks.rows_referred_to(session, referred_to, {row.values[column] for row in rows if column in row.values})
    if kind == INSERT:
        statement = insert(table).returning(*table.columns, sort_by_parameter_order=True)
        return list(session.execute(statement, [dict(row.values) for row in rows]).mappings())
    if table.name != _SHOWN:
        # An appointment's row was locked when it was read.
        ids = sorted(row.id for row in rows)
        session.execute(
            select(table.c.id).where(table.c.id.in_(ids)).order_by(table.c.id).with_for_update(key_share=True)
        )
    return [
        session.execute(update(table).where(table.c.id == row.id).values(dict(row.values)).returning(*table.columns))
        .mappings()
        .one()
        for row in rows
    ]
