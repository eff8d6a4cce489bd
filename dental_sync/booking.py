"""The booking rules and the appointment's states: pure decisions over a diary in memory.

No I/O and no clock: the lane loads a `Diary`, asks for decisions, and stores them. A decision also changes the diary,
so that the next request of the same batch sees it. Every rule raises the refusal that the contract names, in the
contract's order.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import model_validator

from dental_sync import errors
from dental_sync.actor import Actor
from dental_sync.models import BLOCKING_STATUSES, new_id
from dental_sync.schedule import Interval, WeeklyWindow, open_windows
from dental_sync.wire import Id, Instant, Shape, Text

# Nobody is treated for longer in one go; a longer range is a slip of the pen.
LONGEST_APPOINTMENT = timedelta(hours=12)


# What may be asked.


class Book(Shape):
    """Book a time: until `endsAt`, or for as long as the treatment takes; staff say for whom."""

    dentist_id: Id
    starts_at: Instant
    treatment_id: Id | None = None
    ends_at: Instant | None = None
    patient_id: Id | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def _says_how_long(self) -> Self:
        if self.treatment_id is None and self.ends_at is None:
            raise ValueError("treatmentId or endsAt is required")
        return self


class Reschedule(Shape):
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


class Nothing(Shape):
    """Nothing more needs to be said."""


# What the rules look at.


@dataclass(frozen=True, slots=True)
class Treatment:
    """A treatment as the rules see it."""

    duration: timedelta
    buffer_before_minutes: int
    buffer_after_minutes: int
    requires_approval: bool
    chair_kind: str | None
    # What is no longer offered cannot be booked, but an appointment that has it keeps its chair.
    is_offered: bool = True


@dataclass(frozen=True, slots=True)
class Dentist:
    """A dentist as the rules see them."""

    zone: ZoneInfo
    hours: Sequence[WeeklyWindow]
    away: Sequence[Interval]


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment as the rules see it."""

    id: uuid.UUID
    patient_id: uuid.UUID
    dentist_id: uuid.UUID
    treatment_id: uuid.UUID | None
    chair_id: uuid.UUID | None
    time: Interval
    buffer_before_minutes: int
    buffer_after_minutes: int
    status: str
    reason: str | None = None
    version: int = 1

    @property
    def claimed(self) -> Interval:
        """The time that nobody else can have: buffers included."""
        return Interval(
            self.time.start - timedelta(minutes=self.buffer_before_minutes),
            self.time.end + timedelta(minutes=self.buffer_after_minutes),
        )

    @property
    def blocks(self) -> bool:
        """Whether its time is taken."""
        return self.status in BLOCKING_STATUSES


@dataclass(slots=True)
class Diary:
    """What is known about the practice around the wanted times; `taken` and `patient_times` are keyed by who claims."""

    minimum_notice: timedelta
    furthest_advance: timedelta
    cancel_cutoff: timedelta
    patient_booking: timedelta
    dentists: Mapping[uuid.UUID, Dentist]
    patients: frozenset[uuid.UUID]
    treatments: Mapping[uuid.UUID, Treatment]
    chairs: Mapping[str, Sequence[uuid.UUID]]
    closures: Sequence[Interval]
    appointments: dict[uuid.UUID, Appointment]
    # resource (dentist or chair) -> owner (appointment or hold) -> claimed time
    taken: dict[uuid.UUID, dict[uuid.UUID, Interval]] = field(default_factory=dict)
    # patient -> appointment -> time
    patient_times: dict[uuid.UUID, dict[uuid.UUID, Interval]] = field(default_factory=dict)

    def is_free(self, resource_id: uuid.UUID, time: Interval, *, besides: uuid.UUID) -> bool:
        """Whether nobody but `besides` has claimed a dentist or a chair at that time."""
        claims = self.taken.get(resource_id, {})
        return not any(claim.overlaps(time) for owner, claim in claims.items() if owner != besides)

    def is_patient_free(self, patient_id: uuid.UUID, time: Interval, *, besides: uuid.UUID) -> bool:
        """Whether the patient has no other appointment at that time."""
        times = self.patient_times.get(patient_id, {})
        return not any(other.overlaps(time) for owner, other in times.items() if owner != besides)

    def enter(self, appointment: Appointment) -> None:
        """Write an appointment into the diary, in place of what it said before; its version rises if it differs."""
        before = self.appointments.get(appointment.id)
        if before is not None:
            if appointment != before:
                appointment = replace(appointment, version=before.version + 1)
            for resource_id in (before.dentist_id, before.chair_id):
                if resource_id is not None:
                    self.taken.get(resource_id, {}).pop(appointment.id, None)
            self.patient_times.get(before.patient_id, {}).pop(appointment.id, None)
        self.appointments[appointment.id] = appointment
        if appointment.blocks:
            for resource_id in (appointment.dentist_id, appointment.chair_id):
                if resource_id is not None:
                    self.taken.setdefault(resource_id, {})[appointment.id] = appointment.claimed
            self.patient_times.setdefault(appointment.patient_id, {})[appointment.id] = appointment.time


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be stored: a new appointment, or new values for columns of one that exists."""

    subject_id: uuid.UUID
    is_new: bool
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A time that a request asks for, buffers included; without a patient it is the sender's own."""

    dentist_id: uuid.UUID
    patient_id: uuid.UUID | None
    time: Interval
    chair_kind: str | None


