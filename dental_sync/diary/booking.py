"""The booking rules: pure decisions over a diary in memory.

No I/O and no clock: the lane loads a `Diary`, asks for decisions, and stores them. A decision also changes the diary,
so that the next request of the same batch sees it. Every rule raises the refusal that the contract names, in the
contract's order. Which status allows which move is in `moves`.
"""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Self

from pydantic import model_validator

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.instants import format_instant
from dental_sync.core.wire_types import Id, Instant, Shape, Text
from dental_sync.diary import transitions
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import (
    DELETE,
    INSERT,
    UPDATE,
    Appointment,
    Change,
    Decision,
    Diary,
    Hold,
    Room,
    Treatment,
    with_buffers,
)
from dental_sync.storage import models
from dental_sync.storage.models import new_id

# Nobody is treated for longer in one go; a longer range is a slip of the pen.
LONGEST_APPOINTMENT = timedelta(hours=12)


# What may be asked.


@dataclass(frozen=True, slots=True)
class Wanted:
    """A time that a request asks for, buffers included; without a patient it is the sender's own."""

    dentist_id: uuid.UUID
    patient_id: uuid.UUID | None
    time: Interval
    chair_kind: str | None


class AsksForTime(Shape):
    """What asks for a time with a dentist, whether for a new appointment or for one that exists."""

    dentist_id: Id | None = None
    starts_at: Instant | None = None
    treatment_id: Id | None = None
    ends_at: Instant | None = None

    def patient(self) -> uuid.UUID | None:
        """The patient that it names."""
        return None

    def hold(self) -> uuid.UUID | None:
        """The hold that it names."""
        return None

    def wanted(self, diary: Diary, before: Appointment | None) -> Wanted | None:
        """Whose time it is about, as far as can be told before the rules are asked; None where it has no time.

        `before` is the appointment as it stands. The lane reads what is taken around these times.
        """
        dentist_id = self.dentist_id or (before.dentist_id if before else None)
        starts_at = self.starts_at or (before.time.start if before else None)
        if dentist_id is None or starts_at is None:
            return None
        treatment_id = self.treatment_id or (before.treatment_id if before else None)
        treatment = diary.treatments.get(treatment_id) if treatment_id else None
        lengths = [timedelta(0)]
        buffers = [0]
        if treatment is not None:
            lengths.append(treatment.duration)
            buffers += [treatment.buffer_before_minutes, treatment.buffer_after_minutes]
        if before is not None:
            lengths.append(before.time.end - before.time.start)
            buffers += [before.buffer_before_minutes, before.buffer_after_minutes]
        if self.ends_at is not None:
            lengths.append(min(self.ends_at - starts_at, LONGEST_APPOINTMENT))
        buffer = timedelta(minutes=max(buffers))
        time = Interval(starts_at - buffer, starts_at + max(lengths) + buffer)
        patient_id = before.patient_id if before else self.patient()
        return Wanted(dentist_id, patient_id, time, treatment.chair_kind if treatment else None)


def no_time(_diary: Diary, _before: Appointment | None) -> Wanted | None:
    """What a request wants that concerns no time."""
    return None


def time_again(diary: Diary, before: Appointment | None) -> Wanted | None:
    """What a request wants that takes an appointment's own time again."""
    if before is None:
        return None
    return Wanted(before.dentist_id, before.patient_id, before.claimed, _chair_kind(diary, before.treatment_id))


class WantedTime(AsksForTime):
    """A time with a dentist: until `endsAt`, or for as long as the treatment takes."""

    dentist_id: Id
    starts_at: Instant
    treatment_id: Id | None = None
    ends_at: Instant | None = None

    @model_validator(mode="after")
    def _says_how_long(self) -> Self:
        if self.treatment_id is None and self.ends_at is None:
            raise ValueError("treatmentId or endsAt is required")
        return self


