"""The audit trail: who did and who read what. Only the database's owner may change it, and it keeps its entries for
`AUDIT_RETENTION_DAYS`: what is older is deleted by a function of the owner's, which refuses anything younger.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from dental_sync.core import callers, request_ids
from dental_sync.core.actor import Actor
from dental_sync.core.database_failures import is_disconnection
from dental_sync.core.instants import format_instant
from dental_sync.storage import held_commits, keyset
from dental_sync.storage.models import AuditEntry
from dental_sync.storage.one_call import Statement
from dental_sync.storage.people_models import User

logger = logging.getLogger(__name__)

_NOTE = text("""
    INSERT INTO audit (actor_id, actor_role, action, record_kind, record_ids, request_id, caller_request_id, address,
        user_agent, details)
    VALUES (:actor_id, :actor_role, :action, :kind, CAST(:record_ids AS uuid[]), :request_id, :caller_request_id,
        :address, :user_agent,
        CAST(:details AS jsonb))
""")

# Without waiting for the disk: a crash of the server may forget what was read in its last moments.
_NOTE_READS = text("""
    INSERT INTO audit (actor_id, actor_role, action, record_kind, record_ids, request_id, caller_request_id, address,
        user_agent, details)
    SELECT noted.actor_id, noted.actor_role, noted.action, noted.kind, noted.record_ids, noted.request_id,
        noted.caller_request_id, noted.address, noted.user_agent, CAST(noted.details AS jsonb)
    FROM set_config('synchronous_commit', 'off', true),
        jsonb_to_recordset(CAST(:noted AS jsonb)) AS noted (actor_id uuid, actor_role text, action text, kind text,
            record_ids uuid[], request_id text, caller_request_id text, address text, user_agent text, details text)
""")

_NOTE_WRITES = """
    INSERT INTO audit (actor_id, actor_role, action, record_kind, record_ids, request_id, caller_request_id, address,
        user_agent)
    SELECT w.sender_id, CASE WHEN u.role = 'dentist' AND u.profession = 'assistant' THEN u.profession
            WHEN w.sender_id IS NULL THEN 'patient' ELSE u.role END,
        w.action, applied.kind,
        coalesce(applied.record_ids, array_remove(ARRAY[w.subject_id], NULL)), w.request_id,
        w.caller_request_id, w.address, w.user_agent
    FROM jsonb_to_recordset(CAST(:applied AS jsonb)) AS applied (id uuid, kind text, record_ids uuid[])
    CROSS JOIN LATERAL (SELECT * FROM write_requests WHERE id = applied.id OFFSET 0) AS w
    LEFT JOIN LATERAL (
        SELECT role, profession FROM users LEFT JOIN dentists ON user_id = users.id WHERE users.id = w.sender_id
        OFFSET 0) AS u ON true
    ORDER BY w.seq
