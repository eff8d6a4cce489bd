"""What is free: across clock changes, seen from anywhere, and always what booking accepts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from apiflask import APIFlask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from dental_sync.diary.intervals import Interval, WeeklyWindow, openings
from dental_sync.diary.model import Dentist
from dental_sync.diary.visits import Treatment
from dental_sync.queries import availability
from dental_sync.queries.availability import Asked
from dental_sync.writes import lane, storing
from tests import plain_sql, signed_in
from tests.conftest import Caller, Practice, a_free_monday
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
    is_accepted,
    minutes,
    put_claims,
    ranges,
    sought,
    treatments,
    visits,
)

# Clock changes.

# A zone, and the days on which its clocks change: by an hour or half of it, at one, two or three, or at midnight.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Asia/Beirut", date(2026, 10, 24)),
]
# Around the change, across it, beginning or ending within it, and far from it.
WINDOWS = [
    (time(0), time(23, 59)),
    (time(0, 30), time(3)),
    (time(1), time(2, 20)),
    (time(2, 10), time(4)),
    (time(2, 15), time(2, 45)),
    (time(8), time(12)),
    (time(22), time(23, 45)),
]


def instant(day: date, clock: time, zone: ZoneInfo, *, fold: int) -> datetime:
    """When the wall shows a time of day, for the first or the second time."""
    return datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC)


def clock_changes(zone: ZoneInfo, day: date) -> bool:
    """Whether the offset changes in the course of a day."""
    midnight = datetime.combine(day, time(0))
    offsets = {(midnight + minutes * MINUTE).replace(tzinfo=zone).utcoffset() for minutes in range(-60, 25 * 60, 10)}
    return len(offsets) > 1


@pytest.mark.parametrize(("name", "day"), CHANGES, ids=str)
@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: f"{window[0]:%H%M}-{window[1]:%H%M}")
def test_hours_hold_by_the_clock_on_the_wall_when_it_changes(name: str, day: date, window: tuple[time, time]) -> None:
    """Every listed time can be booked, none is listed twice, and each lies within the hours as the wall has them."""
    zone = ZoneInfo(name)
    assert clock_changes(zone, day), "the calendar of this zone is another one; choose another day"
    treatment = Treatment(timedelta(minutes=20), slot_step=timedelta(minutes=10))
    hours = [WeeklyWindow(weekday, *window) for weekday in range(1, 8)]
    diary = a_diary(treatment, {ANNA: Dentist(zone, hours, [])})
    at = datetime.combine(day, time(0), UTC) - 5 * DAY
    within = Interval(at + 3 * DAY, at + 8 * DAY)
    slots = free_slots(diary, each(treatment), within, at=at)
    starts = [slot.time.start for slot in slots]
    assert starts == sorted(set(starts))
    for slot in slots:
        assert slot.time.end - slot.time.start == treatment.duration
        if slot.time.start.astimezone(zone).date() == day:
            assert is_accepted(diary, ANNA, slot.time.start, at=at)
        start, end = slot.time.start.astimezone(zone), slot.time.end.astimezone(zone)
        assert start.date() == end.date()
        # Of an opening that the wall shows twice the first counts, of a closing the second.
        assert slot.time.start >= instant(start.date(), window[0], zone, fold=0)
        assert slot.time.end <= instant(start.date(), window[1], zone, fold=1)
        assert window[0] <= start.time() or start.fold
        assert end.time() <= window[1] or not end.fold
    # The days around it have their whole share.
    usual = ((datetime.combine(day, window[1]) - datetime.combine(day, window[0])) // MINUTE - 20) // 10 + 1
    for other in (day - DAY, day + DAY):
        assert sum(start.astimezone(zone).date() == other for start in starts) == usual


@pytest.mark.parametrize(("name", "day"), CHANGES, ids=str)
def test_a_day_around_the_clock_is_as_long_as_it_is(name: str, day: date) -> None:
    """What is skipped is not listed, and the hour that comes twice is, both times: each instant once."""
    zone = ZoneInfo(name)
    treatment = Treatment(timedelta(minutes=10), slot_step=timedelta(minutes=10))
    hours = [WeeklyWindow(weekday, time(0), time(23, 59)) for weekday in range(1, 8)]
    diary = a_diary(treatment, {ANNA: Dentist(zone, hours, [])})
    at = datetime.combine(day, time(0), UTC) - 5 * DAY
    slots = free_slots(diary, each(treatment), Interval(at + 3 * DAY, at + 8 * DAY), at=at)
    midnight = datetime.combine(day, time(0), zone).astimezone(UTC)
    last_minute = datetime.combine(day, time(23, 59), zone).replace(fold=1).astimezone(UTC)
    on_that_day = [slot for slot in slots if slot.time.start.astimezone(zone).date() == day]
    assert len(on_that_day) == (last_minute - midnight) // (10 * MINUTE)


# From far away.


def test_viewers_anywhere_see_the_same_instants(sign_in: Callable[..., Caller], practice: Practice) -> None:
    """A question asked at UTC+14 or UTC-11, about the same instants, has the same answer, in UTC."""
    caller = sign_in("chatbot")
    start = a_free_monday(hour=0)
    answers = []
    for offset in (0, 14, -11, 5.75):
        zone = timezone(timedelta(hours=offset))
        answer = caller.client.get(
            "/api/availability",
            query_string={
                "from": start.astimezone(zone).isoformat(),
                "to": (start + DAY).astimezone(zone).isoformat(),
                "treatmentId": str(practice.treatments["Cleaning"]),
            },
            headers={"Authorization": f"Bearer {caller.token}"},
        )
        assert answer.status_code == 200, answer.json
        answers.append(answer.json["slots"])
    assert len(answers[0]) > 50
    assert all(answer == answers[0] for answer in answers)


def test_dentists_in_other_zones_are_open_by_their_own_clock(
    sign_in: Callable[..., Caller], practice: Practice, owner: Session
) -> None:
    """Eight o'clock is another instant in Lord Howe and in New York; what is listed there can be booked."""
    for dentist, zone in zip(
        practice.dentists, ("Australia/Lord_Howe", "America/New_York", "Asia/Beirut"), strict=True
    ):
        owner.execute(text("UPDATE dentists SET time_zone = :zone WHERE id = :id"), {"zone": zone, "id": dentist})
    owner.commit()
    caller = sign_in("patient1")
    start = a_free_monday(hour=0) - DAY
    asked = {
        "from": format_instant(start),
        "to": format_instant(start + 3 * DAY),
        "treatmentId": str(practice.treatments["Check-up"]),
    }
    headers = {"Authorization": f"Bearer {caller.token}"}
    slots = caller.client.get("/api/availability", query_string=asked, headers=headers).json["slots"]
    zones = dict(owner.execute(text("SELECT id::text, time_zone FROM dentists")).all())
    owner.rollback()
    first = {}
    for slot in slots:
        clock = datetime.fromisoformat(slot["startsAt"]).astimezone(ZoneInfo(zones[slot["dentistId"]]))
        assert time(8) <= clock.time() < time(17)
        first.setdefault((slot["dentistId"], clock.date()), (clock.time(), slot))
    assert {clock for clock, _ in first.values()} == {time(8)}
    for _, slot in list({slot["dentistId"]: entry for entry in first.values() for slot in [entry[1]]}.values()):
        wish = {"dentistId": slot["dentistId"], "startsAt": slot["startsAt"], "treatmentId": asked["treatmentId"]}
        assert caller.post("/appointments", wish).status_code == 201


