"""Pure rules of time: from weekly working hours to the windows that are open.

No I/O and no clock. Instants are aware; wall-clock times are turned into instants here and nowhere else, because
PostgreSQL and Python disagree about the ambiguous hour when clocks go back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


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
