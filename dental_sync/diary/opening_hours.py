"""When the practice is open: weekly hours, time off and closures, and which bookings a change would leave stranded.

Pure decisions, made in the lane like bookings: hours that change while a booking is made are judged one after the
other, so no booking can end up outside the hours without having been listed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.ids import new_id
from dental_sync.diary.hours_shapes import (
    CancelTimeOff,
    ChangeClosure,
    ChangeDentist,
    Close,
    Reopen,
    SetHours,
    TakeTimeOff,
)
from dental_sync.diary.intervals import Interval, WeeklyWindow, open_windows
from dental_sync.diary.model import (
    DELETE,
    INSERT,
    UPDATE,
    Absence,
    Decision,
    Dentist,
    DentistHours,
    PracticeRules,
    RowToStore,
)
from dental_sync.diary.practice_shapes import ChangePractice

# Of the one row of `practice`, by a constraint.
THE_ONLY_PRACTICE = 1


@dataclass(frozen=True, slots=True)
class Booking:
    """An appointment that is still to come, or under way."""

    id: uuid.UUID
    dentist_id: uuid.UUID
    time: Interval


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """What one request is about; `bookings` are those that it could strand, in order.

    `followers` are the dentists who have the practice's zone because it is the practice's.
    """

    dentist: Dentist | None = None
    dentist_id: uuid.UUID | None = None
    dentist_name: str = ""
    is_active: bool = True
    follows_practice: bool = False
    practice: PracticeRules | None = None
    followers: Mapping[uuid.UUID, Dentist] = field(default_factory=dict)
    hours: Mapping[uuid.UUID, WeeklyWindow] | None = None
    absence: Absence | None = None
    bookings: Sequence[Booking] = ()


def set_hours(opening: OpeningHours, actor: Actor, wish: SetHours) -> Decision:
    """Decide a whole week of hours; raises NotFound, Forbidden, BookingsInTheWay."""
    dentist, dentist_id = _own_dentist(opening, actor)
    if not actor.keeps_hours_of(dentist_id):
        raise errors.Forbidden
    wanted = [window.weekly() for window in wish.hours]
    before = opening.hours or {}
    stranded = accepted(_ids(_outside(opening, dentist, replace(dentist, hours=wanted))), force=wish.force)
    # Rows that stay are left alone: hours that did not change are no news.
    left = list(wanted)
    rows = []
    for row_id, window in before.items():
        if window in left:
            left.remove(window)
        else:
            rows.append(RowToStore(DELETE, "working_hours", row_id))
    for window in left:
        window_id = new_id()
        values = {
            "id": window_id,
            "dentist_id": dentist_id,
            "iso_weekday": window.iso_weekday,
            "starts": window.starts,
            "ends": window.ends,
            "valid_from": window.valid_from,
            "valid_to": window.valid_to,
            "ends_next_day": window.ends_next_day,
        }
        rows.append(RowToStore(INSERT, "working_hours", window_id, values))
    after = DentistHours(dentist_id, opening.dentist_name, dentist.zone, wanted, opening.is_active)
    return Decision("changed", after, rows, stranded)


def change_dentist(opening: OpeningHours, actor: Actor, wish: ChangeDentist) -> Decision:
    """Decide a change of zone or of whether bookings are taken; raises NotFound, Forbidden, BookingsInTheWay."""
    if not actor.administers:
        raise errors.Forbidden
    dentist, dentist_id = _own_dentist(opening, actor)
    zone, follows = dentist.zone, opening.follows_practice
    if "time_zone" in wish.model_fields_set:
        follows = wish.time_zone is None
        zone = ZoneInfo(wish.time_zone or _practice(opening).time_zone)
    is_active = opening.is_active if wish.active is None else wish.active
    outside = _outside(opening, dentist, replace(dentist, zone=zone)) if is_active else list(opening.bookings)
    stranded = accepted(_ids(outside), force=wish.force)
    values = {"time_zone": zone.key, "follows_practice": follows, "active": is_active}
    row = RowToStore(UPDATE, "dentists", dentist_id, values)
    after = DentistHours(dentist_id, opening.dentist_name, zone, dentist.hours, is_active)
    return Decision("changed", after, [row], stranded)


def change_practice(opening: OpeningHours, actor: Actor, wish: ChangePractice) -> Decision:
    """Decide new rules for the bookings that come; another zone is other hours of each dentist who follows it.

    Raises Forbidden, BookingsInTheWay.
    """
    if not actor.administers:
        raise errors.Forbidden
    before = _practice(opening)
    after = replace(before, **wish.values())
    zone = ZoneInfo(after.time_zone)
    outside = []
    for booking in opening.bookings:
        dentist = opening.followers.get(booking.dentist_id)
        if dentist is not None and _is_stranded(booking, dentist, replace(dentist, zone=zone)):
            outside.append(booking)
    stranded = accepted(_ids(outside), force=wish.force)
    return Decision("changed", after, [RowToStore(UPDATE, "practice", THE_ONLY_PRACTICE, wish.values())], stranded)


def _practice(opening: OpeningHours) -> PracticeRules:
    if opening.practice is None:
        raise TypeError("the practice has not been loaded")
    return opening.practice


def _outside(opening: OpeningHours, before: Dentist, after: Dentist) -> list[Booking]:
    """The bookings within the hours as they were and outside those that are to come.

    What lay outside them before would be in the way of every later change.
    """
    return [booking for booking in opening.bookings if _is_stranded(booking, before, after)]


def _is_stranded(booking: Booking, before: Dentist, after: Dentist) -> bool:
    return _is_within(before, booking) and not _is_within(after, booking)


def take_time_off(opening: OpeningHours, actor: Actor, wish: TakeTimeOff) -> Decision:
    """Decide time off; raises NotFound, Forbidden, BookingsInTheWay."""
    _, dentist_id = _own_dentist(opening, actor)
    stranded = accepted(_ids(opening.bookings), force=wish.force)
    absence = Absence(new_id(), dentist_id, Interval(wish.starts_at, wish.ends_at), wish.reason)
    values = {**_columns(absence), "dentist_id": dentist_id}
    return Decision("made", absence, [RowToStore(INSERT, "time_off", absence.id, values)], stranded)


def cancel_time_off(opening: OpeningHours, actor: Actor, wish: CancelTimeOff) -> Decision:
    """Decide that a dentist is there after all; raises NotFound, Forbidden."""
    check_own(actor, wish.dentist_id)
    absence = opening.absence
    if absence is None or absence.dentist_id != wish.dentist_id:
        raise errors.NotFound
    return Decision("removed", absence, [RowToStore(DELETE, "time_off", absence.id)])


def close(opening: OpeningHours, actor: Actor, wish: Close) -> Decision:
    """Decide a closure of the practice; raises Forbidden, BookingsInTheWay."""
    _check_keeps_closures(actor)
    stranded = accepted(_ids(opening.bookings), force=wish.force)
    closure = Absence(new_id(), None, Interval(wish.starts_at, wish.ends_at), wish.reason)
    return Decision("made", closure, [RowToStore(INSERT, "closures", closure.id, _columns(closure))], stranded)


def change_closure(opening: OpeningHours, actor: Actor, wish: ChangeClosure) -> Decision:
    """Decide a change of a closure; raises NotFound, Forbidden, ValidationFailed, BookingsInTheWay."""
    _check_keeps_closures(actor)
    closure = opening.absence
    if closure is None:
        raise errors.NotFound
    starts_at, ends_at = wish.starts_at or closure.time.start, wish.ends_at or closure.time.end
    if ends_at <= starts_at:
        wrong: errors.FieldError = {"pointer": "/endsAt", "detail": "must come after startsAt"}
        raise errors.ValidationFailed(errors=[wrong])
    time = Interval(starts_at, ends_at)
    # Who is booked within what was closed already was listed then.
    newly_closed = [b for b in opening.bookings if b.time.overlaps(time) and not b.time.overlaps(closure.time)]
    stranded = accepted(_ids(newly_closed), force=wish.force)
    reason = wish.reason if "reason" in wish.model_fields_set else closure.reason
    after = Absence(closure.id, None, time, reason)
    return Decision("changed", after, [RowToStore(UPDATE, "closures", closure.id, _columns(after))], stranded)


def reopen(opening: OpeningHours, actor: Actor, _wish: Reopen) -> Decision:
    """Decide to take a closure back; raises NotFound, Forbidden."""
    _check_keeps_closures(actor)
    closure = opening.absence
    if closure is None:
        raise errors.NotFound
    return Decision("removed", closure, [RowToStore(DELETE, "closures", closure.id)])


def _own_dentist(opening: OpeningHours, actor: Actor) -> tuple[Dentist, uuid.UUID]:
    if opening.dentist is None or opening.dentist_id is None:
        raise errors.NotFound
    check_own(actor, opening.dentist_id)
    return opening.dentist, opening.dentist_id


def check_own(actor: Actor, dentist_id: uuid.UUID) -> None:
    """Raise Forbidden unless the time off of this dentist is the actor's to keep."""
    if not actor.keeps_diary_of(dentist_id):
        raise errors.Forbidden("These are another dentist's hours.")


def _is_within(dentist: Dentist, booking: Booking) -> bool:
    windows = open_windows(dentist.hours, dentist.zone, booking.time)
    return any(window.contains(booking.time) for window in windows)


def _check_keeps_closures(actor: Actor) -> None:
    if not actor.sees_everything:
        raise errors.Forbidden


def accepted(stranded: Sequence[uuid.UUID], *, force: bool) -> list[uuid.UUID]:
    """The stranded bookings; raises BookingsInTheWay with them unless `force` accepts them."""
    if stranded and not force:
        raise errors.BookingsInTheWay(appointments=[str(booking_id) for booking_id in stranded])
    return list(stranded)


def _ids(bookings: Sequence[Booking]) -> list[uuid.UUID]:
    return [booking.id for booking in bookings]


def _columns(absence: Absence) -> dict[str, Any]:
    return {
        "id": absence.id,
        "starts_at": absence.time.start,
        "ends_at": absence.time.end,
        "reason": absence.reason,
    }
