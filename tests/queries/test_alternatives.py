"""The nearest free times are the free times, in another order, whatever hours, claims, chairs and buffers there are."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dental_sync.diary.claims import Claim, Claims
from dental_sync.diary.free_times import nearest_free_times
from dental_sync.diary.intervals import Interval, WeeklyWindow
from dental_sync.diary.model import Dentist, Diary
from dental_sync.diary.visits import Treatment
from dental_sync.queries import availability
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
    minutes,
    put_claims,
    ranges,
    sought,
    treatments,
    visits,
)


def without_what_does_not_count(diary: Diary) -> None:
    """Leave out expired holds, and forget whose the other claims are, as the search reads them."""
    for resource_id, taken in list(diary.taken.items()):
        alive = Claims()
        alive.extend([Claim(claim.time, None) for claim in taken if claim.is_alive(NOW)])
        diary.taken[resource_id] = alive


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
    without_what_does_not_count(diary)
    within = Interval(wanted - reach * HOUR, wanted + reach * HOUR)
    found = list(nearest_free_times(diary, treatment_of, wanted, BEN, within, at=NOW, looks=100_000))
    listed = availability.slots(diary, treatment_of, within, at=NOW)

    def nearness(slot: availability.Slot) -> tuple[timedelta, bool, datetime, object]:
        return abs(slot.time.start - wanted), slot.dentist_id != BEN, slot.time.start, slot.dentist_id

    assert found == [(slot.dentist_id, slot.time) for slot in sorted(listed, key=nearness)]


def test_no_more_places_are_looked_at_than_is_allowed() -> None:
    """Where every place is open and no chair is there, the search ends all the same."""
    treatment = Treatment(20 * MINUTE, chair_kind="none of that kind", slot_step=5 * MINUTE)
    diary = a_diary(treatment, {ANNA: around_the_clock()})
    looked: list[object] = []
    diary.chairs = Counting(looked)
    within = Interval(NOW + DAY, NOW + 3 * DAY)
    assert list(nearest_free_times(diary, each(treatment), NOW + 2 * DAY, ANNA, within, at=NOW, looks=100)) == []
    assert len(looked) == 100


class Counting(dict[str, list[object]]):
    """Chairs that note how often they are asked for."""

    def __init__(self, looked: list[object]) -> None:
        super().__init__()
        self._looked = looked

    def get(self, kind: str, default: object = None) -> object:  # type: ignore[override]
        """None of any kind."""
        self._looked.append(kind)
        return default


def around_the_clock() -> Dentist:
    """A dentist who is always there."""
    hours = [WeeklyWindow(weekday, time(0), time(0), ends_next_day=True) for weekday in range(1, 8)]
    return Dentist(ZoneInfo("UTC"), hours, [])
