"""The decisions on appointments and holds, over a diary in memory.

No I/O and no clock: the lane loads a `Diary`, asks for decisions, and stores them. A decision also changes the diary,
so that the next request of the same batch sees it. The rules are in `rules`; each decision raises the refusal that the
contract names, in the contract's order. Which status allows which move is in `transitions`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.ids import new_id
from dental_sync.diary import transitions
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import INSERT, UPDATE, Appointment, Decision, Diary, Hold, RowToStore, with_buffers
from dental_sync.diary.rules import (
    check_calendar,
    check_cutoff,
    check_not_barred,
    check_own_diary,
    check_people,
    find_seat,
    first_status,
    give_up,
    own_hold,
    patient_of_new_booking,
    take_seat,
    visible,
    wanted_time,
)
from dental_sync.diary.shapes import Book, Cancel, HoldTime, Reschedule


def book(diary: Diary, actor: Actor, wish: Book, *, received_at: datetime) -> Decision:
    """Decide a new booking; raises the first refusal that applies."""
    patient_id = patient_of_new_booking(actor, wish)
    check_not_barred(diary, actor)
    check_own_diary(actor, wish.dentist_id)
    treatment = check_people(diary, wish.dentist_id, patient_id, wish.treatment_id)
    time = wanted_time(diary, actor, wish.starts_at, wish.ends_at, treatment)
    appointment = Appointment(
        id=new_id(),
        patient_id=patient_id,
        dentist_id=wish.dentist_id,
        treatment_id=wish.treatment_id,
        chair_id=None,
        time=time,
        buffer_before_minutes=treatment.buffer_before_minutes if treatment else 0,
        buffer_after_minutes=treatment.buffer_after_minutes if treatment else 0,
        status=first_status(treatment),
        reason=wish.reason,
    )
    hold = own_hold(diary, actor, wish.hold_id, received_at)
    # For a booking from a hold, minimum notice is measured from when the hold was made.
    keeps_its_notice = hold is not None and hold.dentist_id == wish.dentist_id and hold.time == time
    held_at = hold.expires_at - diary.hold_for if hold is not None and keeps_its_notice else received_at
    check_calendar(diary, appointment.dentist_id, time, treatment, received_at=received_at, asked_at=held_at)
    if wish.hold_id is not None and hold is None:
        raise errors.HoldExpired
    appointment, given_up = take_seat(diary, appointment, received_at, hold=hold)
    diary.enter(appointment)
    values = {"id": appointment.id, "patient_id": patient_id, **_columns(appointment)}
    rows = [*given_up, RowToStore(INSERT, "appointments", appointment.id, values)]
    return Decision("made", appointment, rows)


def reschedule(
    diary: Diary, actor: Actor, appointment_id: uuid.UUID, wish: Reschedule, *, received_at: datetime
) -> Decision:
    """Decide a change of time, dentist, treatment or reason; checked like a new booking when the time is concerned."""
    before = visible(diary, actor, appointment_id)
    transitions.check("reschedule", role=actor.role, status=before.status)
    if wish.dentist_id is not None and actor.is_staff and not actor.keeps_diary_of(wish.dentist_id):
        raise errors.Forbidden("A dentist cannot move an appointment to a colleague.")
    reason = wish.reason if "reason" in wish.model_fields_set else before.reason
    if not wish.concerns_time():
        check_cutoff(diary, actor, before, received_at)
        after = replace(before, reason=reason)
        diary.enter(after)
        return _changed(after, {"reason": reason})
    dentist_id = wish.dentist_id or before.dentist_id
    treatment_id = wish.treatment_id or before.treatment_id
    check_people(diary, dentist_id, before.patient_id, wish.treatment_id)
    treatment = diary.treatments.get(treatment_id) if treatment_id else None
    starts_at = wish.starts_at or before.time.start
    ends_at = wish.ends_at
    if wish.treatment_id is None and ends_at is None:
        # Neither the end nor the treatment is new: keep the length, also one that the practice has changed since.
        time = Interval(starts_at, starts_at + (before.time.end - before.time.start))
    else:
        time = wanted_time(diary, actor, starts_at, ends_at, treatment)
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
            status=before.status if treatment_id == before.treatment_id else first_status(treatment),
        )
    check_calendar(diary, dentist_id, time, treatment, received_at=received_at)
    check_cutoff(diary, actor, before, received_at)
    after, given_up = take_seat(diary, after, received_at)
    diary.enter(after)
    return _changed(after, _columns(after), *given_up)


def cancel(diary: Diary, actor: Actor, appointment_id: uuid.UUID, wish: Cancel, *, received_at: datetime) -> Decision:
    """Decide a cancellation; the time is free at once."""
    before = visible(diary, actor, appointment_id)
    transitions.check("cancel", role=actor.role, status=before.status)
    check_cutoff(diary, actor, before, received_at)
    after = replace(before, status="cancelled")
    diary.enter(after)
    values = {
        "status": "cancelled",
        "cancelled_at": received_at,
        "cancelled_by": actor.role,
        "cancel_reason": wish.reason,
    }
    return _changed(after, values)


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
        after = replace(before, confirmation="confirmed")
        diary.enter(after)
        return _changed(after, {"confirmation": "confirmed"})
    after = replace(before, status=move.target or before.status)
    given_up: list[RowToStore] = []
    if after.blocks and not before.blocks:
        # Its time was free since then, and may be taken.
        after, given_up = take_seat(diary, after, received_at)
    diary.enter(after)
    return _changed(after, {"status": after.status, "chair_id": after.chair_id}, *given_up)


def delete(diary: Diary, actor: Actor, appointment_id: uuid.UUID) -> Decision:
    """Decide to strike out what was entered in error: it is no longer shown to anyone, and its row stays stored."""
    before = visible(diary, actor, appointment_id)
    move = transitions.check("delete", role=actor.role, status=before.status)
    after = replace(before, status=move.target or before.status)
    diary.enter(after)
    return Decision("removed", after, [RowToStore(UPDATE, "appointments", after.id, {"status": after.status})])


def hold_time(diary: Diary, actor: Actor, wish: HoldTime, *, received_at: datetime) -> Decision:
    """Decide to keep a time for the account that asks; judged like a booking; no other account can have it then."""
    if not actor.may_book:
        raise errors.Forbidden
    check_not_barred(diary, actor)
    check_own_diary(actor, wish.dentist_id)
    treatment = check_people(diary, wish.dentist_id, None, wish.treatment_id)
    time = wanted_time(diary, actor, wish.starts_at, wish.ends_at, treatment)
    check_calendar(diary, wish.dentist_id, time, treatment, received_at=received_at)
    alive = [held for held in diary.holds.values() if held.user_id == actor.user_id and held.expires_at > received_at]
    if actor.is_patient and len(alive) >= diary.holds_per_patient:
        raise errors.TooManyHolds
    before_minutes = treatment.buffer_before_minutes if treatment else 0
    after_minutes = treatment.buffer_after_minutes if treatment else 0
    claimed = with_buffers(time, before_minutes, after_minutes)
    seat = find_seat(diary, wish.dentist_id, claimed, treatment, received_at)
    # Staff hold a time for a patient, although their account may have a patient's record too.
    own = actor.own_patient_id
    if own is not None and not diary.is_patient_free(own, time):
        raise errors.PatientDoubleBooked
    held = Hold(
        id=new_id(),
        user_id=actor.user_id,
        dentist_id=wish.dentist_id,
        treatment_id=wish.treatment_id,
        chair_id=seat.chair_id,
        time=time,
        claimed=claimed,
        expires_at=received_at + diary.hold_for,
    )
    given_up = give_up(diary, seat.expired)
    diary.hold(held)
    values = {
        "id": held.id,
        "user_id": held.user_id,
        "dentist_id": held.dentist_id,
        "treatment_id": held.treatment_id,
        "chair_id": held.chair_id,
        "starts_at": time.start,
        "ends_at": time.end,
        "buffer_before_minutes": before_minutes,
        "buffer_after_minutes": after_minutes,
        "expires_at": held.expires_at,
    }
    return Decision("made", held, [*given_up, RowToStore(INSERT, "holds", held.id, values)])


def release_hold(diary: Diary, actor: Actor, hold_id: uuid.UUID) -> Decision:
    """Decide to give a held time back; raises NotFound for another account's."""
    hold = diary.holds.get(hold_id)
    if hold is None or (hold.user_id != actor.user_id and not actor.sees_everything):
        raise errors.NotFound
    return Decision("removed", hold, give_up(diary, [hold_id]))


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


def _changed(after: Appointment, values: Mapping[str, Any], *before: RowToStore) -> Decision:
    return Decision("changed", after, [*before, RowToStore(UPDATE, "appointments", after.id, values)])
