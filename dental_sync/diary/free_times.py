"""The times at which a treatment can be booked: the rules of a booking, asked of all times at once. Pure.

Each rule says in which ranges a start keeps it. What is in all of them and on the practice's grid is free, and is told
as runs: so a month costs as much as there are changes in it, and not as much as it has times. `seats` and `rules` judge
one time; that both agree is what the tests of the list ask with practices of every kind.
"""

from __future__ import annotations

import heapq
import uuid
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from dental_sync.diary.intervals import NEVER, Calendar, Interval, calendar_of, intersect, merge, subtract
from dental_sync.diary.model import Dentist, Diary, with_buffers
from dental_sync.diary.rules import notice_window
from dental_sync.diary.visits import Treatment

# What is sought, as a dentist does it; None where they do not offer it.
TreatmentOf = Callable[[uuid.UUID], Treatment | None]

_INSTANT = datetime.resolution


class Run(NamedTuple):
    """Times of one length that can be booked, one step of the grid after the other."""

    first: datetime
    step: timedelta
    number: int
    length: timedelta

    @property
    def last(self) -> datetime:
        """When the last of them begins."""
        return self.first + (self.number - 1) * self.step

    def time(self, number: int) -> Interval:
        """One of them, counted from 0."""
        start = self.first + number * self.step
        return Interval(start, start + self.length)

    def before(self, instant: datetime) -> int:
        """How many of them begin before an instant."""
        return min(max(0, -((self.first - instant) // self.step)), self.number)

    def within(self, starts: Interval) -> Run | None:
        """Those that begin within a range; None where none does."""
        skipped, end = self.before(starts.start), self.before(starts.end)
        return self._replace(first=self.first + skipped * self.step, number=end - skipped) if skipped < end else None


Runs = Mapping[uuid.UUID, Sequence[Run]]


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """What can be booked at a moment: runs in order by dentist, the dentists in the order of their ids.

    Where nobody changes anything it is something else from the moment `until` on: a time is too near then, or near
    enough, or a hold has expired.
    """

    runs: Runs
    until: datetime


def free_times(
    diary: Diary, treatment_of: TreatmentOf, within: Interval, *, at: datetime, starts_before: datetime | None = None
) -> FreeTimes:
    """The times wholly within a range, on the practice's grid, at which what is sought can be booked at that moment.

    The grid begins anew with each opening of the working hours and does not move when time off cuts into it. A time may
    reach across midnight where the hours do. Where `starts_before` is given, those that begin before then.
    """
    found: dict[uuid.UUID, list[Run]] = {}
    until = diary.first_expiry
    beside: dict[Treatment, list[Interval]] = {}
    for dentist_id in sorted(diary.dentists):
        treatment = treatment_of(dentist_id)
        if treatment is None:
            continue
        if treatment not in beside:
            end = within.end - treatment.duration + _INSTANT
            starts = Interval(within.start, end if starts_before is None else min(end, starts_before))
            beside[treatment] = _with_chair_and_assistant(diary, treatment, starts, at)
        every = list(_runs(diary, dentist_id, treatment, beside[treatment], at))
        allowed = notice_window(diary, treatment, at)
        bookable = (run.within(allowed) for run in every)
        found[dentist_id] = [run for run in bookable if run is not None]
        until = min(until, _next_change(every, allowed, at))
    return FreeTimes(found, until)


def nearest_first(runs: Runs, wanted: datetime, dentist_id: uuid.UUID) -> Iterator[tuple[uuid.UUID, Interval]]:
    """The times of these runs, the nearest to an instant first; found as far as they are asked for.

    At one distance the named dentist comes first, then the earlier time.
    """
    by_distance: list[Iterable[tuple[timedelta, bool, datetime, uuid.UUID, Interval]]] = []
    for one, of_one in runs.items():
        for times in (_ahead(of_one, wanted), _back(of_one, wanted)):
            by_distance.append(_with_distance(times, wanted, one, is_other=one != dentist_id))
    for *_, one, time in heapq.merge(*by_distance):
        yield one, time


def claimed_by(treatment: Treatment, time: Interval) -> Interval:
    """A time with what the treatment keeps free around it."""
    return with_buffers(time, treatment.buffer_before_minutes, treatment.buffer_after_minutes)


def _next_change(every: Sequence[Run], allowed: Interval, at: datetime) -> datetime:
    """When the first of a dentist's times that are allowed is too near, or the first that is too far ahead no more."""
    changes = [NEVER]
    near = next((run for run in every if run.last >= allowed.start), None)
    if near is not None:
        # With just enough notice it can still be booked.
        changes.append(near.time(near.before(allowed.start)).start - (allowed.start - at) + _INSTANT)
    far = next((run for run in every if run.last >= allowed.end), None)
    if far is not None:
        changes.append(far.time(far.before(allowed.end)).start - (allowed.end - _INSTANT - at))
    return min(changes)


def _runs(
    diary: Diary, dentist_id: uuid.UUID, treatment: Treatment, allowed: Sequence[Interval], at: datetime
) -> Iterator[Run]:
    """Where a dentist is open and free, among these starts and on the grid; notice is no matter here."""
    if not allowed:
        return
    calendar = _calendar(diary.dentists[dentist_id], treatment, Interval(allowed[0].start, allowed[-1].end))
    starts = _starts_in(diary.open(dentist_id, calendar.hours), treatment)
    starts = intersect(subtract(starts, _claimed(diary, dentist_id, treatment, at)), allowed)
    step = treatment.slot_step or diary.slot_step
    place = 0
    for opening in calendar.openings:
        while place < len(starts) and starts[place].start < opening.end:
            start, end = max(starts[place].start, opening.start), min(starts[place].end, opening.end)
            first = opening.start - (opening.start - start) // step * step
            if first < end:
                yield Run(first, step, (end - first - _INSTANT) // step + 1, treatment.duration)
            if starts[place].end > opening.end:
                break
            place += 1


def _with_chair_and_assistant(diary: Diary, treatment: Treatment, starts: Interval, at: datetime) -> list[Interval]:
    """The starts at which there is a chair of the kind, and an assistant, where they are needed."""
    found = [starts] if starts.start < starts.end else []
    if treatment.chair_kind is not None:
        chairs = diary.chairs.get(treatment.chair_kind, ())
        found = merge(free for chair in chairs for free in _free_in_chair(diary, chair, treatment, found, at))
    if treatment.needs_assistant:
        free = merge(free for one in diary.assistants for free in _free_with(diary, one, treatment, starts, at))
        found = intersect(found, free)
    return found


def _free_in_chair(
    diary: Diary, chair_id: uuid.UUID, treatment: Treatment, starts: Sequence[Interval], at: datetime
) -> list[Interval]:
    away = [_meeting(treatment, time) for time in diary.chairs_away.get(chair_id, ())]
    return subtract(starts, [*away, *_claimed(diary, chair_id, treatment, at)])


def _free_with(
    diary: Diary, assistant_id: uuid.UUID, treatment: Treatment, starts: Interval, at: datetime
) -> list[Interval]:
    assistant = diary.assistants[assistant_id]
    calendar = _calendar(assistant, treatment, starts)
    # Where the practice is closed no dentist is open either.
    there = subtract(calendar.hours, assistant.away)
    return subtract(_starts_in(there, treatment), _claimed(diary, assistant_id, treatment, at))


def _calendar(person: Dentist, treatment: Treatment, starts: Interval) -> Calendar:
    last_day = (starts.end + treatment.duration).date()
    return calendar_of(tuple(person.hours), person.zone, starts.start.date(), last_day)


def _starts_in(windows: Iterable[Interval], treatment: Treatment) -> list[Interval]:
    """When it can begin to lie within one of these windows."""
    starts = (Interval(start, end - treatment.duration + _INSTANT) for start, end in windows)
    return [one for one in starts if one.start < one.end]


def _claimed(diary: Diary, resource_id: uuid.UUID, treatment: Treatment, at: datetime) -> list[Interval]:
    """When it cannot begin because somebody has claimed the dentist, the chair or the assistant."""
    return [_meeting(treatment, claim.time) for claim in diary.taken.get(resource_id, ()) if claim.is_alive(at)]


def _meeting(treatment: Treatment, time: Interval) -> Interval:
    """The starts at which it would meet a time, with what it keeps free around itself."""
    after = treatment.duration + timedelta(minutes=treatment.buffer_after_minutes)
    return Interval(time.start - after + _INSTANT, time.end + timedelta(minutes=treatment.buffer_before_minutes))


def _ahead(runs: Sequence[Run], wanted: datetime) -> Iterator[Interval]:
    """The times from an instant on, in order."""
    for run in runs[bisect_left(runs, wanted, key=_last) :]:
        for number in range(run.before(wanted), run.number):
            yield run.time(number)


def _back(runs: Sequence[Run], wanted: datetime) -> Iterator[Interval]:
    """The times that begin before an instant, the latest first."""
    for place in reversed(range(bisect_left(runs, wanted, key=_first))):
        run = runs[place]
        for number in reversed(range(run.before(wanted))):
            yield run.time(number)


_first, _last = attrgetter("first"), attrgetter("last")


def _with_distance(
    times: Iterable[Interval], wanted: datetime, dentist_id: uuid.UUID, *, is_other: bool
) -> Iterator[tuple[timedelta, bool, datetime, uuid.UUID, Interval]]:
    for time in times:
        yield abs(time.start - wanted), is_other, time.start, dentist_id, time