# The list and the booking.


@hypothesis_settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    treatment=treatments,
    visit=visits,
    people=st.tuples(dentists, dentists),
    assisting=assistants,
    taken=claims,
    away=chairs_away,
    closures=st.lists(ranges, max_size=1),
    within=st.builds(
        lambda start, length: Interval(start, start + length * HOUR), minutes, st.sampled_from([3, 24, 60])
    ),
    slot_step=st.sampled_from([15, 25]),
)
def test_a_time_on_the_grid_is_listed_if_and_only_if_it_can_be_booked(
    treatment: Treatment,
    visit: tuple[uuid.UUID, ...],
    people: tuple[Dentist, Dentist],
    assisting: dict[uuid.UUID, Dentist],
    taken: list[tuple[int, Interval, int | None]],
    away: dict[uuid.UUID, list[Interval]],
    closures: list[Interval],
    within: Interval,
    slot_step: int,
) -> None:
    """For a patient with nothing else at that time, whatever hours, chairs, assistants, buffers, claims and time off.

    And whatever is done in one visit, and each dentist offers, at which length.
    """
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
    found = free_slots(diary, sought(diary, visit), within, at=NOW)
    listed = {(slot.dentist_id, slot.time.start) for slot in found}
    assert len(listed) == len(found)
    assert all(within.contains(slot.time) for slot in found)
    step = diary.treatments[visit[0]].slot_step or diary.slot_step
    grid = {
        (dentist_id, opening.start + number * step)
        for dentist_id in diary.dentists
        for opening in openings(diary.dentists[dentist_id].hours, diary.dentists[dentist_id].zone, within)
        for number in range(-((opening.start - opening.end) // step))
    }
    assert listed <= grid
    lengths = {dentist_id: one.duration for dentist_id in diary.dentists if (one := diary.visit(visit, dentist_id))}
    bookable = {
        (dentist_id, start)
        for dentist_id, start in grid
        if within.contains(Interval(start, start + lengths[dentist_id]))
        and is_accepted(diary, dentist_id, start, at=NOW, visit=visit)
    }
    assert listed == bookable


def test_the_list_and_the_lane_agree(
    worker_app: APIFlask, settings: Settings, owner: Session, practice: Practice
) -> None:
    """The same through PostgreSQL: the lane books each time of the grid, one at a time, if and only if it is listed."""
    monday = a_free_monday(hour=0)
    cleaning = practice.treatments["Cleaning"]
    owner.execute(text("INSERT INTO chairs (name, kind) VALUES ('One', 'surgery'), ('Two', 'surgery')"))
    one = owner.scalar(text("SELECT id FROM chairs WHERE name = 'One'"))
    owner.execute(
        text(
            "UPDATE treatments SET buffer_before_minutes = 10, buffer_after_minutes = 20, chair_kind = 'surgery',"
            " slot_step_minutes = 20 WHERE id = :id"
        ),
        {"id": cleaning},
    )
    users = owner.execute(text("SELECT split_part(email, '@', 1), id FROM users")).all()
    user_ids = dict(users)
    at = owner.scalar(text("SELECT clock_timestamp()"))
    for number, (dentist, hour, chair) in enumerate([(0, 8.5, None), (1, 9.75, one), (2, 14, None), (1, 14.5, one)]):
        taken = plain_sql.book(owner, practice.patients[number], practice.dentists[dentist], monday + hour * HOUR)
        owner.execute(text("UPDATE appointments SET chair_id = :chair WHERE id = :id"), {"chair": chair, "id": taken})
    for dentist, hour, minutes_left in [(2, 9.75, 4), (0, 10.5, -1), (0, 15, 4)]:
        owner.execute(
            text(
                "INSERT INTO holds (user_id, dentist_id, chair_id, starts_at, ends_at, expires_at)"
                " SELECT :user, :dentist, max(id::text)::uuid, :starts_at, :ends_at, :expires_at"
                " FROM chairs WHERE id <> :one"
            ),
            {
                "user": user_ids["patient1"],
                "dentist": practice.dentists[dentist],
                "starts_at": monday + hour * HOUR,
                "ends_at": monday + (hour + 0.5) * HOUR,
                "expires_at": at + minutes_left * MINUTE,
                "one": one,
            },
        )
    owner.execute(
        text("INSERT INTO time_off (dentist_id, starts_at, ends_at) VALUES (:id, :starts_at, :ends_at)"),
        {"id": practice.dentists[2], "starts_at": monday + 11 * HOUR, "ends_at": monday + 13.25 * HOUR},
    )
    owner.execute(
        text(
            "INSERT INTO chair_time_off (chair_id, starts_at, ends_at)"
            " SELECT id, :starts_at, :ends_at FROM chairs WHERE id <> :one"
            " UNION ALL SELECT id, :starts_at + interval '75 minutes', :ends_at + interval '75 minutes' FROM chairs"
        ),
        {"one": one, "starts_at": monday + 15.25 * HOUR, "ends_at": monday + 15.5 * HOUR},
    )
    owner.commit()
    within = Interval(monday, monday + DAY)
    with worker_app.app_context():
        session = db.session()
        diary, treatment_of = availability.load(session, settings, within, Asked(None, [cleaning]), at=at)
        listed = {(slot.dentist_id, slot.time.start) for slot in free_slots(diary, treatment_of, within, at=at)}
        session.rollback()
        patient = signed_in.sign_in(owner, user_ids["patient12"])
        accepted = set()
        grid = [
            (dentist_id, window.start + number * 20 * MINUTE)
            for dentist_id in practice.dentists
            for window in diary.hours(dentist_id, within)
            for number in range(12)
        ]
        for dentist_id, start in grid:
            body = {"dentistId": str(dentist_id), "startsAt": format_instant(start), "treatmentId": str(cleaning)}
            wish = storing.NewRequest(patient, "book", None, body, "POST", "/api/appointments")
            request_id = storing.store_one(owner, wish, idempotency_hours=24).id
            owner.execute(
                text("UPDATE write_requests SET received_at = :at WHERE id = :id"), {"at": at, "id": request_id}
            )
            owner.commit()
            batch = lane.run_batch(session, settings)
            assert batch is not None
            outcome = batch.outcomes[str(request_id)]
            if outcome["status"] == 201:
                accepted.add((dentist_id, start))
                session.execute(
                    text("UPDATE appointments SET status = 'entered-in-error' WHERE id = :id"),
                    {"id": outcome["body"]["id"]},
                )
                session.commit()
    assert listed == accepted
    assert 15 < len(listed) < len(grid) - 15
