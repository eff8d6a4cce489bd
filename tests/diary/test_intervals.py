"""Rules of time: instants of the wire, and working hours across every kind of clock change."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dental_sync.core.instants import format_instant, parse_instant
from dental_sync.diary.intervals import Interval, WeeklyWindow, intersect, merge, open_windows, subtract

BERLIN = "Europe/Berlin"
NEW_YORK = "America/New_York"
LORD_HOWE = "Australia/Lord_Howe"
KATHMANDU = "Asia/Kathmandu"


def utc(text: str) -> datetime:
    """An instant, written short."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-11-11T12:00:00Z", datetime(2025, 11, 11, 12, tzinfo=UTC)),
        ("2025-11-11T12:00:00.000Z", datetime(2025, 11, 11, 12, tzinfo=UTC)),
        ("2025-11-11t12:00:00z", datetime(2025, 11, 11, 12, tzinfo=UTC)),
        ("2025-11-11T12:00:00+01:00", datetime(2025, 11, 11, 11, tzinfo=UTC)),
        ("2025-11-11T12:00:00-05:30", datetime(2025, 11, 11, 17, 30, tzinfo=UTC)),
        ("2025-11-11T12:00:00-00:00", datetime(2025, 11, 11, 12, tzinfo=UTC)),
        ("2025-11-11T12:00:00+23:59", datetime(2025, 11, 10, 12, 1, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2025-11-11T12:00:00.9Z", datetime(2025, 11, 11, 12, 0, 0, 900_000, tzinfo=UTC)),
        ("2025-11-11T12:00:00.9999Z", datetime(2025, 11, 11, 12, 0, 0, 999_000, tzinfo=UTC)),
        ("2025-11-11T12:00:00.123456789Z", datetime(2025, 11, 11, 12, 0, 0, 123_000, tzinfo=UTC)),
    ],
)
def test_an_rfc_3339_instant_is_read_as_utc_cut_to_milliseconds(text: str, expected: datetime) -> None:
    """Any offset and either case of the letters is understood; what is finer than a millisecond is cut, not rounded."""
    instant = parse_instant(text)
    assert instant == expected
    assert instant.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2025-11-11T12:00:00",
        "2025-11-11T12:00:00.000",
        "2025-11-11",
        "12:00:00Z",
        "2025-11-11 12:00:00Z",
        "2025-11-11T12:00Z",
        "2025-11-11T12:00:00.Z",
        "2025-11-11T12:00:00,5Z",
        "2025-11-11T12:00:00.1234567890Z",
        "2025-11-11T12:00:00+0100",
        "2025-11-11T12:00:00+05:60",
        "2025-11-11T12:00:00-05:99",
        "2025-11-11T12:00:00+01",
        "2025-11-11T12:00:00 +01:00",
        "2025-11-11T12:00:00Z\n",
        " 2025-11-11T12:00:00Z",
        "20251111T120000Z",
        "2025-W46-2T12:00:00Z",
        "\uff12025-11-11T12:00:00Z",
        "1762862400",
        "now",
        "",
    ],
)
def test_what_is_no_rfc_3339_instant_is_refused(text: str) -> None:
    """A naive time above all: nobody guesses what the caller meant."""
    with pytest.raises(ValueError, match="must be an RFC 3339 instant"):
        parse_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "2025-02-29T12:00:00Z",
        "2025-13-01T12:00:00Z",
        "2025-00-01T12:00:00Z",
        "2025-11-31T12:00:00Z",
        "2025-11-11T24:00:00Z",
        "2025-11-11T12:60:00Z",
        "2016-12-31T23:59:60Z",  # a leap second: it happened, and no calendar of ours has it
        "2025-11-11T12:00:00+24:00",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",  # before the first instant there is
        "9999-12-31T23:59:59-14:00",  # after the last
    ],
)
def test_what_is_no_time_of_the_calendar_is_refused(text: str) -> None:
    """It has the form of an instant, but there is no such day, hour or offset."""
    with pytest.raises(ValueError, match="is not a time of the calendar"):
        parse_instant(text)


@pytest.mark.parametrize("text", ["1900-01-01T23:59:59Z", "9989-12-30T00:00:01Z", "0001-01-01T00:00:00Z"])
def test_what_the_database_could_not_hold_with_buffers_is_refused(text: str) -> None:
    """The tables keep the years 1900 to 9989; what lies outside never gets there."""
    with pytest.raises(ValueError, match="lies outside the years"):
        parse_instant(text)


