"""Instants and times of day as the wire has them: RFC 3339 text with an offset, and `HH:MM`. No clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

# RFC 3339: seconds are required, and so is the offset; Python would read +05:99 as +06:39.
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:[0-5]\d)", re.ASCII)
_WALL_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_END_OF_DAY = "24:00"
_EARLIEST = datetime(1900, 1, 2, tzinfo=UTC)
_LATEST = datetime(9989, 12, 30, tzinfo=UTC)


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 instant as UTC, cut to milliseconds; raises ValueError, for a naive time above all."""
    if not _RFC_3339.fullmatch(text):
        raise ValueError("must be an RFC 3339 instant with an offset, such as 2025-11-11T12:00:00.000Z")
    try:
        instant = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not a time of the calendar") from None
    if not _EARLIEST <= instant <= _LATEST:
        raise ValueError("lies outside the years 1900 to 9989")
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def format_instant(instant: datetime) -> str:
    """Write an instant as the wire has it: `2025-11-11T12:00:00.000Z`."""
    return instant.astimezone(UTC).isoformat("T", "milliseconds").removesuffix("+00:00") + "Z"


def to_wall_clock(value: object) -> time:
    """Read a time of day as `HH:MM`; raises ValueError."""
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not _WALL_CLOCK.fullmatch(value):
        raise ValueError("must be a time of day such as 08:30")
    return time.fromisoformat(value)


def to_closing(value: object) -> time:
    """Read the time of day at which something ends, `24:00` too, which is the next day's 00:00; raises ValueError."""
    return time(0) if value == _END_OF_DAY else to_wall_clock(value)


def format_closing(clock: time) -> str:
    """Write the time of day at which something ends: midnight is `24:00`."""
    return _END_OF_DAY if clock == time(0) else clock.isoformat("minutes")