class Book(WantedTime):
    """Book a time: until `endsAt`, or for as long as the treatment takes; staff say for whom."""

    patient_id: Id | None = None
    hold_id: Id | None = None
    reason: Text | None = None

    def patient(self) -> uuid.UUID | None:
        """The patient that it names."""
        return self.patient_id

    def hold(self) -> uuid.UUID | None:
        """The hold that it names."""
        return self.hold_id


class HoldTime(WantedTime):
    """Keep a time for a few minutes, while somebody makes up their mind."""


class Reschedule(AsksForTime):
    """Change a booking; what is not named stays, and a new start alone keeps the duration."""

    starts_at: Instant | None = None
    ends_at: Instant | None = None
    dentist_id: Id | None = None
    treatment_id: Id | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("at least one of startsAt, endsAt, dentistId, treatmentId, reason is required")
        nothing = [name for name in self.model_fields_set - {"reason"} if getattr(self, name) is None]
        if nothing:
            raise ValueError("only reason may be null")
        return self

    def moves(self) -> bool:
        """Whether it concerns the time and not the wording alone."""
        return bool(self.model_fields_set - {"reason"})


class Cancel(Shape):
    """Cancel a booking; the reason is shown to everybody who may see the appointment."""

    reason: Text | None = None


# What is decided.


def book(diary: Diary, actor: Actor, wish: Book, *, received_at: datetime) -> Decision:
    """Decide a new booking; raises the first refusal that applies."""
    patient_id = _patient_of_new_booking(actor, wish)
    _check_own_diary(actor, wish.dentist_id)
    treatment = _check_people(diary, wish.dentist_id, patient_id, wish.treatment_id)
    time = _time_wanted(diary, actor, wish.starts_at, wish.ends_at, treatment)
    appointment = Appointment(
        id=new_id(),
        patient_id=patient_id,
        dentist_id=wish.dentist_id,
        treatment_id=wish.treatment_id,
        chair_id=None,
        time=time,
        buffer_before_minutes=treatment.buffer_before_minutes if treatment else 0,
        buffer_after_minutes=treatment.buffer_after_minutes if treatment else 0,
        status=_first_status(treatment),
        reason=wish.reason,
    )
    hold = _own_hold(diary, actor, wish.hold_id, received_at)
    # Who holds a time was in time when they took it: the notice does not run out under them.
    keeps_its_notice = hold is not None and hold.dentist_id == wish.dentist_id and hold.time == time
    held_at = hold.expires_at - diary.hold_for if hold is not None and keeps_its_notice else received_at
    _check_calendar(diary, appointment.dentist_id, time, treatment, received_at=received_at, asked_at=held_at)
    if wish.hold_id is not None and hold is None:
        raise errors.HoldExpired
    appointment, given_up = _seat(diary, appointment, received_at, hold=hold)
    diary.enter(appointment)
    values = {"id": appointment.id, "patient_id": patient_id, **_columns(appointment)}
    changes = [*given_up, Change(INSERT, models.Appointment, appointment.id, values)]
    return Decision(appointment.id, changes, 201, _path(appointment.id))