def test_an_instant_is_written_in_utc_with_milliseconds() -> None:
    """The one form of the wire, whatever zone the instant came in."""
    noon = datetime(2025, 11, 11, 13, 0, 0, 7_999, tzinfo=ZoneInfo(BERLIN))
    assert format_instant(noon) == "2025-11-11T12:00:00.007Z"
    assert format_instant(datetime(2025, 11, 11, 12, tzinfo=UTC)) == "2025-11-11T12:00:00.000Z"


@given(
    st.datetimes(
        min_value=datetime(1900, 1, 3),  # noqa: DTZ001 - the strategy adds the zone
        max_value=datetime(9989, 12, 29),  # noqa: DTZ001
        timezones=st.sampled_from([UTC, ZoneInfo(BERLIN), ZoneInfo(KATHMANDU)]),
    )
)
def test_what_is_written_reads_back_as_the_same_millisecond(instant: datetime) -> None:
    """Writing and reading loses nothing but what is finer than a millisecond."""
    read = parse_instant(format_instant(instant))
    assert timedelta(0) <= instant.astimezone(UTC) - read < timedelta(milliseconds=1)
    assert format_instant(read) == format_instant(instant)


# Working hours.


def windows_on(day: str, zone: str, *hours: tuple[time, time]) -> list[tuple[datetime, datetime]]:
    """What is open on that local day when every day has these hours."""
    start = datetime.combine(date.fromisoformat(day), time(0), ZoneInfo(zone)).astimezone(UTC)
    end = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(0), ZoneInfo(zone)).astimezone(UTC)
    weekly = [WeeklyWindow(weekday, starts, ends) for weekday in range(1, 8) for starts, ends in hours]
    return [(w.start, w.end) for w in open_windows(weekly, ZoneInfo(zone), Interval(start, end))]


@pytest.mark.parametrize(
    ("zone", "day", "starts", "ends"),
    [
        (BERLIN, "2025-03-28", "2025-03-28T07:00", "2025-03-28T16:00"),
        (BERLIN, "2025-03-30", "2025-03-30T06:00", "2025-03-30T15:00"),
        (BERLIN, "2025-10-24", "2025-10-24T06:00", "2025-10-24T15:00"),
        (BERLIN, "2025-10-26", "2025-10-26T07:00", "2025-10-26T16:00"),
        (NEW_YORK, "2025-03-08", "2025-03-08T13:00", "2025-03-08T22:00"),
        (NEW_YORK, "2025-03-09", "2025-03-09T12:00", "2025-03-09T21:00"),
        (NEW_YORK, "2025-11-01", "2025-11-01T12:00", "2025-11-01T21:00"),
        (NEW_YORK, "2025-11-02", "2025-11-02T13:00", "2025-11-02T22:00"),
        (LORD_HOWE, "2025-10-04", "2025-10-03T21:30", "2025-10-04T06:30"),
        (LORD_HOWE, "2025-10-05", "2025-10-04T21:00", "2025-10-05T06:00"),
        (LORD_HOWE, "2025-04-05", "2025-04-04T21:00", "2025-04-05T06:00"),
        (LORD_HOWE, "2025-04-06", "2025-04-05T21:30", "2025-04-06T06:30"),
        (KATHMANDU, "2025-03-30", "2025-03-30T02:15", "2025-03-30T11:15"),
        (KATHMANDU, "2025-10-26", "2025-10-26T02:15", "2025-10-26T11:15"),
    ],
)
def test_hours_keep_their_wall_clock_time_over_a_clock_change(zone: str, day: str, starts: str, ends: str) -> None:
    """Eight to five is eight to five by the practice's clock, on the day before and the day of every change."""
    assert windows_on(day, zone, (time(8), time(17))) == [(utc(starts), utc(ends))]


