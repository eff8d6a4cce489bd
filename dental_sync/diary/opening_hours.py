"""When the practice is open: weekly hours, time off and closures, and which bookings a change would leave stranded.

Pure decisions, made in the lane like bookings: hours that change while a booking is made are judged one after the
other, so no booking can end up outside the hours without having been listed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.instants import format_instant
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
from dental_sync.diary.model import DELETE, INSERT, UPDATE, Absence, Change, Decision, Dentist
from dental_sync.storage import models
from dental_sync.storage.models import new_id


@dataclass(frozen=True, slots=True)
class Booking:
    """An appointment that is still to come, or under way."""

    id: uuid.UUID
    dentist_id: uuid.UUID
    time: Interval


@dataclass(frozen=True, slots=True)
class Timetable:
    """What one request is about; `bookings` are those that it could strand, in order."""

    dentist: Dentist | None = None
    dentist_id: uuid.UUID | None = None
    dentist_name: str = ""
    is_active: bool = True
    hours: Mapping[uuid.UUID, WeeklyWindow] | None = None
    absence: Absence | None = None
    bookings: Sequence[Booking] = ()


def set_hours(timetable: Timetable, actor: Actor, wish: SetHours) -> Decision:
    """Decide a whole week of hours; raises NotFound, Forbidden, BookingsInTheWay."""
    dentist, dentist_id = _own_dentist(timetable, actor)
    wanted = [window.weekly() for window in wish.hours]
    before = timetable.hours or {}
    listed = _list(_stranded(timetable, dentist, replace(dentist, hours=wanted)), force=wish.force)
    # Rows that stay are left alone: hours that did not change are no news.
    left = list(wanted)
    changes = []
    for row_id, window in before.items():
        if window in left:
            left.remove(window)
        else:
            changes.append(Change(DELETE, models.WorkingHours, row_id))
    for window in left:
        values = {
            "id": new_id(),
            "dentist_id": dentist_id,
            "iso_weekday": window.iso_weekday,
            "starts": window.starts,
            "ends": window.ends,
            "valid_from": window.valid_from,
            "valid_to": window.valid_to,
        }
        changes.append(Change(INSERT, models.WorkingHours, values["id"], values))  # type: ignore[arg-type]
    body = {
        **dentist_wire(dentist_id, timetable.dentist_name, dentist.zone.key, wanted, active=timetable.is_active),
        "appointments": listed,
    }
    return Decision(dentist_id, changes, 200, f"/api/dentists/{dentist_id}", body)


def change_dentist(timetable: Timetable, actor: Actor, wish: ChangeDentist) -> Decision:
    """Decide a change of zone or of whether bookings are taken; raises NotFound, Forbidden, BookingsInTheWay."""
    _check_admin(actor)
    dentist, dentist_id = _own_dentist(timetable, actor)
    zone = dentist.zone if wish.time_zone is None else ZoneInfo(wish.time_zone)
    is_active = timetable.is_active if wish.active is None else wish.active
    after = replace(dentist, zone=zone)
    stranded = _stranded(timetable, dentist, after) if is_active else list(timetable.bookings)
    listed = _list(stranded, force=wish.force)
    change = Change(UPDATE, models.Dentist, dentist_id, {"time_zone": zone.key, "active": is_active})
    body = {
        **dentist_wire(dentist_id, timetable.dentist_name, zone.key, dentist.hours, active=is_active),
        "appointments": listed,
    }
    return Decision(dentist_id, [change], 200, f"/api/dentists/{dentist_id}", body)


def _stranded(timetable: Timetable, before: Dentist, after: Dentist) -> list[Booking]:
    """The bookings within the hours as they were and outside those that are to come.

    What lay outside them before would be in the way of every later change.
    """
    return [booking for booking in timetable.bookings if _is_within(before, booking) and not _is_within(after, booking)]


def take_time_off(timetable: Timetable, actor: Actor, wish: TakeTimeOff) -> Decision:
    """Decide time off; raises NotFound, Forbidden, BookingsInTheWay."""
    _, dentist_id = _own_dentist(timetable, actor)
    listed = _list(timetable.bookings, force=wish.force)
    absence = Absence(new_id(), dentist_id, Interval(wish.starts_at, wish.ends_at), wish.reason)
    values = {**_columns(absence), "dentist_id": dentist_id}
    return Decision(
        absence.id,
        [Change(INSERT, models.TimeOff, absence.id, values)],
        201,
        f"/api/dentists/{dentist_id}/time-off/{absence.id}",
        {**absence_wire(absence), "appointments": listed},
    )


def cancel_time_off(timetable: Timetable, actor: Actor, wish: CancelTimeOff) -> Decision:
    """Decide that a dentist is there after all; raises NotFound, Forbidden."""
    check_own(actor, wish.dentist_id)
    absence = timetable.absence
    if absence is None or absence.dentist_id != wish.dentist_id:
        raise errors.NotFound
    path = f"/api/dentists/{absence.dentist_id}/time-off/{absence.id}"
    return Decision(absence.id, [Change(DELETE, models.TimeOff, absence.id)], 204, path)


def close(timetable: Timetable, actor: Actor, wish: Close) -> Decision:
    """Decide a closure of the practice; raises Forbidden, BookingsInTheWay."""
    _check_admin(actor)
    listed = _list(timetable.bookings, force=wish.force)
    closure = Absence(new_id(), None, Interval(wish.starts_at, wish.ends_at), wish.reason)
    return Decision(
        closure.id,
        [Change(INSERT, models.Closure, closure.id, _columns(closure))],
        201,
        f"/api/closures/{closure.id}",
        {**absence_wire(closure), "appointments": listed},
    )


def change_closure(timetable: Timetable, actor: Actor, wish: ChangeClosure) -> Decision:
    """Decide a change of a closure; raises NotFound, Forbidden, ValidationFailed, BookingsInTheWay."""
    _check_admin(actor)
    closure = timetable.absence
    if closure is None:
        raise errors.NotFound
    starts_at, ends_at = wish.starts_at or closure.time.start, wish.ends_at or closure.time.end
    if ends_at <= starts_at:
        wrong: errors.FieldError = {"pointer": "/endsAt", "detail": "must come after startsAt"}
        raise errors.ValidationFailed(errors=[wrong])
    time = Interval(starts_at, ends_at)
    # Who is booked within what was closed already was listed then.
    stranded = [b for b in timetable.bookings if b.time.overlaps(time) and not b.time.overlaps(closure.time)]
    listed = _list(stranded, force=wish.force)
    reason = wish.reason if "reason" in wish.model_fields_set else closure.reason
    after = Absence(closure.id, None, time, reason)
    change = Change(UPDATE, models.Closure, closure.id, _columns(after))
    body = {**absence_wire(after), "appointments": listed}
    return Decision(closure.id, [change], 200, f"/api/closures/{closure.id}", body)


def reopen(timetable: Timetable, actor: Actor, _wish: Reopen) -> Decision:
    """Decide to take a closure back; raises NotFound, Forbidden."""
    _check_admin(actor)
    if timetable.absence is None:
        raise errors.NotFound
    closure_id = timetable.absence.id
    return Decision(closure_id, [Change(DELETE, models.Closure, closure_id)], 204, f"/api/closures/{closure_id}")


def _own_dentist(timetable: Timetable, actor: Actor) -> tuple[Dentist, uuid.UUID]:
    if timetable.dentist is None or timetable.dentist_id is None:
        raise errors.NotFound
    check_own(actor, timetable.dentist_id)
    return timetable.dentist, timetable.dentist_id


def check_own(actor: Actor, dentist_id: uuid.UUID) -> None:
    """Raise Forbidden unless the hours and the time off of this dentist are the actor's to keep."""
    if actor.role != "admin" and (actor.role != "dentist" or actor.dentist_id != dentist_id):
        raise errors.Forbidden("These are another dentist's hours.")


