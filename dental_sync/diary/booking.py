"""The decisions that take a time: to book it, to hold it for a while, and to give it back.

As with all decisions (beside these `changing` and `moves`) no I/O and no clock: the lane loads a `Diary`, asks for
decisions, and stores them. A decision also changes the diary, so that the next request of the same batch sees it. The
rules are in `rules`; each decision raises the refusal that the contract names, in the contract's order.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.ids import new_id
from dental_sync.diary.appointment_row import columns
from dental_sync.diary.model import INSERT, Appointment, Decision, Diary, Hold, RowToStore, with_buffers
from dental_sync.diary.own_bookings import check_may_book, check_open_bookings, first_status
from dental_sync.diary.rules import (
    check_assistant,
    check_chair,
    check_force,
    check_open,
    check_own_diary,
    check_people,
    check_start,
    check_visit,
    find_seat,
    give_up,
    own_hold,
    own_patient,
    patient_of_new_booking,
    take_seat,
    wanted_time,
)
from dental_sync.diary.seats import Place, SeatWish
from dental_sync.diary.shapes import Book, HoldTime
from dental_sync.diary.step_back import Moving, moved
from dental_sync.diary.visits import NOTHING_ELSE, which_treatments


def book(diary: Diary, actor: Actor, wish: Book, *, received_at: datetime) -> Decision:
    """Decide a new booking; raises the first refusal that applies."""
    patient_id = patient_of_new_booking(actor, wish)
    check_may_book(diary, actor, patient_id)
    check_own_diary(actor, wish.dentist_id)
    check_force(actor, wish)
    check_people(diary, wish.dentist_id, patient_id)
    treatment = check_visit(diary, wish.treatments(), wish.dentist_id)
    check_chair(diary, wish.chair_id)
    check_assistant(diary, wish.assistant_id)
    time = wanted_time(diary, actor, wish.starts_at, wish.ends_at, treatment)
    appointment = Appointment(
        id=new_id(),
        patient_id=patient_id,
        dentist_id=wish.dentist_id,
        **which_treatments(wish.treatments()),
        chair_id=None,
        time=time,
        buffer_before_minutes=treatment.buffer_before_minutes if treatment else 0,
        buffer_after_minutes=treatment.buffer_after_minutes if treatment else 0,
        status=first_status(diary, actor, patient_id, treatment),
        reason=wish.reason,
    )
    hold = own_hold(diary, actor, wish.hold_id, received_at)
    # For a booking from a hold, minimum notice is measured from when the hold was made.
    keeps_its_notice = hold is not None and hold.dentist_id == wish.dentist_id and hold.time == time
    held_at = hold.expires_at - diary.hold_for if hold is not None and keeps_its_notice else received_at
    check_start(diary, actor, time.start, treatment, received_at=received_at, asked_at=held_at)
    if not wish.force:
        check_open(diary, appointment.dentist_id, time)
    check_open_bookings(diary, actor, patient_id, received_at)
    if wish.hold_id is not None and hold is None:
        raise errors.HoldExpired
    # A hold that stands beside a forced appointment gives its layer on with its time.
    layer = hold.layer if hold is not None and keeps_its_notice else None
    seat_wish = SeatWish(wish.chair_id, wish.assistant_id, layer, wish.force)
    appointment, given_up = take_seat(diary, appointment, received_at, hold=hold, wish=seat_wish)
    appointment = moved(Moving("book", actor, received_at, has_grace=True), None, appointment)
    diary.enter(appointment)
    values = {"id": appointment.id, "patient_id": patient_id, **columns(appointment)}
    rows = [*given_up, RowToStore(INSERT, "appointments", appointment.id, values)]
    return Decision("made", appointment, rows, changes_others=appointment.layer is not None)


def hold_time(diary: Diary, actor: Actor, wish: HoldTime, *, received_at: datetime) -> Decision:
    """Decide to keep a time for the account that asks; judged like a booking; no other account can have it then.

    The patient who is named is who it is judged for, and is not kept with it.
    """
    if not actor.may_book:
        raise errors.Forbidden
    # Staff hold a time for a patient, although their account may have a patient's record too.
    patient_id = own_patient(actor, wish.patient_id) if actor.is_patient else wish.patient_id
    check_may_book(diary, actor, patient_id)
    check_own_diary(actor, wish.dentist_id)
    check_people(diary, wish.dentist_id, patient_id)
    treatment = check_visit(diary, wish.treatments(), wish.dentist_id)
    time = wanted_time(diary, actor, wish.starts_at, wish.ends_at, treatment)
    check_start(diary, actor, time.start, treatment, received_at=received_at)
    check_open(diary, wish.dentist_id, time)
    alive = [held for held in diary.holds.values() if held.user_id == actor.user_id and held.expires_at > received_at]
    if actor.is_patient and len(alive) >= diary.holds_per_patient:
        raise errors.TooManyHolds
    check_open_bookings(diary, actor, patient_id, received_at)
    before_minutes = treatment.buffer_before_minutes if treatment else 0
    after_minutes = treatment.buffer_after_minutes if treatment else 0
    claimed = with_buffers(time, before_minutes, after_minutes)
    needs = NOTHING_ELSE if treatment is None else treatment.needs
    seat = find_seat(diary, Place(wish.dentist_id, time, claimed, needs), received_at)
    if patient_id is not None and not diary.is_patient_free(patient_id, time):
        raise errors.PatientDoubleBooked
    held = Hold(
        id=new_id(),
        user_id=actor.user_id,
        dentist_id=wish.dentist_id,
        **which_treatments(wish.treatments()),
        chair_id=seat.chair_id,
        assistant_id=seat.assistant_id,
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
        "treatment_ids": held.treatment_ids and list(held.treatment_ids),
        "chair_id": held.chair_id,
        "assistant_id": held.assistant_id,
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
