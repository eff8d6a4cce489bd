"""Midnight: a window may end at it or cross it, and listing, holding and booking agree at both of its sides."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dental_sync.core import errors
from dental_sync.core.instants import format_instant
from dental_sync.diary import booking, opening_hours
from dental_sync.diary.free_times import free_times
from dental_sync.diary.hours_shapes import SetHours, Window
from dental_sync.diary.intervals import Interval, WeeklyWindow, open_windows
from dental_sync.diary.model import Dentist, Diary
from dental_sync.diary.opening_hours import Booking, OpeningHours
from dental_sync.diary.shapes import HoldTime
from dental_sync.diary.visits import Treatment
from tests.decided import copy_of
from tests.diary.diaries import ADMIN, ANNA, CHECK_UP, PATIENT_MIA, a_diary, book

MINUTE, QUARTER, HOUR, DAY = timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)

# Zones, and a night on which the clocks change: at midnight, just after it, later, and never.
NIGHTS = [
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 30)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Havana", date(2026, 11, 1)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Asia/Beirut", date(2026, 10, 25)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Kathmandu", date(2026, 10, 4)),
]


def window(weekday: int, start: str, end: str) -> WeeklyWindow:
    """A window as the wire says it."""
    return Window.model_validate({"isoWeekday": weekday, "start": start, "end": end}).weekly()


def every_day(*hours: tuple[str, str]) -> list[WeeklyWindow]:
    """The same windows on each day."""
    return [window(weekday, *clocks) for weekday in range(1, 8) for clocks in hours]


def a_diary_of(zone: str, hours: list[WeeklyWindow], treatment: Treatment) -> Diary:
    """One dentist in that zone, and that treatment."""
    diary = a_diary()
    diary.dentists = {ANNA: Dentist(ZoneInfo(zone), hours, [])}
    diary.treatments = {CHECK_UP: treatment}
    return diary


def is_booked(diary: Diary, starts_at: datetime, at: datetime) -> bool:
    """Whether a patient gets the time."""
    try:
        book(copy_of(diary), PATIENT_MIA, received_at=at, starts_at=format_instant(starts_at))
    except errors.OutsideWorkingHours:
        return False
    return True


def free_starts(diary: Diary, treatment: Treatment, within: Interval, at: datetime) -> list[datetime]:
    """When the treatment may begin."""
    runs = free_times(diary, lambda _: treatment, within, at=at).runs[ANNA]
    return [run.time(number).start for run in runs for number in range(run.number)]


def is_held(diary: Diary, starts_at: datetime, at: datetime) -> bool:
    """Whether a patient may keep the time."""
    wish = HoldTime(dentistId=ANNA, startsAt=format_instant(starts_at), treatmentId=CHECK_UP)
    try:
        booking.hold_time(copy_of(diary), PATIENT_MIA, wish, received_at=at)
    except errors.OutsideWorkingHours:
        return False
    return True


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [("18:00", "24:00", 360), ("18:00", "00:00", 360), ("22:00", "06:00", 480), ("00:00", "24:00", 1440)],
)
def test_a_window_may_end_at_midnight_or_on_the_next_day(start: str, end: str, minutes: int) -> None:
    """`00:00` as an end is the midnight after the start, as `24:00` is; what is not after the start is tomorrow's."""
    [opened] = open_windows([window(2, start, end)], ZoneInfo("UTC"), Interval(utc(2025, 11, 11), utc(2025, 11, 13)))
    assert opened.start.date() == date(2025, 11, 11)
    assert opened.end - opened.start == minutes * MINUTE


