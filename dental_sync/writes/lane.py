"""The lane: take the pending write requests in order, decide them, apply them, publish what changed. The only writer.

One lane works at a time, because it holds the lock of its own row. It decides in memory, so that a hundred callers
for one time cost one look at the diary and no deadlock; the constraints in the database are the last word all the
same, and whatever they or another session's locks refuse is tried again alone.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.core.database_failures import is_disconnection, is_passing, sqlstate
from dental_sync.core.errors import WriteFailed
from dental_sync.core.logs import facts
from dental_sync.core.wire_types import Outcome
from dental_sync.queries import remembered
from dental_sync.records import audit
from dental_sync.storage import one_call
from dental_sync.storage.one_call import COMMIT
from dental_sync.sync import events, log
from dental_sync.writes import judge, mails, outcomes, queue
from dental_sync.writes.actions import ACTIONS, ALONE, SEVERAL
from dental_sync.writes.outcomes import Decided
from dental_sync.writes.queue import Pending

logger = logging.getLogger(__name__)

# SQLSTATE of a constraint: another session's row was stored after the diary was read; reading again finds it.
OVERTAKEN = frozenset({"23P01", "23505"})

# From here on locks are waited for as everywhere else, and what happens is no request's doing. A hold that another
# session has locked is left for the next sweep: the lane does not wait for it.
_SWEEP = one_call.split("""
    SET LOCAL lock_timeout = '5s';
    SET LOCAL dental_sync.write_id = '';
    DELETE FROM holds WHERE id = ANY (ARRAY(
        SELECT id FROM holds WHERE expires_at <= least(clock_timestamp(),
            (SELECT min(received_at) FROM write_requests WHERE status = 'pending'))
        FOR UPDATE SKIP LOCKED))
""")

# What a pass would do something about, by indexes that hold next to nothing while there is no work.
_HAS_WORK = text("""
    SELECT EXISTS (SELECT FROM write_requests WHERE status = 'pending' AND not_before <= clock_timestamp())
        OR EXISTS (SELECT FROM changes) OR EXISTS (SELECT FROM record_changes)
        OR EXISTS (SELECT FROM holds WHERE expires_at <= clock_timestamp())
""")


@dataclass(slots=True)
class Batch:
    """What one pass did, after its commit: messages to emit, in order, and outcomes for the calls that wait."""

    messages: list[events.Message] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    decided: Sequence[Decided] = ()
    # Whether there may be more to do at once.
    more: bool = False


def has_work(session: Session) -> bool:
    """Whether a pass would find anything to do: one statement. Raises DBAPIError."""
    found = bool(session.execute(_HAS_WORK).scalar_one())
    session.rollback()
    return found


def run_batch(session: Session, settings: Settings) -> Batch | None:
    """Decide and apply what is due, publish what changed, commit; None when another lane is at work.

    Raises DBAPIError when the database goes away; nothing has happened then, and the requests stay due.
    """
    taken = queue.take(session, several=SEVERAL, alone=ALONE)
    if taken is None:
        return None
    try:
        return _run(session, settings, taken)
    except DBAPIError:
        queue.forgive(taken.ids)
        raise
    finally:
        remembered.forget(session)


def _run(session: Session, settings: Settings, taken: queue.Taken) -> Batch | None:
    started = queue.start(session, taken)
    if started is None:
        # The other lane has these requests now, and none of them was tried here.
        queue.forgive(taken.ids)
        return None
    exhausted = [request for request in started.pending if request.attempts > settings.write_attempts]
    decided = [outcomes.rejected(request, WriteFailed()) for request in exhausted]
    requests = [request for request in started.pending if request not in exhausted]
    decided += _decide_and_apply(session, settings, requests, started.senders)
    applied = [entry for entry in decided if entry.status == "applied"]
    mails.make(session, settings, [cause for entry in applied for cause in entry.mailed])
    # Holds that have expired go, so that everybody hears that their time is free again. One counts for requests that
    # were received while it was alive, so none goes that such a request may still name.
    messages, publishing = log.draft(session, wait=bool(applied), made_by=_made_by(applied), after=_SWEEP)
    one_call.execute(session, [*outcomes.keeping(decided), *audit.noting_writes(_noted(applied)), *publishing, COMMIT])
    session.commit()
    told = {str(entry.request.id): entry.outcome for entry in decided}
    return Batch(messages, told, decided, more=taken.more)


def _noted(applied: Sequence[Decided]) -> list[audit.AppliedWrite]:
    return [
        *((entry.request.id, ACTIONS[entry.request.action].record_kind, entry.subjects) for entry in applied),
        *((entry.request.id, "appointment", entry.appointments) for entry in applied if entry.appointments),
    ]


def _made_by(applied: Sequence[Decided]) -> dict[uuid.UUID, uuid.UUID]:
    """The first request about each record: where the record was made by one of them, that one has made it."""
    return {entry.subject_id: entry.request.id for entry in reversed(applied) if entry.subject_id is not None}


def _decide_and_apply(
    session: Session, settings: Settings, requests: Sequence[Pending], senders: judge.Actors
) -> list[Decided]:
    """All of them in one go where that is possible, else each by itself, so that none spoils it for the others."""
    if not requests:
        return []
    try:
        return judge.decide_and_store(session, settings, requests, senders)
    except DBAPIError as failure:
        if is_disconnection(failure):
            raise
    except Exception:
        logger.exception("a batch of %d failed; its requests are tried one by one", len(requests))
    queue.start_again(session)
    decided: list[Decided] = []
    waiting: list[Pending] = []
    for request in requests:
        entry = None
        if not any(_must_follow(request, earlier) for earlier in waiting):
            entry = _alone(session, settings, request)
        if entry is not None:
            decided.append(entry)
            continue
        queue.give_way(session, request, concerned=judge.concerned(session, request))
        waiting.append(request)
    return decided


def _must_follow(request: Pending, earlier: Pending) -> bool:
    """Whether a request waits with an earlier one: they are, or may be, about one record, and come in their order."""
    if request.action in SEVERAL:
        return True
    if earlier.action in SEVERAL:
        return queue.concerns(earlier, request.subject_id)
    return request.subject_id is not None and request.subject_id == earlier.subject_id


def _alone(session: Session, settings: Settings, request: Pending) -> Decided | None:
    """Decide one request; None when another session is in its way and it must wait its turn again."""
    for _ in range(2):
        try:
            with session.begin_nested():
                return judge.decide_and_store(session, settings, [request])[0]
        except DBAPIError as failure:
            if is_disconnection(failure):
                raise
            if is_passing(failure):
                return None
            if sqlstate(failure) not in OVERTAKEN:
                logger.exception("write request %s cannot be applied", request.id, extra=facts(**request.log_facts()))
                return outcomes.rejected(request, WriteFailed())
        except Exception:
            logger.exception("write request %s cannot be decided", request.id, extra=facts(**request.log_facts()))
            return outcomes.rejected(request, WriteFailed())
    return None
