"""Working hours: who keeps them, what they refuse, whom they strand, and what everybody hears of it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import parse_instant, to_wall_clock
from dental_sync.diary.intervals import Interval, WeeklyWindow, open_windows
from dental_sync.records import demo
from tests import plain_sql
from tests.api.hours import (
    BERLIN,
    DAY,
    HALF_HOUR,
    HOUR,
    MONDAY,
    MORNINGS,
    WEEK,
    SignIn,
    a_check_up,
    a_range,
    availability_since,
    booked,
    without_list,
)
from tests.conftest import Practice, sign_in_to

# Working hours.


@pytest.mark.usefixtures("empty_diary")
def test_the_week_is_replaced_and_read_back(sign_in: SignIn, practice: Practice) -> None:
    """Several windows a day, with dates where they are given; the answer is the dentist, in order."""
    anna = practice.dentists[0]
    hours = [
        {"isoWeekday": 1, "start": "14:00", "end": "20:15", "validFrom": "2020-01-01"},
        {"isoWeekday": 1, "start": "07:30", "end": "12:00"},
        {"isoWeekday": 7, "start": "00:00", "end": "23:59", "validFrom": "2030-01-06", "validTo": "2030-01-06"},
    ]
    answer = sign_in("dentist1").call("PUT", f"/dentists/{anna}/working-hours", {"hours": hours})
    assert answer.status_code == 200, answer.json
    assert answer.json["workingHours"] == [hours[1], hours[0], hours[2]]
    assert answer.json["appointments"] == []
    assert sign_in("patient1").get(f"/dentists/{anna}").json == without_list(answer)


@pytest.mark.parametrize(
    ("window", "pointer"),
    [
        ({"start": "12:00"}, "/hours/0"),
        ({"start": "24:00"}, "/hours/0/start"),
        ({"start": "8:00"}, "/hours/0/start"),
        ({"start": "08:00:00"}, "/hours/0/start"),
        ({"start": 8}, "/hours/0/start"),
        ({"end": "24:01"}, "/hours/0/end"),
        ({"end": None}, "/hours/0/end"),
        ({"isoWeekday": 0}, "/hours/0/isoWeekday"),
        ({"isoWeekday": 8}, "/hours/0/isoWeekday"),
        ({"isoWeekday": "1"}, "/hours/0/isoWeekday"),
        ({"validFrom": "2026-13-01"}, "/hours/0/validFrom"),
        ({"validFrom": "2026-01-02", "validTo": "2026-01-01"}, "/hours/0"),
        ({"closed": True}, "/hours/0/closed"),
    ],
)
def test_hours_that_make_no_sense_are_422_with_a_pointer(
    shared_app: APIFlask, window: dict[str, Any], pointer: str
) -> None:
    """To the window that is meant."""
    admin = sign_in_to(shared_app, "admin")
    dentist = admin.get("/dentists").json["items"][0]["id"]
    body = {"hours": [{"isoWeekday": 1, "start": "08:00", "end": "12:00", **window}]}
    answer = admin.call("PUT", f"/dentists/{dentist}/working-hours", body)
    assert (answer.status_code, [error["pointer"] for error in answer.json["errors"]]) == (422, [pointer])


def test_hours_are_a_list_of_at_most_two_hundred(shared_app: APIFlask) -> None:
    """And `force` is true or false."""
    admin = sign_in_to(shared_app, "admin")
    path = f"/dentists/{admin.get('/dentists').json['items'][0]['id']}/working-hours"
    bodies: list[Any] = [{}, {"hours": None}, {"hours": MORNINGS * 41}, {"hours": [], "force": "yes"}]
    for body in bodies:
        assert admin.call("PUT", path, body).status_code == 422


def test_an_opening_on_one_saturday_has_two_equal_dates(sign_in: SignIn, practice: Practice) -> None:
    """Bookable on that Saturday, and not on the next; and an empty week is open never."""
    saturday = MONDAY + 5 * DAY
    day = saturday.astimezone(BERLIN).date().isoformat()
    dentist, patient = sign_in("dentist1"), sign_in("patient1")
    path = f"/dentists/{practice.dentists[0]}/working-hours"
    opening = {"isoWeekday": 6, "start": "09:00", "end": "09:30", "validFrom": day, "validTo": day}
    assert dentist.call("PUT", path, {"hours": [*WEEK, opening]}).status_code == 200
    assert patient.post("/appointments", a_check_up(practice, saturday)).status_code == 201
    next_week = patient.post("/appointments", a_check_up(practice, saturday + 7 * DAY))
    assert (next_week.status_code, next_week.json["code"]) == (422, "outside-working-hours")
    assert dentist.call("PUT", path, {"hours": [], "force": True}).status_code == 200
    never = patient.post("/appointments", a_check_up(practice, MONDAY + DAY))
    assert (never.status_code, never.json["code"]) == (422, "outside-working-hours")


def test_changed_hours_are_told_once_and_unchanged_ones_never(
    sign_in: SignIn, practice: Practice, owner: Session, head: Callable[[], int]
) -> None:
    """One `hours` message for a whole week, to that dentist's room and everybody's, and one to staff."""
    dentist, path = sign_in("dentist1"), f"/dentists/{practice.dentists[0]}/working-hours"
    before = head()
    same = dentist.call("PUT", path, {"hours": WEEK[::-1]})
    assert (same.status_code, same.json["workingHours"]) == (200, WEEK)
    assert head() == before
    longer = [{**window, "end": "18:00"} if window["start"] == "13:00" else window for window in WEEK]
    assert dentist.call("PUT", path, {"hours": longer}).status_code == 200
    [told] = availability_since(owner, before)
    assert head() == before + 2
    assert told["dentistId"] == str(practice.dentists[0])
    assert told["availability"] == {"change": "hours", "from": None, "to": None, "timeZone": demo.TIME_ZONE}
    assert told["channels"] == ["availability:all", f"availability:{practice.dentists[0]}"]


@pytest.mark.usefixtures("empty_diary")
def test_hours_that_would_strand_somebody_are_refused_and_list_them(
    sign_in: SignIn, practice: Practice, head: Callable[[], int], owner: Session
) -> None:
    """409 with the ids by start; with `force` it is done, and the answer lists the same."""
    afternoon = MONDAY + 5 * HOUR
    later, earlier = (
        booked(sign_in, practice, "patient1", starts_at=afternoon + HOUR),
        booked(sign_in, practice, "patient2", starts_at=afternoon),
    )
    booked(sign_in, practice, "patient3", starts_at=MONDAY)
    booked(sign_in, practice, "patient4", starts_at=afternoon, dentist=1)
    cancelled = booked(sign_in, practice, "patient5", starts_at=afternoon + 2 * HOUR)
    assert sign_in("patient5").post(f"/appointments/{cancelled}/cancel").status_code == 200
    dentist, path = sign_in("dentist1"), f"/dentists/{practice.dentists[0]}/working-hours"
    mornings_on_mondays = [window for window in WEEK if window["isoWeekday"] > 1 or window["start"] == "08:00"]
    before = head()
    refused = dentist.call("PUT", path, {"hours": mornings_on_mondays})
    assert (refused.status_code, refused.json["code"]) == (409, "bookings-in-the-way")
    assert refused.json["appointments"] == [earlier, later]
    assert head() == before
    forced = dentist.call("PUT", path, {"hours": mornings_on_mondays, "force": True})
    assert (forced.status_code, forced.json["appointments"]) == (200, [earlier, later])
    assert len(availability_since(owner, before)) == 1
    assert dentist.get(f"/appointments/{earlier}").json["status"] == "booked"


@pytest.mark.usefixtures("empty_diary")
def test_what_was_stranded_before_is_in_nobodys_way(sign_in: SignIn, practice: Practice) -> None:
    """Who forced it once need not force every change of another day that follows."""
    booked(sign_in, practice)
    dentist, path = sign_in("dentist1"), f"/dentists/{practice.dentists[0]}/working-hours"
    without_monday = [window for window in WEEK if window["isoWeekday"] > 1]
    assert dentist.call("PUT", path, {"hours": without_monday}).status_code == 409
    assert dentist.call("PUT", path, {"hours": without_monday, "force": True}).status_code == 200
    for hours in (without_monday, without_monday[:-1]):
        again = dentist.call("PUT", path, {"hours": hours})
        assert (again.status_code, again.json["appointments"]) == (200, [])
    # Time off is no reason either: it is not the hours that are in the way of that booking.
    assert dentist.call("PUT", path, {"hours": WEEK}).status_code == 200
    off = f"/dentists/{practice.dentists[0]}/time-off"
    assert dentist.post(off, a_range(force=True)).status_code == 201
    assert dentist.call("PUT", path, {"hours": WEEK[:-1]}).status_code == 200


# Both at once.


@pytest.mark.usefixtures("empty_diary")
def test_hours_and_bookings_at_the_same_moment_strand_nobody_unlisted(app: APIFlask, practice: Practice) -> None:
    """Many book while the hours change to and fro; in the end each booking lies within the hours or was listed."""
    patients = [sign_in_to(app, f"patient{number}") for number in range(1, 9)]
    dentist = sign_in_to(app, "dentist1")
    anna = practice.dentists[0]
    mornings = [window for window in WEEK if window["start"] == "08:00"]
    listed: set[str] = set()
    made: list[dict[str, Any]] = []
    failures: list[Any] = []
    start = threading.Barrier(len(patients) + 1)

    def book(number: int) -> None:
        chance = random.Random(number)
        start.wait()
        for round_ in range(6):
            # Monday to Friday, morning or afternoon: some of it is outside the hours at times.
            at = MONDAY + DAY * chance.randrange(5) + HALF_HOUR * (chance.randrange(-2, 6) + chance.choice((0, 10)))
            answer = patients[number].post("/appointments", a_check_up(practice, at))
            if answer.status_code == 201:
                made.append(answer.json)
            elif answer.json["code"] not in ("slot-taken", "outside-working-hours", "patient-double-booked"):
                failures.append((round_, answer.json))

    def change_hours() -> None:
        start.wait()
        for number in range(8):
            body = {"hours": mornings if number % 2 == 0 else WEEK, "force": number % 4 == 0}
            answer = dentist.call("PUT", f"/dentists/{anna}/working-hours", body)
            if answer.status_code not in (200, 409):
                failures.append(answer.json)
            elif answer.status_code == 200:
                listed.update(answer.json["appointments"])

    threads = [threading.Thread(target=book, args=(n,)) for n in range(len(patients))]
    threads.append(threading.Thread(target=change_hours))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    hours = [
        WeeklyWindow(window["isoWeekday"], to_wall_clock(window["start"]), to_wall_clock(window["end"]))
        for window in dentist.get(f"/dentists/{anna}").json["workingHours"]
    ]
    stranded = set()
    for appointment in made:
        time = Interval(parse_instant(appointment["startsAt"]), parse_instant(appointment["endsAt"]))
        if not any(window.contains(time) for window in open_windows(hours, BERLIN, time)):
            stranded.add(appointment["id"])
    assert made
    assert stranded <= listed


def test_a_hold_that_somebody_has_locked_stops_no_lane(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """An expired hold, open in somebody's psql, is swept another time; bookings go on meanwhile."""
    held = sign_in("patient1").post("/holds", a_check_up(practice)).json
    owner.execute(text("UPDATE holds SET expires_at = clock_timestamp() - interval '1 second'"))
    owner.commit()
    owner.execute(text("SELECT 1 FROM holds WHERE id = :id FOR UPDATE"), held)
    assert sign_in("patient2").post("/appointments", a_check_up(practice, MONDAY + HOUR)).status_code == 201
    owner.rollback()
    assert sign_in("patient2").post("/appointments", a_check_up(practice, MONDAY + 2 * HOUR)).status_code == 201
    assert owner.scalar(text("SELECT count(*) FROM holds")) == 0


def test_plain_sql_may_close_the_practice_too(
    owner: Session, practice: Practice, sign_in: SignIn, head: Callable[[], int]
) -> None:
    """What a migration or a colleague in psql enters counts for the next booking, and is told."""
    before = head()
    owner.execute(
        text("INSERT INTO closures (starts_at, ends_at) VALUES (:at, :to)"), {"at": MONDAY, "to": MONDAY + DAY}
    )
    owner.commit()
    assert sign_in("patient1").post("/appointments", a_check_up(practice)).json["code"] == "outside-working-hours"
    head()
    assert [event["availability"]["change"] for event in availability_since(owner, before)] == ["closure"]
    # It refuses what is asked for, and undoes nothing: plain SQL may still book.
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], MONDAY)
    owner.commit()
