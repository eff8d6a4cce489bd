"""The stored requests in their order: which are due, how often they were tried, and which wait their turn again."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, text, update
from sqlalchemy.orm import Session

from dental_sync.storage.models import WriteRequest

REQUESTS_AT_ONCE = 500
# How long a request that gave way is left alone.
PAUSE_MILLISECONDS = 300


@dataclass(frozen=True, slots=True)
class Pending:
    """A stored request as the lane needs it."""

    id: uuid.UUID
    # None: whoever has the link of a reminder.
    sender_id: uuid.UUID | None
    action: str
    subject_id: uuid.UUID | None
    body: Mapping[str, Any]
    if_match: str | None
    path: str
    received_at: datetime
    attempts: int
    request_id: str | None
    caller_request_id: str | None

    @property
    def actor_key(self) -> uuid.UUID | None:
        """Under what the lane knows who acts: the sender, or for a link the appointment, whose patient does."""
        return self.sender_id or self.subject_id

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


# As text, because composed anew for each batch they take longer than all that PostgreSQL does. What was tried before is
# taken alone, as is an action that has a batch to itself, and whatever follows it waits; `due` is how many there were.
_TAKE = text("""
    WITH due AS MATERIALIZED (
        SELECT id, row_number() OVER in_order AS place,
            bool_or(attempts > 0 OR action = ANY (:alone)) OVER in_order AS is_left
        FROM write_requests AS one
        WHERE status = 'pending' AND not_before <= clock_timestamp() AND NOT EXISTS (
            SELECT FROM write_requests AS earlier
            WHERE earlier.status = 'pending' AND earlier.seq < one.seq AND earlier.not_before > clock_timestamp()
                AND (earlier.subject_id = one.subject_id OR one.action = ANY (:several)
                    OR (earlier.action = ANY (:several) AND (one.subject_id = ANY (CAST(:concerned AS uuid[]))
                        OR earlier.id <> ALL (CAST(:known AS uuid[]))))))
        WINDOW in_order AS (ORDER BY seq)
        ORDER BY seq LIMIT :at_most
    ), taken AS (
        UPDATE write_requests AS w SET attempts = w.attempts + 1 FROM due
        WHERE w.id = due.id AND (due.place = 1 OR NOT due.is_left)
        RETURNING w.id, due.place
    )
    SELECT id, (SELECT count(*) FROM due) AS due FROM taken ORDER BY place
""")
_PENDING = text(f"""
    SELECT {", ".join(field.name for field in dataclasses.fields(Pending))} FROM write_requests
    WHERE id = ANY (CAST(:ids AS uuid[])) AND status = 'pending' ORDER BY seq FOR NO KEY UPDATE
""")  # noqa: S608 - our own names

# Requests that were counted as tried although the database or another lane was the reason: not to be counted.
_forgiven: set[uuid.UUID] = set()
# The requests about several records that gave way, and which records those are.
_concerned: dict[uuid.UUID, frozenset[uuid.UUID]] = {}


def forgive(request_ids: Iterable[uuid.UUID]) -> None:
    """Do not count the attempt that was just made: the next `take` takes it back."""
    _forgiven.update(request_ids)


def lock_lane(session: Session, *, before: str = "") -> bool:
    """Lock the lane's row until the transaction ends; False when another lane has it.

    `before` is a statement that is sent along, to be executed first.
    """
    lock = "SELECT id FROM lane FOR UPDATE SKIP LOCKED"
    return session.execute(text(f"{before}; {lock}" if before else lock)).first() is not None


def take(session: Session, *, several: Sequence[str], alone: Sequence[str] = ()) -> Taken | None:
    """Choose the next requests and count the attempt in a commit of its own.

    One of the actions `several` is about records that are known only when it is loaded: it waits for every earlier
    request that waits. What comes later for one of its records waits for it; while these are not known, everything. One
    of the actions `alone` is taken with no other.

    So a request that kills its worker is found by its count. One that was tried before is tried alone, so that no
    other request fails with it.
    """
    # A crash of the database server may forget this commit, and with it no more than an attempt.
    if not lock_lane(session, before="SET LOCAL synchronous_commit = off"):
        session.rollback()
        return None
    if _forgiven:
        session.execute(
            update(WriteRequest)
            .where(WriteRequest.id.in_(_forgiven), WriteRequest.attempts > 0)
            .values(attempts=WriteRequest.attempts - 1)
        )
    taken = session.execute(_TAKE, {**_which(several), "alone": list(alone)}).all()
    session.commit()
    _forgiven.clear()
    for row in taken:
        _concerned.pop(row.id, None)
    # What arrives from now on rings again, so only what was seen and left counts as more.
    more = bool(taken) and (taken[0].due > len(taken) or taken[0].due == REQUESTS_AT_ONCE)
    return Taken([row.id for row in taken], more)


def pending(session: Session, ids: Sequence[uuid.UUID]) -> list[Pending]:
    """Those of these requests that are still undecided, in their order, locked until they are decided."""
    if not ids:
        return []
    rows = session.execute(_PENDING, {"ids": [str(id_) for id_ in ids]})
    return [Pending(*row) for row in rows]


def _which(several: Sequence[str]) -> dict[str, Any]:
    concerned = set[uuid.UUID]().union(*_concerned.values())
    return {
        "at_most": REQUESTS_AT_ONCE,
        "several": list(several),
        "concerned": [str(id_) for id_ in concerned],
        "known": [str(id_) for id_ in _concerned],
    }


def concerns(waiting: Pending, subject_id: uuid.UUID | None) -> bool:
    """Whether a request about several records that gave way is about this one, too."""
    return subject_id in _concerned.get(waiting.id, ())


def give_way(session: Session, request: Pending, *, concerned: Iterable[uuid.UUID] | None = None) -> None:
    """Leave a request alone for a moment; none of its attempts counts.

    `concerned` are its records, where they are several.
    """
    if concerned is not None:
        _concerned[request.id] = frozenset(concerned)
    later = func.clock_timestamp() + timedelta(milliseconds=PAUSE_MILLISECONDS)
    session.execute(update(WriteRequest).where(WriteRequest.id == request.id).values(attempts=0, not_before=later))
