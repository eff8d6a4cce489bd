"""Pure rules of time: from weekly working hours to the windows that are open.

No I/O and no clock. Instants are aware; wall-clock times are turned into instants here and nowhere else, because
PostgreSQL and Python disagree about the ambiguous hour when clocks go back.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

# Later than everything that is known.
NEVER = datetime.max.replace(tzinfo=UTC)


class Interval(NamedTuple):
    """A half-open range of instants, `[start, end)`, as PostgreSQL's tstzrange; empty when end <= start.

    A tuple, because a list of what is free makes and compares tens of thousands of them.
    """

    start: datetime
    end: datetime

    def overlaps(self, other: Interval) -> bool:
        """Whether the two share an instant."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Interval) -> bool:
        """Whether the other lies wholly within this one."""
        return self.start <= other.start and other.end <= self.end


class WeeklyWindow(NamedTuple):
    """A weekly opening in wall-clock time; valid from and to are dates, both included.

    It belongs to the day on which it begins. With `ends_next_day` it goes on until that time of the next day, 00:00
    being the midnight between the two. A tuple, because calendars are looked up by whole weeks of them.
    """

    iso_weekday: int
    starts: time
    ends: time
    valid_from: date | None = None
    valid_to: date | None = None
    ends_next_day: bool = False

    def holds_on(self, day: date) -> bool:
        """Whether this window opens on that date."""
        return (
            day.isoweekday() == self.iso_weekday
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
        )

    def on(self, day: date, zone: ZoneInfo) -> Interval:
        """When it is open that opens on that date; empty where the clocks leave nothing of it.

        A window across a clock change keeps its wall-clock ends: an opening takes the first 02:30 of an ambiguous hour,
        a closing the second, and a window that lies wholly in the hour that is skipped is empty (PEP 495). Midnight as
        a closing is the instant at which the next day begins, so that nothing lies between the two.
        """
        last_day = day + timedelta(days=1) if self.ends_next_day else day
        fold = 0 if self.ends == time(0) else 1
        return Interval(
            datetime.combine(day, self.starts, zone).replace(fold=0).astimezone(UTC),
            datetime.combine(last_day, self.ends, zone).replace(fold=fold).astimezone(UTC),
        )


def open_windows(
    hours: Iterable[WeeklyWindow], zone: ZoneInfo, within: Interval, closed: Iterable[Interval] = ()
) -> list[Interval]:
    """The windows in which a dentist works, as merged UTC intervals in order that touch `within`, less what is closed.

    Windows that touch at midnight are one.
    """
    every = merge(window for of_day in _by_day(hours, zone, within) for window in of_day)
    return [window for window in subtract(every, closed) if window.overlaps(within)]


def openings(hours: Iterable[WeeklyWindow], zone: ZoneInfo, within: Interval) -> list[Interval]:
    """The same hours, cut where another day's window opens: windows of one day that touch are one, at midnight two.

    So what is counted from an opening does not depend on `within` where hours without an end are asked for.
    """
    opened = sorted(window for of_day in _by_day(hours, zone, within) for window in merge(of_day))
    pieces: list[Interval] = []
    for window in opened:
        end = window.end
        if pieces and pieces[-1].end > window.start:
            end = max(end, pieces[-1].end)
            pieces[-1] = Interval(pieces[-1].start, window.start)
        pieces.append(Interval(window.start, end))
    return [piece for piece in pieces if piece.start < piece.end and piece.overlaps(within)]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours of some days as windows, and as openings."""

    hours: Sequence[Interval]
    openings: Sequence[Interval]


@functools.lru_cache(maxsize=4_096)
def calendar_of(hours: tuple[WeeklyWindow, ...], zone: ZoneInfo, first: date, last: date) -> Calendar:
    """Both for the days in UTC from the first to the last, which are included; kept, because the same days are asked
    for again and again and a week of hours seldom changes."""
    midnight = time(0)
    within = Interval(datetime.combine(first, midnight, UTC), datetime.combine(last + timedelta(days=1), midnight, UTC))
    return Calendar(tuple(open_windows(hours, zone, within)), tuple(openings(hours, zone, within)))


def _by_day(hours: Iterable[WeeklyWindow], zone: ZoneInfo, within: Interval) -> Iterator[list[Interval]]:
    """For each day on which a window may open that touches `within`, its windows."""
    hours = list(hours)
    # A local day begins up to a day before or after the UTC day of the same date, and a window may end on the next.
    day = within.start.date() - timedelta(days=2)
    while day <= within.end.date() + timedelta(days=1):
        windows = [window.on(day, zone) for window in hours if window.holds_on(day)]
        yield [window for window in windows if window.start < window.end]
        day += timedelta(days=1)


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
    """What is left outside the holes of intervals that are disjoint and in order, in order."""
    left: list[Interval] = []
    cuts = merge(hole for hole in holes if hole.start < hole.end)
    place = 0
    for interval in intervals:
        start = interval.start
        # A hole may reach into the next interval, so the last one is looked at again.
        while place < len(cuts) and cuts[place].start < interval.end:
            hole = cuts[place]
            if start < hole.start:
                left.append(Interval(start, hole.start))
            start = max(start, hole.end)
            if hole.end >= interval.end:
                break
            place += 1
        if start < interval.end:
            left.append(Interval(start, interval.end))
    return left


def intersect(some: Sequence[Interval], others: Sequence[Interval]) -> list[Interval]:
    """What both have, in order; each of the two is disjoint and in order."""
    found: list[Interval] = []
    left, right = 0, 0
    while left < len(some) and right < len(others):
        one, other = some[left], others[right]
        start, end = max(one.start, other.start), min(one.end, other.end)
        if start < end:
            found.append(Interval(start, end))
        if one.end < other.end:
            left += 1
        else:
            right += 1
    return found
