"""Rows of the database as the values that the rules look at, and nothing decided about them."""

from __future__ import annotations

import dataclasses
import uuid
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, column, select, table
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.diary.intervals import Interval, WeeklyWindow
from dental_sync.diary.model import Absence, Appointment, Dentist, Diary, Hold, Treatment
from dental_sync.storage import models

# What the rules see of an appointment has the columns' names; its two instants are one interval.
APPOINTMENT_COLUMNS = [field.name for field in dataclasses.fields(Appointment) if field.name != "time"]

# When dentists are away and never why: a view, because the time off itself is for that dentist and admins.
ABSENCES = table("absences", column("dentist_id"), column("starts_at"), column("ends_at"))


def rules(session: Session, settings: Settings) -> Diary:
    """The diary of an empty practice: its rules, its treatments and its chairs."""
    practice = session.execute(select(models.Practice)).scalar_one()
    return Diary(
        minimum_notice=timedelta(minutes=practice.minimum_notice_minutes),
        furthest_advance=timedelta(days=practice.furthest_advance_days),
        cancel_cutoff=timedelta(hours=settings.cancel_cutoff_hours),
        patient_booking=timedelta(minutes=settings.patient_booking_minutes),
        slot_step=timedelta(minutes=practice.slot_step_minutes),
        hold_for=timedelta(seconds=settings.hold_seconds),
        holds_per_patient=settings.holds_per_patient,
        dentists={},
        patients=frozenset(),
        treatments=treatments(session),
        chairs=chairs(session),
        closures=(),
        appointments={},
    )


def holds(session: Session, named: set[uuid.UUID], askers: set[uuid.UUID]) -> dict[uuid.UUID, Hold]:
    """The holds with these ids, and all holds of these accounts."""
    if not named and not askers:
        return {}
    table = models.Hold
    rows = session.execute(select(table).where(table.id.in_(named) | table.user_id.in_(askers))).scalars()
    return {
        row.id: Hold(
            id=row.id,
            user_id=row.user_id,
            dentist_id=row.dentist_id,
            treatment_id=row.treatment_id,
            chair_id=row.chair_id,
            time=interval(row),
            claimed=Interval(row.claimed_from.astimezone(UTC), row.claimed_to.astimezone(UTC)),
            expires_at=row.expires_at,
        )
        for row in rows
    }


def treatments(session: Session) -> dict[uuid.UUID, Treatment]:
    """All treatments, those that are no longer offered too."""
    rows = session.execute(select(models.Treatment)).scalars()
    return {
        row.id: Treatment(
            duration=timedelta(minutes=row.duration_minutes),
            buffer_before_minutes=row.buffer_before_minutes,
            buffer_after_minutes=row.buffer_after_minutes,
            requires_approval=row.requires_approval,
            chair_kind=row.chair_kind,
            is_offered=row.active,
            slot_step=span(minutes=row.slot_step_minutes),
            minimum_notice=span(minutes=row.minimum_notice_minutes),
            furthest_advance=span(days=row.furthest_advance_days),
        )
        for row in rows
    }


def span(*, minutes: int | None = None, days: int | None = None) -> timedelta | None:
    """A column that is null where the practice's own rule holds."""
    return None if minutes is None and days is None else timedelta(minutes=minutes or 0, days=days or 0)


def chairs(session: Session) -> dict[str, list[uuid.UUID]]:
    """The chairs in use by their kind, in the order of their names."""
    chairs = defaultdict(list)
    query = select(models.Chair.kind, models.Chair.id).where(models.Chair.active).order_by(models.Chair.name)
    for kind, chair_id in session.execute(query):
        chairs[kind].append(chair_id)
    return dict(chairs)


def locked_appointments(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, Appointment]:
    """These appointments, locked in the order of their ids until the transaction ends."""
    if not ids:
        return {}
    table = models.Appointment
    columns = [getattr(table, name) for name in APPOINTMENT_COLUMNS]
    found = session.execute(
        select(table.starts_at, table.ends_at, *columns).where(table.id.in_(ids)).order_by(table.id).with_for_update()
    )
    return {
        row.id: Appointment(time=interval(row), **{name: getattr(row, name) for name in APPOINTMENT_COLUMNS})
        for row in found
    }


def dentists(session: Session, span: Interval, ids: set[uuid.UUID] | None) -> dict[uuid.UUID, Dentist]:
    """The dentists who take bookings, all of them where `ids` is None."""
    query = select(models.Dentist.id, models.Dentist.time_zone).where(models.Dentist.active)
    if ids is not None:
        query = query.where(models.Dentist.id.in_(ids))
    zones = {row.id: ZoneInfo(row.time_zone) for row in session.execute(query)}
    hours: dict[uuid.UUID, list[WeeklyWindow]] = defaultdict(list)
    # The columns alone: as objects that a session watches, a hundred windows would take as long as all the rest.
    windows = select(*models.WorkingHours.__table__.columns).where(models.WorkingHours.dentist_id.in_(zones))
    for row in session.execute(windows):
        hours[row.dentist_id].append(weekly_window(row))
    away: dict[uuid.UUID, list[Interval]] = defaultdict(list)
    absences = select(ABSENCES).where(
        ABSENCES.c.dentist_id.in_(zones), ABSENCES.c.starts_at < span.end, ABSENCES.c.ends_at > span.start
    )
    for absence in session.execute(absences):
        away[absence.dentist_id].append(interval(absence))
    return {dentist_id: Dentist(zone, hours[dentist_id], away[dentist_id]) for dentist_id, zone in zones.items()}


def weekly_window(row: models.WorkingHours | Row[Any]) -> WeeklyWindow:
    """A row of the working hours as the rules see it."""
    return WeeklyWindow(row.iso_weekday, row.starts, row.ends, row.valid_from, row.valid_to, row.ends_next_day)


def absence(row: models.TimeOff | models.Closure) -> Absence:
    """A row of time off, which names its dentist, or of a closure."""
    return Absence(row.id, getattr(row, "dentist_id", None), interval(row), row.reason)


def closures(session: Session, span: Interval) -> list[Interval]:
    """When the practice is closed, as far as it touches this span."""
    query = select(models.Closure.starts_at, models.Closure.ends_at).where(
        models.Closure.starts_at < span.end, models.Closure.ends_at > span.start
    )
    return [interval(row) for row in session.execute(query)]


def patients(session: Session, ids: set[uuid.UUID]) -> tuple[frozenset[uuid.UUID], frozenset[uuid.UUID]]:
    """Which of these patients exist, and which of those may not book for themselves."""
    table = models.Patient
    found = session.execute(select(table.id, table.online_booking_barred).where(table.id.in_(ids))).all()
    return frozenset(row.id for row in found), frozenset(row.id for row in found if row.online_booking_barred)


def interval(row: object) -> Interval:
    """`starts_at` and `ends_at` of a row, in UTC."""
    starts_at: datetime = row.starts_at  # type: ignore[attr-defined]  # a row of one of the queries above
    ends_at: datetime = row.ends_at  # type: ignore[attr-defined]
    return Interval(starts_at.astimezone(UTC), ends_at.astimezone(UTC))
