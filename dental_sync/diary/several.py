"""The decisions about several appointments at once: one after the other over one diary, told in one answer. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.errors import Refusal
from dental_sync.core.ids import new_id
from dental_sync.diary import booking, changing, moves
from dental_sync.diary.model import Appointment, Decision, Diary
from dental_sync.diary.several_shapes import HandOver, Series
from dental_sync.diary.shapes import Cancel, Reschedule


@dataclass(frozen=True, slots=True)
class Refused:
    """One that could not be had, and the code of the refusal; `starts_at` where there is no appointment yet."""

    code: str
    id: uuid.UUID | None = None
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Several:
    """What was decided, in the order in which it is stored, and what was refused."""

    decisions: Sequence[Decision]
    refused: Sequence[Refused] = ()
    series_id: uuid.UUID | None = None


def hand_over(diary: Diary, actor: Actor, dentist_id: uuid.UUID, wish: HandOver, *, received_at: datetime) -> Several:
    """Decide to give these appointments of the diary to a colleague, in the order of their starts.

    Raises Forbidden, UnknownDentist, ValidationFailed. An appointment that the colleague cannot take is refused alone.
    """
    if not actor.keeps_diary_of(dentist_id):
        raise errors.Forbidden("These are another dentist's appointments.")
    if wish.to == dentist_id:
        same: errors.FieldError = {"pointer": "/to", "detail": "must be another dentist"}
        raise errors.ValidationFailed(errors=[same])
    if wish.to not in diary.dentists:
        raise errors.UnknownDentist
    change = Reschedule.model_construct(_fields_set={"dentist_id", "force"}, dentist_id=wish.to, force=wish.force)
    return _each(
        _in_order(diary.appointments.values()),
        lambda one: changing.reschedule(diary, actor, one.id, change, received_at=received_at, to_a_colleague=True),
    )


def book_series(diary: Diary, actor: Actor, wish: Series, *, received_at: datetime) -> Several:
    """Decide to book the same again and again; raises the first one's refusal where nothing can be had, or all is."""
    dentist = diary.dentists.get(wish.dentist_id)
    if dentist is None:
        raise errors.UnknownDentist
    series_id = new_id()
    decisions: list[Decision] = []
    refused: list[Refused] = []
    first: Refusal | None = None
    for one in wish.bookings(dentist.zone):
        try:
            decisions.append(_of_series(booking.book(diary, actor, one, received_at=received_at), series_id))
        except Refusal as refusal:
            if wish.when_taken == "refuse":
                raise
            first = first or refusal
            refused.append(Refused(refusal.code, starts_at=one.starts_at))
    if first is not None and not decisions:
        raise first
    return Several(decisions, refused, series_id)


def _of_series(decision: Decision, series_id: uuid.UUID) -> Decision:
    *before, made = decision.rows
    return replace(decision, rows=[*before, replace(made, values={**made.values, "series_id": series_id})])


def reschedule_following(
    diary: Diary, actor: Actor, appointment_id: uuid.UUID, wish: Reschedule, *, received_at: datetime
) -> Several:
    """Decide a change of one appointment and of those of its series that follow it, by as much wall-clock time.

    Raises the refusal of the one that is named; another one that is refused stays as it is.
    """
    named = diary.appointments[appointment_id]
    dentist = diary.dentists.get(named.dentist_id)
    zone = dentist.zone if dentist is not None else diary.zone

    def local(instant: datetime) -> datetime:
        return instant.astimezone(zone).replace(tzinfo=None)

    by = timedelta(0) if wish.starts_at is None else local(wish.starts_at) - local(named.time.start)
    starts_at = wish.starts_at or named.time.start
    length = None if wish.ends_at is None else wish.ends_at - starts_at

    def decide(one: Appointment) -> Decision:
        moved = (local(one.time.start) + by).replace(tzinfo=zone).astimezone(named.time.start.tzinfo)
        times = {"starts_at": moved} if wish.starts_at is not None else {}
        if length is not None:
            times["ends_at"] = moved + length
        change = wish if one.id == appointment_id else wish.model_copy(update=times)
        return changing.reschedule(diary, actor, one.id, change, received_at=received_at)

    # The farthest first where they go on, so that none meets the next one's former time.
    return _following(diary, named, decide, last_first=by > timedelta(0))


def cancel_following(
    diary: Diary, actor: Actor, appointment_id: uuid.UUID, wish: Cancel, *, received_at: datetime
) -> Several:
    """Decide to cancel one appointment and those of its series that follow it; raises as `reschedule_following`."""
    named = diary.appointments[appointment_id]
    return _following(
        diary, named, lambda one: moves.cancel(diary, actor, one.id, wish, received_at=received_at), last_first=False
    )


def _following(
    diary: Diary, named: Appointment, decide: Callable[[Appointment], Decision], *, last_first: bool
) -> Several:
    ordered = _in_order(diary.appointments.values())
    decisions: list[Decision] = []
    refused: list[Refused] = []
    for one in reversed(ordered) if last_first else ordered:
        try:
            decisions.append(decide(one))
        except Refusal as refusal:
            if one.id == named.id:
                raise
            refused.append(Refused(refusal.code, id=one.id))
    return Several(decisions, refused)


def _in_order(appointments: Iterable[Appointment]) -> list[Appointment]:
    return sorted(appointments, key=lambda one: (one.time.start, one.id))


def _each(appointments: Sequence[Appointment], decide: Callable[[Appointment], Decision]) -> Several:
    decisions, refused = [], []
    for appointment in appointments:
        try:
            decisions.append(decide(appointment))
        except Refusal as refusal:
            refused.append(Refused(refusal.code, id=appointment.id))
    return Several(decisions, refused)
