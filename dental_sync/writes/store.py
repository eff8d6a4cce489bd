"""Write what was decided into the tables, many rows in one statement, in the order of the decisions."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from sqlalchemy import Table, delete, insert, select, update
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


def store(session: Session, decisions: Sequence[Decision]) -> list[Row | None]:
    """Write the decisions in their order (a time is freed before it is given away), new rows in bulk.

    Returns each decision's appointment as the database made it, None where it is about something else.
    """
    shown: dict[int, Row] = {}
    rows = [(number, row) for number, decision in enumerate(decisions) for row in decision.rows]
    for (kind, table), run in itertools.groupby(rows, key=lambda entry: (entry[1].kind, entry[1].table)):
        numbered = list(run)
        stored = _store_run(session, kind, _TABLES[table], [row for _, row in numbered])
        if table == _SHOWN:
            shown.update(zip((number for number, _ in numbered), stored, strict=True))
    return [shown.get(number) for number in range(len(decisions))]


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
