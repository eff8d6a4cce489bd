"""Write requests, seen from the call that makes one: accept it, keep its idempotency, ring, wait for the outcome."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.errors import IdempotencyKeyReused
from dental_sync.core.ids import new_id
from dental_sync.core.request_ids import RequestIds
from dental_sync.core.wire_types import Outcome
from dental_sync.queries import load
from dental_sync.storage import after_commit, locks
from dental_sync.storage.models import WriteRequest
from dental_sync.storage.people_models import User
from dental_sync.writes.actions import ACTIONS

_TABLE = WriteRequest.metadata.tables[WriteRequest.__tablename__]
_STORE = insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.id)


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request to change something: an action of the table and its body, as it came over HTTP."""

    action: str
    subject_id: uuid.UUID | None
    body: Mapping[str, Any]
    method: str
    path: str
    if_match: str | None = None
    idempotency_key: str | None = None
    request_ids: RequestIds | None = None
    # The address and the user agent of who sent it.
    caller: tuple[str | None, str | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A stored request; `outcome` is there already when this repeats one that was decided."""

    id: uuid.UUID
    outcome: Outcome | None
    # The record that the outcome is about.
    subjects: Sequence[uuid.UUID] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a stored request asks for: the action, the record that it is about, its body, and who sent it."""

    action: str
    subject_id: uuid.UUID | None
    body: Mapping[str, Any]
    sender: Actor


def accept(session: Session, actor: Actor | None, request: NewRequest, *, idempotency_hours: int) -> Accepted:
    """Store a request, or find the one that this repeats; safe once the caller has committed.

    `actor` None is who has a link, without a key. Raises IdempotencyKeyReused when the key came with another body
    before.
    """
    canonical = json.dumps(request.body, sort_keys=True, separators=(",", ":")).encode()
    body_hash = hashlib.sha256(canonical).digest()
    sender_id = None if actor is None else actor.user_id
    row = {
        "id": new_id(),
        "sender_id": sender_id,
        "action": request.action,
        "subject_id": request.subject_id,
        "body": dict(request.body),
        "if_match": request.if_match,
        "method": request.method,
        "path": request.path,
        "idempotency_key": request.idempotency_key,
        "body_hash": body_hash,
        "request_id": request.request_ids and request.request_ids.own,
        "caller_request_id": request.request_ids and request.request_ids.callers,
        "address": request.caller[0],
        "user_agent": request.caller[1],
    }
    same_key = (
        (WriteRequest.sender_id == sender_id)
        & (WriteRequest.method == request.method)
        & (WriteRequest.path == request.path)
        & (WriteRequest.idempotency_key == request.idempotency_key)
    )
    if request.idempotency_key is not None:
        # Whoever comes second waits here, and not with a body.
        locks.turn(session, str(sender_id), request.method, request.path, request.idempotency_key)
        expired = WriteRequest.received_at < func.clock_timestamp() - timedelta(hours=idempotency_hours)
        for old in session.scalars(select(WriteRequest.id).where(same_key, expired)).all():
            session.execute(update(WriteRequest).where(WriteRequest.id == old).values(idempotency_key=None))
        earlier = _earlier(session, same_key, body_hash)
        if earlier is not None:
            if earlier.outcome is None:
                # It still waits: the ring for it may have been lost, and beat may be away.
                after_commit.there_is_work(session)
            return earlier
    if sender_id is None:
        session.execute(text(locks.writing(WriteRequest)))
    else:
        locks.to_write_one(session, WriteRequest, refers_to=User, row_id=sender_id)
    stored = session.execute(_STORE, row).scalar_one_or_none()
    if stored is not None:
        return Accepted(stored, None)
    # The release before takes no turns.
    earlier = _earlier(session, same_key, body_hash)
    if earlier is None:
        raise LookupError("a write request was neither stored nor there already")
    return earlier


def _earlier(session: Session, same_key: ColumnElement[bool], body_hash: bytes) -> Accepted | None:
    """The request that this repeats, or None; raises IdempotencyKeyReused where its body was another one."""
    table = WriteRequest
    found = session.execute(
        select(table.id, table.body_hash, table.outcome, table.subject_id).where(same_key)
    ).one_or_none()
    if found is None:
        return None
    if bytes(found.body_hash) != body_hash:
        raise IdempotencyKeyReused
    return Accepted(found.id, found.outcome, () if found.subject_id is None else (found.subject_id,))


def outcome_of(session: Session, request_id: uuid.UUID) -> Outcome | None:
    """What was decided, or None while nothing is."""
    outcome: Outcome | None = session.scalar(select(WriteRequest.outcome).where(WriteRequest.id == request_id))
    return outcome


def find(session: Session, actor: Actor, request_id: uuid.UUID) -> dict[str, Any] | None:
    """A write as `GET /api/writes/{id}` shows it to its sender and to admins; None for everybody else."""
    row = session.get(WriteRequest, request_id)
    if row is None or (row.sender_id != actor.user_id and not actor.administers):
        return None
    write: dict[str, Any] = {"id": str(row.id), "status": row.status}
    action = ACTIONS.get(row.action)
    if row.subject_id is not None and action is not None and action.record_kind == "appointment":
        write["appointmentId"] = str(row.subject_id)
    if row.resource is not None:
        write["resource"] = row.resource
    if row.status == "rejected" and row.outcome is not None:
        write["problem"] = row.outcome["body"]
    return write


def find_refused(session: Session, actor: Actor, request_id: uuid.UUID) -> tuple[Outcome, Asked] | None:
    """The outcome of a write that was refused, and what was asked for by whom; None where its sender is gone."""
    row = session.get(WriteRequest, request_id)
    if row is None or row.outcome is None or row.sender_id is None:
        return None
    sender = actor
    if row.sender_id != actor.user_id:
        others = load.actors(session, [row.sender_id])
        if row.sender_id not in others:
            return None
        sender = others[row.sender_id]
    return row.outcome, Asked(row.action, row.subject_id, row.body, sender)


def prune(session: Session, *, retention_days: int, limit: int) -> int:
    """Delete up to `limit` requests that were decided longer ago than the retention; returns how many."""
    expired = func.clock_timestamp() - timedelta(days=retention_days)
    oldest = select(WriteRequest.id).where(WriteRequest.status != "pending", WriteRequest.decided_at < expired)
    deleted = session.execute(
        delete(WriteRequest).where(WriteRequest.id.in_(oldest.limit(limit))).returning(WriteRequest.id)
    )
    return len(deleted.all())
