"""Reads from the database what the booking rules look at: the people, the rules of the practice, and what is taken."""

from __future__ import annotations

import dataclasses
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import column, select, table, text
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from dental_sync.diary import shapes
from dental_sync.diary.hours_shapes import HoursChange
from dental_sync.diary.intervals import Interval, WeeklyWindow
from dental_sync.diary.model import Absence, Appointment, Claim, Claims, Dentist, Diary, Hold, Treatment
from dental_sync.diary.opening_hours import Booking, Timetable
from dental_sync.storage import models

# Appointments that could still be stranded by other hours.
UPCOMING = ("pending", "booked", "arrived", "checked-in")

# When dentists are away and never why: a view, because the time off itself is for that dentist and admins.
ABSENCES = table("absences", column("dentist_id"), column("starts_at"), column("ends_at"))

# What is taken around the wanted times, for many of them in one look. Read from claims alone: appointments and holds
# count alike, and nothing here says whose they are.
CLAIMS_AROUND = text("""
    SELECT DISTINCT claims.resource_id, claims.owner_id, claims.expires_at,
        lower(claims.during) AS starts_at, upper(claims.during) AS ends_at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
        AS wanted (id, starts_at, ends_at)
    JOIN claims ON claims.resource_id = wanted.id AND claims.during && tstzrange(wanted.starts_at, wanted.ends_at)
""")

