"""Write what was decided into the tables, in the order of the decisions: all in one call where that is possible."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from dental_sync.core.ids import array_of
from dental_sync.diary.model import DELETE, INSERT, UPDATE, Decision, RowToStore
from dental_sync.storage import locks, one_call
from dental_sync.storage.base import Base
from dental_sync.storage.models import Chair, Dentist, Row
from dental_sync.storage.one_call import Statement

# The outcome shows an appointment as its row is stored: triggers fill in the names, the version and more.
_SHOWN = "appointments"
_SHOW = "SELECT * FROM appointments WHERE id = ANY (CAST(:shown AS uuid[]))"
# What holds text that people typed and refers to another row: the column, and whose row it is.
_REFERS: Mapping[str, tuple[str, type[Base]]] = {
    "time_off": ("dentist_id", Dentist),
    "chair_time_off": ("chair_id", Chair),
}

_CAUSED_BY = "SELECT set_config('dental_sync.write_id', :{}, true)"

# Rows to be written, each with the number of its decision.
Numbered = Sequence[tuple[int, RowToStore]]


def store(session: Session, decisions: Sequence[tuple[uuid.UUID, Decision]]) -> list[Row | None]:
    """Write the decisions, each with the id of its write request, in their order, new rows in bulk.

    So a time is freed before it is given away.
    Returns each decision's appointment as the database made it, None where it is about something else.
    """
    shown: dict[int, Row] = {}
    causes = [write_id for write_id, _ in decisions]
    for rows in _calls([(number, row) for number, (_, decision) in enumerate(decisions) for row in decision.rows]):
        shown |= _store(session, causes, rows)
    return [shown.get(number) for number in range(len(decisions))]


def caused_by(session: Session, write_id: uuid.UUID) -> None:
    """Let the changes from here on be noted as those of a write request, until the transaction ends."""
    one_call.execute(session, [_noting_cause("cause", {write_id})])


def _calls(rows: Numbered) -> Iterator[Numbered]:
    """These rows in as few parts as there can be where each part shows an appointment once."""
    part: list[tuple[int, RowToStore]] = []
    seen: set[object] = set()
    for number, row in rows:
        if row.table == _SHOWN and row.id in seen:
            yield part
            part, seen = [], set()
        part.append((number, row))
        seen.add(row.id)
    if part:
        yield part


def _store(session: Session, causes: Sequence[uuid.UUID], rows: Numbered) -> dict[int, Row]:
    for table, run in itertools.groupby((row for _, row in rows), key=lambda row: row.table):
        if table != _SHOWN:
            _lock(session, Base.metadata.tables[table], list(run))
    statements: list[Statement] = []
    for place, (_, alike) in enumerate(itertools.groupby(rows, key=_alike)):
        numbered = list(alike)
        statements.append(_noting_cause(f"cause_{place}", {causes[number] for number, _ in numbered}))
        statements.append(_writing(f"rows_{place}", [row for _, row in numbered]))
    numbers = {row.id: number for number, row in rows if row.table == _SHOWN}
    if not numbers:
        one_call.execute(session, statements)
        return {}
    showing = Statement(_SHOW, {"shown": array_of(numbers)})
    return {numbers[row.id]: row._asdict() for row in one_call.execute(session, [*statements, showing])}


def _lock(session: Session, table: Table, rows: Sequence[RowToStore]) -> None:
    """Wait for what rows refer to and for those that exist, in a statement without what people typed.

    An appointment's row was locked when it was read.
    """
    if table.name in _REFERS:
        column, referred_to = _REFERS[table.name]
        locks.rows_referred_to(session, referred_to, {row.values[column] for row in rows if column in row.values})
    ids = sorted(row.id for row in rows if row.kind == UPDATE)
    if ids:
        session.execute(
            select(table.c.id).where(table.c.id.in_(ids)).order_by(table.c.id).with_for_update(key_share=True)
        )


def _alike(numbered: tuple[int, RowToStore]) -> tuple[object, ...]:
    """Neighbours that are alike in this are one statement: new rows with the same columns, whoever asked for them."""
    number, row = numbered
    return row.kind, row.table, tuple(row.values), None if row.kind == INSERT else number


def _noting_cause(name: str, causes: set[uuid.UUID]) -> Statement:
    """The same as `caused_by`. Where new rows are of several requests `log.draft` is told whose each is."""
    return Statement(_CAUSED_BY.format(name), {name: str(*causes) if len(causes) == 1 else ""})


def _writing(name: str, rows: Sequence[RowToStore]) -> Statement:
    """One statement for rows that are alike; their values are one text, `name`."""
    kind, table, columns = rows[0].kind, rows[0].table, ", ".join(rows[0].values)
    given = f"jsonb_populate_recordset(CAST(NULL AS {table}), CAST(:{name} AS jsonb))"
    if kind == INSERT:
        sql = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {given}"  # noqa: S608 - our own names
    elif kind == DELETE:
        sql = f"DELETE FROM {table} WHERE id = ANY (ARRAY(SELECT id FROM {given}))"  # noqa: S608
    else:
        changes = ", ".join(f"{column} = given.{column}" for column in rows[0].values)
        ids = f"ARRAY(SELECT id FROM {given})"  # noqa: S608
        found = f"{table}.id = given.id AND {table}.id = ANY ({ids})"
        sql = f"UPDATE {table} SET {changes} FROM {given} AS given WHERE {found}"  # noqa: S608
    return Statement(sql, {name: json.dumps([{"id": row.id, **row.values} for row in rows], default=str)})