@pytest.mark.parametrize(
    ("zone", "day", "hours", "expected"),
    [
        (BERLIN, "2025-03-30", (time(1), time(4)), timedelta(hours=2)),
        (BERLIN, "2025-10-26", (time(1), time(4)), timedelta(hours=4)),
        (NEW_YORK, "2025-03-09", (time(1), time(4)), timedelta(hours=2)),
        (NEW_YORK, "2025-11-02", (time(0), time(3)), timedelta(hours=4)),
        (LORD_HOWE, "2025-10-05", (time(1), time(4)), timedelta(hours=2, minutes=30)),
        (LORD_HOWE, "2025-04-06", (time(1), time(4)), timedelta(hours=3, minutes=30)),
        (KATHMANDU, "2025-03-30", (time(1), time(4)), timedelta(hours=3)),
    ],
)
def test_a_window_over_a_clock_change_is_as_long_as_the_night_really_was(
    zone: str, day: str, hours: tuple[time, time], expected: timedelta
) -> None:
    """An hour that is skipped is not worked, one that comes twice is worked twice; half an hour on Lord Howe."""
    [(starts, ends)] = windows_on(day, zone, hours)
    assert ends - starts == expected


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (BERLIN, "2025-03-30", (time(2), time(3))),
        (BERLIN, "2025-03-30", (time(2, 15), time(2, 45))),
        (NEW_YORK, "2025-03-09", (time(2, 30), time(3))),
        (LORD_HOWE, "2025-10-05", (time(2), time(2, 30))),
    ],
)
def test_a_window_wholly_in_the_hour_that_is_skipped_is_closed(zone: str, day: str, hours: tuple[time, time]) -> None:
    """There is no such hour on that day, so nobody can be booked into it."""
    assert windows_on(day, zone, hours) == []


@pytest.mark.parametrize(
    ("hours", "starts", "ends"),
    [
        ((time(2, 30), time(3)), "2025-10-26T00:30", "2025-10-26T02:00"),
        ((time(1), time(2, 30)), "2025-10-25T23:00", "2025-10-26T01:30"),
        ((time(2, 15), time(2, 45)), "2025-10-26T00:15", "2025-10-26T01:45"),
    ],
)
def test_in_an_hour_that_comes_twice_opening_takes_the_first_and_closing_the_second(
    hours: tuple[time, time], starts: str, ends: str
) -> None:
    """The dentist who says 02:30 on that night is there from the first one to the last one."""
    assert windows_on("2025-10-26", BERLIN, hours) == [(utc(starts), utc(ends))]


def test_morning_and_afternoon_are_two_windows_and_what_touches_is_one() -> None:
    """A break is a break; a window that begins where another ends is no break."""
    assert windows_on("2025-11-11", BERLIN, (time(8), time(12)), (time(13), time(17))) == [
        (utc("2025-11-11T07:00"), utc("2025-11-11T11:00")),
        (utc("2025-11-11T12:00"), utc("2025-11-11T16:00")),
    ]
    assert windows_on("2025-11-11", BERLIN, (time(8), time(12)), (time(12), time(17))) == [
        (utc("2025-11-11T07:00"), utc("2025-11-11T16:00"))
    ]


def test_a_weekly_window_holds_on_its_weekday_and_within_its_dates_both_included() -> None:
    """`validFrom` and `validTo` are days on which the window is open."""
    window = WeeklyWindow(2, time(8), time(12), valid_from=date(2025, 11, 11), valid_to=date(2025, 11, 18))
    fortnight = Interval(utc("2025-11-01T00:00"), utc("2025-12-01T00:00"))
    assert [w.start for w in open_windows([window], ZoneInfo(BERLIN), fortnight)] == [
        utc("2025-11-11T07:00"),
        utc("2025-11-18T07:00"),
    ]


def test_only_windows_that_touch_the_asked_range_are_given_and_they_are_given_whole() -> None:
    """A booking late in the evening sees the whole evening window, and not the next morning's."""
    weekly = [WeeklyWindow(day, time(8), time(12)) for day in range(1, 8)]
    asked = Interval(utc("2025-11-11T10:00"), utc("2025-11-11T10:30"))
    assert open_windows(weekly, ZoneInfo(BERLIN), asked) == [Interval(utc("2025-11-11T07:00"), utc("2025-11-11T11:00"))]
    after_closing = Interval(utc("2025-11-11T11:00"), utc("2025-11-11T11:30"))
    assert open_windows(weekly, ZoneInfo(BERLIN), after_closing) == []


def test_what_is_closed_is_cut_out_of_the_hours() -> None:
    """Time off and closures leave what is around them."""
    weekly = [WeeklyWindow(2, time(8), time(12))]
    asked = Interval(utc("2025-11-11T00:00"), utc("2025-11-12T00:00"))
    closed = [
        Interval(utc("2025-11-11T08:00"), utc("2025-11-11T08:30")),
        Interval(utc("2025-11-11T10:30"), utc("2025-11-11T18:00")),
    ]
    assert open_windows(weekly, ZoneInfo(BERLIN), asked, closed) == [
        Interval(utc("2025-11-11T07:00"), utc("2025-11-11T08:00")),
        Interval(utc("2025-11-11T08:30"), utc("2025-11-11T10:30")),
    ]


