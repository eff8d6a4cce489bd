"""Stored write requests, as those who have sent them look them up, and until when they are kept."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.wire_types import Outcome
from dental_sync.queries import load
from dental_sync.storage.models import WriteRequest
from dental_sync.writes.actions import ACTIONS


@dataclass(frozen=True, slots=True)
class Asked:
    """What a stored request asks for: the action, the record that it is about, its body, and who sent it."""

    action: str
    subject_id: uuid.UUID | None
    body: Mapping[str, Any]
    sender: Actor


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
