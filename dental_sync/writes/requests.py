"""Write requests, seen from the call that makes one: accept it, keep its idempotency, ring, wait for the outcome."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.errors import IdempotencyKeyReused
from dental_sync.core.extensions import celery, redis
from dental_sync.core.wire_types import Outcome
from dental_sync.storage.models import WriteRequest, new_id
from dental_sync.writes.actions import ACTIONS

logger = logging.getLogger(__name__)

# Set while a ring is on its way, so that a thousand requests ring once.
RING_KEY = "dental_sync:ring"
RING_MILLISECONDS = 1_000
# Says that a lane was at work lately.
LANE_SEEN_KEY = "dental_sync:lane-seen"
# Says that beat rang lately: its sweep comes twice a second.
BEAT_SEEN_KEY = "dental_sync:beat-seen"
SEEN_SECONDS = 10

# How long a waiting call trusts the worker's message before it looks for itself, and how patient it gets.
FIRST_LOOK_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks to have changed: an action of the booking rules and its body, as it came over HTTP."""

    action: str
    subject_id: uuid.UUID | None
    body: Mapping[str, Any]
    method: str
    path: str
    if_match: str | None = None
    idempotency_key: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A stored request; `outcome` is there already when this repeats one that was decided."""

    id: uuid.UUID
    outcome: Outcome | None


def accept(session: Session, actor: Actor, wish: Wish, *, idempotency_hours: int) -> Accepted:
    """Store a request, or find the one that this repeats; safe once the caller has committed.

    Raises IdempotencyKeyReused when the key came with another body before.
    """
    canonical = json.dumps(wish.body, sort_keys=True, separators=(",", ":")).encode()
    row = {
        "id": new_id(),
        "sender_id": actor.user_id,
        "action": wish.action,
        "subject_id": wish.subject_id,
        "body": dict(wish.body),
        "if_match": wish.if_match,
        "method": wish.method,
        "path": wish.path,
        "idempotency_key": wish.idempotency_key,
        "body_hash": hashlib.sha256(canonical).digest(),
        "request_id": wish.request_id,
    }
    same_key = (
        (WriteRequest.sender_id == actor.user_id)
        & (WriteRequest.method == wish.method)
        & (WriteRequest.path == wish.path)
        & (WriteRequest.idempotency_key == wish.idempotency_key)
    )
    if wish.idempotency_key is not None:
        expired = func.clock_timestamp() - timedelta(hours=idempotency_hours)
        session.execute(
            update(WriteRequest).where(same_key, WriteRequest.received_at < expired).values(idempotency_key=None)
        )
    stored = session.execute(
        insert(WriteRequest).values(row).on_conflict_do_nothing().returning(WriteRequest.id)
    ).scalar_one_or_none()
    if stored is not None:
        return Accepted(stored, None)
    earlier = session.execute(
        select(WriteRequest.id, WriteRequest.body_hash, WriteRequest.outcome).where(same_key)
    ).one()
    if bytes(earlier.body_hash) != row["body_hash"]:
        raise IdempotencyKeyReused
    return Accepted(earlier.id, earlier.outcome)


def outcome_of(session: Session, request_id: uuid.UUID) -> Outcome | None:
    """What was decided, or None while nothing is."""
    outcome: Outcome | None = session.scalar(select(WriteRequest.outcome).where(WriteRequest.id == request_id))
    return outcome


def find(session: Session, actor: Actor, request_id: uuid.UUID) -> dict[str, Any] | None:
    """A write as `GET /api/writes/{id}` shows it to its sender and to admins; None for everybody else."""
    row = session.get(WriteRequest, request_id)
    if row is None or (row.sender_id != actor.user_id and actor.role != "admin"):
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


class Waiting:
    """The calls of this process that wait for outcomes; the worker's message wakes them, and nothing depends on it."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, list[_Slot]] = defaultdict(list)

    @contextlib.contextmanager
    def expect(self, request_id: uuid.UUID) -> Iterator[_Slot]:
        """Be ready for an outcome before the request is committed, so that none comes too early."""
        slot = _Slot()
        self._waiting[str(request_id)].append(slot)
        try:
            yield slot
        finally:
            self._waiting[str(request_id)].remove(slot)
            if not self._waiting[str(request_id)]:
                del self._waiting[str(request_id)]

    def resolve(self, outcomes: Mapping[str, Outcome]) -> None:
        """Hand the outcomes of one batch to whoever waits for them here."""
        for request_id, outcome in outcomes.items():
            for slot in self._waiting.get(request_id, ()):
                slot.outcome = outcome
                slot.event.set()


class _Slot:
    """One waiting call."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.outcome: Outcome | None = None

    def wait(self, seconds: float, look: Callable[[], Outcome | None]) -> Outcome | None:
        """Wait at most so long; `look` reads the outcome from the database in case the message was lost."""
        deadline = time.monotonic() + seconds
        pause = FIRST_LOOK_SECONDS
        while True:
            left = deadline - time.monotonic()
            if self.event.wait(max(0.0, min(pause, left))):
                return self.outcome
            outcome = look()
            if outcome is not None or left <= pause:
                return outcome
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


class Bell:
    """Rings for the lane, once however many ask at a time, and never keeps a caller waiting for Redis.

    A ring may be lost: the request is stored, and beat's sweep rings twice a second.
    """

    def __init__(self, ring: Callable[[], None], start_thread: Callable[[Callable[[], None]], object]) -> None:
        self._ring = ring
        self._start_thread = start_thread
        self._wanted = threading.Event()
        self._thread: object | None = None

    def ring(self) -> None:
        """Ask for the lane to be woken soon."""
        if self._thread is None:
            self._thread = self._start_thread(self._run)
        self._wanted.set()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            try:
                self._ring()
            except Exception as failure:  # a broker raises whatever its library does; the sweep will ring
                logger.warning("could not ring for the lane: %s", failure)


def waiting() -> Waiting:
    """The waiting calls of the current app."""
    found: Waiting = current_app.extensions["waiting"]
    return found


def bell() -> Bell:
    """The bell of the current app."""
    found: Bell = current_app.extensions["bell"]
    return found


def ring() -> None:
    """Wake the lane through the broker, unless a ring is on its way already."""
    if redis().set(RING_KEY, "1", nx=True, px=RING_MILLISECONDS):
        celery.send_task("process_writes", queue="writes", ignore_result=True, expires=5, retry=False)


def prune(session: Session, *, retention_days: int, limit: int) -> int:
    """Delete up to `limit` requests that were decided longer ago than the retention; returns how many."""
    expired = func.clock_timestamp() - timedelta(days=retention_days)
    oldest = select(WriteRequest.id).where(WriteRequest.status != "pending", WriteRequest.decided_at < expired)
    deleted = session.execute(
        delete(WriteRequest).where(WriteRequest.id.in_(oldest.limit(limit))).returning(WriteRequest.id)
    )
    return len(deleted.all())
