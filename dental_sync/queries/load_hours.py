"""Reads from the database what is looked at when working hours, time off or closures are to change."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from dental_sync.diary.hours_shapes import HoursChange
from dental_sync.diary.intervals import Interval, WeeklyWindow
from dental_sync.diary.model import Absence, Dentist, PracticeRules
from dental_sync.diary.opening_hours import Booking, OpeningHours
from dental_sync.diary.visits import named_treatments
from dental_sync.queries import rows
from dental_sync.storage import models

# Appointments that could still be stranded by other hours.
UPCOMING = ("pending", "booked", "arrived", "checked-in")


def of_dentist(
    session: Session, dentist_id: uuid.UUID | None, wish: HoursChange, received_at: datetime
) -> OpeningHours:
    """A dentist's hours, and the own bookings that the request could strand."""
    bookings = _bookings_in(session, wish.concerns(None, received_at), None if dentist_id is None else [dentist_id])
    row = session.get(models.Dentist, dentist_id, populate_existing=True) if dentist_id is not None else None
    if row is None:
        return OpeningHours(bookings=bookings)
    own = select(models.WorkingHours).where(models.WorkingHours.dentist_id == row.id)
    hours = {window.id: rows.weekly_window(window) for window in session.execute(own).scalars()}
    return OpeningHours(
        dentist=Dentist(ZoneInfo(row.time_zone), list(hours.values()), (), rows.offers(row.offers)),
        dentist_id=row.id,
        dentist_name=row.name,
        is_active=row.active,
        profession=row.profession,
        follows_practice=row.follows_practice,
        practice=_practice(session),
        hours=hours,
        bookings=bookings,
    )


def of_offers(session: Session, dentist_id: uuid.UUID | None, wish: HoursChange, received_at: datetime) -> OpeningHours:
    """The same, and which treatments there are."""
    known = frozenset(session.scalars(select(models.Treatment.id)))
    return dataclasses.replace(of_dentist(session, dentist_id, wish, received_at), treatments=known)


def of_practice(
    session: Session, _subject_id: uuid.UUID | None, wish: HoursChange, received_at: datetime
) -> OpeningHours:
    """The practice, and where the request could strand bookings the dentists who follow its zone, with theirs."""
    practice = _practice(session)
    span = wish.concerns(None, received_at)
    if span is None:
        return OpeningHours(practice=practice)
    following = session.scalars(select(models.Dentist.id).where(models.Dentist.follows_practice)).all()
    hours: dict[uuid.UUID, list[WeeklyWindow]] = {dentist_id: [] for dentist_id in following}
    for row in session.scalars(select(models.WorkingHours).where(models.WorkingHours.dentist_id.in_(following))):
        hours[row.dentist_id].append(rows.weekly_window(row))
    zone = ZoneInfo(practice.time_zone)
    return OpeningHours(
        practice=practice,
        followers={dentist_id: Dentist(zone, windows, ()) for dentist_id, windows in hours.items()},
        bookings=_bookings_in(session, span, following),
    )


def of_time_off(
    session: Session, time_off_id: uuid.UUID | None, _wish: HoursChange, _received_at: datetime
) -> OpeningHours:
    """One time off."""
    return OpeningHours(absence=_absence(session, models.TimeOff, time_off_id))


def of_closure(
    session: Session, closure_id: uuid.UUID | None, wish: HoursChange, received_at: datetime
) -> OpeningHours:
    """One closure, or none where it is to be made, and everybody's bookings that the request could strand."""
    absence = _absence(session, models.Closure, closure_id)
    return OpeningHours(absence=absence, bookings=_bookings_in(session, wish.concerns(absence, received_at), None))


def _practice(session: Session) -> PracticeRules:
    row = session.scalars(select(models.Practice).execution_options(populate_existing=True)).one()
    return PracticeRules(**{field.name: getattr(row, field.name) for field in dataclasses.fields(PracticeRules)})


def _bookings_in(session: Session, span: Interval | None, dentists: Sequence[uuid.UUID] | None) -> list[Booking]:
    if span is None:
        return []
    table = models.Appointment
    query = (
        select(
            table.id,
            table.dentist_id,
            table.assistant_id,
            table.treatment_id,
            table.treatment_ids,
            table.starts_at,
            table.ends_at,
        )
        .where(table.status.in_(UPCOMING), table.ends_at > span.start, table.starts_at < span.end)
        .order_by(table.starts_at, table.id)
    )
    if dentists is not None:
        query = query.where(table.dentist_id.in_(dentists) | table.assistant_id.in_(dentists))
    return [
        Booking(
            row.id,
            row.dentist_id,
            rows.interval(row),
            row.assistant_id,
            named_treatments(row.treatment_id, row.treatment_ids),
        )
        for row in session.execute(query)
    ]


def _absence(session: Session, table: Any, row_id: uuid.UUID | None) -> Absence | None:
    row = session.get(table, row_id, populate_existing=True) if row_id is not None else None
    return None if row is None else rows.absence(row)
