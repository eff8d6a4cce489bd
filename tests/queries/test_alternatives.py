"""The nearest free times are the free times, in another order, whatever hours, claims, chairs and buffers there are."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dental_sync.diary.free_times import free_times, nearest_first
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Dentist
from dental_sync.diary.visits import Treatment
from dental_sync.queries.alternatives import ALTERNATIVES, nearest
from dental_sync.queries.availability import Slot
from dental_sync.queries.want import Own, Rules, Want
from tests.queries.practices import (
    ANNA,
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    a_diary,
    assistants,
    chairs_away,
    claims,
    dentists,
    each,
    free_slots,
    minutes,
    put_claims,
    ranges,
    sought,
    treatments,
    visits,
)


@hypothesis_settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    treatment=treatments,
    visit=visits,
    people=st.tuples(dentists, dentists),
    assisting=assistants,
    taken=claims,
    away=chairs_away,
    closures=st.lists(ranges, max_size=1),
    wanted=minutes,
    reach=st.sampled_from([1, 20, 70]),
    slot_step=st.sampled_from([15, 25]),
)
def test_the_nearest_free_times_are_the_free_times_by_distance(
    treatment: Treatment,
    visit: tuple[uuid.UUID, ...],
    people: tuple[Dentist, Dentist],
    assisting: dict[uuid.UUID, Dentist],
    taken: list[tuple[int, Interval, int | None]],
    away: dict[uuid.UUID, list[Interval]],
    closures: list[Interval],
    wanted: datetime,
    reach: int,
    slot_step: int,
) -> None:
    """At one distance the dentist who was asked for, then the earlier time: none is missing and none is more."""
    diary = a_diary(
        treatment,
        {ANNA: people[0], BEN: people[1]},
        closures=tuple(closures),
        slot_step=slot_step * MINUTE,
        minimum_notice=30 * MINUTE,
        furthest_advance=DAY * 4,
    )
    put_claims(diary, taken)
    diary.chairs_away, diary.assistants = away, assisting
    treatment_of = sought(diary, visit)
    within = Interval(wanted - reach * HOUR, wanted + reach * HOUR)
    found = list(nearest_first(free_times(diary, treatment_of, within, at=NOW).runs, wanted, BEN))
    listed = free_slots(diary, treatment_of, within, at=NOW)
    assert found == [(slot.dentist_id, slot.time) for slot in sorted(listed, key=nearness_to(wanted))]


def nearness_to(wanted: datetime) -> Callable[[Slot], tuple[timedelta, bool, datetime, object]]:
    """The documented order, where Ben was asked for."""
    return lambda slot: (
        abs(slot.time.start - wanted),
        slot.dentist_id != BEN,
        slot.time.start,
        slot.dentist_id,
    )


@hypothesis_settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(
    treatment=treatments,
    people=st.tuples(dentists, dentists),
    taken=claims,
    wanted=minutes,
    reach=st.sampled_from([1, 20, 70]),
    callers=st.lists(st.tuples(st.lists(ranges, max_size=4), st.integers(0, 5)), min_size=2, max_size=4),
)
def test_what_was_looked_for_once_answers_each_as_if_it_had_been_looked_for_them(
    treatment: Treatment,
    people: tuple[Dentist, Dentist],
    taken: list[tuple[int, Interval, int | None]],
    wanted: datetime,
    reach: int,
    callers: list[tuple[list[Interval], int]],
) -> None:
    """Each gets the nearest that overlap none of the own appointments and are not the time that they have."""
    diary = a_diary(
        treatment,
        {ANNA: people[0], BEN: people[1]},
        slot_step=15 * MINUTE,
        minimum_notice=30 * MINUTE,
        furthest_advance=DAY * 4,
    )
    put_claims(diary, taken)
    margin = treatment.duration + 2 * HOUR
    within = Interval(wanted - reach * HOUR - margin, wanted + reach * HOUR + margin)
    want = Want(BEN, wanted, (), Rules(30 * MINUTE, 4 * DAY, 15 * MINUTE))
    shared = free_times(diary, each(treatment), within, at=NOW).runs
    listed = sorted(free_slots(diary, each(treatment), within, at=NOW), key=nearness_to(wanted))
    for elsewhere, number in callers:
        has = listed[number] if number < len(listed) else None
        alone = [
            slot
            for slot in listed
            if slot != has
            and abs(slot.time.start - wanted) <= reach * HOUR
            and not any(slot.time.overlaps(other) for other in elsewhere)
        ]
        assert nearest(shared, want, Own(has, tuple(elsewhere)), reach * HOUR) == alone[:ALTERNATIVES]
