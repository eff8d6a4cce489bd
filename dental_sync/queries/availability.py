"""What is free: the list of times that can be booked, and what is offered instead of a time that was taken.

Reads hours and claims, never an appointment or a patient but the asking patient's own; the rules are those of
`booking`, so what is listed can be booked.
"""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from dental_sync.core.instants import format_instant
from dental_sync.core.roles import Reach
from dental_sync.core.wire_types import Shape
from dental_sync.diary import shapes
from dental_sync.diary.free_times import free_times
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Diary, Treatment
from dental_sync.queries import load as load_diary

LONGEST_RANGE = timedelta(days=31)
ALTERNATIVES = 3
# How long one batch of the lane may look for them: who is booked waits meanwhile, and who is refused can look again.
SEARCH_SECONDS = 1.0
# How far around the wanted time alternatives are looked for: near first, and wider when that gave too few.
NEAR, FAR = timedelta(days=1), timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that is free with a dentist."""

    dentist_id: uuid.UUID
    time: Interval

    def wire(self) -> dict[str, str]:
        """The contract's slot."""
        return {
            "dentistId": str(self.dentist_id),
            "startsAt": format_instant(self.time.start),
            "endsAt": format_instant(self.time.end),
        }


def load(
    session: Session,
    settings: Settings,
    within: Interval,
    treatment_id: uuid.UUID,
    dentist_id: uuid.UUID | None,
    *,
    at: datetime,
) -> tuple[Diary, Treatment]:
    """Read what listing needs at that moment; raises UnknownDentist, UnknownTreatment."""
    diary = load_diary.load_range(session, settings, within, at=at, treatment_id=treatment_id, dentist_id=dentist_id)
    if dentist_id is not None and dentist_id not in diary.dentists:
        raise errors.UnknownDentist
    treatment = diary.treatments.get(treatment_id)
    if treatment is None or not treatment.is_offered:
        raise errors.UnknownTreatment
    return diary, treatment


def slots(diary: Diary, treatment: Treatment, within: Interval, *, at: datetime) -> list[Slot]:
    """Every time within a range that can be booked at that moment, by start and dentist. Pure, and may take a while."""
    found = [
        Slot(dentist_id, time)
        for dentist_id in diary.dentists
        for time in free_times(diary, dentist_id, treatment, within, at=at)
    ]
    return sorted(found, key=lambda slot: (slot.time.start, slot.dentist_id))


# What is offered instead.


@dataclass(frozen=True, slots=True)
class Want:
    """What would do as well as a time that was taken: the same length, as near as can be."""

    dentist_id: uuid.UUID
    starts_at: datetime
    treatment: Treatment
    # A dentist books into the own diary only.
    only_this_dentist: bool
    # The appointment that is to be moved, or the hold that is to be used: its own time is not in the way.
    besides: frozenset[uuid.UUID]


@dataclass(frozen=True, slots=True)
class Missed:
    """A request that was refused because its time is taken."""

    refusal: errors.SlotTaken
    want: Want
    patient_id: uuid.UUID | None
    # What is to be moved is there already: no alternative.
    has: Slot | None = None

    def refusal_with(self, alternatives: Sequence[Slot]) -> errors.SlotTaken:
        """The refusal, with what is free instead."""
        return errors.SlotTaken(self.refusal.detail, alternatives=[slot.wire() for slot in alternatives])


def missed(
    diary: Diary, actor: Actor, subject_id: uuid.UUID | None, wish: Shape, refusal: errors.SlotTaken
) -> Missed | None:
    """Understand what a refused request would have taken instead; None for one that asked for no time of its own."""
    if not isinstance(wish, shapes.AsksForTime):
        return None
    before = diary.appointments.get(subject_id) if subject_id is not None else None
    dentist_id = wish.dentist_id or (before.dentist_id if before else None)
    starts_at = wish.starts_at or (before.time.start if before else None)
    if dentist_id is None or starts_at is None:
        return None
    treatment_id = wish.treatment_id or (before.treatment_id if before else None)
    treatment = diary.treatments.get(treatment_id) if treatment_id is not None else None
    if before is not None and wish.treatment_id is None:
        # It keeps the buffers that it was booked with, and the length where no other is asked for.
        treatment = replace(
            treatment or Treatment(timedelta(0)),
            duration=wish.ends_at - starts_at if wish.ends_at else before.time.end - before.time.start,
            buffer_before_minutes=before.buffer_before_minutes,
            buffer_after_minutes=before.buffer_after_minutes,
        )
    elif treatment is None:
        treatment = Treatment((wish.ends_at or starts_at) - starts_at)
    hold_id = wish.hold()
    patient_id = before.patient_id if before else wish.patient()
    return Missed(
        refusal,
        Want(
            dentist_id,
            starts_at,
            treatment,
            only_this_dentist=actor.reach is Reach.OWN_DIARY,
            besides=frozenset(i for i in (subject_id, hold_id) if i is not None),
        ),
        patient_id or actor.own_patient_id,
        Slot(before.dentist_id, before.time) if before else None,
    )


