"""What may be asked about appointments and holds: the bodies of requests, and which time each of them wants. Pure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.alias_generators import to_camel

from dental_sync.core.wire_types import Id, Instant, Shape, Text
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Appointment, Diary
from dental_sync.diary.visits import NOTHING_ELSE, Needs, named_treatments

# Longer ranges are treated as input errors.
LONGEST_APPOINTMENT = timedelta(hours=12)


# More are two visits.
MOST_TREATMENTS = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A time that a request asks for, buffers included; without a patient it is the sender's own."""

    dentist_id: uuid.UUID
    patient_id: uuid.UUID | None
    time: Interval
    needs: Needs = NOTHING_ELSE
    # Those that are named, or that the appointment has.
    chair_id: uuid.UUID | None = None
    assistant_id: uuid.UUID | None = None


# Staff only: outside hours, into time off and closures, beside others of the dentist or the chair.
Force = Annotated[bool, Field(description="Staff only: outside hours, or beside another appointment.")]


Scope = Annotated[
    Literal["this", "following"],
    Field(description="`following`: those of its series that come after it, too; the answer lists them."),
]


TreatmentIds = Annotated[
    list[Id],
    Field(
        min_length=1,
        max_length=MOST_TREATMENTS,
        description="Several in one visit, in their order; `treatmentId` is the first, and need not be said too.",
    ),
]


class NamesTreatments(Shape):
    """What names a treatment, or several in one visit."""

    treatment_id: Id | None = None
    treatment_ids: TreatmentIds | None = None

    @model_validator(mode="after")
    def _agree_on_the_first(self) -> Self:
        if self.treatment_ids and self.treatment_id not in (None, self.treatment_ids[0]):
            raise ValueError("treatmentId must be the first of treatmentIds")
        return self

    def treatments(self) -> tuple[uuid.UUID, ...]:
        """The treatments that it names, in their order."""
        return named_treatments(self.treatment_id, self.treatment_ids)


class AsksForTime(NamesTreatments):
    """What asks for a time with a dentist, whether for a new appointment or for one that exists."""

    dentist_id: Id | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None

    def assistant(self) -> uuid.UUID | None:
        """The assistant that it names."""
        return None

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

        `before` is the appointment as it stands. The lane reads what is taken around these times. How long a treatment
        takes is the dentist's to say, as soon as the diary knows the dentist.
        """
        dentist_id = self.dentist_id or (before.dentist_id if before else None)
        starts_at = self.starts_at or (before.time.start if before else None)
        if dentist_id is None or starts_at is None:
            return None
        treatments = self.treatments() or (before.treatments if before else ())
        treatment = diary.visit(treatments, dentist_id)
        lengths = [timedelta(0)]
        buffers = [0]
        if treatment is not None:
            lengths.append(min(treatment.duration, LONGEST_APPOINTMENT))
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
        assistant_id = self.assistant() or (before.assistant_id if before else None)
        needs = treatment.needs if treatment else NOTHING_ELSE
        return Wanted(dentist_id, patient_id, time, needs, chair_id, assistant_id)


def no_time(_diary: Diary, _before: Appointment | None) -> Wanted | None:
    """What a request wants that concerns no time."""
    return None


def time_again(diary: Diary, before: Appointment | None) -> Wanted | None:
    """What a request wants that takes an appointment's own time again."""
    if before is None:
        return None
    needs = diary.needs(before.treatments)
    return Wanted(before.dentist_id, before.patient_id, before.claimed, needs, before.chair_id, before.assistant_id)


def former_time(diary: Diary, before: Appointment | None) -> Wanted | None:
    """What a request wants that takes back the last move of an appointment."""
    if before is None or before.last_move is None:
        return None
    return time_again(diary, before.last_move.restored(before))


class NewTime(AsksForTime):
    """A time with a dentist: until `endsAt`, or for as long as the treatment takes."""

    dentist_id: Id
    starts_at: Instant
    ends_at: Instant | None = None

    @model_validator(mode="after")
    def _says_how_long(self) -> Self:
        if not self.treatments() and self.ends_at is None:
            raise ValueError("treatmentId, treatmentIds or endsAt is required")
        return self


class Book(NewTime):
    """Book a time: until `endsAt`, or for as long as the treatment takes; staff say for whom."""

    patient_id: Id | None = None
    hold_id: Id | None = None
    chair_id: Id | None = None
    assistant_id: Id | None = None
    reason: Text | None = None
    force: Force = False

    def chair(self) -> uuid.UUID | None:
        """The chair that it names."""
        return self.chair_id

    def assistant(self) -> uuid.UUID | None:
        """The assistant that it names."""
        return self.assistant_id

    def patient(self) -> uuid.UUID | None:
        """The patient that it names."""
        return self.patient_id

    def hold(self) -> uuid.UUID | None:
        """The hold that it names."""
        return self.hold_id


class HoldTime(NewTime):
    """Keep a time for a few minutes, before it is booked; for whom is judged, and not kept."""

    patient_id: Id | None = None

    def patient(self) -> uuid.UUID | None:
        """The patient that it names."""
        return self.patient_id


_CLEARABLE = frozenset({"reason", "chair_id", "assistant_id"})
_CHANGEABLE = (
    "starts_at",
    "ends_at",
    "dentist_id",
    "treatment_id",
    "treatment_ids",
    "chair_id",
    "assistant_id",
    "reason",
)


class Reschedule(AsksForTime):
    """Change a booking; what is not named stays, and a new start alone keeps the duration."""

    starts_at: Instant | None = None
    ends_at: Instant | None = None
    dentist_id: Id | None = None
    # Null is no chair, or another one of the kind that the treatment needs; the same of an assistant.
    chair_id: Id | None = None
    assistant_id: Id | None = None
    reason: Text | None = None
    force: Force = False
    scope: Scope = "this"

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set - {"force", "scope"}:
            raise ValueError("at least one of " + ", ".join(to_camel(name) for name in _CHANGEABLE) + " is required")
        nothing = [name for name in self.model_fields_set - _CLEARABLE if getattr(self, name) is None]
        if nothing:
            raise ValueError("only reason, chairId and assistantId may be null")
        return self

    def chair(self) -> uuid.UUID | None:
        """The chair that it names."""
        return self.chair_id

    def assistant(self) -> uuid.UUID | None:
        """The assistant that it names."""
        return self.assistant_id

    def concerns_time(self) -> bool:
        """Whether it concerns the time or who and what is needed, and not the wording alone."""
        return bool(self.model_fields_set - {"reason", "force", "scope"})


class ByLink(Shape):
    """Answer a reminder, which was about this start."""

    starts_at: Instant


class Cancel(Shape):
    """Cancel a booking; the reason is shown to everybody who may see the appointment."""

    reason: Text | None = None
    scope: Scope = "this"
