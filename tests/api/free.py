"""Ask for free times, and write down which are expected, for the tests of availability."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from dental_sync.records import demo
from tests.conftest import Caller, Practice, a_free_monday

MONDAY = a_free_monday(hour=8)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BERLIN = ZoneInfo(demo.TIME_ZONE)

SignIn = Callable[..., Caller]


def query(
    practice: Practice,
    start: datetime = MONDAY,
    length: timedelta = DAY,
    *,
    treatment: str = "Check-up",
    dentist: int | None = 0,
) -> dict[str, str]:
    """The query for a day of the first dentist."""
    asked = {
        "from": format_instant(start),
        "to": format_instant(start + length),
        "treatmentId": str(practice.treatments[treatment]),
    }
    if dentist is not None:
        asked["dentistId"] = str(practice.dentists[dentist])
    return asked


def ask(caller: Caller, asked: dict[str, str]) -> Any:
    """The whole answer."""
    headers = {"Authorization": f"Bearer {caller.token}"}
    return caller.client.get("/api/availability", query_string=asked, headers=headers)


def listed(caller: Caller, practice: Practice, *args: Any, **kwargs: Any) -> list[str]:
    """By Berlin's clock, the starts that are listed."""
    answer = ask(caller, query(practice, *args, **kwargs))
    assert answer.status_code == 200, answer.json
    starts = [datetime.fromisoformat(slot["startsAt"]).astimezone(BERLIN) for slot in answer.json["slots"]]
    return [f"{start:%H:%M}" for start in starts]


def every(minutes: int, start: str, last: str) -> list[str]:
    """Wall-clock times in steps, the last one included."""
    at, end = (datetime.combine(MONDAY.date(), time.fromisoformat(clock)) for clock in (start, last))
    found = []
    while at <= end:
        found.append(f"{at:%H:%M}")
        at += timedelta(minutes=minutes)
    return found


# A check-up of half an hour, from eight to twelve and one to five, every quarter of an hour.
MORNING, AFTERNOON = every(15, "08:00", "11:30"), every(15, "13:00", "16:30")
WHOLE_DAY = MORNING + AFTERNOON


def without(start: str, end: str, times: list[str] = WHOLE_DAY) -> list[str]:
    """The times whose half hour does not touch a range."""
    first = datetime.combine(MONDAY.date(), time.fromisoformat(start)) - timedelta(minutes=30)
    return [clock for clock in times if clock <= f"{first:%H:%M}" or clock >= end]


def sql(owner: Session, statement: str, **values: object) -> None:
    """Change the practice past the API."""
    owner.execute(text(statement), values)
    owner.commit()


def booking(practice: Practice, starts_at: datetime, treatment: str = "Check-up", dentist: int = 0) -> dict[str, str]:
    """The body of a booking."""
    return {
        "dentistId": str(practice.dentists[dentist]),
        "startsAt": format_instant(starts_at),
        "treatmentId": str(practice.treatments[treatment]),
    }
