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
from dental_sync.core.roles import ASSISTANT, DENTIST
from dental_sync.diary.hours_shapes import (
    CancelTimeOff,
    ChangeClosure,
    ChangeDentist,
    Close,
    Reopen,
    SetHours,
    SetTreatments,
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
from dental_sync.diary.visits import offers_all

# Of the one row of `practice`, by a constraint.
THE_ONLY_PRACTICE = 1


@dataclass(frozen=True, slots=True)
class Booking:
    """An appointment that is still to come, or under way."""

    id: uuid.UUID
    dentist_id: uuid.UUID
    time: Interval
    assistant_id: uuid.UUID | None = None
    treatments: tuple[uuid.UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """What one request is about; `bookings` are those that it could strand, in order; a dentist's, also as assistant.

    `treatments` are those that the practice has ever had. `followers` are the dentists who have the practice's zone
    because it is the practice's.
    """

    dentist: Dentist | None = None
    dentist_id: uuid.UUID | None = None
    dentist_name: str = ""
    is_active: bool = True
    profession: str = DENTIST
    treatments: frozenset[uuid.UUID] = frozenset()
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
    after = _as_it_is(opening, dentist_id, replace(dentist, hours=wanted))
    return Decision("changed", after, rows, stranded)


def change_dentist(opening: OpeningHours, actor: Actor, wish: ChangeDentist) -> Decision:
    """Decide a change of zone, of profession or of whether bookings are taken.

    Raises NotFound, Forbidden, BookingsInTheWay.
    """
    if not actor.administers:
        raise errors.Forbidden
    dentist, dentist_id = _own_dentist(opening, actor)
    zone, follows = dentist.zone, opening.follows_practice
    if "time_zone" in wish.model_fields_set:
        follows = wish.time_zone is None
        zone = ZoneInfo(wish.time_zone or _practice(opening).time_zone)
    is_active = opening.is_active if wish.active is None else wish.active
    profession = wish.profession or opening.profession
    after = replace(dentist, zone=zone)
    outside = [
        booking
        for booking in opening.bookings
        if not is_active
        or _is_left_by(booking, dentist_id, opening.profession, profession)
        or _is_stranded(booking, dentist, after)
    ]
    stranded = accepted(_ids(outside), force=wish.force)
    values = {"time_zone": zone.key, "follows_practice": follows, "active": is_active, "profession": profession}
    row = RowToStore(UPDATE, "dentists", dentist_id, values)
    record = replace(_as_it_is(opening, dentist_id, after), is_active=is_active, profession=profession)
    return Decision("changed", record, [row], stranded)


def _is_left_by(booking: Booking, dentist_id: uuid.UUID, before: str, after: str) -> bool:
    """Whether somebody who assists from now on was to treat then, or the other way round."""
    if (before == ASSISTANT) == (after == ASSISTANT):
        return False
    return dentist_id == (booking.dentist_id if after == ASSISTANT else booking.assistant_id)


def set_treatments(opening: OpeningHours, actor: Actor, wish: SetTreatments) -> Decision:
    """Decide what a dentist offers; raises NotFound, Forbidden, UnknownTreatment, BookingsInTheWay.

    Another length is for bookings to come. What was not offered before would be in the way of every later change.
    """
    if not actor.administers:
        raise errors.Forbidden
    dentist, dentist_id = _own_dentist(opening, actor)
    offers = wish.offers()
    if offers is not None and not offers.keys() <= opening.treatments:
        raise errors.UnknownTreatment
    no_longer = [
        booking
        for booking in opening.bookings
        if booking.dentist_id == dentist_id
        and offers_all(dentist.offers, booking.treatments)
        and not offers_all(offers, booking.treatments)
    ]
    stranded = accepted(_ids(no_longer), force=wish.force)
    row = RowToStore(UPDATE, "dentists", dentist_id, {"offers": wish.stored()})
    return Decision("changed", replace(_as_it_is(opening, dentist_id, dentist), offers=offers), [row], stranded)


def _as_it_is(opening: OpeningHours, dentist_id: uuid.UUID, dentist: Dentist) -> DentistHours:
    return DentistHours(
        dentist_id,
        opening.dentist_name,
        dentist.zone,
        dentist.hours,
        opening.is_active,
        opening.profession,
        dentist.offers,
    )


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
        people = (opening.followers.get(id_) for id_ in (booking.dentist_id, booking.assistant_id) if id_ is not None)
        if any(one is not None and _is_stranded(booking, one, replace(one, zone=zone)) for one in people):
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
