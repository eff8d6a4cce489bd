"""Reads from the database what is looked at when working hours, time off or closures are to change."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from dental_sync.diary.hours_shapes import HoursChange
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Absence, Dentist
from dental_sync.diary.opening_hours import Booking, OpeningHours
from dental_sync.queries import rows
from dental_sync.storage import models

# Appointments that could still be stranded by other hours.
UPCOMING = ("pending", "booked", "arrived", "checked-in")


def of_dentist(
    session: Session, dentist_id: uuid.UUID | None, wish: HoursChange, received_at: datetime
) -> OpeningHours:
    """A dentist's hours, and the own bookings that the request could strand."""
    bookings = _bookings_in(session, wish.concerns(None, received_at), dentist_id)
    row = session.get(models.Dentist, dentist_id, populate_existing=True) if dentist_id is not None else None
    if row is None:
        return OpeningHours(bookings=bookings)
    own = select(models.WorkingHours).where(models.WorkingHours.dentist_id == row.id)
    hours = {window.id: rows.weekly_window(window) for window in session.execute(own).scalars()}
    return OpeningHours(
        dentist=Dentist(ZoneInfo(row.time_zone), list(hours.values()), ()),
        dentist_id=row.id,
        dentist_name=row.name,
        is_active=row.active,
        hours=hours,
        bookings=bookings,
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


def _bookings_in(session: Session, span: Interval | None, dentist_id: uuid.UUID | None) -> list[Booking]:
    if span is None:
        return []
    table = models.Appointment
    query = (
        select(table.id, table.dentist_id, table.starts_at, table.ends_at)
        .where(table.status.in_(UPCOMING), table.ends_at > span.start, table.starts_at < span.end)
        .order_by(table.starts_at, table.id)
    )
    if dentist_id is not None:
        query = query.where(table.dentist_id == dentist_id)
    return [Booking(row.id, row.dentist_id, rows.interval(row)) for row in session.execute(query)]


def _absence(session: Session, table: Any, row_id: uuid.UUID | None) -> Absence | None:
    row = session.get(table, row_id, populate_existing=True) if row_id is not None else None
    return None if row is None else rows.absence(row)
