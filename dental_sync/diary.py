"""Reads from the database what the booking rules look at: the people, the rules of the practice, and what is taken."""

from __future__ import annotations

import dataclasses
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from dental_sync import booking, models
from dental_sync.actor import Actor
from dental_sync.config import Settings
from dental_sync.schedule import Interval, WeeklyWindow
from dental_sync.wire import Shape

# What is taken around the wanted times, for many of them in one look. Read from claims alone: appointments and holds
# count alike, and nothing here says whose they are.
CLAIMS_AROUND = text("""
    SELECT DISTINCT claims.resource_id, claims.owner_id,
        lower(claims.during) AS starts_at, upper(claims.during) AS ends_at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
        AS wanted (id, starts_at, ends_at)
    JOIN claims ON claims.resource_id = wanted.id AND claims.during && tstzrange(wanted.starts_at, wanted.ends_at)
""")

# The patients' own appointments around the wanted times; the condition is that of the exclusion constraint.
PATIENTS_TIMES_AROUND = text("""
    SELECT DISTINCT a.patient_id, a.id, a.starts_at, a.ends_at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
        AS wanted (id, starts_at, ends_at)
    JOIN appointments a ON a.patient_id = wanted.id
        AND tstzrange(a.starts_at, a.ends_at) && tstzrange(wanted.starts_at, wanted.ends_at)
        AND a.status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')
""")


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """One request as far as the diary needs to know it: who asks, about which appointment, for what."""

    actor: Actor | None
    appointment_id: uuid.UUID | None
    wish: Shape


def load(session: Session, settings: Settings, requests: Sequence[Request]) -> booking.Diary:
    """Read all that deciding these requests needs; locks the appointments that they are about, in the order of ids."""
    practice = session.execute(select(models.Practice)).scalar_one()
    diary = booking.Diary(
        minimum_notice=timedelta(minutes=practice.minimum_notice_minutes),
        furthest_advance=timedelta(days=practice.furthest_advance_days),
        cancel_cutoff=timedelta(hours=settings.cancel_cutoff_hours),
        patient_booking=timedelta(minutes=settings.patient_booking_minutes),
        dentists={},
        patients=frozenset(),
        treatments=_treatments(session),
        chairs=_chairs(session),
        closures=(),
        appointments=_locked_appointments(
            session, {r.appointment_id for r in requests if r.appointment_id is not None}
        ),
    )
    around = []
    for request in requests:
        wanted = booking.wanted(diary, request.appointment_id, request.wish)
        if wanted is not None:
            own = request.actor.patient_id if request.actor is not None else None
            around.append(dataclasses.replace(wanted, patient_id=wanted.patient_id or own))
    if not around:
        return diary
    span = Interval(min(wanted.time.start for wanted in around), max(wanted.time.end for wanted in around))
    diary.dentists = _dentists(session, {wanted.dentist_id for wanted in around}, span)
    diary.closures = _closures(session, span)
    diary.patients = _patients(session, {wanted.patient_id for wanted in around if wanted.patient_id is not None})
    claimable = [(wanted.dentist_id, wanted.time) for wanted in around]
    claimable += [
        (chair, wanted.time)
        for wanted in around
        if wanted.chair_kind
        for chair in diary.chairs.get(wanted.chair_kind, ())
    ]
    for row in session.execute(CLAIMS_AROUND, _columns(claimable)):
        diary.taken.setdefault(row.resource_id, {})[row.owner_id] = _interval(row)
    treated = [(wanted.patient_id, wanted.time) for wanted in around if wanted.patient_id is not None]
    for row in session.execute(PATIENTS_TIMES_AROUND, _columns(treated)):
        diary.patient_times.setdefault(row.patient_id, {})[row.id] = _interval(row)
    return diary


def actors(session: Session, user_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, Actor]:
    """The active accounts among these, with the rights that they have now."""
    rows = session.execute(
        select(
            models.User.id,
            models.User.role,
            models.User.name,
            models.User.email,
            models.Patient.id.label("patient_id"),
            models.Dentist.id.label("dentist_id"),
        )
        .outerjoin(models.Patient, models.Patient.user_id == models.User.id)
        .outerjoin(models.Dentist, models.Dentist.user_id == models.User.id)
        .where(models.User.id.in_(set(user_ids)), models.User.active)
    )
    return {row.id: Actor(row.id, row.role, row.name, row.email, row.patient_id, row.dentist_id) for row in rows}


