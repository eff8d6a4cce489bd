"""The times at which a treatment can be booked: the rules of a booking, asked for each place on the grid. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Diary, Treatment, with_buffers
from dental_sync.diary.rules import is_open, notice_refusal


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
    step = treatment.slot_step or diary.slot_step
    open_now = diary.open(dentist_id, diary.hours(dentist_id, within))
    for opening in diary.openings(dentist_id, within):
        starts_at = opening.start + max(0, -((opening.start - within.start) // step)) * step
        while starts_at < opening.end and starts_at + treatment.duration <= within.end:
            time = Interval(starts_at, starts_at + treatment.duration)
            if is_bookable(diary, dentist_id, treatment, time, open_now, at=at, besides=besides):
                yield time
            starts_at += step


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
    claimed = with_buffers(time, treatment.buffer_before_minutes, treatment.buffer_after_minutes)
    return (
        notice_refusal(diary, treatment, time.start - at) is None
        and is_open(windows, time)
        and diary.seat(dentist_id, claimed, treatment.chair_kind, at=at, besides=besides) is not None
    )
