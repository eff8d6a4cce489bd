"""Reads from the database what is looked at when a chair is to change, or to be away."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, any_, func, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from dental_sync.core.wire_types import Shape
from dental_sync.diary.chair_shapes import TakeChairAway
from dental_sync.diary.chairs import ChairBooking, ChairUse
from dental_sync.diary.model import Chair
from dental_sync.queries import rows
from dental_sync.queries.load_hours import UPCOMING
from dental_sync.storage import models


def of_none(_session: Session, _chair_id: uuid.UUID | None, _wish: Shape, _received_at: datetime) -> ChairUse:
    """Nothing, for a chair that is to be made."""
    return ChairUse()


def of_chair(session: Session, chair_id: uuid.UUID | None, _wish: Shape, received_at: datetime) -> ChairUse:
    """A chair and all bookings in it that are not over yet."""
    return _use(session, chair_id, received_at)


def of_time(session: Session, chair_id: uuid.UUID | None, wish: TakeChairAway, received_at: datetime) -> ChairUse:
    """A chair and the bookings in it that are not over yet and, buffers included, need it in the time of the request.

    As a booking is judged: what would be listed here could not be booked there, and the other way round.
    """
    table = models.Appointment
    return _use(session, chair_id, received_at, table.claimed_to > wish.starts_at, table.claimed_from < wish.ends_at)


def of_absence(session: Session, time_off_id: uuid.UUID | None, _wish: Shape, _received_at: datetime) -> ChairUse:
    """One time off of a chair."""
    row = session.get(models.ChairTimeOff, time_off_id, populate_existing=True) if time_off_id is not None else None
    return ChairUse(absence=None if row is None else rows.chair_absence(row))


def _use(
    session: Session, chair_id: uuid.UUID | None, received_at: datetime, *conditions: ColumnElement[bool]
) -> ChairUse:
    row = session.get(models.Chair, chair_id, populate_existing=True) if chair_id is not None else None
    if row is None:
        return ChairUse()
    table = models.Appointment
    treatment = models.Treatment
    done = func.coalesce(table.treatment_ids, array([table.treatment_id]))
    needed = select(func.max(treatment.chair_kind)).where(treatment.id == any_(done)).scalar_subquery()
    query = (
        select(table.id, needed.label("chair_kind"))
        .where(table.chair_id == row.id, table.status.in_(UPCOMING), table.ends_at > received_at, *conditions)
        .order_by(table.starts_at, table.id)
    )
    bookings = [ChairBooking(found.id, found.chair_kind) for found in session.execute(query)]
    return ChairUse(Chair(row.id, row.name, row.kind, row.active), bookings=bookings)
