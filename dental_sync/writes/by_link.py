"""Answering a reminder by its link, without signing in: what its page shows, and the write request that it makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from dental_sync.mail.links import Link
from dental_sync.storage import after_commit, row_security
from dental_sync.writes import storing
from dental_sync.writes.storing import Accepted, NewRequest

# Why a link does nothing (any more): there is no such reminder, the appointment has another time, it has begun, it does
# not wait for its patient, the link was used.
Hindrance = Literal["unknown", "moved", "over", "gone", "used"]

_LOOK = text("SELECT * FROM reminder_of(:appointment, :start)")
_USE = text("SELECT use_reminder(:appointment, :start, :answer)")


@dataclass(frozen=True, slots=True)
class Shown:
    """The appointment that a link is about, as its page shows it; without what it is for. Instants are RFC 3339."""

    starts_at: str
    ends_at: str
    zone: str
    dentist_name: str
    practice: str


def look(session: Session, link: Link, now: datetime) -> tuple[Shown | None, Hindrance | None]:
    """What the link is about, and what is in its way; changes nothing."""
    row_security.become(session, row_security.SYSTEM)
    found = session.execute(_LOOK, {"appointment": link.appointment_id, "start": link.starts_at}).one_or_none()
    session.rollback()
    if found is None:
        return None, "unknown"
    shown = Shown(
        format_instant(found.starts_at), format_instant(found.ends_at), found.zone, found.dentist_name, found.practice
    )
    if found.starts_at.astimezone(UTC) != link.starts_at:
        return shown, "moved"
    if found.starts_at <= now:
        return shown, "over"
    if (found.confirmed_at if link.answer == "yes" else found.cancelled_at) is not None:
        return shown, "used"
    return shown, None if found.status == "booked" else "gone"


def accept(session: Session, link: Link, request: Callable[..., NewRequest]) -> Accepted | None:
    """Use the link up and store its write request; safe once the caller has committed. None where it was used.

    `request` makes the request of nobody, an action, a record and a body.
    """
    row_security.become(session, row_security.SYSTEM)
    used = {"appointment": link.appointment_id, "start": link.starts_at, "answer": link.answer}
    if not session.scalar(_USE, used):
        session.rollback()
        return None
    action = "confirm-by-link" if link.answer == "yes" else "cancel-by-link"
    made = request(None, action, link.appointment_id, {"startsAt": format_instant(link.starts_at)})
    after_commit.there_is_work(session)
    return storing.store_one(session, made, idempotency_hours=0)
