"""Pure rules of time: the instants of the wire, and from weekly working hours to the windows that are open.

No I/O and no clock. Instants are aware; wall-clock times are turned into instants here and nowhere else, because
PostgreSQL and Python disagree about the ambiguous hour when clocks go back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# RFC 3339: seconds are required, and so is the offset; Python would read +05:99 as +06:39.
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:[0-5]\d)", re.ASCII)
_WALL_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
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


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A half-open range of instants, `[start, end)`, as PostgreSQL's tstzrange; empty when end <= start."""

    start: datetime
    end: datetime

    def overlaps(self, other: Interval) -> bool:
        """Whether the two share an instant."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Interval) -> bool:
        """Whether the other lies wholly within this one."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class WeeklyWindow:
    """A weekly opening in wall-clock time; valid from and to are dates, both included."""

    iso_weekday: int
    starts: time
    ends: time
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether this window is open on that date."""
        return (
            day.isoweekday() == self.iso_weekday
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
        )


def open_windows(
    hours: Iterable[WeeklyWindow], zone: ZoneInfo, within: Interval, closed: Iterable[Interval] = ()
) -> list[Interval]:
    """The windows in which a dentist works, as merged UTC intervals in order that touch `within`, less what is closed.

    A window across a clock change keeps its wall-clock ends: an opening takes the first 02:30 of an ambiguous hour,
    a closing the second, and a window that lies wholly in the hour that is skipped is empty (PEP 495).
    """
    hours = list(hours)
    windows = []
    # A local day begins up to a day before or after the UTC day of the same date.
    day = within.start.date() - timedelta(days=1)
    while day <= within.end.date() + timedelta(days=1):
        for window in hours:
            if window.holds_on(day):
                opened = datetime.combine(day, window.starts, zone).replace(fold=0).astimezone(UTC)
                shut = datetime.combine(day, window.ends, zone).replace(fold=1).astimezone(UTC)
                if opened < shut:
                    windows.append(Interval(opened, shut))
        day += timedelta(days=1)
    return [window for window in subtract(merge(windows), closed) if window.overlaps(within)]


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same instants as disjoint intervals in order; those that touch become one."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if merged and interval.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, interval.end))
        else:
            merged.append(interval)
    return merged


def subtract(intervals: Sequence[Interval], holes: Iterable[Interval]) -> list[Interval]:
    """What is left of the intervals outside the holes, in order."""
    left = list(intervals)
    for hole in merge(holes):
        left = [
            piece
            for interval in left
            for piece in (
                Interval(interval.start, min(interval.end, hole.start)),
                Interval(max(interval.start, hole.end), interval.end),
            )
            if piece.start < piece.end
        ]
    return left
