"""The decisions on an appointment's status, and on the step back. `transitions` says which status allows which move."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.diary import transitions
from dental_sync.diary.appointment_row import changed, stored
from dental_sync.diary.model import Appointment, Decision, Diary, RowToStore
from dental_sync.diary.own_bookings import check_open_bookings
from dental_sync.diary.rules import check_cutoff, check_when, take_seat, visible
from dental_sync.diary.seats import SeatWish
from dental_sync.diary.shapes import ByLink, Cancel
from dental_sync.diary.step_back import Moving


def cancel(diary: Diary, actor: Actor, appointment_id: uuid.UUID, wish: Cancel, *, received_at: datetime) -> Decision:
    """Decide a cancellation; the time is free at once."""
    before = visible(diary, actor, appointment_id)
    transitions.check("cancel", role=actor.acts_as, status=before.status)
    check_cutoff(diary, actor, before, received_at)
    return _cancel(diary, actor, before, wish.reason, received_at)


def _cancel(diary: Diary, actor: Actor, before: Appointment, reason: str | None, received_at: datetime) -> Decision:
    moving = Moving("cancel", actor, received_at, has_grace=True)
    after = replace(before, status="cancelled")
    return changed(diary, before, after, moving, **_cancelled(actor, received_at, reason))


def step(
    diary: Diary, actor: Actor, appointment_id: uuid.UUID, move: transitions.Move, *, received_at: datetime
) -> Decision:
    """Decide a move that only changes the status, or the confirmation.

    Raises NotFound, Forbidden, IllegalTransition, and SlotTaken or PatientDoubleBooked where it takes a time again.
    """
    before = visible(diary, actor, appointment_id)
    move = transitions.check(move.name, role=actor.acts_as, status=before.status)
    moving = Moving(move.name, actor, received_at)
    check_when(diary, move, before, received_at)
    if move.confirms:
        after = replace(before, confirmation="confirmed")
        return changed(diary, before, after, moving)
    after = replace(before, status=move.target or before.status)
    given_up: list[RowToStore] = []
    if after.blocks and not before.blocks:
        # Its time was free since then, and may be taken.
        after, given_up = _come_back(diary, after, received_at)
    return changed(diary, before, after, moving, *given_up)


def by_link(
    diary: Diary,
    actor: Actor,
    appointment_id: uuid.UUID,
    move: transitions.Move,
    wish: ByLink,
    *,
    received_at: datetime,
) -> Decision:
    """Decide what a patient asks for by the link of a reminder: to confirm or to cancel, at the time that it named.

    The practice has asked, so that the cut-off does not count: who says that they will not come is better than who does
    not come. Raises IllegalTransition for another time and once it has begun, and what `step` raises.
    """
    before = visible(diary, actor, appointment_id)
    if before.time.start != wish.starts_at:
        raise errors.IllegalTransition("The appointment has another time now.")
    if before.time.start <= received_at:
        raise errors.IllegalTransition("The appointment has begun.")
    if move.confirms:
        return step(diary, actor, appointment_id, move, received_at=received_at)
    transitions.check(move.name, role=actor.acts_as, status=before.status)
    return _cancel(diary, actor, before, None, received_at)


def delete(diary: Diary, actor: Actor, appointment_id: uuid.UUID, *, received_at: datetime) -> Decision:
    """Decide to strike out what was entered in error: it is no longer shown to anyone, and its row stays stored."""
    before = visible(diary, actor, appointment_id)
    move = transitions.check("delete", role=actor.acts_as, status=before.status)
    after = replace(before, status=move.target or before.status)
    return replace(changed(diary, before, after, Moving("delete", actor, received_at)), effect="removed")


def undo(diary: Diary, actor: Actor, appointment_id: uuid.UUID, *, received_at: datetime) -> Decision:
    """Decide to take the last move back, one step; a booking that is taken back is cancelled.

    Staff within seven days, patients their own booking or cancellation within five minutes; what was deleted comes back
    for admins. Raises NotFound, NothingToUndo, TooManyBookings where another one was booked since, and SlotTaken or
    PatientDoubleBooked where its time was taken since.
    """
    before = visible(diary, actor, appointment_id, deleted=True)
    last = before.last_move
    if last is None:
        raise errors.NothingToUndo
    last.check_may_be_undone(actor, received_at)
    if not last.before:
        after = replace(before, status="cancelled", last_move=None)
        return stored(diary, before, after, **_cancelled(actor, received_at, None))
    after = last.restored(before)
    if after.blocks and not before.blocks:
        check_open_bookings(diary, actor, before.patient_id, received_at)
    given_up: list[RowToStore] = []
    if after.blocks and (not before.blocks or _place(after) != _place(before)):
        after, given_up = _come_back(diary, after, received_at)
    not_cancelled = {"cancelled_at": None, "cancelled_by": None, "cancel_reason": None}
    return stored(diary, before, after, *given_up, **(not_cancelled if before.status == "cancelled" else {}))


def _place(appointment: Appointment) -> tuple[object, ...]:
    return (
        appointment.claimed,
        appointment.dentist_id,
        appointment.chair_id,
        appointment.assistant_id,
        appointment.layer,
    )


def _come_back(diary: Diary, appointment: Appointment, received_at: datetime) -> tuple[Appointment, list[RowToStore]]:
    """Take a time again on the layer that it had, so that only what was taken since is in the way."""
    needs = diary.needs(appointment.treatments)
    chair_id = None if needs.chair_kind is not None else appointment.chair_id
    assistant_id = None if needs.assistant else appointment.assistant_id
    wish = SeatWish(chair_id, assistant_id, appointment.layer)
    seated, given_up = take_seat(diary, appointment, received_at, wish=wish)
    return replace(seated, forced=appointment.forced), given_up


def _cancelled(actor: Actor, at: datetime, reason: str | None) -> dict[str, Any]:
    return {"cancelled_at": at, "cancelled_by": actor.role, "cancel_reason": reason}
