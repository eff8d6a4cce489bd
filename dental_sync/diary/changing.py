"""The decision on another time, dentist, treatment, chair, assistant or reason of an appointment. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.diary import transitions
from dental_sync.diary.appointment_row import changed
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Appointment, Decision, Diary
from dental_sync.diary.own_bookings import first_status
from dental_sync.diary.rules import (
    check_assistant,
    check_chair,
    check_cutoff,
    check_force,
    check_offered,
    check_open,
    check_people,
    check_start,
    check_visit,
    take_seat,
    visible,
    wanted_time,
)
from dental_sync.diary.seats import SeatWish
from dental_sync.diary.shapes import Reschedule
from dental_sync.diary.step_back import Moving
from dental_sync.diary.visits import Treatment, which_treatments


def reschedule(
    diary: Diary,
    actor: Actor,
    appointment_id: uuid.UUID,
    wish: Reschedule,
    *,
    received_at: datetime,
    to_a_colleague: bool = False,
) -> Decision:
    """Decide a change of time, dentist, treatment, chair, assistant or reason; what it leaves alone is not judged anew.

    With `to_a_colleague` a dentist hands it over.
    """
    before = visible(diary, actor, appointment_id)
    moving = Moving("reschedule", actor, received_at)
    transitions.check("reschedule", role=actor.acts_as, status=before.status)
    if not to_a_colleague and wish.dentist_id is not None and not _may_give_to(actor, wish.dentist_id):
        raise errors.Forbidden("A dentist cannot move an appointment to a colleague.")
    check_force(actor, wish)
    if before.status in transitions.RUNNING and wish.model_fields_set & _NOT_WHILE_RUNNING:
        raise errors.IllegalTransition(
            "While the patient is here the end, the chair, the assistant and the reason can be changed."
        )
    reason = wish.reason if "reason" in wish.model_fields_set else before.reason
    if not wish.concerns_time():
        check_cutoff(diary, actor, before, received_at)
        return changed(diary, before, replace(before, reason=reason), moving)
    dentist_id = wish.dentist_id or before.dentist_id
    treatments = wish.treatments() or before.treatments
    _check_who_and_what(diary, before, wish, dentist_id, treatments)
    treatment = diary.visit(treatments, dentist_id)
    time = _rescheduled(diary, actor, before, wish, treatment)
    after = replace(before, dentist_id=dentist_id, time=time, reason=reason, **which_treatments(treatments))
    if time.start != before.time.start:
        # The patient confirmed the former time.
        after = replace(after, confirmation="unconfirmed")
    if wish.treatments() and treatment is not None:
        after = replace(
            after,
            buffer_before_minutes=treatment.buffer_before_minutes,
            buffer_after_minutes=treatment.buffer_after_minutes,
            # The approval was for this treatment: another time needs no other approval.
            status=before.status
            if treatments == before.treatments
            else first_status(diary, actor, before.patient_id, treatment),
        )
    if time.start != before.time.start:
        # One who was erased does not come again.
        check_people(diary, None, before.patient_id)
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


def _check_who_and_what(
    diary: Diary,
    before: Appointment,
    wish: Reschedule,
    dentist_id: uuid.UUID,
    treatments: Sequence[uuid.UUID],
) -> None:
    """Judge the dentist, the treatments, the chair and the assistant, as far as they are others than before."""
    if dentist_id != before.dentist_id:
        check_people(diary, dentist_id, None)
    if treatments != before.treatments:
        check_visit(diary, treatments, dentist_id)
    elif dentist_id != before.dentist_id:
        check_offered(diary, treatments, dentist_id)
    if wish.chair_id != before.chair_id:
        check_chair(diary, wish.chair_id)
    if wish.assistant_id != before.assistant_id:
        check_assistant(diary, wish.assistant_id)


def _may_give_to(actor: Actor, dentist_id: uuid.UUID) -> bool:
    return actor.keeps_diary_of(dentist_id) if actor.is_staff else True


# What must be as it was when the patient came.
_NOT_WHILE_RUNNING = frozenset({"starts_at", "dentist_id", "treatment_id", "treatment_ids"})


def _rescheduled(
    diary: Diary, actor: Actor, before: Appointment, wish: Reschedule, treatment: Treatment | None
) -> Interval:
    starts_at = wish.starts_at or before.time.start
    if not wish.treatments() and wish.ends_at is None:
        # Neither the end nor the treatment is new: keep the length, also one that the practice has changed since.
        return Interval(starts_at, starts_at + (before.time.end - before.time.start))
    return wanted_time(diary, actor, starts_at, wish.ends_at, treatment)


def _needs_seat(diary: Diary, before: Appointment, after: Appointment, wish: Reschedule) -> bool:
    return (
        wish.force
        or (after.claimed, after.dentist_id) != (before.claimed, before.dentist_id)
        or diary.needs(after.treatments) != diary.needs(before.treatments)
        or _is_another("chair_id", before, wish)
        or _is_another("assistant_id", before, wish)
    )


def _is_another(name: str, before: Appointment, wish: Reschedule) -> bool:
    return name in wish.model_fields_set and getattr(wish, name) != getattr(before, name)


def _seat_wish(diary: Diary, before: Appointment, after: Appointment, wish: Reschedule) -> SeatWish:
    needed, needs = diary.needs(before.treatments), diary.needs(after.treatments)

    def choice(name: str, *, is_needed: bool, is_as_before: bool) -> tuple[uuid.UUID | None, bool]:
        """The one that is named; else one that staff chose stays with the treatment, which needs none itself.

        And whether it stays: what a change leaves alone is not judged anew, so that it went away since, or was
        withdrawn.
        """
        stays = before.claimed.contains(after.claimed) and is_as_before and not _is_another(name, before, wish)
        if name in wish.model_fields_set:
            return getattr(wish, name), stays
        is_chosen = after.treatments == before.treatments and not is_needed
        return getattr(before, name) if is_chosen else None, stays

    chair, in_chair = choice(
        "chair_id", is_needed=needs.chair_kind is not None, is_as_before=needs.chair_kind == needed.chair_kind
    )
    assistant, with_assistant = choice(
        "assistant_id", is_needed=needs.assistant, is_as_before=needs.assistant == needed.assistant
    )
    return SeatWish(chair, assistant, force=wish.force, stays_in_chair=in_chair, stays_with_assistant=with_assistant)
