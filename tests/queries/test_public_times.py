"""Until when a list of free times stays as it is, where nobody changes anything."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dental_sync.diary.intervals import Interval, WeeklyWindow
from dental_sync.diary.model import Dentist
from dental_sync.diary.visits import Treatment
from dental_sync.queries.availability import slots_of_step
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
    read,
    sought,
    treatments,
    visits,
)

NEVER = datetime.max.replace(tzinfo=UTC)


@hypothesis_settings(max_examples=40)
@given(
    treatment=treatments,
    visit=visits,
    people=st.tuples(dentists, dentists),
    taken=claims,
    within=st.builds(
        lambda start, length: Interval(start, start + length * HOUR), minutes, st.sampled_from([3, 24, 60])
    ),
    notice=st.sampled_from([0 * MINUTE, 90 * MINUTE]),
    horizon=st.sampled_from([2 * DAY, 400 * DAY]),
)
def test_until_the_moment_that_is_said_the_list_is_the_same_at_every_moment(
    treatment: Treatment,
    visit: tuple[uuid.UUID, ...],
    people: tuple[Dentist, Dentist],
    taken: list[tuple[int, Interval, int | None]],
    within: Interval,
    notice: timedelta,
    horizon: timedelta,
) -> None:
    """Whatever notice and horizon the practice and the treatment have; by the one rule that says what is free."""
    diary = a_diary(treatment, {ANNA: people[0], BEN: people[1]}, minimum_notice=notice, furthest_advance=horizon)
    # Of holds that have expired nothing is read, and of one that is alive not until when.
    put_claims(diary, [(resource, time, None) for resource, time, _ in taken])
    treatment_of = sought(diary, visit)
    shown, until = slots_of_step(diary, treatment_of, within, None, until=within.end, at=NOW)
    assert until > NOW
    last = NOW + 30 * DAY if until == NEVER else until - datetime.resolution
    for moment in (NOW, NOW + (last - NOW) / 2, last):
        assert free_slots(diary, treatment_of, within, at=moment) == read(shown)


def test_the_moment_is_the_first_at_which_the_list_changes() -> None:
    """The earliest time comes too near, the next one comes near enough, or a hold expires, whichever is first."""
    week = [WeeklyWindow(day, time(0), time(23)) for day in range(1, 8)]
    people = {ANNA: Dentist(ZoneInfo("UTC"), week, [])}
    diary = a_diary(Treatment(60 * MINUTE), people, minimum_notice=HOUR, furthest_advance=DAY, slot_step=HOUR)
    treatment_of = sought(diary, (TREATMENT,))
    noon = NOW.replace(hour=12, minute=0)

    def shown_from(at: datetime, expiry: datetime = NEVER) -> tuple[list[datetime], datetime]:
        diary.first_expiry = expiry
        within = Interval(noon, noon + 2 * DAY)
        slots, until = slots_of_step(diary, treatment_of, within, None, until=within.end, at=at)
        return [slot.time.start for slot in read(slots)], until

    starts, until = shown_from(noon - HOUR)
    # With an hour's notice noon can still be booked, for one instant.
    assert (starts[0], until) == (noon, noon - HOUR + datetime.resolution)
    starts, until = shown_from(until)
    assert (starts[0], starts[-1], until) == (noon + HOUR, noon + 23 * HOUR, noon)
    starts, until = shown_from(until)
    assert (starts[0], starts[-1], until) == (noon + HOUR, noon + 24 * HOUR, noon + datetime.resolution)
    assert shown_from(noon - 30 * MINUTE, noon - 20 * MINUTE)[1] == noon - 20 * MINUTE
