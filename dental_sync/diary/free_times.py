"""The times at which a treatment can be booked: the rules of a booking, asked for each place on the grid. Pure."""

from __future__ import annotations

import heapq
import itertools
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dental_sync.diary.intervals import Interval, calendar_of
from dental_sync.diary.model import Diary, with_buffers
from dental_sync.diary.rules import is_open, notice_refusal
from dental_sync.diary.seats import Place, seat
from dental_sync.diary.visits import Treatment

# What is sought, as a dentist does it; None where they do not offer it.
TreatmentOf = Callable[[uuid.UUID], Treatment | None]


@dataclass(frozen=True, slots=True)
class _Grid:
    """The places at which a treatment may begin from one opening on; none where `last` is before `first`."""

    first: datetime
    last: datetime
    step: timedelta

    def next(self, instant: datetime) -> datetime:
        """The first place that is not before an instant; it may lie beyond the last."""
        return self.first + max(0, -((self.first - instant) // self.step)) * self.step

    def previous(self, instant: datetime) -> datetime:
        """The last place that is not after an instant; it may lie before the first."""
        return self.first + ((min(instant, self.last) - self.first) // self.step) * self.step


def free_times(
    diary: Diary,
    dentist_id: uuid.UUID,
    treatment: Treatment,
    within: Interval,
    *,
    at: datetime,
    besides: Collection[uuid.UUID] = (),
) -> Iterator[Interval]:
    """The times at which a treatment can be booked wholly within a range, in order, on the practice's grid.

    The grid begins anew with each opening of the working hours and does not move when time off cuts into it. The rules
    are those of a booking, asked one by one: a time may reach across midnight where the hours do.
    """
    open_now = diary.open(dentist_id, diary.hours(dentist_id, within))
    for grid in _grids(diary, diary.openings(dentist_id, within), treatment, within):
        starts_at = grid.first
        while starts_at <= grid.last:
            time = Interval(starts_at, starts_at + treatment.duration)
            if is_bookable(diary, dentist_id, treatment, time, open_now, at=at, besides=besides):
                yield time
            starts_at += grid.step


def nearest_free_times(
    diary: Diary,
    treatment_of: TreatmentOf,
    wanted: datetime,
    dentist_id: uuid.UUID,
    within: Interval,
    *,
    at: datetime,
    looks: int,
) -> Iterator[tuple[uuid.UUID, Interval]]:
    """The same times of all the diary's dentists, the nearest to `wanted` first; found as far as they are asked for.

    At one distance the named dentist comes first, then the earlier time. At most `looks` places on the grids are
    looked at, and what a dentist's claims take is passed over: every claim of the diary must count, so none is of an
    expired hold, or of what is to be moved.
    """
    windows, treatments = {}, {}
    places: list[Iterable[tuple[timedelta, bool, datetime, uuid.UUID]]] = []
    for one, dentist in diary.dentists.items():
        treatment = treatment_of(one)
        if treatment is None:
            continue
        treatments[one] = treatment
        calendar = calendar_of(tuple(dentist.hours), dentist.zone, within.start.date(), within.end.date())
        windows[one] = diary.open(one, calendar.hours)
        grids = _grids(diary, calendar.openings, treatment, within)
        for unclaimed in (_ahead, _back):
            found = unclaimed(diary, one, treatment, grids, wanted)
            places.append(_by_distance(found, wanted, one, is_other=one != dentist_id))
    # Where one dentist is free and there is no seat every chair or assistant is taken, for all who take as long.
    without_seat: set[Interval] = set()
    for _, _, starts_at, one in itertools.islice(heapq.merge(*places), looks):
        treatment = treatments[one]
        time = Interval(starts_at, starts_at + treatment.duration)
        if time in without_seat or not _is_allowed(diary, treatment, time, windows[one], at):
            continue
        if seat(diary, _place(one, treatment, time), at=at) is None:
            without_seat.add(time)
        else:
            yield one, time


def is_bookable(
    diary: Diary,
    dentist_id: uuid.UUID,
    treatment: Treatment,
    time: Interval,
    windows: Sequence[Interval],
    *,
    at: datetime,
    besides: Collection[uuid.UUID] = (),
) -> bool:
    """Whether a time could be booked at that moment, as far as it does not depend on the patient."""
    return (
        _is_allowed(diary, treatment, time, windows, at)
        and seat(diary, _place(dentist_id, treatment, time), at=at, besides=besides) is not None
    )


def _is_allowed(diary: Diary, treatment: Treatment, time: Interval, windows: Sequence[Interval], at: datetime) -> bool:
    return notice_refusal(diary, treatment, time.start - at) is None and is_open(windows, time)


def _place(dentist_id: uuid.UUID, treatment: Treatment, time: Interval) -> Place:
    return Place(dentist_id, time, claimed_by(treatment, time), treatment.needs)


def claimed_by(treatment: Treatment, time: Interval) -> Interval:
    """A time with what the treatment keeps free around it."""
    return with_buffers(time, treatment.buffer_before_minutes, treatment.buffer_after_minutes)


def _grids(diary: Diary, openings: Sequence[Interval], treatment: Treatment, within: Interval) -> list[_Grid]:
    step = treatment.slot_step or diary.slot_step
    last = within.end - treatment.duration
    return [
        _Grid(
            _Grid(opening.start, opening.end, step).next(within.start),
            min(opening.end - datetime.resolution, last),
            step,
        )
        for opening in openings
    ]


def _by_distance(
    starts: Iterable[datetime], wanted: datetime, dentist_id: uuid.UUID, *, is_other: bool
) -> Iterator[tuple[timedelta, bool, datetime, uuid.UUID]]:
    for starts_at in starts:
        yield abs(starts_at - wanted), is_other, starts_at, dentist_id


def _ahead(
    diary: Diary, dentist_id: uuid.UUID, treatment: Treatment, grids: Sequence[_Grid], wanted: datetime
) -> Iterator[datetime]:
    """The places from an instant on that no claim on the dentist takes, in order."""
    before = timedelta(minutes=treatment.buffer_before_minutes)
    for grid in grids:
        starts_at = grid.next(wanted)
        while starts_at <= grid.last:
            taken = _taken(diary, dentist_id, treatment, starts_at)
            if taken is None:
                yield starts_at
                starts_at += grid.step
            else:
                starts_at = grid.next(taken.end + before)


def _back(
    diary: Diary, dentist_id: uuid.UUID, treatment: Treatment, grids: Sequence[_Grid], wanted: datetime
) -> Iterator[datetime]:
    """The places before an instant that no claim on the dentist takes, the latest first."""
    extent = treatment.duration + timedelta(minutes=treatment.buffer_after_minutes)
    for grid in reversed(grids):
        starts_at = grid.previous(wanted - datetime.resolution)
        while starts_at >= grid.first:
            taken = _taken(diary, dentist_id, treatment, starts_at)
            if taken is None:
                yield starts_at
                starts_at -= grid.step
            else:
                starts_at = grid.previous(taken.start - extent)


def _taken(diary: Diary, dentist_id: uuid.UUID, treatment: Treatment, starts_at: datetime) -> Interval | None:
    """The claims on the dentist that a start at this instant would meet, from the first to the end of the last."""
    claims = diary.taken.get(dentist_id)
    if claims is None:
        return None
    over = claims.over(claimed_by(treatment, Interval(starts_at, starts_at + treatment.duration)))
    if not over:
        return None
    return Interval(min(claim.time.start for claim in over), max(claim.time.end for claim in over))