def _is_within(dentist: Dentist, booking: Booking) -> bool:
    windows = open_windows(dentist.hours, dentist.zone, booking.time)
    return any(window.contains(booking.time) for window in windows)


def _check_admin(actor: Actor) -> None:
    if actor.role != "admin":
        raise errors.Forbidden


def _list(stranded: Sequence[Booking], *, force: bool) -> list[str]:
    """The ids of the bookings in the way; raises BookingsInTheWay with them unless that was said to be well."""
    ids = [str(booking.id) for booking in stranded]
    if ids and not force:
        raise errors.BookingsInTheWay(appointments=ids)
    return ids


def _columns(absence: Absence) -> dict[str, Any]:
    return {
        "id": absence.id,
        "starts_at": absence.time.start,
        "ends_at": absence.time.end,
        "reason": absence.reason,
    }


WindowWire = dict[Literal["isoWeekday", "start", "end", "validFrom", "validTo"], Any]


def dentist_wire(
    dentist_id: uuid.UUID, name: str, time_zone: str, hours: Sequence[WeeklyWindow], *, active: bool
) -> dict[str, Any]:
    """The contract's dentist."""
    in_order = sorted(hours, key=lambda window: (window.iso_weekday, window.starts, window.ends))
    return {
        "id": str(dentist_id),
        "name": name,
        "timeZone": time_zone,
        "workingHours": [_window_wire(window) for window in in_order],
        "active": active,
    }


def _window_wire(window: WeeklyWindow) -> WindowWire:
    wire: WindowWire = {
        "isoWeekday": window.iso_weekday,
        "start": window.starts.strftime("%H:%M"),
        "end": window.ends.strftime("%H:%M"),
    }
    if window.valid_from is not None:
        wire["validFrom"] = window.valid_from.isoformat()
    if window.valid_to is not None:
        wire["validTo"] = window.valid_to.isoformat()
    return wire


def absence_wire(absence: Absence) -> dict[str, Any]:
    """Time off, or a closure, as the contract shows it."""
    return {
        "id": str(absence.id),
        **({"dentistId": str(absence.dentist_id)} if absence.dentist_id is not None else {}),
        "startsAt": format_instant(absence.time.start),
        "endsAt": format_instant(absence.time.end),
        "reason": absence.reason,
    }