def reschedule(
    diary: Diary, actor: Actor, appointment_id: uuid.UUID, wish: Reschedule, *, received_at: datetime
) -> Decision:
    """Decide a change of time, dentist, treatment or reason; checked like a new booking when the time is concerned."""
    before = visible(diary, actor, appointment_id)
    transitions.check("reschedule", role=actor.role, status=before.status)
    if actor.role == "dentist" and wish.dentist_id not in (None, before.dentist_id):
        raise errors.Forbidden("A dentist cannot move an appointment to a colleague.")
    reason = wish.reason if "reason" in wish.model_fields_set else before.reason
    if not wish.moves():
        _check_cutoff(diary, actor, before, received_at)
        diary.enter(replace(before, reason=reason))
        return _updated(appointment_id, {"reason": reason})
    dentist_id = wish.dentist_id or before.dentist_id
    treatment_id = wish.treatment_id or before.treatment_id
    _check_people(diary, dentist_id, before.patient_id, wish.treatment_id)
    treatment = diary.treatments.get(treatment_id) if treatment_id else None
    starts_at = wish.starts_at or before.time.start
    ends_at = wish.ends_at
    if wish.treatment_id is None and ends_at is None:
        # Neither the end nor the treatment is new: keep the length, also one that the practice has changed since.
        time = Interval(starts_at, starts_at + (before.time.end - before.time.start))
    else:
        time = _time_wanted(diary, actor, starts_at, ends_at, treatment)
    after = replace(before, dentist_id=dentist_id, treatment_id=treatment_id, time=time, reason=reason)
    if time.start != before.time.start:
        # Whoever confirmed has confirmed another time.
        after = replace(after, confirmation="unconfirmed")
    if wish.treatment_id is not None and treatment is not None:
        after = replace(
            after,
            buffer_before_minutes=treatment.buffer_before_minutes,
            buffer_after_minutes=treatment.buffer_after_minutes,
            # Whoever approved has approved this treatment, and need not be asked again when it only moves.
            status=before.status if treatment_id == before.treatment_id else _first_status(treatment),
        )
    _check_calendar(diary, dentist_id, time, treatment, received_at=received_at)
    _check_cutoff(diary, actor, before, received_at)
    after, given_up = _seat(diary, after, received_at)
    diary.enter(after)
    return _updated(appointment_id, _columns(after), *given_up)


def cancel(diary: Diary, actor: Actor, appointment_id: uuid.UUID, wish: Cancel, *, received_at: datetime) -> Decision:
    """Decide a cancellation; the time is free at once."""
    before = visible(diary, actor, appointment_id)
    transitions.check("cancel", role=actor.role, status=before.status)
    _check_cutoff(diary, actor, before, received_at)
    diary.enter(replace(before, status="cancelled"))
    values = {
        "status": "cancelled",
        "cancelled_at": received_at,
        "cancelled_by": actor.role,
        "cancel_reason": wish.reason,
    }
    return _updated(appointment_id, values)


def step(
    diary: Diary, actor: Actor, appointment_id: uuid.UUID, move: transitions.Move, *, received_at: datetime
) -> Decision:
    """Decide a move that only changes the status, or the confirmation.

    Raises NotFound, Forbidden, IllegalTransition, and SlotTaken or PatientDoubleBooked where it takes a time again.
    """
    before = visible(diary, actor, appointment_id)
    move = transitions.check(move.name, role=actor.role, status=before.status)
    if move.when == "after the start" and received_at < before.time.start:
        raise errors.IllegalTransition(f"The appointment has not begun; {move.name} is for afterwards.")
    if move.confirms:
        diary.enter(replace(before, confirmation="confirmed"))
        return _updated(appointment_id, {"confirmation": "confirmed"})
    after = replace(before, status=move.target or before.status)
    given_up: list[Change] = []
    if after.blocks and not before.blocks:
        # Its time was free meanwhile: perhaps somebody has it now.
        after, given_up = _seat(diary, after, received_at)
    diary.enter(after)
    return _updated(appointment_id, {"status": after.status, "chair_id": after.chair_id}, *given_up)


def delete(diary: Diary, actor: Actor, appointment_id: uuid.UUID) -> Decision:
    """Decide to strike out what was entered in error: it is gone for everybody, and the row stays for the record."""
    before = visible(diary, actor, appointment_id)
    move = transitions.check("delete", role=actor.role, status=before.status)
    diary.enter(replace(before, status=move.target or before.status))
    change = Change(UPDATE, models.Appointment, appointment_id, {"status": move.target})
    return Decision(appointment_id, [change], 204, _path(appointment_id))


