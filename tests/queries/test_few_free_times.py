"""The steps in which few free times are looked for make the whole list, whatever the hours, claims and treatments."""

from __future__ import annotations

import itertools
from datetime import timedelta

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Dentist, Diary
from dental_sync.diary.visits import Treatment
from dental_sync.queries import availability
from dental_sync.queries.availability import Place, Slot
from tests.queries.practices import (
    ANNA,
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    TREATMENT,
    a_diary,
    claims,
    dentists,
    free_slots,
    minutes,
    put_claims,
    ranges,
    read,
    sought,
    treatments,
)


def in_steps(diary: Diary, within: Interval, place: Place | None) -> list[list[Slot]]:
    """What each step finds."""
    return [
        read(availability.slots_of_step(diary, sought(diary, [TREATMENT]), step, place, until=within.end, at=NOW)[0])
        for step in availability.steps(within, place, few=True)
    ]


@hypothesis_settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    treatment=treatments,
    people=st.tuples(dentists, dentists),
    taken=claims,
    closures=st.lists(ranges, max_size=1),
    within=st.builds(
        lambda start, length: Interval(start, start + length * HOUR), minutes, st.sampled_from([1, 24, 30, 75, 110])
    ),
    after=st.integers(0, 200),
)
def test_the_steps_make_the_whole_list_from_any_place_on(
    treatment: Treatment,
    people: tuple[Dentist, Dentist],
    taken: list[tuple[int, Interval, int | None]],
    closures: list[Interval],
    within: Interval,
    after: int,
) -> None:
    """In order, each time once, and none in a step before another's."""
    diary = a_diary(treatment, {ANNA: people[0], BEN: people[1]}, closures=tuple(closures), slot_step=20 * MINUTE)
    put_claims(diary, taken)
    whole = free_slots(diary, sought(diary, [TREATMENT]), within, at=NOW)
    assert [slot for step in in_steps(diary, within, None) for slot in step] == whole
    if whole:
        last = whole[after % len(whole)]
        place = Place(last.time.start, last.dentist_id, 1, "")
        rest = [slot for step in in_steps(diary, within, place) for slot in step]
        assert rest == whole[after % len(whole) + 1 :]


@given(st.integers(1, 31 * 24 * 60), st.integers(0, 31 * 24 * 60))
def test_the_steps_lie_end_to_end_and_each_is_twice_as_long_as_the_one_before(length: int, begun: int) -> None:
    """From the place on to the end, or to an empty one where it lies beyond; five at most."""
    within = Interval(NOW, NOW + length * MINUTE)
    for place in (None, Place(NOW + begun * MINUTE, ANNA, 1, "")):
        steps = list(availability.steps(within, place, few=True))
        assert steps[0].start == (NOW if place is None else min(place.starts_at, within.end))
        assert steps[-1].end == within.end
        assert all(one.end == other.start for one, other in itertools.pairwise(steps))
        lengths = [step.end - step.start for step in steps]
        assert lengths[:-1] == [2**number * DAY for number in range(len(steps) - 1)]
        assert lengths[-1] <= 2 ** (len(steps) - 1) * DAY
        assert len(steps) <= 5
        assert list(availability.steps(within, place, few=False)) == [Interval(steps[0].start, within.end)]
    assert list(availability.steps(within, Place(within.start - timedelta(days=1), ANNA, 1, ""), few=False)) == [within]
