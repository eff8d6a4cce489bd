"""Answers that are kept for repeats: of a change that needs no lane, committed with the change itself.

A write request keeps its own outcome. Both mean the same to a client: who sends the same key and body again, within
`IDEMPOTENCY_HOURS`, gets the answer of the first time, and nothing is done twice.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from dental_sync.core.errors import IdempotencyKeyReused
from dental_sync.core.wire_types import Outcome
from dental_sync.storage import held_commits
from dental_sync.storage.models import KeptAnswer

# Within it a view's commit waits for `keep`.
held = held_commits.held
_KEEP = text("UPDATE kept_answers SET answer = CAST(:answer AS jsonb) WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request with an Idempotency-Key; `body_hash` tells its body from another."""

    sender_id: uuid.UUID
    method: str
    path: str
    key: str
    body_hash: bytes


def find(session: Session, keyed: Keyed, *, hours: int) -> Outcome | None:
    """The answer of the first time, None where there was none; raises IdempotencyKeyReused for another body."""
    row = session.execute(
        select(KeptAnswer.body_hash, KeptAnswer.answer).where(_same(keyed), KeptAnswer.sent_at >= _oldest(hours))
    ).one_or_none()
    if row is None:
        return None
    if bytes(row.body_hash) != keyed.body_hash:
        raise IdempotencyKeyReused
    answer: Outcome | None = row.answer
    return answer


def keep(session: Session, keyed: Keyed, answer: Outcome, *, hours: int) -> bool:
    """Keep an answer in the transaction that makes the change; False where another one was first: roll back then.

    Waits for another transaction with the same key, in a statement that says nothing about anybody.
    """
    session.execute(delete(KeptAnswer).where(_same(keyed), KeptAnswer.sent_at < _oldest(hours)))
    claim = insert(KeptAnswer).values(
        sender_id=keyed.sender_id,
        method=keyed.method,
        path=keyed.path,
        idempotency_key=keyed.key,
        body_hash=keyed.body_hash,
    )
    made = session.scalar(claim.on_conflict_do_nothing().returning(KeptAnswer.id))
    if made is None:
        return False
    session.execute(_KEEP, {"id": made, "answer": json.dumps(answer)})
    return True


def prune(session: Session, *, hours: int, limit: int) -> int:
    """Delete up to `limit` answers that are no longer kept; returns how many."""
    oldest = select(KeptAnswer.id).where(KeptAnswer.sent_at < _oldest(hours)).limit(limit)
    return len(session.execute(delete(KeptAnswer).where(KeptAnswer.id.in_(oldest)).returning(KeptAnswer.id)).all())


def _same(keyed: Keyed) -> ColumnElement[bool]:
    return (
        (KeptAnswer.sender_id == keyed.sender_id)
        & (KeptAnswer.method == keyed.method)
        & (KeptAnswer.path == keyed.path)
        & (KeptAnswer.idempotency_key == keyed.key)
    )


def _oldest(hours: int) -> ColumnElement[object]:
    return func.clock_timestamp() - timedelta(hours=hours)