def _columns(wanted: Sequence[tuple[uuid.UUID, Interval]]) -> dict[str, list[object]]:
    return {
        "ids": [str(record_id) for record_id, _ in wanted],
        "starts": [time.start for _, time in wanted],
        "ends": [time.end for _, time in wanted],
    }


def _interval(row: object) -> Interval:
    starts_at: datetime = row.starts_at  # type: ignore[attr-defined]  # a row of one of the queries above
    ends_at: datetime = row.ends_at  # type: ignore[attr-defined]
    return Interval(starts_at.astimezone(UTC), ends_at.astimezone(UTC))


def _treatments(session: Session) -> dict[uuid.UUID, booking.Treatment]:
    rows = session.execute(select(models.Treatment)).scalars()
    return {
        row.id: booking.Treatment(
            timedelta(minutes=row.duration_minutes),
            row.buffer_before_minutes,
            row.buffer_after_minutes,
            row.requires_approval,
            row.chair_kind,
            row.active,
        )
        for row in rows
    }


def _chairs(session: Session) -> dict[str, list[uuid.UUID]]:
    chairs = defaultdict(list)
    query = select(models.Chair.kind, models.Chair.id).where(models.Chair.active).order_by(models.Chair.name)
    for kind, chair_id in session.execute(query):
        chairs[kind].append(chair_id)
    return dict(chairs)


def _locked_appointments(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, booking.Appointment]:
    if not ids:
        return {}
    table = models.Appointment
    rows = session.execute(
        select(
            table.id,
            table.patient_id,
            table.dentist_id,
            table.treatment_id,
            table.chair_id,
            table.starts_at,
            table.ends_at,
            table.buffer_before_minutes,
            table.buffer_after_minutes,
            table.status,
            table.reason,
            table.version,
        )
        .where(table.id.in_(ids))
        .order_by(table.id)
        .with_for_update()
    )
    return {
        row.id: booking.Appointment(
            id=row.id,
            patient_id=row.patient_id,
            dentist_id=row.dentist_id,
            treatment_id=row.treatment_id,
            chair_id=row.chair_id,
            time=_interval(row),
            buffer_before_minutes=row.buffer_before_minutes,
            buffer_after_minutes=row.buffer_after_minutes,
            status=row.status,
            reason=row.reason,
            version=row.version,
        )
        for row in rows
    }


def _dentists(session: Session, ids: set[uuid.UUID], span: Interval) -> dict[uuid.UUID, booking.Dentist]:
    hours: dict[uuid.UUID, list[WeeklyWindow]] = defaultdict(list)
    for row in session.execute(select(models.WorkingHours).where(models.WorkingHours.dentist_id.in_(ids))).scalars():
        window = WeeklyWindow(row.iso_weekday, row.starts, row.ends, row.valid_from, row.valid_to)
        hours[row.dentist_id].append(window)
    away: dict[uuid.UUID, list[Interval]] = defaultdict(list)
    time_off = select(models.TimeOff).where(
        models.TimeOff.dentist_id.in_(ids), models.TimeOff.starts_at < span.end, models.TimeOff.ends_at > span.start
    )
    for absence in session.execute(time_off).scalars():
        away[absence.dentist_id].append(Interval(absence.starts_at, absence.ends_at))
    dentists = session.execute(
        select(models.Dentist).where(models.Dentist.id.in_(ids), models.Dentist.active)
    ).scalars()
    return {row.id: booking.Dentist(ZoneInfo(row.time_zone), hours[row.id], away[row.id]) for row in dentists}


def _closures(session: Session, span: Interval) -> list[Interval]:
    query = select(models.Closure).where(models.Closure.starts_at < span.end, models.Closure.ends_at > span.start)
    return [Interval(row.starts_at, row.ends_at) for row in session.execute(query).scalars()]


def _patients(session: Session, ids: set[uuid.UUID]) -> frozenset[uuid.UUID]:
    return frozenset(session.execute(select(models.Patient.id).where(models.Patient.id.in_(ids))).scalars())
