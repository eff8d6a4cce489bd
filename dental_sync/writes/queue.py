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

from dental_sync.core.actor import Actor
from dental_sync.core.ids import array_of
from dental_sync.queries import load, remembered
from dental_sync.storage import locks, one_call
from dental_sync.storage.log_models import RecordChange, SyncEvent
from dental_sync.storage.mail_models import Mail
from dental_sync.storage.models import Chair, ChairTimeOff, Closure, Lane, TimeOff, WriteRequest

REQUESTS_AT_ONCE = 500
# From twice as many on the lane takes half of what waits: those who are answered ask again while it decides the others,
# where otherwise everybody asks, waits and is answered in one step. Smaller batches cost more than that is worth.
FEW = 8
# How long a request that gave way is left alone.
PAUSE_MILLISECONDS = 300
# How long a request waits for a lock that another session holds, before it gives way to the others.
LOCK_TIMEOUT_MILLISECONDS = 200


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


_PENDING_COLUMNS = [field.name for field in dataclasses.fields(Pending)]


@dataclass(frozen=True, slots=True)
class Taken:
    """The requests of one batch, and whether others were due that are left for the next."""

    ids: Sequence[uuid.UUID]
    more: bool


@dataclass(frozen=True, slots=True)
class Started:
    """Those of the taken requests that are still undecided, in their order, locked until they are decided.

    `senders` are the active accounts that sent them, by id, with the rights that they have now.
    """

    pending: Sequence[Pending]
    senders: Mapping[uuid.UUID, Actor]


_HAS_LANE = locks.has_only_row(Lane)
# The lane's statements find rows by indexes, whatever the values: one plan is good for all of them. One that was made
# while a table held next to nothing must not read it from end to end when it has grown (decision 47).
_PLANNED_ONCE = f"SET LOCAL plan_cache_mode = force_generic_plan; {one_call.BY_INDEXES.sql}"
# What was tried before is taken alone, as is an action that has a batch to itself, and whatever follows it waits; `due`
# is how many there were. A crash of the database server may forget this commit, and with it no more than an attempt.
# A plain scan takes what was decided before out of the index of what is pending; a bitmap scan finds it each time.
_TAKE = one_call.split(f"""
    SET LOCAL synchronous_commit = off;
    {_PLANNED_ONCE};
    SET LOCAL enable_bitmapscan = off;
    {locks.only_row(Lane)};
    UPDATE write_requests SET attempts = attempts - 1
    WHERE id = ANY (CAST(:forgiven AS uuid[])) AND attempts > 0 AND {_HAS_LANE};
    WITH waiting AS MATERIALIZED (
        SELECT id, seq, action, subject_id FROM write_requests
        WHERE status = 'pending' AND not_before > clock_timestamp()
    ), due AS MATERIALIZED (
        SELECT id, row_number() OVER in_order AS place,
            bool_or(attempts > 0 OR action = ANY (:alone)) OVER in_order AS is_left
        FROM write_requests AS one
        WHERE status = 'pending' AND not_before <= clock_timestamp() AND {_HAS_LANE} AND NOT EXISTS (
            SELECT FROM waiting AS earlier
            WHERE earlier.seq < one.seq
                AND (earlier.subject_id = one.subject_id OR one.action = ANY (:several)
                    OR (earlier.action = ANY (:several) AND (one.subject_id = ANY (CAST(:concerned AS uuid[]))
                        OR earlier.id <> ALL (CAST(:known AS uuid[]))))))
        WINDOW in_order AS (ORDER BY seq)
        ORDER BY seq LIMIT :at_most
    ), taken AS (
        UPDATE write_requests SET attempts = attempts + 1
        WHERE id = ANY (ARRAY(
            SELECT id FROM due WHERE (place = 1 OR NOT is_left) AND place <= (
                SELECT CASE WHEN count(*) < 2 * :few THEN count(*) ELSE (count(*) + 1) / 2 END FROM due)))
        RETURNING id, seq
    )
    SELECT is_ours, id, (SELECT count(*) FROM due) AS due
    FROM (SELECT {_HAS_LANE} AS is_ours) AS lane LEFT JOIN taken ON true ORDER BY seq
""")  # noqa: S608 - our own names
# By their ids: with `|| ''` the index of what is pending, and with `+ 0` that of `seq`, does not offer itself.
_STILL = f"write_requests WHERE id = ANY (CAST(:ids AS uuid[])) AND status || '' = 'pending' AND {_HAS_LANE}"
# Tables and requests are waited for here, and not by statements with outcomes or messages in them.
_OPEN = one_call.split(f"""
    COMMIT AND CHAIN;
    {_PLANNED_ONCE};
    {locks.writing(WriteRequest, SyncEvent, RecordChange, Mail, TimeOff, Closure, Chair, ChairTimeOff)};
    {locks.only_row(Lane)};
    SELECT FROM {_STILL} ORDER BY seq + 0 FOR NO KEY UPDATE;
    SET LOCAL lock_timeout = '{LOCK_TIMEOUT_MILLISECONDS}ms';
    SAVEPOINT nothing_decided;
    WITH asked AS MATERIALIZED (SELECT * FROM {_STILL}),
        sender AS MATERIALIZED ({load.ACTORS.format(ids="ARRAY(SELECT sender_id FROM asked)")})
    SELECT {_HAS_LANE} AS is_ours, {remembered.SEEN}, sender.*,
        {", ".join(f"asked.{name} AS asked_{name}" for name in _PENDING_COLUMNS)}
    FROM lane LEFT JOIN asked ON true LEFT JOIN sender ON actor_id = asked.sender_id
    ORDER BY asked.seq
""")  # noqa: S608 - our own names
_BACK_TO_NOTHING = text("ROLLBACK TO SAVEPOINT nothing_decided")

