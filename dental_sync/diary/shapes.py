"""What may be asked about appointments and holds: the bodies of requests, and which time each of them wants. Pure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dental_sync.core.wire_types import Id, Instant, Shape, Text
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Appointment, Diary

# Longer ranges are treated as input errors.
LONGEST_APPOINTMENT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A time that a request asks for, buffers included; without a patient it is the sender's own."""

    dentist_id: uuid.UUID
    patient_id: uuid.UUID | None
    time: Interval
    chair_kind: str | None
    # One that is named, or that the appointment has.
    chair_id: uuid.UUID | None = None


# Staff only: outside hours, into time off and closures, beside others of the dentist or the chair.
Force = Annotated[bool, Field(description="Staff only: outside hours, or beside another appointment.")]


Scope = Annotated[
    Literal["this", "following"],
    Field(description="`following`: those of its series that come after it, too; the answer lists them."),
]


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

    def chair(self) -> uuid.UUID | None:
        """The chair that it names."""
        return None

    def wanted(self, diary: Diary, before: Appointment | None) -> Wanted | None:
        """The time that it asks for, as far as it is known before the rules are applied; None where it asks for none.

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
        chair_id = self.chair() or (before.chair_id if before else None)
        return Wanted(dentist_id, patient_id, time, treatment.chair_kind if treatment else None, chair_id)


def no_time(_diary: Diary, _before: Appointment | None) -> Wanted | None:
    """What a request wants that concerns no time."""
    return None


def time_again(diary: Diary, before: Appointment | None) -> Wanted | None:
    """What a request wants that takes an appointment's own time again."""
    if before is None:
        return None
    chair_kind = diary.chair_kind(before.treatment_id)
    return Wanted(before.dentist_id, before.patient_id, before.claimed, chair_kind, before.chair_id)


def former_time(diary: Diary, before: Appointment | None) -> Wanted | None:
    """What a request wants that takes back the last move of an appointment."""
    if before is None or before.last_move is None:
        return None
    return time_again(diary, before.last_move.restored(before))


class NewTime(AsksForTime):
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


class Book(NewTime):
    """Book a time: until `endsAt`, or for as long as the treatment takes; staff say for whom."""

    patient_id: Id | None = None
    hold_id: Id | None = None
    chair_id: Id | None = None
    reason: Text | None = None
    force: Force = False

    def chair(self) -> uuid.UUID | None:
        """The chair that it names."""
        return self.chair_id

    def patient(self) -> uuid.UUID | None:
        """The patient that it names."""
        return self.patient_id

    def hold(self) -> uuid.UUID | None:
        """The hold that it names."""
        return self.hold_id


class HoldTime(NewTime):
    """Keep a time for a few minutes, before it is booked."""


class Reschedule(AsksForTime):
    """Change a booking; what is not named stays, and a new start alone keeps the duration."""

    starts_at: Instant | None = None
    ends_at: Instant | None = None
    dentist_id: Id | None = None
    treatment_id: Id | None = None
    # Null is no chair, or another one of the kind that the treatment needs.
    chair_id: Id | None = None
    reason: Text | None = None
    force: Force = False
    scope: Scope = "this"

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set - {"force", "scope"}:
            raise ValueError("at least one of startsAt, endsAt, dentistId, treatmentId, chairId, reason is required")
        nothing = [name for name in self.model_fields_set - {"reason", "chair_id"} if getattr(self, name) is None]
        if nothing:
            raise ValueError("only reason and chairId may be null")
        return self

    def chair(self) -> uuid.UUID | None:
        """The chair that it names."""
        return self.chair_id

    def concerns_time(self) -> bool:
        """Whether it concerns the time or the chair, and not the wording alone."""
        return bool(self.model_fields_set - {"reason", "force", "scope"})


class Cancel(Shape):
    """Cancel a booking; the reason is shown to everybody who may see the appointment."""

    reason: Text | None = None
    scope: Scope = "this"
