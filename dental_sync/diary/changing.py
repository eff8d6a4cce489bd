"""The decision on another time, dentist, treatment, chair or reason of an appointment. Pure."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.diary import transitions
from dental_sync.diary.appointment_row import changed
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Appointment, Decision, Diary, Treatment
from dental_sync.diary.rules import (
    SeatWish,
    check_chair,
    check_cutoff,
    check_force,
    check_open,
    check_people,
    check_start,
    first_status,
    take_seat,
    visible,
    wanted_time,
)
from dental_sync.diary.shapes import Reschedule
from dental_sync.diary.step_back import Moving


def reschedule(
    diary: Diary,
    actor: Actor,
    appointment_id: uuid.UUID,
    wish: Reschedule,
    *,
    received_at: datetime,
    to_a_colleague: bool = False,
) -> Decision:
    """Decide a change of time, dentist, treatment, chair or reason; what it leaves alone is not judged anew.

    With `to_a_colleague` a dentist hands it over.
    """
    before = visible(diary, actor, appointment_id)
    moving = Moving("reschedule", actor, received_at)
    transitions.check("reschedule", role=actor.role, status=before.status)
    if not to_a_colleague and wish.dentist_id is not None and not _may_give_to(actor, wish.dentist_id):
        raise errors.Forbidden("A dentist cannot move an appointment to a colleague.")
    check_force(actor, wish)
    if before.status in transitions.RUNNING and wish.model_fields_set & _NOT_WHILE_RUNNING:
        raise errors.IllegalTransition("While the patient is here the end, the chair and the reason can be changed.")
    reason = wish.reason if "reason" in wish.model_fields_set else before.reason
    if not wish.concerns_time():
        check_cutoff(diary, actor, before, received_at)
        return changed(diary, before, replace(before, reason=reason), moving)
    dentist_id = wish.dentist_id or before.dentist_id
    treatment_id = wish.treatment_id or before.treatment_id
    new_treatment = wish.treatment_id if wish.treatment_id != before.treatment_id else None
    if dentist_id != before.dentist_id or new_treatment is not None:
        checked = dentist_id if dentist_id != before.dentist_id else None
        check_people(diary, checked, None, new_treatment)
    if wish.chair_id != before.chair_id:
        check_chair(diary, wish.chair_id)
    treatment = diary.treatments.get(treatment_id) if treatment_id else None
    time = _rescheduled(diary, actor, before, wish, treatment)
    after = replace(before, dentist_id=dentist_id, treatment_id=treatment_id, time=time, reason=reason)
    if time.start != before.time.start:
        # The patient confirmed the former time.
        after = replace(after, confirmation="unconfirmed")
    if wish.treatment_id is not None and treatment is not None:
        after = replace(
            after,
            buffer_before_minutes=treatment.buffer_before_minutes,
            buffer_after_minutes=treatment.buffer_after_minutes,
            # The approval was for this treatment: another time needs no other approval.
            status=before.status if new_treatment is None else first_status(treatment),
        )
    if time.start != before.time.start:
        check_start(diary, actor, time.start, treatment, received_at=received_at)
    is_within = dentist_id == before.dentist_id and before.time.contains(time)
    if not is_within and not wish.force:
        check_open(diary, dentist_id, time)
    check_cutoff(diary, actor, before, received_at)
    if not _needs_seat(diary, before, after, wish):
        # Whoever came beside it since is no matter.
        return changed(diary, before, after, moving)
    after, given_up = take_seat(diary, after, received_at, wish=_seat_wish(diary, before, after, wish))
    return changed(diary, before, after, moving, *given_up)


def _may_give_to(actor: Actor, dentist_id: uuid.UUID) -> bool:
    return actor.keeps_diary_of(dentist_id) if actor.is_staff else True


# What must be as it was when the patient came.
_NOT_WHILE_RUNNING = frozenset({"starts_at", "dentist_id", "treatment_id"})


def _rescheduled(
    diary: Diary, actor: Actor, before: Appointment, wish: Reschedule, treatment: Treatment | None
) -> Interval:
    starts_at = wish.starts_at or before.time.start
    if wish.treatment_id is None and wish.ends_at is None:
        # Neither the end nor the treatment is new: keep the length, also one that the practice has changed since.
        return Interval(starts_at, starts_at + (before.time.end - before.time.start))
    return wanted_time(diary, actor, starts_at, wish.ends_at, treatment)


def _needs_seat(diary: Diary, before: Appointment, after: Appointment, wish: Reschedule) -> bool:
    return (
        wish.force
        or (after.claimed, after.dentist_id) != (before.claimed, before.dentist_id)
        or diary.chair_kind(after.treatment_id) != diary.chair_kind(before.treatment_id)
        or ("chair_id" in wish.model_fields_set and wish.chair_id != before.chair_id)
    )


def _seat_wish(diary: Diary, before: Appointment, after: Appointment, wish: Reschedule) -> SeatWish:
    """The chair that is named; else one that staff chose stays with the treatment, which needs none itself."""
    # What it leaves alone is not judged anew: that the chair went away since, or was withdrawn.
    stays = (
        before.claimed.contains(after.claimed)
        and diary.chair_kind(after.treatment_id) == diary.chair_kind(before.treatment_id)
        and ("chair_id" not in wish.model_fields_set or wish.chair_id == before.chair_id)
    )
    if "chair_id" in wish.model_fields_set:
        return SeatWish(wish.chair_id, force=wish.force, stays=stays)
    chosen = after.treatment_id == before.treatment_id and diary.chair_kind(after.treatment_id) is None
    return SeatWish(before.chair_id if chosen else None, force=wish.force, stays=stays)