def hold_time(diary: Diary, actor: Actor, wish: HoldTime, *, received_at: datetime) -> Decision:
    """Decide to keep a time for the account that asks; judged like a booking, and then nobody else can have it."""
    if actor.role not in ("patient", "dentist", "admin"):
        raise errors.Forbidden
    _check_own_diary(actor, wish.dentist_id)
    treatment = _check_people(diary, wish.dentist_id, None, wish.treatment_id)
    time = _time_wanted(diary, actor, wish.starts_at, wish.ends_at, treatment)
    _check_calendar(diary, wish.dentist_id, time, treatment, received_at=received_at)
    alive = [held for held in diary.holds.values() if held.user_id == actor.user_id and held.expires_at > received_at]
    if actor.role == "patient" and len(alive) >= diary.holds_per_patient:
        raise errors.TooManyHolds
    before_minutes = treatment.buffer_before_minutes if treatment else 0
    after_minutes = treatment.buffer_after_minutes if treatment else 0
    claimed = with_buffers(time, before_minutes, after_minutes)
    room = _room(diary, wish.dentist_id, claimed, treatment, received_at)
    # Staff hold for somebody else, though they may have a patient's record of their own.
    own = actor.patient_id if actor.role == "patient" else None
    if own is not None and not diary.is_patient_free(own, time):
        raise errors.PatientDoubleBooked
    held = Hold(
        id=new_id(),
        user_id=actor.user_id,
        dentist_id=wish.dentist_id,
        chair_id=room.chair_id,
        time=time,
        claimed=claimed,
        expires_at=received_at + diary.hold_for,
    )
    given_up = _give_up(diary, room.expired)
    diary.hold(held)
    values = {
        "id": held.id,
        "user_id": held.user_id,
        "dentist_id": held.dentist_id,
        "treatment_id": wish.treatment_id,
        "chair_id": held.chair_id,
        "starts_at": time.start,
        "ends_at": time.end,
        "buffer_before_minutes": before_minutes,
        "buffer_after_minutes": after_minutes,
        "expires_at": held.expires_at,
    }
    body = {
        "id": str(held.id),
        "dentistId": str(held.dentist_id),
        "treatmentId": str(wish.treatment_id) if wish.treatment_id else None,
        "startsAt": format_instant(time.start),
        "endsAt": format_instant(time.end),
        "expiresAt": format_instant(held.expires_at),
    }
    changes = [*given_up, Change(INSERT, models.Hold, held.id, values)]
    return Decision(held.id, changes, 201, f"/api/holds/{held.id}", body)


def release_hold(diary: Diary, actor: Actor, hold_id: uuid.UUID) -> Decision:
    """Decide to give a held time back; raises NotFound for somebody else's."""
    hold = diary.holds.get(hold_id)
    if hold is None or (hold.user_id != actor.user_id and actor.role != "admin"):
        raise errors.NotFound
    return Decision(hold_id, _give_up(diary, [hold_id]), 204, f"/api/holds/{hold_id}")


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


