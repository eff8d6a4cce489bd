"""The lane: take the pending write requests in order, decide them, apply them, publish what changed. The only writer.

One lane works at a time, because it holds the lock of its own row. It decides in memory, so that a hundred callers
for one time cost one look at the diary and no deadlock; the constraints in the database are the last word all the
same, and whatever they or another session's locks refuse is tried again alone.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import Table, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, aliased

from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from dental_sync.core.errors import AccountDisabled, Refusal, SlotTaken, WriteFailed
from dental_sync.core.extensions import is_disconnection, is_passing, sqlstate
from dental_sync.core.wire_types import Outcome
from dental_sync.diary import availability, load, rules
from dental_sync.diary.model import DELETE, INSERT, Change, Decision
from dental_sync.records import audit
from dental_sync.storage.models import Appointment, Hold, Lane, Row, WriteRequest
from dental_sync.sync import events, log
from dental_sync.writes.actions import ACTIONS, Asked, DiaryAction, HoursAction

logger = logging.getLogger(__name__)

REQUESTS_AT_ONCE = 500
# How long a request waits for a lock that another session holds, before it gives way to the others.
LOCK_TIMEOUT_MILLISECONDS = 200
# How long a request that gave way is left alone.
PAUSE_MILLISECONDS = 300

# SQLSTATE of a constraint: somebody else's row got in after the look at the diary; the next look will see it.
OVERTAKEN = frozenset({"23P01", "23505"})

STORE_OUTCOMES = text("""
    UPDATE write_requests AS w
    SET status = decided.status, outcome = decided.outcome, decided_at = clock_timestamp(),
        subject_id = decided.subject_id, resource = decided.resource
    FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:outcomes AS jsonb[]),
        CAST(:subject_ids AS uuid[]), CAST(:resources AS text[])) AS decided (id, status, outcome, subject_id, resource)
    WHERE w.id = decided.id
