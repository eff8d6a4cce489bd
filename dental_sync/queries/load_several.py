"""Reads from the database what is looked at when several appointments are to change in one decision."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from dental_sync.diary import shapes
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Appointment, Diary
from dental_sync.diary.several_shapes import HandOver, Series
from dental_sync.queries import load
from dental_sync.queries.load import Need

# What may still be given to somebody else.
_OPEN_OF_DENTIST = text("""
    SELECT a.id FROM dentists d LEFT JOIN appointments a ON a.dentist_id = d.id
        AND a.starts_at >= :start AND a.starts_at < :end AND a.status IN ('pending', 'booked')
    WHERE d.id = :dentist_id
""")
_ZONE = text("SELECT time_zone FROM dentists WHERE id = :id AND active")
_FOLLOWING = text("""
    SELECT a.id, named.starts_at FROM appointments named
    JOIN appointments a ON a.id = named.id
        OR (a.series_id = named.series_id AND a.starts_at > named.starts_at AND a.status IN ('pending', 'booked'))
    WHERE named.id = :id
""")
# By how much a wall-clock time and an instant may differ where clocks change in between.
_CLOCK_CHANGE = timedelta(hours=2)


def concerned_by_hand_over(session: Session, dentist_id: uuid.UUID | None, wish: HandOver) -> list[uuid.UUID]:
    """The dentist's open appointments of the range, as they are now."""
    values = {"dentist_id": dentist_id, "start": wish.from_, "end": wish.until}
    return [id_ for id_ in session.scalars(_OPEN_OF_DENTIST, values) if id_ is not None]


def concerned_by_following(session: Session, appointment_id: uuid.UUID | None, _wish: object) -> list[uuid.UUID]:
    """The appointment and those of its series that follow it, as they are now."""
    return [row.id for row in session.execute(_FOLLOWING, {"id": appointment_id})]


def of_hand_over(
    session: Session, settings: Settings, actor: Actor, dentist_id: uuid.UUID | None, wish: HandOver
) -> Diary:
    """The dentist's open appointments of the range, locked, and the colleague around them; raises NotFound."""
    values = {"dentist_id": dentist_id, "start": wish.from_, "end": wish.until}
    found = session.scalars(_OPEN_OF_DENTIST, values).all()
    if not found:
        raise errors.NotFound
    change = shapes.Reschedule.model_construct(_fields_set={"dentist_id"}, dentist_id=wish.to)
    needs = [Need(actor, appointment_id=id_, wanted=change.wanted) for id_ in found if id_ is not None]

    def colleague(_diary: Diary, _before: Appointment | None) -> shapes.Wanted:
        return shapes.Wanted(wish.to, None, Interval(wish.from_, wish.from_ + timedelta(minutes=1)))

    return load.load(session, settings, [Need(actor, wanted=colleague), *needs])


def of_series(session: Session, settings: Settings, actor: Actor, _id: uuid.UUID | None, wish: Series) -> Diary:
    """What is taken around each time of a series."""
    zone = session.scalar(_ZONE, {"id": wish.dentist_id})
    bookings = [wish] if zone is None else wish.bookings(ZoneInfo(zone))
    return load.load(session, settings, [Need(actor, wanted=one.wanted) for one in bookings])


def of_following(
    session: Session,
    settings: Settings,
    actor: Actor,
    appointment_id: uuid.UUID | None,
    wish: shapes.Reschedule | shapes.Cancel,
) -> Diary:
    """The appointment and those of its series that follow it, locked, and what is taken around their new times."""
    found = session.execute(_FOLLOWING, {"id": appointment_id}).all()
    if isinstance(wish, shapes.Cancel):
        return load.load(session, settings, [Need(actor, appointment_id=row.id) for row in found])
    named = found[0].starts_at if found else None
    by = timedelta(0) if wish.starts_at is None or named is None else wish.starts_at - named
    length = None if wish.ends_at is None or named is None else wish.ends_at - (wish.starts_at or named)

    def around(diary: Diary, before: Appointment | None) -> shapes.Wanted | None:
        if before is None:
            return None
        starts_at = before.time.start + by
        ends_at = {} if length is None else {"ends_at": starts_at + length}
        wanted = wish.model_copy(update={"starts_at": starts_at, **ends_at}).wanted(diary, before)
        if wanted is None:
            return None
        wider = Interval(wanted.time.start - _CLOCK_CHANGE, wanted.time.end + _CLOCK_CHANGE)
        return dataclasses.replace(wanted, time=wider)

    return load.load(session, settings, [Need(actor, appointment_id=row.id, wanted=around) for row in found])
