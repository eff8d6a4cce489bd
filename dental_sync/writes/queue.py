"""The stored requests in their order: which are due, how often they were tried, and which wait their turn again."""

from __future__ import annotations

import dataclasses
import itertools
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session, aliased

from dental_sync.storage.models import Lane, WriteRequest

REQUESTS_AT_ONCE = 500
# How long a request that gave way is left alone.
PAUSE_MILLISECONDS = 300


@dataclass(frozen=True, slots=True)
class Pending:
    """A stored request as the lane needs it."""

    id: uuid.UUID
    sender_id: uuid.UUID
    action: str
    subject_id: uuid.UUID | None
    body: Mapping[str, Any]
    if_match: str | None
    path: str
    received_at: datetime
    attempts: int
    request_id: str | None
    caller_request_id: str | None

    def log_facts(self) -> dict[str, object]:
        """Which request it is, for a line of the log."""
        return {
            "action": self.action,
            "accountId": self.sender_id,
            "requestId": self.request_id,
            "callerRequestId": self.caller_request_id,
        }


@dataclass(frozen=True, slots=True)
class Taken:
    """The requests of one batch, and whether others were due that are left for the next."""

    ids: Sequence[uuid.UUID]
    more: bool


# Requests that were counted as tried although the database or another lane was the reason: not to be counted.
_forgiven: set[uuid.UUID] = set()


def forgive(request_ids: Iterable[uuid.UUID]) -> None:
    """Do not count the attempt that was just made: the next `take` takes it back."""
    _forgiven.update(request_ids)


def lock_lane(session: Session) -> bool:
    """Lock the lane's row until the transaction ends; False when another lane has it."""
    return session.execute(select(Lane.id).with_for_update(skip_locked=True)).first() is not None


def take(session: Session) -> Taken | None:
    """Choose the next requests and count the attempt in a commit of its own.

    So a request that kills its worker is found by its count. One that was tried before is tried alone, so that no
    other request fails with it.
    """
    # A crash of the database server may forget this commit, and with it no more than an attempt.
    session.execute(text("SET LOCAL synchronous_commit = off"))
    if not lock_lane(session):
        session.rollback()
        return None
    if _forgiven:
        session.execute(
            update(WriteRequest)
            .where(WriteRequest.id.in_(_forgiven), WriteRequest.attempts > 0)
            .values(attempts=WriteRequest.attempts - 1)
        )
    earlier = aliased(WriteRequest)
    follows_one_that_waits = (
        select(earlier.id)
        .where(
            earlier.status == "pending",
            earlier.subject_id == WriteRequest.subject_id,
            earlier.seq < WriteRequest.seq,
            earlier.not_before > func.clock_timestamp(),
        )
        .exists()
    )
    due = session.execute(
        select(WriteRequest.id, WriteRequest.attempts)
        .where(
            WriteRequest.status == "pending",
            WriteRequest.not_before <= func.clock_timestamp(),
            ~follows_one_that_waits,
        )
        .order_by(WriteRequest.seq)
        .limit(REQUESTS_AT_ONCE)
    ).all()
    fresh = [row.id for row in itertools.takewhile(lambda row: row.attempts == 0, due)]
    chosen = fresh or [row.id for row in due[:1]]
    # What arrives from now on rings again, so only what was seen and left counts as more.
    more = len(due) > len(chosen) or len(due) == REQUESTS_AT_ONCE
    if chosen:
        session.execute(
            update(WriteRequest).where(WriteRequest.id.in_(chosen)).values(attempts=WriteRequest.attempts + 1)
        )
    session.commit()
    _forgiven.clear()
    return Taken(chosen, more)


def pending(session: Session, ids: Sequence[uuid.UUID]) -> list[Pending]:
    """Those of these requests that are still undecided, in their order, locked until they are decided."""
    if not ids:
        return []
    columns = [getattr(WriteRequest, column.name) for column in dataclasses.fields(Pending)]
    still_pending = WriteRequest.id.in_(ids), WriteRequest.status == "pending"
    query = select(*columns).where(*still_pending).order_by(WriteRequest.seq)
    rows = session.execute(query.with_for_update(key_share=True))
    return [Pending(*row) for row in rows]


def give_way(session: Session, request: Pending) -> None:
    """Leave a request alone for a moment; none of its attempts counts."""
    later = func.clock_timestamp() + timedelta(milliseconds=PAUSE_MILLISECONDS)
    session.execute(update(WriteRequest).where(WriteRequest.id == request.id).values(attempts=0, not_before=later))