def alternatives(
    session: Session, settings: Settings, wanted: Sequence[Missed], *, at: datetime
) -> Mapping[Missed, list[Slot]]:
    """Up to three times that each could book now, the nearest first; at one distance the same dentist first.

    A hundred callers for one time cost one look; a hundred who want different times in a full practice are offered
    what is found in time.
    """
    deadline = time.monotonic() + SEARCH_SECONDS
    found: dict[Missed, list[Slot]] = {missed: [] for missed in wanted}
    for reach in (NEAR, FAR):
        unserved = [missed for missed in wanted if len(found[missed]) < ALTERNATIVES]
        days = sorted(unserved, key=lambda missed: missed.want.starts_at)
        for _, same_day in itertools.groupby(days, key=lambda missed: missed.want.starts_at.date()):
            if time.monotonic() < deadline:
                found.update(_nearest(session, settings, list(same_day), reach, at=at, deadline=deadline))
    return found


def _nearest(
    session: Session,
    settings: Settings,
    group: Sequence[Missed],
    reach: timedelta,
    *,
    at: datetime,
    deadline: float,
) -> dict[Missed, list[Slot]]:
    """For those who wanted a time on the same day, what lies within reach of it."""
    last_start = group[-1].want.starts_at + reach
    if last_start < at:
        # A lane that was away for days decides what was asked for long ago: nothing near it lies ahead.
        return {missed: [] for missed in group}
    # Wide enough for what begins within reach to end, and for its buffers.
    margin = max(_extent(missed.want.treatment) for missed in group)
    span = Interval(max(at, group[0].want.starts_at - reach) - margin, last_start + margin)
    # An appointment keeps the buffers that it was booked with, and no treatment may have such long ones any more.
    buffers = [
        (missed.want.treatment.buffer_before_minutes, missed.want.treatment.buffer_after_minutes) for missed in group
    ]
    diary = load_diary.load_range(
        session,
        settings,
        span,
        at=at,
        apart=frozenset().union(*(missed.want.besides for missed in group)),
        longest_buffer_minutes=max(itertools.chain.from_iterable(buffers)),
    )
    patients = {missed.patient_id for missed in group if missed.patient_id is not None}
    load_diary.add_patients_times(session, diary, [(patient_id, span) for patient_id in patients])
    free: dict[Want, list[Slot]] = {}
    found = {}
    for missed in group:
        if missed.want not in free:
            if time.monotonic() > deadline:
                continue
            free[missed.want] = _in_order_of_nearness(diary, missed.want, span, at)
        # Another of the group may reach further to one side: beyond the own reach nothing says what is nearest.
        fitting = (
            slot for slot in free[missed.want] if _distance(missed.want, slot) <= reach and _suits(diary, missed, slot)
        )
        found[missed] = list(itertools.islice(fitting, ALTERNATIVES))
    return found


def _in_order_of_nearness(diary: Diary, want: Want, span: Interval, at: datetime) -> list[Slot]:
    dentists = [d for d in diary.dentists if d == want.dentist_id or not want.only_this_dentist]
    slots_ = [
        Slot(dentist_id, time)
        for dentist_id in dentists
        for time in free_times(diary, dentist_id, want.treatment, span, at=at, besides=want.besides)
    ]
    return sorted(
        slots_,
        key=lambda slot: (
            _distance(want, slot),
            slot.dentist_id != want.dentist_id,
            slot.time.start,
            slot.dentist_id,
        ),
    )


def _distance(want: Want, slot: Slot) -> timedelta:
    return abs(slot.time.start - want.starts_at)


def _extent(treatment: Treatment) -> timedelta:
    return treatment.duration + timedelta(minutes=treatment.buffer_before_minutes + treatment.buffer_after_minutes)


def _suits(diary: Diary, missed: Missed, slot: Slot) -> bool:
    if slot == missed.has:
        return False
    besides = next(iter(missed.want.besides), None)
    return missed.patient_id is None or diary.is_patient_free(missed.patient_id, slot.time, besides=besides)