"""

_PRUNE = text("SELECT prune_audit(:retention_days, :at_most)")

_NEWEST_FIRST = keyset.Keyset(keyset.by_instant(AuditEntry.at), keyset.by_number(AuditEntry.id), descending=True)


# A write request with the kind of its record, and the ids of the records where they are several; None is the one that
# the request names or has made.
AppliedWrite = tuple[uuid.UUID, str, Sequence[uuid.UUID] | None]


# An entry that is to be made, by the names of the statements' parameters.
Reading = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries: those that fit all that is given; `[since, until)` is when."""

    actor_id: uuid.UUID | None = None
    record_id: uuid.UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def note(
    session: Session,
    actor: Actor | None,
    action: str,
    kind: str,
    record: uuid.UUID | Sequence[uuid.UUID],
    *,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Note what an account does, in the transaction that does it; `actor` None is the operator at the command line."""
    session.execute(_NOTE, _entry(actor, action, kind, record, details))


def note_and_commit(
    session: Session,
    actor: Actor,
    action: str,
    kind: str,
    record: uuid.UUID | Sequence[uuid.UUID],
    *,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Note what an account does, and commit both together, so that nothing is done without a note."""
    note(session, actor, action, kind, record, details=details)
    held_commits.commit(session)


def note_read(
    session: Session,
    actor: Actor | None,
    action: str,
    kind: str,
    record: uuid.UUID | Sequence[uuid.UUID] | None,
    *,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Note what an account is shown, and commit; `record` None is all there are of the kind.

    An empty page shows no data and is not noted.
    """
    if record is None or record:
        note_reads(session, [_entry(actor, action, kind, record, details)])


def reading(actor: Actor, action: str, kind: str, record: uuid.UUID | None) -> Reading:
    """What `note_reads` is to note of the request that is being answered."""
    return _entry(actor, action, kind, record, None)


def note_reads(session: Session, readings: Sequence[Reading]) -> None:
    """Note what accounts are shown, and commit. Of several accounts only the process itself (SYSTEM) may."""
    session.execute(_NOTE_READS, {"noted": json.dumps(readings)})
    session.commit()


def noting_writes(applied: Sequence[AppliedWrite]) -> list[Statement]:
    """What notes the write requests that a lane has applied. It must follow what keeps their outcomes, which say which
    record each has made."""
    noted = [
        {"id": str(id_), "kind": kind, "record_ids": None if records is None else [str(one) for one in records]}
        for id_, kind, records in applied
    ]
    return [Statement(_NOTE_WRITES, {"applied": json.dumps(noted)})] if noted else []


def note_surely(session: Session, actor: Actor, action: str, kind: str, record: uuid.UUID) -> None:
    """Note what must happen even where it cannot be noted, such as a sign-in; the caller commits both.

    A note that PostgreSQL refuses is tried once more, and then only logged: what was done before it stays, because the
    note has a savepoint of its own. Raises what a lost connection raises, with which all is lost.
    """
    for _ in range(2):
        try:
            with session.begin_nested():
                note(session, actor, action, kind, record)
            return
        except DBAPIError as failure:
            if is_disconnection(failure):
                raise
    logger.error("%s of account %s could not be entered in the audit trail", action, actor.user_id)


def prune(session: Session, *, retention_days: int, limit: int) -> int:
    """Delete up to `limit` entries that are older than the retention; returns how many.

    The database refuses a retention that is shorter than the one of its last migration.
    """
    return int(session.scalar(_PRUNE, {"retention_days": retention_days, "at_most": limit}) or 0)


def page(session: Session, filters: Filter, *, after: str | None, limit: int) -> keyset.Page[AuditEntry]:
    """The entries, the newest first; raises ValidationFailed for another list's cursor."""
    table = AuditEntry
    query = _NEWEST_FIRST.select(select(table), after=after, limit=limit)
    if filters.actor_id is not None:
        query = query.where(table.actor_id == filters.actor_id)
    if filters.record_id is not None:
        query = query.where(table.id.in_(select(func.audit_about(filters.record_id))))
    if filters.action is not None:
        query = query.where(table.action == filters.action)
    if filters.since is not None:
        query = query.where(table.at >= filters.since)
    if filters.until is not None:
        query = query.where(table.at < filters.until)
    return _NEWEST_FIRST.page(session.scalars(query), limit=limit)


def names(session: Session, entries: Iterable[AuditEntry]) -> dict[uuid.UUID, str]:
    """What the accounts of entries are called, by their ids; the caller may see all accounts."""
    ids = {entry.actor_id for entry in entries if entry.actor_id is not None}
    return {row.id: row.name for row in session.execute(select(User.id, User.name).where(User.id.in_(ids)))}


def wire(entry: AuditEntry, called: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    """An entry as admins see it, with what its account is called; a page that was read has the `ids` of its records."""
    ids = [str(record_id) for record_id in entry.record_ids]
    record: dict[str, Any] = {"kind": entry.record_kind}
    if len(ids) == 1:
        record["id"] = ids[0]
    else:
        record["ids"] = ids
    shown: dict[str, Any] = {
        "id": str(entry.id),
        "at": format_instant(entry.at),
        "actorId": str(entry.actor_id) if entry.actor_id is not None else None,
        "actorName": called.get(entry.actor_id) if entry.actor_id is not None else None,
        "actorRole": entry.actor_role,
        "action": entry.action,
        "record": record,
        "requestId": entry.request_id,
        "callerRequestId": entry.caller_request_id,
    }
    for name, value in (("address", entry.address), ("userAgent", entry.user_agent), ("details", entry.details)):
        if value is not None:
            shown[name] = value
    return shown


def _entry(
    actor: Actor | None,
    action: str,
    kind: str,
    record: uuid.UUID | Sequence[uuid.UUID] | None,
    details: Mapping[str, Any] | None,
) -> Reading:
    records = [record] if isinstance(record, uuid.UUID) else record or []
    address, user_agent = callers.current()
    ids = request_ids.current()
    return {
        "actor_id": str(actor.user_id) if actor is not None else None,
        "actor_role": actor.acts_as if actor is not None else None,
        "action": action,
        "kind": kind,
        "record_ids": [str(record_id) for record_id in records],
        "request_id": ids and ids.own,
        "caller_request_id": ids and ids.callers,
        "address": address,
        "user_agent": user_agent,
        "details": json.dumps(details) if details is not None else None,
    }