# What of many is taken in one range, as runs: claims that touch are one, and nothing says whose they are. What expired
# is left out, and so is what is to be known one by one. `= ANY` lets the index be read once and not once for each.
BUSY_WITHIN = text("""
    SELECT busy.resource_id, lower(run) AS starts_at, upper(run) AS ends_at
    FROM (
        SELECT resource_id, range_agg(during) AS runs FROM claims
        WHERE resource_id = ANY (CAST(:ids AS uuid[])) AND during && tstzrange(:starts_at, :ends_at)
            AND (expires_at IS NULL OR expires_at > :at) AND owner_id <> ALL (CAST(:apart AS uuid[]))
        GROUP BY resource_id
    ) AS busy CROSS JOIN LATERAL unnest(busy.runs) AS run
""")
CLAIMS_OF = text("""
    SELECT resource_id, owner_id, expires_at, lower(during) AS starts_at, upper(during) AS ends_at
    FROM claims WHERE owner_id = ANY (CAST(:owners AS uuid[]))
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


# Whose time a request is about, once the practice's rules and the appointment as it stands are known.
WantedTime = Callable[[Diary, Appointment | None], shapes.Wanted | None]


@dataclasses.dataclass(frozen=True, slots=True)
class Need:
    """What one request needs to be decided: an appointment, a hold, and what is taken around a time.

    `own_holds`: the other holds of the account that asks count as well.
    """

    actor: Actor | None
    appointment_id: uuid.UUID | None = None
    hold_id: uuid.UUID | None = None
    own_holds: bool = False
    wanted: WantedTime = shapes.no_time


def load(session: Session, settings: Settings, needs: Sequence[Need]) -> Diary:
    """Read all that deciding these requests needs; locks the appointments that they are about, in the order of ids."""
    diary = _rules(session, settings)
    diary.appointments = _locked_appointments(
        session, {need.appointment_id for need in needs if need.appointment_id is not None}
    )
    around = []
    for need in needs:
        before = diary.appointments.get(need.appointment_id) if need.appointment_id is not None else None
        wanted = need.wanted(diary, before)
        if wanted is not None:
            own = need.actor.patient_id if need.actor is not None else None
            around.append(dataclasses.replace(wanted, patient_id=wanted.patient_id or own))
    diary.holds = _holds(session, needs)
    if not around:
        return diary
    # One that is moved twice in a batch may end up later than it was read to be, by no more than its length.
    longest = max(wanted.time.end - wanted.time.start for wanted in around)
    span = Interval(min(wanted.time.start for wanted in around), max(wanted.time.end for wanted in around) + longest)
    diary.dentists = _dentists(session, span, {wanted.dentist_id for wanted in around})
    diary.closures = _closures(session, span)
    diary.patients = _patients(session, {wanted.patient_id for wanted in around if wanted.patient_id is not None})
    claimable = [(wanted.dentist_id, wanted.time) for wanted in around]
    claimable += [
        (chair, wanted.time)
        for wanted in around
        if wanted.chair_kind
        for chair in diary.chairs.get(wanted.chair_kind, ())
    ]
    _add_claims(session, diary, claimable)
    add_patients_times(
        session, diary, [(wanted.patient_id, wanted.time) for wanted in around if wanted.patient_id is not None]
    )
    return diary


def load_range(
    session: Session,
    settings: Settings,
    span: Interval,
    *,
    at: datetime,
    treatment_id: uuid.UUID | None = None,
    dentist_id: uuid.UUID | None = None,
    apart: Collection[uuid.UUID] = (),
    longest_buffer_minutes: int = 0,
) -> Diary:
    """Read what is open and, at that moment, taken in a whole range, of one dentist or of all; of no patient anything.

    With a treatment, of the chairs that it may need; else of all chairs. Who has claimed what is told only of those who
    are named in `apart`. Claims are read as far beyond the range as the buffers of any treatment reach, or further.
    """
    diary = _rules(session, settings)
    diary.dentists = _dentists(session, span, None if dentist_id is None else {dentist_id})
    diary.closures = _closures(session, span)
    treatment = diary.treatments.get(treatment_id) if treatment_id is not None else None
    kinds = diary.chairs.keys() if treatment_id is None else [treatment.chair_kind] if treatment else []
    chairs = [chair for kind in kinds if kind is not None for chair in diary.chairs.get(kind, ())]
    buffers = [max(t.buffer_before_minutes, t.buffer_after_minutes) for t in diary.treatments.values()]
    reach = timedelta(minutes=max([longest_buffer_minutes, *buffers]))
    found = defaultdict(list)
    busy = {
        "ids": [str(resource_id) for resource_id in [*diary.dentists, *chairs]],
        "starts_at": span.start - reach,
        "ends_at": span.end + reach,
        "at": at,
        "apart": [str(owner_id) for owner_id in apart],
    }
    for row in session.execute(BUSY_WITHIN, busy):
        found[row.resource_id].append(Claim(_interval(row), None))
    if apart:
        for row in session.execute(CLAIMS_OF, {"owners": busy["apart"]}):
            found[row.resource_id].append(Claim(_interval(row), row.owner_id, row.expires_at))
    for resource_id, claims in found.items():
        diary.taken.setdefault(resource_id, Claims()).extend(claims)
    return diary


def timetable_of_dentist(
    session: Session, dentist_id: uuid.UUID | None, wish: HoursChange, received_at: datetime
) -> Timetable:
    """A dentist's hours, and the own bookings that the request could strand."""
    bookings = _bookings_in(session, wish.concerns(None, received_at), dentist_id)
    row = session.get(models.Dentist, dentist_id, populate_existing=True) if dentist_id is not None else None
    if row is None:
        return Timetable(bookings=bookings)
    own = select(models.WorkingHours).where(models.WorkingHours.dentist_id == row.id)
    hours = {window.id: weekly_window(window) for window in session.execute(own).scalars()}
    return Timetable(
        dentist=Dentist(ZoneInfo(row.time_zone), list(hours.values()), ()),
        dentist_id=row.id,
        dentist_name=row.name,
        is_active=row.active,
        hours=hours,
        bookings=bookings,
    )


def timetable_of_time_off(
    session: Session, time_off_id: uuid.UUID | None, _wish: HoursChange, _received_at: datetime
) -> Timetable:
    """One time off."""
    return Timetable(absence=_absence(session, models.TimeOff, time_off_id))


def timetable_of_closure(
    session: Session, closure_id: uuid.UUID | None, wish: HoursChange, received_at: datetime
) -> Timetable:
    """One closure, or none where it is to be made, and everybody's bookings that the request could strand."""
    absence = _absence(session, models.Closure, closure_id)
    return Timetable(absence=absence, bookings=_bookings_in(session, wish.concerns(absence, received_at), None))


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
    return [Booking(row.id, row.dentist_id, _interval(row)) for row in session.execute(query)]


def _absence(session: Session, table: Any, row_id: uuid.UUID | None) -> Absence | None:
    row = session.get(table, row_id, populate_existing=True) if row_id is not None else None
    if row is None:
        return None
    return Absence(row.id, getattr(row, "dentist_id", None), _interval(row), row.reason)


def add_patients_times(session: Session, diary: Diary, wanted: Sequence[tuple[uuid.UUID, Interval]]) -> None:
    """Read the patients' own appointments around these times into the diary."""
    for row in session.execute(PATIENTS_TIMES_AROUND, _columns(wanted)):
        diary.patient_times.setdefault(row.patient_id, {})[row.id] = _interval(row)


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


def _rules(session: Session, settings: Settings) -> Diary:
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
        treatments=_treatments(session),
        chairs=_chairs(session),
        closures=(),
        appointments={},
    )


def _add_claims(session: Session, diary: Diary, wanted: Sequence[tuple[uuid.UUID, Interval]]) -> None:
    found = defaultdict(list)
    for row in session.execute(CLAIMS_AROUND, _columns(wanted)):
        found[row.resource_id].append(Claim(_interval(row), row.owner_id, row.expires_at))
    for resource_id, claims in found.items():
        diary.taken.setdefault(resource_id, Claims()).extend(claims)


