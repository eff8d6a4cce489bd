"""The outbox: a mail is a row of the transaction that causes it, and is sent once that was committed.

It is stored as what is to be said, and becomes a text when it is sent. Each try takes one mail for LEASE, commits, and
talks to the mail server without a transaction. So a mail is sent at least once, with the same Message-ID at each try:
twice only where the process dies between the server's acceptance and the note of it. Once it was sent, refused or given
up, what it said and to whom is forgotten; `prune` deletes the rest.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from dental_sync.core.logs import facts
from dental_sync.core.services import settings
from dental_sync.mail.senders import NotNow, Refused, Unreachable
from dental_sync.storage import after_commit
from dental_sync.storage.mail_models import Mail

logger = logging.getLogger(__name__)

# What a web process may cause; what becomes of appointments is noticed by the lane.
Kind = Literal["invitation", "staff-invitation", "reset-code", "address-code", "address-changed"]
Outcome = Literal["sent", "refused", "given-up"]

LONGEST_TRYING = timedelta(hours=24)
# More than a try takes, however slow the other side is.
LEASE = timedelta(seconds=30)
# Between two tries: 2 s, 4 s, … up to this.
LONGEST_PAUSE_SECONDS = 300

_LOCK = text("SELECT lock_outbox()")
_PUT = text("SELECT put_in_outbox(:kind, :language, :address, CAST(:facts AS jsonb), :valid)")
_TAKE = text("""
    UPDATE mails SET due_at = clock_timestamp() + :lease, attempts = attempts + 1
    WHERE id = (
        SELECT id FROM mails
        WHERE settled_at IS NULL AND due_at <= clock_timestamp() AND expires_at > clock_timestamp()
            AND channel = :channel
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, channel, language, recipient, facts, created_at
""")
_HAS_DUE = text("""
    SELECT EXISTS (SELECT FROM mails WHERE settled_at IS NULL AND least(due_at, expires_at) <= clock_timestamp())
""")
_BACKLOG = text("""
    SELECT coalesce(extract(epoch FROM clock_timestamp() - waiting.since), 0),
        (SELECT count(*) FROM mails WHERE outcome = 'given-up' AND settled_at > clock_timestamp() - interval '1 day')
    FROM (SELECT min(created_at) AS since FROM mails WHERE settled_at IS NULL) AS waiting
""")
_SETTLE = text("""
    UPDATE mails SET settled_at = clock_timestamp(), outcome = :outcome, recipient = NULL, facts = NULL
    WHERE id = :id AND settled_at IS NULL
""")
_GIVE_UP = text("""
    UPDATE mails SET settled_at = clock_timestamp(), outcome = 'given-up', recipient = NULL, facts = NULL
    WHERE id IN (
        SELECT id FROM mails WHERE settled_at IS NULL AND expires_at <= clock_timestamp()
        LIMIT 1000 FOR UPDATE SKIP LOCKED)
""")
_TRY_LATER = text("""
    UPDATE mails SET due_at = clock_timestamp() + least(power(2, least(attempts, 20)), :longest) * interval '1 second'
    WHERE id = :id AND settled_at IS NULL
""")


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that is this process' to send until its lease ends; `created_at` is aware UTC."""

    id: uuid.UUID
    kind: str
    channel: str
    language: str
    recipient: str
    facts: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """Since when the oldest mail waits, and how many were given up in the last 24 hours."""

    oldest_seconds: float
    given_up: int


def put(
    session: Session,
    kind: Kind,
    address: str,
    facts: Mapping[str, Any],
    *,
    language: str | None = None,
    valid: timedelta = LONGEST_TRYING,
) -> bool:
    """Have a mail sent after the commit of this transaction; it is not made where that is rolled back.

    `facts` are what its template is filled with (mail/letters.py), plain JSON. `language` None is the practice's
    (`MAIL_LANGUAGE`). After `valid`, 24 hours at most, it is not sent any more. Returns whether there will be a mail:
    without `MAIL_URL` none is made, nor where 100,000 wait already.
    """
    if not settings().mail_url:
        return False
    # Nothing with an address in it may wait for a lock: see storage/locks.py.
    session.execute(_LOCK)
    made = session.scalar(
        _PUT,
        {
            "kind": kind,
            "language": language or settings().mail_language,
            "address": address,
            "facts": json.dumps(facts),
            "valid": valid,
        },
    )
    after_commit.there_is_work(session)
    return made is not None


def has_due(session: Session) -> bool:
    """Whether there is anything to send or to give up: one statement."""
    found = bool(session.execute(_HAS_DUE).scalar_one())
    session.rollback()
    return found


def send_due(session: Session, channel: str, send: Callable[[Taken], None]) -> None:
    """Send what is due, the oldest first, until nothing is or the other side is away; commits after each step.

    `send` raises Refused for what will never be taken, NotNow for what may be taken later, and Unreachable where the
    others would fare no better; then this pass ends. Raises DBAPIError.
    """
    session.execute(_GIVE_UP)
    session.commit()
    while True:
        row = session.execute(_TAKE, {"lease": LEASE, "channel": channel}).one_or_none()
        session.commit()
        if row is None:
            return
        taken = Taken(*row)
        try:
            send(taken)
        except Refused:
            _settle(session, taken, "refused")
        except NotNow as failure:
            session.execute(_TRY_LATER, {"id": taken.id, "longest": LONGEST_PAUSE_SECONDS})
            session.commit()
            if isinstance(failure, Unreachable):
                raise
        else:
            _settle(session, taken, "sent")


def backlog(session: Session) -> Backlog:
    """How long mails have been waiting; for the owner, the worker, and a web process that acts as itself."""
    oldest_seconds, given_up = session.execute(_BACKLOG).one()
    return Backlog(float(oldest_seconds), given_up)


def prune(session: Session, *, retention_days: int, limit: int) -> int:
    """Delete up to `limit` mails that were settled longer ago than the retention; returns how many.

    What has expired is given up here too: where `MAIL_URL` was taken away nobody else does.
    """
    session.execute(_GIVE_UP)
    expired = func.clock_timestamp() - timedelta(days=retention_days)
    oldest = select(Mail.id).where(Mail.settled_at < expired).limit(limit)
    deleted = session.execute(delete(Mail).where(Mail.id.in_(oldest)).returning(Mail.id))
    return len(deleted.all())


def _settle(session: Session, taken: Taken, outcome: Outcome) -> None:
    session.execute(_SETTLE, {"id": taken.id, "outcome": outcome})
    session.commit()
    logger.info("mail", extra=facts(kind=taken.kind, channel=taken.channel, outcome=outcome, mailId=taken.id))
