"""Calendar feeds: an account's own appointments at an address that whoever has it may read, for calendar programs.

They cannot sign in, so the address is the secret. It gives what the account may see at that moment, and nothing of it
can be changed; the account renews it, ends it, and sees when it was read.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.services import settings
from dental_sync.records import second_factor, tokens
from dental_sync.storage import row_security
from dental_sync.storage.people_models import CalendarFeed, User

# 256 bits: nobody finds one by trying.
SECRET_BYTES = 32
# Calendar programs look every few minutes: an entry for each would fill the audit trail.
NOTED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a feed is read: below our own address, and in full where pages are reachable; shown this once."""

    path: str
    url: str | None
    created_at: datetime


def renew(session: Session, actor: Actor) -> Address:
    """Make the account's feed, or give it another address: the last one is 404 from the commit on."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    values = {"secret_hash": _hash(secret), "created_at": func.clock_timestamp(), "noted_at": None}
    made = insert(CalendarFeed).values(user_id=actor.user_id, **values)
    made = made.on_conflict_do_update(index_elements=[CalendarFeed.user_id], set_=values)
    created_at = session.execute(made.returning(CalendarFeed.created_at)).scalar_one()
    path = f"/api/calendar/{secret}.ics"
    base = settings().public_url.rstrip("/")
    return Address(path, f"{base}{path}" if base else None, created_at)


def find(session: Session, actor: Actor) -> CalendarFeed | None:
    """The account's feed, of which the secret is known to nobody here; None where it has none."""
    return session.scalar(select(CalendarFeed).where(CalendarFeed.user_id == actor.user_id))


def end(session: Session, actor: Actor) -> None:
    """Take the account's feed away; raises NotFound where it has none."""
    ended = delete(CalendarFeed).where(CalendarFeed.user_id == actor.user_id)
    if session.scalar(ended.returning(CalendarFeed.user_id)) is None:
        raise errors.NotFound


def read_as(session: Session, secret: str) -> Actor:
    """Whose feed it is, and go on as that account, with the rights that it has now.

    Raises NotFound for a secret that is none or was renewed, and for an account that is switched off or could not read
    its appointments by signing in. The caller has counted the attempt.
    """
    row_security.become(session, row_security.SYSTEM)
    whose = select(User).join(CalendarFeed, CalendarFeed.user_id == User.id)
    user = session.scalar(whose.where(CalendarFeed.secret_hash == _hash(secret), User.active))
    if user is None:
        raise errors.NotFound
    actor = tokens.actor_of(session, user)
    row_security.become(session, actor)
    if not actor.has_calendar or second_factor.is_missing(session, actor):
        raise errors.NotFound
    return actor


def is_to_be_noted(session: Session, actor: Actor) -> bool:
    """Whether the last read that was entered in the audit trail is an hour ago; then this one is to be entered."""
    noted = (
        update(CalendarFeed)
        .where(
            CalendarFeed.user_id == actor.user_id,
            or_(CalendarFeed.noted_at.is_(None), CalendarFeed.noted_at < func.clock_timestamp() - NOTED_EVERY),
        )
        .values(noted_at=func.clock_timestamp())
        .returning(CalendarFeed.user_id)
    )
    return session.scalar(noted, execution_options={"synchronize_session": False}) is not None


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