quarter_hours = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
weekly_windows = st.builds(
    lambda weekday, ends: WeeklyWindow(weekday, min(ends), max(ends)),
    st.integers(1, 7),
    st.tuples(quarter_hours, quarter_hours).filter(lambda pair: pair[0] != pair[1]),
)
# Days around the changes, and some without any.
interesting_days = st.sampled_from(
    [date(2025, 3, 30), date(2025, 10, 26), date(2025, 3, 9), date(2025, 11, 2), date(2025, 10, 5), date(2025, 4, 6)]
)


@given(
    hours=st.lists(weekly_windows, max_size=6),
    zone=st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, KATHMANDU]).map(ZoneInfo),
    day=interesting_days,
    quarter=st.integers(-96, 192),
)
def test_it_is_never_open_at_a_wall_clock_time_outside_the_hours(
    hours: list[WeeklyWindow], zone: ZoneInfo, day: date, quarter: int
) -> None:
    """Whatever the clocks do: at an instant that counts as open, the clock on the wall shows working hours."""
    instant = datetime.combine(day, time(0), UTC) + timedelta(minutes=15 * quarter)
    moment = Interval(instant, instant + timedelta(minutes=15))
    if any(window.contains(moment) for window in open_windows(hours, zone, moment)):
        local = instant.astimezone(zone)
        assert any(w.holds_on(local.date()) and w.starts <= local.time() < w.ends for w in hours)


@given(
    hours=st.lists(weekly_windows, min_size=1, max_size=6),
    zone=st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, KATHMANDU]).map(ZoneInfo),
    day=st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    quarter=st.integers(0, 95),
)
def test_away_from_the_change_every_wall_clock_time_within_the_hours_is_open(
    hours: list[WeeklyWindow], zone: ZoneInfo, day: date, quarter: int
) -> None:
    """On a day of 24 hours a time is open exactly when the hours say so."""
    midnight = datetime.combine(day, time(0), zone)
    next_midnight = datetime.combine(day + timedelta(days=1), time(0), zone)
    if next_midnight.astimezone(UTC) - midnight.astimezone(UTC) != timedelta(days=1):
        return
    local = midnight + timedelta(minutes=15 * quarter)
    moment = Interval(local.astimezone(UTC), local.astimezone(UTC) + timedelta(minutes=15))
    is_open = any(window.contains(moment) for window in open_windows(hours, zone, moment))
    assert is_open == any(w.holds_on(day) and w.starts <= local.time() < w.ends for w in hours)


# Sets of instants.

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)


def minute(number: int) -> datetime:
    """That minute of the hour in which the properties below play."""
    return EPOCH + timedelta(minutes=number)


intervals = st.lists(
    st.tuples(st.integers(0, 59), st.integers(1, 20)).map(lambda p: Interval(minute(p[0]), minute(p[0] + p[1]))),
    max_size=8,
)


def minutes_in(some: list[Interval]) -> set[int]:
    """Which minutes they cover, found without the code under test."""
    return {n for n in range(100) if any(i.start <= minute(n) < i.end for i in some)}


@given(intervals)
def test_merging_keeps_every_instant_and_leaves_gaps_between(some: list[Interval]) -> None:
    """The same minutes as before, as intervals in order that neither overlap nor touch."""
    merged = merge(some)
    assert minutes_in(merged) == minutes_in(some)
    assert all(before.end < after.start for before, after in itertools.pairwise(merged))


@given(intervals, intervals)
def test_subtracting_leaves_exactly_what_is_outside_the_holes(some: list[Interval], holes: list[Interval]) -> None:
    """Minute by minute: in the intervals and in no hole; nothing empty is left over."""
    left = subtract(merge(some), holes)
    assert minutes_in(left) == minutes_in(some) - minutes_in(holes)
    assert all(piece.start < piece.end for piece in left)


@given(intervals, intervals)
def test_intersecting_leaves_exactly_what_both_have(some: list[Interval], others: list[Interval]) -> None:
    """Minute by minute, in order; nothing empty is left over."""
    both = intersect(merge(some), merge(others))
    assert minutes_in(both) == minutes_in(some) & minutes_in(others)
    assert both == sorted(both)
    assert all(piece.start < piece.end for piece in both)


@given(intervals, intervals)
def test_intervals_overlap_exactly_when_they_share_a_minute(some: list[Interval], others: list[Interval]) -> None:
    """Half-open: one that ends where the other begins shares nothing with it."""
    for one in some:
        for other in others:
            assert one.overlaps(other) == bool(minutes_in([one]) & minutes_in([other]))
            assert one.contains(other) == (minutes_in([other]) <= minutes_in([one]))