# What is decided.


def wanted(diary: Diary, appointment_id: uuid.UUID | None, wish: Shape) -> Wanted | None:
    """Whose time a request is about, as far as can be told before the rules are asked; None when it wants no time.

    The lane reads what is taken around these times.
    """
    before = diary.appointments.get(appointment_id) if appointment_id is not None else None
    if isinstance(wish, Book):
        dentist_id, patient_id, starts_at = wish.dentist_id, wish.patient_id, wish.starts_at
    elif isinstance(wish, Reschedule) and before is not None:
        dentist_id, patient_id = wish.dentist_id or before.dentist_id, before.patient_id
        starts_at = wish.starts_at or before.time.start
    else:
        return None
    treatment_id = wish.treatment_id or (before.treatment_id if before else None)
    treatment = diary.treatments.get(treatment_id) if treatment_id else None
    lengths = [timedelta(0)]
    buffers = [0]
    if treatment is not None:
        lengths.append(treatment.duration)
        buffers += [treatment.buffer_before_minutes, treatment.buffer_after_minutes]
    if before is not None:
        lengths.append(before.time.end - before.time.start)
        buffers += [before.buffer_before_minutes, before.buffer_after_minutes]
    if wish.ends_at is not None:
        lengths.append(min(wish.ends_at - starts_at, LONGEST_APPOINTMENT))
    buffer = timedelta(minutes=max(buffers))
    time = Interval(starts_at - buffer, starts_at + max(lengths) + buffer)
    return Wanted(dentist_id, patient_id, time, treatment.chair_kind if treatment else None)


def book(diary: Diary, actor: Actor, wish: Book, *, received_at: datetime) -> Decision:
    """Decide a new booking; raises the first refusal that applies."""
    patient_id = _patient_of_new_booking(actor, wish)
    if actor.role == "dentist" and wish.dentist_id != actor.dentist_id:
        raise errors.Forbidden("A dentist books into the own diary.")
    _check_people(diary, wish.dentist_id, patient_id, wish.treatment_id)
    treatment = diary.treatments.get(wish.treatment_id) if wish.treatment_id else None
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
    _check_calendar(diary, appointment, received_at)
    appointment = _seat(diary, appointment, treatment)
    diary.enter(appointment)
    return Decision(appointment.id, True, {"id": appointment.id, "patient_id": patient_id, **_columns(appointment)})


def reschedule(
    diary: Diary, actor: Actor, appointment_id: uuid.UUID, wish: Reschedule, *, received_at: datetime
) -> Decision:
    """Decide a change of time, dentist, treatment or reason; checked like a new booking when the time is concerned."""
    before = _changeable(diary, actor, appointment_id)
    if actor.role == "dentist" and wish.dentist_id not in (None, before.dentist_id):
        raise errors.Forbidden("A dentist cannot move an appointment to a colleague.")
    reason = wish.reason if "reason" in wish.model_fields_set else before.reason
    if not wish.moves():
        _check_cutoff(diary, actor, before, received_at)
        diary.enter(replace(before, reason=reason))
        return Decision(appointment_id, False, {"reason": reason})
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
    if wish.treatment_id is not None and treatment is not None:
        after = replace(
            after,
            buffer_before_minutes=treatment.buffer_before_minutes,
            buffer_after_minutes=treatment.buffer_after_minutes,
            status=_first_status(treatment),
        )
    _check_calendar(diary, after, received_at)
    _check_cutoff(diary, actor, before, received_at)
    after = _seat(diary, after, treatment)
    diary.enter(after)
    return Decision(appointment_id, False, _columns(after))


def cancel(diary: Diary, actor: Actor, appointment_id: uuid.UUID, wish: Cancel, *, received_at: datetime) -> Decision:
    """Decide a cancellation; the time is free at once."""
    before = _changeable(diary, actor, appointment_id)
    _check_cutoff(diary, actor, before, received_at)
    diary.enter(replace(before, status="cancelled"))
    return Decision(
        appointment_id,
        False,
        {
            "status": "cancelled",
            "cancelled_at": received_at,
            "cancelled_by": actor.role,
            "cancel_reason": wish.reason,
        },
    )


