"""What is free reaches to what is taken, closed or out of the hours on either side, and no further."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from dental_sync.diary.claims import Claim
from dental_sync.diary.free_times import Run, free_times
from dental_sync.diary.intervals import Interval, WeeklyWindow
from dental_sync.diary.model import Dentist, Diary
from dental_sync.diary.visits import Treatment
from tests.queries.practices import ANNA, CARO, CHAIRS, DAY, HOUR, MINUTE, NOW, a_diary, each

MIDNIGHT = (NOW + DAY).replace(hour=0, minute=0)
NOON, TWO = MIDNIGHT + 12 * HOUR, MIDNIGHT + 14 * HOUR
# Ten minutes before and five after it are kept free.
TREATMENT = Treatment(30 * MINUTE, 10, 5, chair_kind="surgery", needs_assistant=True)


def from_ten_to_four() -> Dentist:
    """Somebody who works then, every day."""
    return Dentist(ZoneInfo("UTC"), [WeeklyWindow(day, time(10), time(16)) for day in range(1, 8)], [])


def claimed(resource_id: uuid.UUID) -> Callable[[Diary, Interval], object]:
    """Let somebody have claimed it."""
    return lambda diary, when: diary.claim([resource_id], Claim(when, None))


def shut_chair(diary: Diary, when: Interval) -> None:
    """Let the only chair be away."""
    diary.chairs_away = {CHAIRS[0]: [when]}


def shut_dentist(diary: Diary, when: Interval) -> None:
    """Let the only dentist be away."""
    diary.dentists = {ANNA: replace(diary.dentists[ANNA], away=[when])}


def shut_assistant(diary: Diary, when: Interval) -> None:
    """Let the only assistant be away."""
    diary.assistants = {CARO: replace(diary.assistants[CARO], away=[when])}


def shut_practice(diary: Diary, when: Interval) -> None:
    """Let the practice be closed."""
    diary.closures = [when]


def free_starts(diary: Diary, treatment: Treatment = TREATMENT) -> list[datetime]:
    """When the treatment can begin that day."""
    found = free_times(diary, each(treatment), Interval(MIDNIGHT, MIDNIGHT + DAY), at=NOW)
    return [run.time(number).start for run in found.runs[ANNA] for number in range(run.number)]


@pytest.mark.parametrize(
    ("take", "with_buffers"),
    [
        (claimed(ANNA), True),
        (claimed(CHAIRS[0]), True),
        (claimed(CARO), True),
        (shut_chair, True),
        (shut_dentist, False),
        (shut_assistant, False),
        (shut_practice, False),
    ],
    ids=[
        "dentist claimed",
        "chair claimed",
        "assistant claimed",
        "chair away",
        "dentist away",
        "assistant away",
        "closed",
    ],
)
def test_a_time_may_touch_what_is_in_the_way_and_not_reach_into_it(
    take: Callable[[Diary, Interval], object], with_buffers: bool
) -> None:
    """With what is kept free around it where somebody else needs the time, and without it where hours end."""
    diary = a_diary(TREATMENT, {ANNA: from_ten_to_four()}, slot_step=MINUTE)
    diary.chairs, diary.assistants = {"surgery": CHAIRS[:1]}, {CARO: from_ten_to_four()}
    every = free_starts(diary)
    assert every == [MIDNIGHT + 10 * HOUR + n * MINUTE for n in range(331)]
    take(diary, Interval(NOON, TWO))
    before, after = (10 * MINUTE, 5 * MINUTE) if with_buffers else (0 * MINUTE, 0 * MINUTE)
    assert free_starts(diary) == [
        start for start in every if start + 30 * MINUTE + after <= NOON or start - before >= TWO
    ]


def test_one_chair_that_is_free_all_the_time_is_needed_and_not_one_after_the_other() -> None:
    """Where each of two chairs is taken for a part of it, it cannot be done."""
    diary = a_diary(TREATMENT, {ANNA: from_ten_to_four()}, slot_step=MINUTE)
    diary.assistants = {CARO: from_ten_to_four()}
    diary.claim([CHAIRS[0]], Claim(Interval(MIDNIGHT + 10 * HOUR, NOON), None))
    diary.claim([CHAIRS[1]], Claim(Interval(NOON, TWO), None))
    starts = free_starts(diary)
    assert NOON - 35 * MINUTE in starts
    assert NOON + 10 * MINUTE in starts
    assert not [start for start in starts if NOON - 35 * MINUTE < start < NOON + 10 * MINUTE]


def test_notice_and_horizon_leave_the_first_and_the_last_time_that_they_allow() -> None:
    """Both included."""
    treatment = Treatment(30 * MINUTE, minimum_notice=NOON - NOW, furthest_advance=TWO - NOW)
    diary = a_diary(treatment, {ANNA: from_ten_to_four()}, slot_step=30 * MINUTE)
    assert free_starts(diary, treatment) == [NOON + n * 30 * MINUTE for n in range(5)]


def test_a_horizon_beyond_the_end_of_the_calendar_is_none() -> None:
    """A practice may say ten thousand years."""
    treatment = Treatment(30 * MINUTE, furthest_advance=3_650_000 * DAY)
    diary = a_diary(treatment, {ANNA: from_ten_to_four()}, slot_step=30 * MINUTE)
    assert len(free_starts(diary, treatment)) == 12


def test_a_run_knows_how_many_of_its_times_begin_before_an_instant() -> None:
    """On its times, between them, before the first and after the last."""
    run = Run(NOON, 20 * MINUTE, 3, 30 * MINUTE)
    asked = [-20, 0, 1, 20, 21, 40, 41, 600]
    assert [run.before(NOON + n * MINUTE) for n in asked] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert run.within(Interval(NOON + MINUTE, NOON + 40 * MINUTE)) == Run(
        NOON + 20 * MINUTE, 20 * MINUTE, 1, run.length
    )
    assert run.within(Interval(NOON + MINUTE, NOON + 20 * MINUTE)) is None