# Requests that were counted as tried although the database or another lane was the reason: not to be counted.
_forgiven: set[uuid.UUID] = set()
# The requests about several records that gave way, and which records those are.
_concerned: dict[uuid.UUID, frozenset[uuid.UUID]] = {}


def forgive(request_ids: Iterable[uuid.UUID]) -> None:
    """Do not count the attempt that was just made: the next `take` takes it back."""
    _forgiven.update(request_ids)


def lock_lane(session: Session, *, before: str) -> bool:
    """Lock the lane's row until the transaction ends; False when another lane has it.

    `before` is a statement that is sent along, to be executed first.
    """
    return bool(session.execute(text(f"{before}; {locks.only_row(Lane)}")).scalar_one() == "1")


def take(session: Session, *, several: Sequence[str], alone: Sequence[str] = ()) -> Taken | None:
    """Choose the next requests and count the attempt; None when another lane is at work.

    `start` commits the count, so a request that kills its worker is found by it. One that was tried before is tried
    alone, so that no other request fails with it.

    One of the actions `several` is about records that are known only when it is loaded: it waits for every earlier
    request that waits. What comes later for one of its records waits for it; while these are not known, everything. One
    of the actions `alone` is taken with no other.
    """
    values = {**_which(several), "alone": list(alone), "forgiven": array_of(_forgiven)}
    first, *others = one_call.execute(session, _TAKE, values)
    if not first.is_ours:
        session.rollback()
        return None
    taken = [first, *others] if first.id is not None else []
    # What arrives from now on rings again, so only what was seen and left counts as more.
    more = bool(taken) and (first.due > len(taken) or first.due == REQUESTS_AT_ONCE)
    return Taken([row.id for row in taken], more)


def start(session: Session, taken: Taken) -> Started | None:
    """Commit the attempt and begin to decide; None, with nothing begun, when another lane slipped in.

    Raises DBAPIError where tables or requests stay locked for too long.
    """
    first, *others = one_call.execute(session, _OPEN, {"ids": array_of(taken.ids)})
    _forgiven.clear()
    for id_ in taken.ids:
        _concerned.pop(id_, None)
    if not first.is_ours:
        session.rollback()
        return None
    remembered.see(session, version=first.rules_version, has_changed=first.rules_changed)
    rows = [first, *others] if first.asked_id is not None else []
    pending = [Pending(*(getattr(row, f"asked_{name}") for name in _PENDING_COLUMNS)) for row in rows]
    senders = {row.actor_id: row for row in rows if row.actor_id is not None}
    return Started(pending, {id_: load.actor(row) for id_, row in senders.items()})


def start_again(session: Session) -> None:
    """Take back all that was decided since `start`, which stays."""
    session.execute(_BACK_TO_NOTHING)


def _which(several: Sequence[str]) -> dict[str, Any]:
    return {
        "at_most": REQUESTS_AT_ONCE,
        "few": FEW,
        "several": list(several),
        "concerned": array_of(set[uuid.UUID]().union(*_concerned.values())),
        "known": array_of(_concerned),
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
