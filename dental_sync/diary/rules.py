"""The booking rules, each in one place: who may, whether the time can be had, and what has to give way. Pure."""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import DELETE, Appointment, Diary, Hold, RowToStore, Seat, Treatment
from dental_sync.diary.shapes import LONGEST_APPOINTMENT, Book


def visible(diary: Diary, actor: Actor, appointment_id: uuid.UUID) -> Appointment:
    """The appointment, if it is there and the actor's to see; raises NotFound for one as for the other."""
    appointment = diary.appointments.get(appointment_id)
    if (
        appointment is None
        or appointment.status == "entered-in-error"
        or not actor.may_see(patient_id=appointment.patient_id, dentist_id=appointment.dentist_id)
    ):
        raise errors.NotFound
    return appointment


def patient_of_new_booking(actor: Actor, wish: Book) -> uuid.UUID:
    """Whom a new booking is for; raises Forbidden, or ValidationFailed where staff name no patient."""
    if actor.is_patient:
        if actor.patient_id is None or wish.patient_id not in (None, actor.patient_id):
            raise errors.Forbidden("A patient books for themselves.")
        return actor.patient_id
    if not actor.is_staff:
        raise errors.Forbidden
    if wish.patient_id is None:
        missing: errors.FieldError = {"pointer": "/patientId", "detail": "is required of staff"}
        raise errors.ValidationFailed(errors=[missing])
    return wish.patient_id


def check_not_barred(diary: Diary, actor: Actor) -> None:
    """Raise BookingBarred for a patient whom the practice does not let book online; staff still book for them."""
    if actor.own_patient_id in diary.barred:
        raise errors.BookingBarred


def check_own_diary(actor: Actor, dentist_id: uuid.UUID) -> None:
    """Raise Forbidden for a dentist who writes into another diary."""
    if actor.is_staff and not actor.keeps_diary_of(dentist_id):
        raise errors.Forbidden("A dentist books into the own diary.")


def check_people(
    diary: Diary, dentist_id: uuid.UUID, patient_id: uuid.UUID | None, treatment_id: uuid.UUID | None
) -> Treatment | None:
    """The treatment that is named, if any; raises UnknownDentist, UnknownPatient, UnknownTreatment."""
    if dentist_id not in diary.dentists:
        raise errors.UnknownDentist
    if patient_id is not None and patient_id not in diary.patients:
        raise errors.UnknownPatient
    if treatment_id is None:
        return None
    treatment = diary.treatments.get(treatment_id)
    if treatment is None or not treatment.is_offered:
        raise errors.UnknownTreatment
    return treatment


