"""After each commit of a web process that changes what is told: ringing for the lane, and forgetting sign-ins.

No view and no function that changes a row rings: what a transaction wrote is seen where it is flushed or executed. What
does not go through a session of the app (plain SQL, other programs) does not ring; the look at the log finds it. For
the requests that it stores the intake rings (writes/intake.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Table, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction, scoped_session

from dental_sync.core import services
from dental_sync.records.remembered_sign_ins import RememberedSignIns
from dental_sync.storage import after_commit
from dental_sync.writes.bell import bell


@dataclass(frozen=True, slots=True)
class Source:
    """Which writes of a table give the lane work: whether new rows do, and changes of which columns (None: of any)."""

    inserts: bool
    columns: frozenset[str] | None = None


_EVERY_WRITE = Source(inserts=True)

# The tables whose triggers note changes for the log or carry a name on to appointments.
SOURCES: Mapping[str, Source] = {
    **dict.fromkeys(("appointments", "holds", "working_hours", "time_off", "closures"), _EVERY_WRITE),
    **dict.fromkeys(
        ("dentists", "patients", "patient_remarks", "acting", "treatments", "chairs", "chair_time_off", "practice"),
        _EVERY_WRITE,
    ),
    "practice_logo": _EVERY_WRITE,
    "users": Source(inserts=False, columns=frozenset({"role", "active", "name", "email", "language"})),
    "auth_sessions": Source(inserts=False, columns=frozenset({"revoked_at"})),
    "second_factors": Source(inserts=False, columns=frozenset({"confirmed_at"})),
}


def ring_after_commits(sessions: scoped_session[Any]) -> None:
    """Ring the bell of the current app once after each commit of these sessions that wrote to a source."""
    for name, listener in (
        ("after_flush", _see_flush),
        ("do_orm_execute", _see_statement),
        ("after_commit", _ring),
        ("after_transaction_end", _forget),
    ):
        if not event.contains(sessions, name, listener):
            event.listen(sessions, name, listener)


def _see_flush(session: Session, _context: UOWTransaction) -> None:
    gives_work = (
        any(_source(row, inserted=True) for row in session.new)
        or any(_source(row) for row in session.deleted)
        or any((source := _source(row)) and _has_changed(session, row, source) for row in session.dirty)
    )
    if gives_work:
        after_commit.there_is_work(session)


def _see_statement(state: ORMExecuteState) -> None:
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    source = SOURCES.get(state.statement.table.name)  # type: ignore[attr-defined]  # an INSERT, UPDATE or DELETE has one
    # How many rows it meets is not asked: a ring too many costs a look.
    if source is not None and (source.inserts or not state.is_insert):
        after_commit.there_is_work(state.session)


def _ring(session: Session) -> None:
    # A savepoint that is released is no commit.
    if session.in_nested_transaction() or not after_commit.forget(session):
        return
    # Before anything is answered. The other processes learn of it through the log.
    remembered = services.find(current_app, RememberedSignIns)
    if remembered is not None:
        remembered.forget()
    found = bell()
    if found is not None:
        found.ring()


def _forget(session: Session, transaction: SessionTransaction) -> None:
    """Rolled back, or closed without a commit."""
    if transaction.parent is None:
        after_commit.forget(session)


def _source(row: object, *, inserted: bool = False) -> Source | None:
    table = inspect(row, raiseerr=True).mapper.local_table
    source = SOURCES.get(table.name) if isinstance(table, Table) else None
    return source if source is not None and (source.inserts or not inserted) else None


def _has_changed(session: Session, row: object, source: Source) -> bool:
    if source.columns is None:
        return session.is_modified(row)
    attributes = inspect(row, raiseerr=True).attrs
    return any(attributes[column].history.has_changes() for column in source.columns)
