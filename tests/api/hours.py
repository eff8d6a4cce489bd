"""Hours, times, bookings and what the log says of them, written short."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from dental_sync.records import demo
from tests.conftest import Caller, Practice, a_free_monday

MONDAY = a_free_monday()
HALF_HOUR, HOUR, DAY = timedelta(minutes=30), timedelta(hours=1), timedelta(days=1)
BERLIN = ZoneInfo(demo.TIME_ZONE)

SignIn = Callable[..., Caller]

MORNINGS = [{"isoWeekday": day, "start": "08:00", "end": "12:00"} for day in range(1, 6)]
AFTERNOONS = [{"isoWeekday": day, "start": "13:00", "end": "17:00"} for day in range(1, 6)]
WEEK = sorted(MORNINGS + AFTERNOONS, key=lambda window: (window["isoWeekday"], window["start"]))


def a_check_up(practice: Practice, starts_at: Any = MONDAY, dentist: int = 0, **wish: Any) -> dict[str, Any]:
    """The body of a booking."""
    return {
        "dentistId": str(practice.dentists[dentist]),
        "startsAt": format_instant(starts_at),
        "treatmentId": str(practice.treatments["Check-up"]),
        **wish,
    }


def a_range(starts_at: Any = MONDAY, length: timedelta = DAY, **more: Any) -> dict[str, Any]:
    """The body of time off or of a closure."""
    return {"startsAt": format_instant(starts_at), "endsAt": format_instant(starts_at + length), **more}


def booked(sign_in: SignIn, practice: Practice, name: str = "patient1", **wish: Any) -> str:
    """Book a check-up; gives its id."""
    answer = sign_in(name).post("/appointments", a_check_up(practice, **wish))
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def availability_since(owner: Session, position: int) -> list[dict[str, Any]]:
    """What the log says was changed about what is free."""
    rows = owner.execute(
        text(
            "SELECT payload, channels FROM sync_events WHERE position > :p AND type = 'availability:changed'"
            " ORDER BY position"
        ),
        {"p": position},
    ).all()
    owner.rollback()
    return [{**row.payload, "channels": row.channels} for row in rows]


def without_list(answer: Any) -> dict[str, Any]:
    """The record of an answer that lists bookings beside."""
    return {key: value for key, value in answer.json.items() if key != "appointments"}


def let_it_be_today(owner: Session, appointment_id: str) -> None:
    """Move an appointment to within the hour, beside whoever is there, so that its patient may come."""
    start = datetime.now(UTC).replace(second=0, microsecond=0) + HALF_HOUR
    owner.execute(
        text("UPDATE appointments SET starts_at = :at, ends_at = :to, layers = 'empty' WHERE id = :id"),
        {"at": start, "to": start + HALF_HOUR, "id": appointment_id},
    )
    owner.commit()


def events_of(owner: Session, since: int) -> list[Any]:
    """The log after a position: type, rooms and payload."""
    rows = owner.execute(
        text("SELECT type, channels, payload FROM sync_events WHERE position > :p ORDER BY position"), {"p": since}
    ).all()
    owner.rollback()
    return list(rows)


def head_of(owner: Session) -> int:
    """Where the log ends."""
    position: int = owner.scalar(text("SELECT position FROM log_head"))
    owner.rollback()
    return position