def wanted_time(
    diary: Diary, actor: Actor, starts_at: datetime, ends_at: datetime | None, treatment: Treatment | None
) -> Interval:
    """From when to when: until `ends_at`, or as long as the treatment takes; raises InvalidDuration."""
    if treatment is not None:
        if ends_at is not None and ends_at != starts_at + treatment.duration:
            minutes = int(treatment.duration.total_seconds() // 60)
            raise errors.InvalidDuration(f"The treatment takes {minutes} minutes; endsAt says something else.")
        return Interval(starts_at, starts_at + treatment.duration)
    if ends_at is None or ends_at <= starts_at:
        raise errors.InvalidDuration("endsAt must come after startsAt.")
    longest = diary.patient_booking if actor.is_patient else LONGEST_APPOINTMENT
    if ends_at - starts_at > longest:
        minutes = int(longest.total_seconds() // 60)
        raise errors.InvalidDuration(f"Without a treatment at most {minutes} minutes can be booked.")
    return Interval(starts_at, ends_at)


def check_calendar(
    diary: Diary,
    dentist_id: uuid.UUID,
    time: Interval,
    treatment: Treatment | None,
    *,
    received_at: datetime,
    asked_at: datetime | None = None,
) -> None:
    """Not in the past, with the notice that is due since `asked_at`, and within the working hours."""
    if time.start < received_at:
        raise errors.InThePast
    refusal = notice_refusal(diary, treatment, time.start - (asked_at or received_at))
    if refusal is not None:
        raise refusal
    if not is_open(diary.open(dentist_id, diary.hours(dentist_id, time)), time):
        raise errors.OutsideWorkingHours


def notice_refusal(diary: Diary, treatment: Treatment | None, notice: timedelta) -> type[errors.Refusal] | None:
    """The refusal of a start that lies so far ahead, None where there is none."""
    least = treatment.minimum_notice if treatment else None
    most = treatment.furthest_advance if treatment else None
    if notice < timedelta(0):
        return errors.InThePast
    if notice < (diary.minimum_notice if least is None else least):
        return errors.TooSoon
    if notice > (diary.furthest_advance if most is None else most):
        return errors.TooFarAhead
    return None


def is_open(windows: Sequence[Interval], time: Interval) -> bool:
    """Whether a time lies within one of the windows, which are disjoint and in order."""
    place = bisect_right(windows, time.start, key=_start) - 1
    return place >= 0 and time.end <= windows[place].end


_start = attrgetter("start")


def check_cutoff(diary: Diary, actor: Actor, appointment: Appointment, received_at: datetime) -> None:
    """Raise PastCutoff for a patient who is later than the practice allows; staff may always."""
    if actor.is_patient and received_at > appointment.time.start - diary.cancel_cutoff:
        raise errors.PastCutoff


def own_hold(diary: Diary, actor: Actor, hold_id: uuid.UUID | None, received_at: datetime) -> Hold | None:
    """The hold that the booking names, if it is the sender's and was alive when the request was received."""
    hold = diary.holds.get(hold_id) if hold_id is not None else None
    return hold if hold is not None and hold.user_id == actor.user_id and hold.expires_at > received_at else None


def take_seat(
    diary: Diary, appointment: Appointment, received_at: datetime, *, hold: Hold | None = None
) -> tuple[Appointment, list[RowToStore]]:
    """Give it the dentist, a fitting chair where the treatment needs one, and the patient's own time.

    Also says which holds go: the one that it is booked from, and expired ones that have not been swept yet.
    """
    own = {appointment.id, *([hold.id] if hold is not None else [])}
    treatment = diary.treatments.get(appointment.treatment_id) if appointment.treatment_id is not None else None
    keep_chair = appointment.chair_id or (hold.chair_id if hold is not None else None)
    seat = find_seat(
        diary, appointment.dentist_id, appointment.claimed, treatment, received_at, besides=own, keep_chair=keep_chair
    )
    if not diary.is_patient_free(appointment.patient_id, appointment.time, besides=appointment.id):
        raise errors.PatientDoubleBooked
    given_up = give_up(diary, [*seat.expired, *([hold.id] if hold is not None else [])])
    return replace(appointment, chair_id=seat.chair_id), given_up


def find_seat(
    diary: Diary,
    dentist_id: uuid.UUID,
    claimed: Interval,
    treatment: Treatment | None,
    received_at: datetime,
    *,
    besides: Collection[uuid.UUID] = (),
    keep_chair: uuid.UUID | None = None,
) -> Seat:
    """The dentist and a fitting chair for a time with its buffers; raises SlotTaken."""
    chair_kind = treatment.chair_kind if treatment is not None else None
    seat = diary.seat(dentist_id, claimed, chair_kind, at=received_at, besides=besides, keep_chair=keep_chair)
    if seat is not None:
        return seat
    if diary.seat(dentist_id, claimed, None, at=received_at, besides=besides) is None:
        raise errors.SlotTaken
    raise errors.SlotTaken("Every fitting chair is taken at this time.")


def give_up(diary: Diary, hold_ids: Iterable[uuid.UUID]) -> list[RowToStore]:
    """End holds in the diary; returns the rows to delete."""
    rows = []
    for hold_id in hold_ids:
        diary.release(hold_id)
        rows.append(RowToStore(DELETE, "holds", hold_id))
    return rows


def first_status(treatment: Treatment | None) -> str:
    """Both block the time; a pending booking waits for the practice's approval."""
    return "pending" if treatment is not None and treatment.requires_approval else "booked"