def utc(*parts: int) -> datetime:
    """An instant, written short."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]  # year, month, day, and so on


def test_a_window_that_ends_at_midnight_is_written_and_stored_so_that_it_reads_back_the_same() -> None:
    """A stored request is read again by the lane."""
    shape = SetHours.model_validate({"hours": [{"isoWeekday": 1, "start": "18:00", "end": "24:00"}]})
    stored = shape.model_dump(mode="json", by_alias=True)
    assert stored["hours"][0]["end"] == "24:00"
    assert SetHours.model_validate(stored) == shape


def test_its_last_day_is_the_day_on_which_it_begins() -> None:
    """`validTo` on Tuesday lets the night from Tuesday to Wednesday be worked to its end, and no other."""
    night = WeeklyWindow(2, time(22), time(6), valid_to=date(2025, 11, 11), ends_next_day=True)
    opened = open_windows([night], ZoneInfo("UTC"), Interval(utc(2025, 11, 1), utc(2025, 12, 1)))
    assert opened[-1] == Interval(utc(2025, 11, 11, 22), utc(2025, 11, 12, 6))


@pytest.mark.parametrize(("name", "day"), NIGHTS, ids=str)
def test_nothing_lies_between_a_day_that_ends_at_midnight_and_the_next_that_begins_there(name: str, day: date) -> None:
    """Also on the night on which the clocks skip midnight or show it twice: the two are one open time."""
    zone = ZoneInfo(name)
    within = Interval(utc(day.year, day.month, day.day) - 2 * DAY, utc(day.year, day.month, day.day) + 2 * DAY)
    [around_the_clock] = open_windows(every_day(("18:00", "24:00"), ("00:00", "18:00")), zone, within)
    assert around_the_clock.contains(within)


@pytest.mark.parametrize(("name", "day"), NIGHTS, ids=str)
@pytest.mark.parametrize(
    "hours",
    [[("22:00", "06:00")], [("18:00", "24:00")], [("20:00", "24:00"), ("00:00", "04:00")], [("00:00", "24:00")]],
    ids=str,
)
def test_what_is_listed_around_midnight_is_what_can_be_held_and_booked(
    name: str, day: date, hours: list[tuple[str, str]]
) -> None:
    """Five hours to both sides of the midnight before the change, by fives of minutes; across it too."""
    zone = ZoneInfo(name)
    midnight = datetime.combine(day, time(0), zone).astimezone(UTC)
    diary = a_diary_of(name, every_day(*hours), Treatment(30 * MINUTE, slot_step=5 * MINUTE))
    within = Interval(midnight - 5 * HOUR, midnight + 5 * HOUR)
    at = midnight - 3 * DAY
    listed = free_starts(diary, diary.treatments[CHECK_UP], within, at)
    assert listed == sorted(set(listed))
    asked = [within.start + number * 5 * MINUTE for number in range(10 * 12 - 5)]
    assert listed == [start for start in asked if is_booked(diary, start, at)]
    assert listed == [start for start in asked if is_held(diary, start, at)]
    assert midnight - 30 * MINUTE in listed
    assert (midnight - 15 * MINUTE in listed) == (hours != [("18:00", "24:00")])


clocks = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
weekly = st.builds(
    lambda weekday, ends: WeeklyWindow(weekday, *ends, ends_next_day=ends[1] <= ends[0]),
    st.integers(1, 7),
    st.tuples(clocks, clocks | st.just(time(0))).filter(lambda ends: ends[0] != ends[1] or ends[1] == time(0)),
)


def shows_hours(hours: list[WeeklyWindow], local: datetime) -> bool:
    """Whether the clock on the wall shows working hours, found without the code under test."""
    today, clock = local.date(), local.time()
    return any(
        (w.holds_on(today) and w.starts <= clock and (w.ends_next_day or clock < w.ends))
        or (w.ends_next_day and w.holds_on(today - DAY) and clock < w.ends)
        for w in hours
    )


@hypothesis_settings(max_examples=200)
@given(
    hours=st.lists(weekly, min_size=1, max_size=6),
    zone=st.sampled_from(["Europe/Berlin", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe", "UTC"]),
    day=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    duration=st.sampled_from([15, 45, 120]),
    step=st.sampled_from([15, 30, 105]),
    start=st.integers(0, 12),
)
def test_whatever_the_hours_a_time_is_free_when_the_wall_says_so_and_listed_when_it_is_free(
    hours: list[WeeklyWindow], zone: str, day: date, duration: int, step: int, start: int
) -> None:
    """For each quarter around a midnight: the wall, the booking and the hold agree, and the list has each of them that
    is on the grid, whichever range is asked for."""
    treatment = Treatment(duration * MINUTE, slot_step=step * MINUTE)
    diary = a_diary_of(zone, hours, treatment)
    midnight = datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)
    at = midnight - 4 * DAY
    within = Interval(midnight - 4 * HOUR, midnight + 4 * HOUR)
    quarters = [within.start + number * QUARTER for number in range(32)]
    bookable = {quarter for quarter in quarters if is_booked(diary, quarter, at)}
    assert bookable == {quarter for quarter in quarters if is_held(diary, quarter, at)}
    wide = Interval(within.start - DAY, within.end + DAY)
    clock_moves = len({(wide.start + n * HOUR).astimezone(ZoneInfo(zone)).utcoffset() for n in range(57)}) > 1
    if not clock_moves:
        for quarter in quarters:
            pieces = [quarter + n * QUARTER for n in range(duration // 15)]
            open_by_the_wall = all(shows_hours(hours, piece.astimezone(ZoneInfo(zone))) for piece in pieces)
            assert (quarter in bookable) == open_by_the_wall
    listed = set(free_starts(diary, treatment, wide, at))
    assert listed & set(quarters) <= bookable
    # The grid does not depend on the range that is asked for.
    narrow = Interval(within.start + start * QUARTER, within.end + 3 * HOUR)
    same = set(free_starts(diary, treatment, narrow, at))
    assert same == {slot for slot in listed if narrow.contains(Interval(slot, slot + treatment.duration))}
    if step == 15:
        assert bookable <= listed


def test_bookings_across_and_after_midnight_are_in_the_way_of_hours_that_end_at_it() -> None:
    """What ends before midnight stays within the hours."""
    nights = every_day(("22:00", "06:00"))
    starts = [utc(2030, 1, 7, 22), utc(2030, 1, 7, 23, 45), utc(2030, 1, 8, 5, 30)]
    bookings = [Booking(uuid.uuid4(), ANNA, Interval(start, start + 30 * MINUTE)) for start in starts]
    opening = OpeningHours(
        dentist=Dentist(ZoneInfo("UTC"), nights, []),
        dentist_id=ANNA,
        hours={uuid.uuid4(): night for night in nights},
        bookings=bookings,
    )
    evenings = {"hours": [{"isoWeekday": day, "start": "22:00", "end": "24:00"} for day in range(1, 8)]}
    with pytest.raises(errors.BookingsInTheWay) as refusal:
        opening_hours.set_hours(opening, ADMIN, SetHours.model_validate(evenings))
    assert refusal.value.problem()["appointments"] == [str(booking.id) for booking in bookings[1:]]