""")


@dataclass(slots=True)
class Batch:
    """What one pass did, after its commit: messages to emit, in order, and outcomes for the calls that wait."""

    messages: list[events.Message] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    # Whether there may be more to do at once.
    more: bool = False


@dataclass(frozen=True, slots=True)
class _Pending:
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


@dataclass(frozen=True, slots=True)
class _Decided:
    """A request with its outcome; `subject_id` is what it made or was about, `resource` the path to it."""

    request: _Pending
    status: Literal["applied", "rejected"]
    outcome: Outcome
    subject_id: uuid.UUID | None
    resource: str | None = None


@dataclass(frozen=True, slots=True)
class _Taken:
    """The requests of one batch, and whether others were due that are left for the next."""

    ids: Sequence[uuid.UUID]
    more: bool


# Requests whose last attempt failed, or was never made, through no fault of their own: not to be held against them.
_forgiven: set[uuid.UUID] = set()


def run_batch(session: Session, settings: Settings) -> Batch | None:
    """Decide and apply what is due, publish what changed, commit; None when another lane is at work.

    Raises DBAPIError when the database goes away; nothing has happened then, and the requests stay due.
    """
    taken = _take(session)
    if taken is None:
        return None
    try:
        return _run(session, settings, taken)
    except DBAPIError:
        _forgiven.update(taken.ids)
        raise


def _run(session: Session, settings: Settings, taken: _Taken) -> Batch | None:
    if not _lock_lane(session):
        # Another lane slipped in: it has these requests now, and none of them was tried here.
        _forgiven.update(taken.ids)
        session.rollback()
        return None
    pending = _pending(session, taken.ids)
    exhausted = [request for request in pending if request.attempts > settings.write_attempts]
    decided = [_rejected(request, WriteFailed()) for request in exhausted]
    decided += _decide_and_apply(session, settings, [request for request in pending if request not in exhausted])
    _store_outcomes(session, decided)
    applied = [entry.request for entry in decided if entry.status == "applied"]
    audit.note_writes(session, {request.id: ACTIONS[request.action].record_kind for request in applied})
    session.execute(text("SET LOCAL lock_timeout = '5s'"))
    _sweep_holds(session)
    messages = log.publish(session, wait=bool(decided))
    session.commit()
    return Batch(messages, {str(entry.request.id): entry.outcome for entry in decided}, more=taken.more)


def _lock_lane(session: Session) -> bool:
    return session.execute(select(Lane.id).with_for_update(skip_locked=True)).first() is not None


def _take(session: Session) -> _Taken | None:
    """Choose the next requests and count the attempt in a commit of its own.

    So a request that kills its worker is found out by its count; one that was tried before is tried alone, and takes
    nobody with it.
    """
    # A crash of the database server may forget this commit, and with it no more than an attempt.
    session.execute(text("SET LOCAL synchronous_commit = off"))
    if not _lock_lane(session):
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
    return _Taken(chosen, more)


def _pending(session: Session, ids: Sequence[uuid.UUID]) -> list[_Pending]:
    if not ids:
        return []
    columns = [getattr(WriteRequest, column.name) for column in dataclasses.fields(_Pending)]
    still_pending = WriteRequest.id.in_(ids), WriteRequest.status == "pending"
    rows = session.execute(select(*columns).where(*still_pending).order_by(WriteRequest.seq))
    return [_Pending(*row) for row in rows]


def _decide_and_apply(session: Session, settings: Settings, requests: Sequence[_Pending]) -> list[_Decided]:
    """All of them in one go where that is possible, else each by itself, so that none spoils it for the others."""
    if not requests:
        return []
    try:
        return _in_savepoint(session, settings, requests)
    except DBAPIError as failure:
        if is_disconnection(failure):
            raise
    except Exception:
        logger.exception("a batch of %d failed; its requests are tried one by one", len(requests))
    decided: list[_Decided] = []
    waiting: set[uuid.UUID] = set()
    for request in requests:
        entry = None
        # What comes later for the same appointment waits with it, or their order would be lost.
        if request.subject_id is None or request.subject_id not in waiting:
            entry = _alone(session, settings, request)
        if entry is not None:
            decided.append(entry)
            continue
        _give_way(session, request)
        if request.subject_id is not None:
            waiting.add(request.subject_id)
    return decided


def _alone(session: Session, settings: Settings, request: _Pending) -> _Decided | None:
    """Decide one request; None when another session is in its way and it must wait its turn again."""
    for _ in range(2):
        try:
            return _in_savepoint(session, settings, [request])[0]
        except DBAPIError as failure:
            if is_disconnection(failure):
                raise
            if is_passing(failure):
                return None
            if sqlstate(failure) not in OVERTAKEN:
                logger.exception("write request %s cannot be applied", request.id)
                return _rejected(request, WriteFailed())
        except Exception:
            logger.exception("write request %s cannot be decided", request.id)
            return _rejected(request, WriteFailed())
    return None


def _in_savepoint(session: Session, settings: Settings, requests: Sequence[_Pending]) -> list[_Decided]:
    with session.begin_nested():
        session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_MILLISECONDS}ms'"))
        actors = load.actors(session, {request.sender_id for request in requests})
        decided: list[_Decided] = []
        # A change of hours is judged by what was stored before it, and what comes after it by the new hours.
        for kind, run in itertools.groupby(requests, key=lambda request: type(ACTIONS[request.action])):
            if kind is HoursAction:
                for request in run:
                    decided += _judge_hours(session, request, actors.get(request.sender_id))
            else:
                decided += _judge_diary(session, settings, list(run), actors)
    return decided


def _judge_hours(session: Session, request: _Pending, actor: Actor | None) -> list[_Decided]:
    """Decide and store one change of hours, time off or closures."""
    action = cast(HoursAction, ACTIONS[request.action])
    wish = action.shape.model_validate(request.body)
    try:
        if actor is None:
            raise AccountDisabled
        found = action.load(session, request.subject_id, wish, request.received_at)
        decision = action.decide(found, actor, wish)
    except Refusal as refusal:
        return [_rejected(request, refusal)]
    [row] = _store(session, [decision])
    return [_applied(request, decision, row)]


def _judge_diary(
    session: Session, settings: Settings, requests: Sequence[_Pending], actors: Mapping[uuid.UUID, Actor]
) -> list[_Decided]:
    """Decide bookings and holds in memory, one after the other, and store them in bulk."""
    actions = [cast(DiaryAction, ACTIONS[request.action]) for request in requests]
    wishes = [action.shape.model_validate(request.body) for action, request in zip(actions, requests, strict=True)]
    needs = [
        action.needs(actors.get(request.sender_id), request.subject_id, wish)
        for action, request, wish in zip(actions, requests, wishes, strict=True)
    ]
    diary = load.load(session, settings, needs)
    decided: list[_Decided] = []
    decisions: list[tuple[_Pending, Decision]] = []
    missed: list[tuple[_Pending, availability.Missed]] = []
    for action, request, wish in zip(actions, requests, wishes, strict=True):
        actor = actors.get(request.sender_id)
        try:
            if actor is None:
                raise AccountDisabled
            asked = Asked(actor, request.subject_id, wish, request.if_match, request.received_at)
            decision = action.decide(diary, asked)
        except Refusal as refusal:
            wanted = None
            if actor is not None and isinstance(refusal, SlotTaken):
                wanted = availability.missed(diary, actor, request.subject_id, wish, refusal)
            if wanted is None:
                decided.append(_rejected(request, refusal))
            else:
                missed.append((request, wanted))
        else:
            decisions.append((request, decision))
    rows = _store(session, [decision for _, decision in decisions])
    for (request, decision), row in zip(decisions, rows, strict=True):
        decided.append(_applied(request, decision, row))
    if missed:
        # After everything of this batch is stored: what is offered instead must be free now.
        latest = max(request.received_at for request, _ in missed)
        offered = availability.alternatives(session, settings, [wanted for _, wanted in missed], at=latest)
        decided += [_rejected(request, wanted.refusal_with(offered[wanted])) for request, wanted in missed]
    return decided


def _store(session: Session, decisions: Sequence[Decision]) -> list[Row | None]:
    """Write the decisions in their order (a time is freed before it is given away), new rows in bulk.

    Returns each decision's appointment as the database made it, None where it is about something else.
    """
    rows: dict[int, Row] = {}
    changes = [(number, change) for number, decision in enumerate(decisions) for change in decision.changes]
    for (kind, model), run in itertools.groupby(changes, key=lambda entry: (entry[1].kind, entry[1].table)):
        numbered = list(run)
        stored = _store_run(session, kind, cast(Table, model.__table__), [change for _, change in numbered])
        if model is Appointment:
            rows.update(zip((number for number, _ in numbered), stored, strict=True))
    return [rows.get(number) for number in range(len(decisions))]


def _store_run(session: Session, kind: str, table: Table, changes: Sequence[Change]) -> list[Row]:
    if kind == DELETE:
        session.execute(delete(table).where(table.c.id.in_([change.id for change in changes])))
        return []
    if kind == INSERT:
        statement = insert(table).returning(*table.columns, sort_by_parameter_order=True)
        return list(session.execute(statement, [dict(change.values) for change in changes]).mappings())
    return [
        session.execute(
            update(table).where(table.c.id == change.id).values(dict(change.values)).returning(*table.columns)
        )
        .mappings()
        .one()
        for change in changes
    ]


def _applied(request: _Pending, decision: Decision, row: Row | None) -> _Decided:
    headers = {}
    body = decision.body
    if decision.is_new:
        headers["Location"] = decision.resource
    if row is not None and decision.status != 204:
        headers["ETag"] = rules.etag(row["version"])
        body = events.appointment(row)
    outcome = {"status": decision.status, "headers": headers, "body": body}
    return _Decided(request, "applied", outcome, decision.subject_id, decision.resource)


def _rejected(request: _Pending, refusal: Refusal) -> _Decided:
    problem = {**refusal.problem(), "instance": request.path}
    outcome = {"status": refusal.status, "headers": refusal.headers, "body": problem}
    return _Decided(request, "rejected", outcome, request.subject_id)


def _give_way(session: Session, request: _Pending) -> None:
    later = func.clock_timestamp() + timedelta(milliseconds=PAUSE_MILLISECONDS)
    session.execute(update(WriteRequest).where(WriteRequest.id == request.id).values(attempts=0, not_before=later))


def _sweep_holds(session: Session) -> None:
    """Delete the holds that have expired, so that everybody hears that their time is free again.

    A hold counts for requests that were received while it was alive, so none goes that such a request may still name.
    """
    oldest_pending = select(func.min(WriteRequest.received_at)).where(WriteRequest.status == "pending")
    expired = Hold.expires_at <= func.least(func.clock_timestamp(), oldest_pending.scalar_subquery())
    # One that somebody else has locked is left for the next sweep, or everybody would wait for them.
    unlocked = select(Hold.id).where(expired).with_for_update(skip_locked=True)
    session.execute(delete(Hold).where(Hold.id.in_(unlocked)))


def _store_outcomes(session: Session, decided: Sequence[_Decided]) -> None:
    if decided:
        session.execute(
            STORE_OUTCOMES,
            {
                "ids": [str(entry.request.id) for entry in decided],
                "statuses": [entry.status for entry in decided],
                "outcomes": [json.dumps(entry.outcome) for entry in decided],
                "subject_ids": [entry.subject_id and str(entry.subject_id) for entry in decided],
                "resources": [entry.resource for entry in decided],
            },
        )