def free_times(
    diary: Diary,
    dentist_id: uuid.UUID,
    treatment: Treatment,
    within: Interval,
    *,
    at: datetime,
    besides: Collection[uuid.UUID] = (),
) -> Iterator[Interval]:
    """The times at which a treatment can be booked wholly within a range, in order, on the practice's grid.

    The grid begins anew with each window of the working hours and does not move when time off cuts into it. The rules
    are those of a booking, asked one by one.
    """
    step = treatment.slot_step or diary.slot_step
    hours = diary.hours(dentist_id, within)
    open_now = diary.open(dentist_id, hours)
    for window in hours:
        starts_at = window.start + max(0, -((window.start - within.start) // step)) * step
        while starts_at + treatment.duration <= min(window.end, within.end):
            time = Interval(starts_at, starts_at + treatment.duration)
            if is_bookable(diary, dentist_id, treatment, time, open_now, at=at, besides=besides):
                yield time
            starts_at += step


def is_bookable(
    diary: Diary,
    dentist_id: uuid.UUID,
    treatment: Treatment,
    time: Interval,
    windows: Sequence[Interval],
    *,
    at: datetime,
    besides: Collection[uuid.UUID] = (),
) -> bool:
    """Whether a time could be booked at that moment, as far as it does not depend on the patient."""
    claimed = with_buffers(time, treatment.buffer_before_minutes, treatment.buffer_after_minutes)
    return (
        _notice_refusal(diary, treatment, time.start - at) is None
        and _is_open(windows, time)
        and diary.room(dentist_id, claimed, treatment.chair_kind, at=at, besides=besides) is not None
    )


# The rules, each in one place.


def _patient_of_new_booking(actor: Actor, wish: Book) -> uuid.UUID:
    if actor.role == "patient":
        if actor.patient_id is None or wish.patient_id not in (None, actor.patient_id):
            raise errors.Forbidden("A patient books for themselves.")
        return actor.patient_id
    if actor.role not in ("dentist", "admin"):
        raise errors.Forbidden
    if wish.patient_id is None:
        missing: errors.FieldError = {"pointer": "/patientId", "detail": "is required of staff"}
        raise errors.ValidationFailed(errors=[missing])
    return wish.patient_id


def _check_own_diary(actor: Actor, dentist_id: uuid.UUID) -> None:
    if actor.role == "dentist" and dentist_id != actor.dentist_id:
        raise errors.Forbidden("A dentist books into the own diary.")


def _check_people(
    diary: Diary, dentist_id: uuid.UUID, patient_id: uuid.UUID | None, treatment_id: uuid.UUID | None
) -> Treatment | None:
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


def _time_wanted(
    diary: Diary, actor: Actor, starts_at: datetime, ends_at: datetime | None, treatment: Treatment | None
) -> Interval:
    if treatment is not None:
        if ends_at is not None and ends_at != starts_at + treatment.duration:
            minutes = int(treatment.duration.total_seconds() // 60)
            raise errors.InvalidDuration(f"The treatment takes {minutes} minutes; endsAt says something else.")
        return Interval(starts_at, starts_at + treatment.duration)
    if ends_at is None or ends_at <= starts_at:
        raise errors.InvalidDuration("endsAt must come after startsAt.")
    longest = diary.patient_booking if actor.role == "patient" else LONGEST_APPOINTMENT
    if ends_at - starts_at > longest:
        minutes = int(longest.total_seconds() // 60)
        raise errors.InvalidDuration(f"Without a treatment at most {minutes} minutes can be booked.")
    return Interval(starts_at, ends_at)


def _check_calendar(
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
    refusal = _notice_refusal(diary, treatment, time.start - (asked_at or received_at))
    if refusal is not None:
        raise refusal
    if not _is_open(diary.open(dentist_id, diary.hours(dentist_id, time)), time):
        raise errors.OutsideWorkingHours


def _notice_refusal(diary: Diary, treatment: Treatment | None, notice: timedelta) -> type[errors.Refusal] | None:
    least = treatment.minimum_notice if treatment else None
    most = treatment.furthest_advance if treatment else None
    if notice < timedelta(0):
        return errors.InThePast
    if notice < (diary.minimum_notice if least is None else least):
        return errors.TooSoon
    if notice > (diary.furthest_advance if most is None else most):
        return errors.TooFarAhead
    return None


def _is_open(windows: Sequence[Interval], time: Interval) -> bool:
    """Whether a time lies within one of the windows, which are disjoint and in order."""
    place = bisect_right(windows, time.start, key=_start) - 1
    return place >= 0 and time.end <= windows[place].end


_start = attrgetter("start")


def _check_cutoff(diary: Diary, actor: Actor, appointment: Appointment, received_at: datetime) -> None:
    if actor.role == "patient" and received_at > appointment.time.start - diary.cancel_cutoff:
        raise errors.PastCutoff


def _own_hold(diary: Diary, actor: Actor, hold_id: uuid.UUID | None, received_at: datetime) -> Hold | None:
    """The hold that the booking names, if it is the sender's and was alive when the request was received."""
    hold = diary.holds.get(hold_id) if hold_id is not None else None
    return hold if hold is not None and hold.user_id == actor.user_id and hold.expires_at > received_at else None


def _seat(
    diary: Diary, appointment: Appointment, received_at: datetime, *, hold: Hold | None = None
) -> tuple[Appointment, list[Change]]:
    """Give it the dentist, a fitting chair where the treatment needs one, and the patient's own time.

    Also says which holds go: the one that it is booked from, and expired ones that nobody has swept yet.
    """
    own = {appointment.id, *([hold.id] if hold is not None else [])}
    treatment = diary.treatments.get(appointment.treatment_id) if appointment.treatment_id is not None else None
    keep_chair = appointment.chair_id or (hold.chair_id if hold is not None else None)
    room = _room(
        diary, appointment.dentist_id, appointment.claimed, treatment, received_at, besides=own, keep_chair=keep_chair
    )
    if not diary.is_patient_free(appointment.patient_id, appointment.time, besides=appointment.id):
        raise errors.PatientDoubleBooked
    given_up = _give_up(diary, [*room.expired, *([hold.id] if hold is not None else [])])
    return replace(appointment, chair_id=room.chair_id), given_up


def _room(
    diary: Diary,
    dentist_id: uuid.UUID,
    claimed: Interval,
    treatment: Treatment | None,
    received_at: datetime,
    *,
    besides: Collection[uuid.UUID] = (),
    keep_chair: uuid.UUID | None = None,
) -> Room:
    chair_kind = treatment.chair_kind if treatment is not None else None
    room = diary.room(dentist_id, claimed, chair_kind, at=received_at, besides=besides, keep_chair=keep_chair)
    if room is not None:
        return room
    if diary.room(dentist_id, claimed, None, at=received_at, besides=besides) is None:
        raise errors.SlotTaken
    raise errors.SlotTaken("Every fitting chair is taken at this time.")


def _give_up(diary: Diary, hold_ids: Iterable[uuid.UUID]) -> list[Change]:
    changes = []
    for hold_id in hold_ids:
        diary.release(hold_id)
        changes.append(Change(DELETE, models.Hold, hold_id))
    return changes


def _first_status(treatment: Treatment | None) -> str:
    """Both block the time; a pending booking waits for the practice's approval."""
    return "pending" if treatment is not None and treatment.requires_approval else "booked"


def _chair_kind(diary: Diary, treatment_id: uuid.UUID | None) -> str | None:
    treatment = diary.treatments.get(treatment_id) if treatment_id is not None else None
    return treatment.chair_kind if treatment is not None else None


def _columns(appointment: Appointment) -> dict[str, Any]:
    return {
        "dentist_id": appointment.dentist_id,
        "treatment_id": appointment.treatment_id,
        "chair_id": appointment.chair_id,
        "starts_at": appointment.time.start,
        "ends_at": appointment.time.end,
        "buffer_before_minutes": appointment.buffer_before_minutes,
        "buffer_after_minutes": appointment.buffer_after_minutes,
        "status": appointment.status,
        "confirmation": appointment.confirmation,
        "reason": appointment.reason,
    }


def _updated(appointment_id: uuid.UUID, values: Mapping[str, Any], *before: Change) -> Decision:
    changes = [*before, Change(UPDATE, models.Appointment, appointment_id, values)]
    return Decision(appointment_id, changes, 200, _path(appointment_id))


def _path(appointment_id: uuid.UUID) -> str:
    return f"/api/appointments/{appointment_id}"


def etag(version: int) -> str:
    """The entity tag of an appointment (RFC 9110, strong): its version."""
    return f'"{version}"'


def check_precondition(appointment: Appointment, if_match: str | None) -> None:
    """Raise PreconditionFailed unless `if_match` (RFC 9110, 13.1.1) is absent or names the appointment's version."""
    if if_match is None or if_match.strip() == "*":
        return
    # If-Match compares strongly (RFC 9110, 13.1.1), so a weak tag matches nothing.
    if etag(appointment.version) not in [tag.strip() for tag in if_match.split(",")]:
        raise errors.PreconditionFailed