def delete(diary: Diary, actor: Actor, appointment_id: uuid.UUID) -> Decision:
    """Decide to strike out what was entered in error: it is gone for everybody, and the row stays for the record."""
    before = visible(diary, actor, appointment_id)
    if actor.role != "admin":
        raise errors.Forbidden
    diary.enter(replace(before, status="entered-in-error"))
    return Decision(appointment_id, False, {"status": "entered-in-error"})


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


def _changeable(diary: Diary, actor: Actor, appointment_id: uuid.UUID) -> Appointment:
    appointment = visible(diary, actor, appointment_id)
    if appointment.status not in ("pending", "booked"):
        raise errors.IllegalTransition(f"The appointment is {appointment.status}; it can no longer be changed.")
    return appointment


def _check_people(diary: Diary, dentist_id: uuid.UUID, patient_id: uuid.UUID, treatment_id: uuid.UUID | None) -> None:
    if dentist_id not in diary.dentists:
        raise errors.UnknownDentist
    if patient_id not in diary.patients:
        raise errors.UnknownPatient
    if treatment_id is not None:
        treatment = diary.treatments.get(treatment_id)
        if treatment is None or not treatment.is_offered:
            raise errors.UnknownTreatment


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


def _check_calendar(diary: Diary, appointment: Appointment, received_at: datetime) -> None:
    notice = appointment.time.start - received_at
    if notice < timedelta(0):
        raise errors.InThePast
    if notice < diary.minimum_notice:
        raise errors.TooSoon
    if notice > diary.furthest_advance:
        raise errors.TooFarAhead
    dentist = diary.dentists[appointment.dentist_id]
    windows = open_windows(dentist.hours, dentist.zone, appointment.time, [*dentist.away, *diary.closures])
    if not any(window.contains(appointment.time) for window in windows):
        raise errors.OutsideWorkingHours


def _check_cutoff(diary: Diary, actor: Actor, appointment: Appointment, received_at: datetime) -> None:
    if actor.role == "patient" and received_at > appointment.time.start - diary.cancel_cutoff:
        raise errors.PastCutoff


def _seat(diary: Diary, appointment: Appointment, treatment: Treatment | None) -> Appointment:
    """Give it the dentist, a fitting chair where the treatment needs one, and the patient's own time."""
    if not diary.is_free(appointment.dentist_id, appointment.claimed, besides=appointment.id):
        raise errors.SlotTaken
    chair_id = None
    if treatment is not None and treatment.chair_kind is not None:
        fitting = diary.chairs.get(treatment.chair_kind, ())
        # The chair it has stays its chair where that is possible.
        for candidate in sorted(fitting, key=lambda chair: chair != appointment.chair_id):
            if diary.is_free(candidate, appointment.claimed, besides=appointment.id):
                chair_id = candidate
                break
        else:
            raise errors.SlotTaken("Every fitting chair is taken at this time.")
    if not diary.is_patient_free(appointment.patient_id, appointment.time, besides=appointment.id):
        raise errors.PatientDoubleBooked
    return replace(appointment, chair_id=chair_id)


def _first_status(treatment: Treatment | None) -> str:
    """Both block the time; a pending booking waits for the practice's approval."""
    return "pending" if treatment is not None and treatment.requires_approval else "booked"


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
        "reason": appointment.reason,
    }


Action = Literal["book", "reschedule", "cancel", "delete"]
SHAPES: Mapping[Action, type[Shape]] = {"book": Book, "reschedule": Reschedule, "cancel": Cancel, "delete": Nothing}


def decide(
    diary: Diary,
    actor: Actor,
    appointment_id: uuid.UUID | None,
    wish: Shape,
    *,
    if_match: str | None,
    received_at: datetime,
) -> Decision:
    """Decide one request; raises the refusal that becomes its outcome."""
    if appointment_id is not None:
        _check_precondition(visible(diary, actor, appointment_id), if_match)
    match wish, appointment_id:
        case Book(), None:
            return book(diary, actor, wish, received_at=received_at)
        case Reschedule(), uuid.UUID():
            return reschedule(diary, actor, appointment_id, wish, received_at=received_at)
        case Cancel(), uuid.UUID():
            return cancel(diary, actor, appointment_id, wish, received_at=received_at)
        case Nothing(), uuid.UUID():
            return delete(diary, actor, appointment_id)
    raise TypeError(f"no rule for {type(wish).__name__}")


def etag(version: int) -> str:
    """The entity tag of an appointment (RFC 9110, strong): its version."""
    return f'"{version}"'


def _check_precondition(appointment: Appointment, if_match: str | None) -> None:
    if if_match is None or if_match.strip() == "*":
        return
    # If-Match compares strongly (RFC 9110, 13.1.1), so a weak tag matches nothing.
    if etag(appointment.version) not in [tag.strip() for tag in if_match.split(",")]:
        raise errors.PreconditionFailed