def _holds(session: Session, needs: Sequence[Need]) -> dict[uuid.UUID, Hold]:
    """The holds that are named, and all of those who ask for another."""
    named = {need.hold_id for need in needs if need.hold_id is not None}
    askers = {need.actor.user_id for need in needs if need.own_holds and need.actor is not None}
    if not named and not askers:
        return {}
    table = models.Hold
    rows = session.execute(select(table).where(table.id.in_(named) | table.user_id.in_(askers))).scalars()
    return {
        row.id: Hold(
            id=row.id,
            user_id=row.user_id,
            dentist_id=row.dentist_id,
            chair_id=row.chair_id,
            time=_interval(row),
            claimed=Interval(row.claimed_from.astimezone(UTC), row.claimed_to.astimezone(UTC)),
            expires_at=row.expires_at,
        )
        for row in rows
    }


def _treatments(session: Session) -> dict[uuid.UUID, Treatment]:
    rows = session.execute(select(models.Treatment)).scalars()
    return {
        row.id: Treatment(
            duration=timedelta(minutes=row.duration_minutes),
            buffer_before_minutes=row.buffer_before_minutes,
            buffer_after_minutes=row.buffer_after_minutes,
            requires_approval=row.requires_approval,
            chair_kind=row.chair_kind,
            is_offered=row.active,
            slot_step=_span(minutes=row.slot_step_minutes),
            minimum_notice=_span(minutes=row.minimum_notice_minutes),
            furthest_advance=_span(days=row.furthest_advance_days),
        )
        for row in rows
    }


def _span(*, minutes: int | None = None, days: int | None = None) -> timedelta | None:
    return None if minutes is None and days is None else timedelta(minutes=minutes or 0, days=days or 0)


def _chairs(session: Session) -> dict[str, list[uuid.UUID]]:
    chairs = defaultdict(list)
    query = select(models.Chair.kind, models.Chair.id).where(models.Chair.active).order_by(models.Chair.name)
    for kind, chair_id in session.execute(query):
        chairs[kind].append(chair_id)
    return dict(chairs)


def _locked_appointments(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, Appointment]:
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
            table.confirmation,
            table.reason,
            table.version,
        )
        .where(table.id.in_(ids))
        .order_by(table.id)
        .with_for_update()
    )
    return {
        row.id: Appointment(
            id=row.id,
            patient_id=row.patient_id,
            dentist_id=row.dentist_id,
            treatment_id=row.treatment_id,
            chair_id=row.chair_id,
            time=_interval(row),
            buffer_before_minutes=row.buffer_before_minutes,
            buffer_after_minutes=row.buffer_after_minutes,
            status=row.status,
            confirmation=row.confirmation,
            reason=row.reason,
            version=row.version,
        )
        for row in rows
    }


def _dentists(session: Session, span: Interval, ids: set[uuid.UUID] | None) -> dict[uuid.UUID, Dentist]:
    """The dentists who take bookings, all of them where `ids` is None."""
    query = select(models.Dentist.id, models.Dentist.time_zone).where(models.Dentist.active)
    if ids is not None:
        query = query.where(models.Dentist.id.in_(ids))
    zones = {row.id: ZoneInfo(row.time_zone) for row in session.execute(query)}
    hours: dict[uuid.UUID, list[WeeklyWindow]] = defaultdict(list)
    for row in session.execute(select(models.WorkingHours).where(models.WorkingHours.dentist_id.in_(zones))).scalars():
        hours[row.dentist_id].append(weekly_window(row))
    away: dict[uuid.UUID, list[Interval]] = defaultdict(list)
    absences = select(ABSENCES).where(
        ABSENCES.c.dentist_id.in_(zones), ABSENCES.c.starts_at < span.end, ABSENCES.c.ends_at > span.start
    )
    for absence in session.execute(absences):
        away[absence.dentist_id].append(_interval(absence))
    return {dentist_id: Dentist(zone, hours[dentist_id], away[dentist_id]) for dentist_id, zone in zones.items()}


def weekly_window(row: models.WorkingHours) -> WeeklyWindow:
    """A row of the working hours as the rules see it."""
    return WeeklyWindow(row.iso_weekday, row.starts, row.ends, row.valid_from, row.valid_to)


def _closures(session: Session, span: Interval) -> list[Interval]:
    query = select(models.Closure.starts_at, models.Closure.ends_at).where(
        models.Closure.starts_at < span.end, models.Closure.ends_at > span.start
    )
    return [_interval(row) for row in session.execute(query)]


def _patients(session: Session, ids: set[uuid.UUID]) -> frozenset[uuid.UUID]:
    return frozenset(session.execute(select(models.Patient.id).where(models.Patient.id.in_(ids))).scalars())
