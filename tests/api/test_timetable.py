"""Hours, time off and closures: who keeps them, what they refuse, whom they strand, and what everybody hears of it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant, parse_instant, to_wall_clock
from dental_sync.diary.intervals import Interval, WeeklyWindow, open_windows
from dental_sync.records import demo
from tests import plain_sql
from tests.conftest import Caller, Practice, RunLane, a_free_monday, sign_in_to

MONDAY = a_free_monday()
HALF_HOUR, HOUR, DAY = timedelta(minutes=30), timedelta(hours=1), timedelta(days=1)
BERLIN = ZoneInfo(demo.TIME_ZONE)

SignIn = Callable[..., Caller]

MORNINGS = [{"isoWeekday": day, "start": "08:00", "end": "12:00"} for day in range(1, 6)]
AFTERNOONS = [{"isoWeekday": day, "start": "13:00", "end": "17:00"} for day in range(1, 6)]
WEEK = sorted(MORNINGS + AFTERNOONS, key=lambda window: (window["isoWeekday"], window["start"]))


def a_check_up(practice: Practice, starts_at: Any = MONDAY, dentist: int = 0, **wish: Any) -> dict[str, Any]:
    """The body of a booking."""
    return {
        "dentistId": str(practice.dentists[dentist]),
        "startsAt": format_instant(starts_at),
        "treatmentId": str(practice.treatments["Check-up"]),
        **wish,
    }


def a_range(starts_at: Any = MONDAY, length: timedelta = DAY, **more: Any) -> dict[str, Any]:
    """The body of time off or of a closure."""
    return {"startsAt": format_instant(starts_at), "endsAt": format_instant(starts_at + length), **more}


def booked(sign_in: SignIn, practice: Practice, name: str = "patient1", **wish: Any) -> str:
    """Book a check-up; gives its id."""
    answer = sign_in(name).post("/appointments", a_check_up(practice, **wish))
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def availability_since(owner: Session, position: int) -> list[dict[str, Any]]:
    """What the log says was changed about what is free."""
    rows = owner.execute(
        text(
            "SELECT payload, channels FROM sync_events WHERE position > :p AND type = 'availability:changed'"
            " ORDER BY position"
        ),
        {"p": position},
    ).all()
    owner.rollback()
    return [{**row.payload, "channels": row.channels} for row in rows]


def without_list(answer: Any) -> dict[str, Any]:
    """The record of an answer that lists bookings beside."""
    return {key: value for key, value in answer.json.items() if key != "appointments"}


@pytest.fixture
def empty_diary(owner: Session) -> None:
    """Nobody of the demo practice's coming week is in the way of other hours."""
    owner.execute(text("DELETE FROM appointments"))
    owner.commit()


@pytest.fixture
def head(owner: Session, run_lane: RunLane) -> Callable[[], int]:
    """Where the log ends once everything is published."""

    def look() -> int:
        run_lane()
        position: int = owner.scalar(text("SELECT position FROM log_head"))
        owner.rollback()
        return position

    return look


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
        ({"start": "13:00"}, "/hours/0"),
        ({"start": "8:00"}, "/hours/0/start"),
        ({"start": "08:00:00"}, "/hours/0/start"),
        ({"start": 8}, "/hours/0/start"),
        ({"end": "24:00"}, "/hours/0/end"),
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
    """One `hours` message for a whole week, to that dentist's room and everybody's."""
    dentist, path = sign_in("dentist1"), f"/dentists/{practice.dentists[0]}/working-hours"
    before = head()
    same = dentist.call("PUT", path, {"hours": WEEK[::-1]})
    assert (same.status_code, same.json["workingHours"]) == (200, WEEK)
    assert head() == before
    longer = [{**window, "end": "18:00"} if window["start"] == "13:00" else window for window in WEEK]
    assert dentist.call("PUT", path, {"hours": longer}).status_code == 200
    [told] = availability_since(owner, before)
    assert head() == before + 1
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


# Time off.


def test_time_off_is_entered_listed_and_taken_back(
    sign_in: SignIn, practice: Practice, owner: Session, head: Callable[[], int]
) -> None:
    """Bookings within it are refused, before and after it they are not; each time everybody is told the range."""
    dentist, patient, anna = sign_in("dentist1"), sign_in("patient1"), practice.dentists[0]
    path, before = f"/dentists/{anna}/time-off", head()
    taken = dentist.post(path, a_range(MONDAY, HOUR, reason="A secret operation."))
    assert taken.status_code == 201, taken.json
    assert taken.headers["Location"] == f"/api{path}/{taken.json['id']}"
    assert taken.json["appointments"] == []
    assert without_list(taken) == {
        "id": taken.json["id"],
        "dentistId": str(anna),
        **a_range(MONDAY, HOUR, reason="A secret operation."),
    }
    assert dentist.get(path).json == {"items": [without_list(taken)], "next": None}
    for starts_at, status in (
        (MONDAY - timedelta(minutes=29), 422),
        (MONDAY, 422),
        (MONDAY + HALF_HOUR, 422),
        (MONDAY - HALF_HOUR, 201),
        (MONDAY + HOUR, 201),
    ):
        answer = patient.post("/appointments", a_check_up(practice, starts_at))
        assert answer.status_code == status
        assert status == 201 or answer.json["code"] == "outside-working-hours"
    assert patient.post("/holds", a_check_up(practice)).json["code"] == "outside-working-hours"
    [told] = [e for e in availability_since(owner, before) if e["availability"]["change"] == "time-off"]
    assert (told["dentistId"], told["availability"]["from"]) == (str(anna), format_instant(MONDAY))
    before = head()
    assert dentist.delete(f"{path}/{taken.json['id']}").status_code == 204
    [told] = availability_since(owner, before)
    assert told["availability"]["to"] == format_instant(MONDAY + HOUR)
    assert dentist.get(path).json["items"] == []
    assert dentist.delete(f"{path}/{taken.json['id']}").status_code == 404
    assert patient.post("/appointments", a_check_up(practice)).status_code == 201


def test_the_reason_of_time_off_is_for_that_dentist_and_admins(
    sign_in: SignIn, practice: Practice, owner: Session, head: Callable[[], int]
) -> None:
    """Nowhere else is it said: not in a refusal, a dentist, a list, a write, what is free, or the log."""
    before, path = head(), f"/dentists/{practice.dentists[0]}/time-off"
    dentist = sign_in("dentist1")
    accepted = dentist.post(path, a_range(reason="A secret operation."), Prefer="respond-async")
    entered = dentist.post(path, a_range(MONDAY + DAY, HOUR, reason="A secret operation.")).json
    write = accepted.headers["Location"].removeprefix("/api")
    span = f"from={format_instant(MONDAY)}&to={format_instant(MONDAY + DAY)}"
    for name in ("patient1", "dentist2", "chatbot"):
        caller = sign_in(name)
        answers = [
            caller.get(path),
            caller.delete(f"{path}/{entered['id']}"),
            caller.get(write),
            caller.get(f"/dentists/{practice.dentists[0]}"),
            caller.get("/dentists"),
            caller.get("/closures"),
            caller.get(f"/availability?{span}&treatmentId={practice.treatments['Check-up']}"),
            caller.get(f"/sync/events?since={before}"),
            caller.post("/appointments", a_check_up(practice)),
        ]
        assert [answer.status_code for answer in answers[:3]] == [403, 403, 404], name
        assert not [answer.text for answer in answers if "secret" in answer.text]
    assert "secret" not in str(availability_since(owner, 0))
    assert "secret" in sign_in("admin").get(path).text
    assert dentist.get(write).json["resource"].startswith(f"/api{path}/")


@pytest.mark.parametrize(("name", "status"), [("dentist1", 201), ("admin", 201), ("dentist2", 403), ("patient1", 403)])
def test_a_dentist_keeps_the_own_time_and_an_admin_everybodys(
    sign_in: SignIn, practice: Practice, name: str, status: int
) -> None:
    """A colleague's hours and time off are forbidden to change and time off to read; of nobody there is none: 404."""
    caller, dentist = sign_in(name), f"/dentists/{practice.dentists[0]}"
    assert caller.post(f"{dentist}/time-off", a_range()).status_code == status
    entered = sign_in("admin").post(f"{dentist}/time-off", a_range(MONDAY + DAY)).json["id"]
    allowed = status == 201
    assert caller.get(f"{dentist}/time-off").status_code == (200 if allowed else 403)
    assert caller.call("PUT", f"{dentist}/working-hours", {"hours": WEEK}).status_code == (200 if allowed else 403)
    assert caller.delete(f"{dentist}/time-off/{entered}").status_code == (204 if allowed else 403)
    nobody = "/dentists/00000000-0000-4000-8000-000000000000"
    expected = 403 if name == "patient1" else 404
    assert caller.get(f"{nobody}/time-off").status_code == expected
    assert caller.post(f"{nobody}/time-off", a_range()).status_code == expected


def test_taking_time_off_back_is_repeated_with_its_key(sign_in: SignIn, practice: Practice) -> None:
    """The stored 204, though it is gone by then; and it goes by its own dentist's address only."""
    admin, path = sign_in("admin"), f"/dentists/{practice.dentists[0]}/time-off"
    entered = admin.post(path, a_range()).json["id"]
    assert admin.delete(f"/dentists/{practice.dentists[1]}/time-off/{entered}").status_code == 404
    for _ in range(2):
        assert admin.delete(f"{path}/{entered}", Idempotency_Key="k").status_code == 204
    assert admin.delete(f"{path}/{entered}").status_code == 404


def test_time_off_over_bookings_is_refused_unless_forced(sign_in: SignIn, practice: Practice) -> None:
    """It lists who overlaps, by an instant even, and nobody else; the appointments stay."""
    first, second = (
        booked(sign_in, practice, "patient1"),
        booked(sign_in, practice, "patient2", starts_at=MONDAY + HALF_HOUR),
    )
    booked(sign_in, practice, "patient3", dentist=1)
    dentist, path = sign_in("dentist1"), f"/dentists/{practice.dentists[0]}/time-off"
    assert dentist.post(path, a_range(MONDAY - HOUR, HOUR)).status_code == 201
    one = dentist.post(path, a_range(MONDAY - HOUR, HOUR + timedelta(milliseconds=1)))
    assert (one.status_code, one.json["code"], one.json["appointments"]) == (409, "bookings-in-the-way", [first])
    both = dentist.post(path, a_range())
    assert both.json["appointments"] == [first, second]
    forced = dentist.post(path, a_range(force=True))
    assert (forced.status_code, forced.json["appointments"]) == (201, [first, second])
    assert dentist.get(f"/appointments/{first}").json["status"] == "booked"


@pytest.mark.parametrize("path", ["time-off", "closures"])
@pytest.mark.parametrize(
    "body",
    [{}, {"startsAt": "2030-01-01T00:00:00Z"}, a_range(length=timedelta(0)), a_range(length=-HOUR), a_range(note="x")],
)
def test_a_range_that_is_none_is_422(shared_app: APIFlask, path: str, body: dict[str, Any]) -> None:
    """Both ends, in their order, and nothing unknown."""
    admin = sign_in_to(shared_app, "admin")
    if path == "time-off":
        path = f"dentists/{admin.get('/dentists').json['items'][0]['id']}/time-off"
    assert admin.post(f"/{path}", body).status_code == 422


# Closures.


def test_a_closure_is_entered_read_changed_and_taken_back(
    sign_in: SignIn, practice: Practice, owner: Session, head: Callable[[], int]
) -> None:
    """Admins write, any role reads; nobody is booked with any dentist; every availability room is told."""
    admin, before = sign_in("admin"), head()
    closed = admin.post("/closures", a_range(reason="Christmas."))
    assert closed.status_code == 201
    path = f"/closures/{closed.json['id']}"
    assert closed.headers["Location"] == f"/api{path}"
    closure = without_list(closed)
    assert closed.json["appointments"] == []
    assert closure == {"id": closed.json["id"], **a_range(reason="Christmas.")}
    [told] = availability_since(owner, before)
    assert told["dentistId"] is None
    assert told["availability"]["change"] == "closure"
    assert set(told["channels"]) == {"availability:all", *(f"availability:{dentist}" for dentist in practice.dentists)}
    for name in ("patient1", "dentist1", "chatbot", "admin"):
        caller = sign_in(name)
        assert caller.get(path).json == closure
        assert caller.get("/closures").json == {"items": [closure], "next": None}
        if name != "admin":
            for answer in (
                caller.post("/closures", a_range()),
                caller.patch(path, {"reason": None}),
                caller.delete(path),
            ):
                assert answer.status_code == 403
    for dentist in range(3):
        refused = sign_in("patient2").post("/appointments", a_check_up(practice, dentist=dentist))
        assert refused.json["code"] == "outside-working-hours"
    before = head()
    changed = admin.patch(path, {"endsAt": format_instant(MONDAY + HOUR), "reason": None})
    assert changed.status_code == 200
    assert changed.json == {**closed.json, "endsAt": format_instant(MONDAY + HOUR), "reason": None, "appointments": []}
    assert [e["availability"]["to"] for e in availability_since(owner, before)] == [
        format_instant(MONDAY + DAY),
        format_instant(MONDAY + HOUR),
    ]
    assert sign_in("patient2").post("/appointments", a_check_up(practice, MONDAY + HOUR)).status_code == 201
    assert admin.delete(path).status_code == 204
    for answer in (admin.get(path), admin.patch(path, {"reason": "x"}), admin.delete(path)):
        assert answer.status_code == 404
    assert sign_in("patient3").post("/appointments", a_check_up(practice)).status_code == 201


def test_a_closure_strands_nobody_unless_forced_and_lists_only_whom_it_reaches_anew(
    sign_in: SignIn, practice: Practice
) -> None:
    """All dentists' bookings count; who lay within it before was listed then."""
    first = booked(sign_in, practice, "patient1")
    second = booked(sign_in, practice, "patient2", dentist=1, starts_at=MONDAY + HOUR)
    admin = sign_in("admin")
    refused = admin.post("/closures", a_range(MONDAY, HOUR))
    assert (refused.status_code, refused.json["appointments"]) == (409, [first])
    closure = admin.post("/closures", a_range(MONDAY, HOUR, force=True)).json
    assert closure["appointments"] == [first]
    path, longer = f"/closures/{closure['id']}", {"endsAt": format_instant(MONDAY + DAY)}
    assert admin.patch(path, longer).json["appointments"] == [second]
    assert admin.get(path).json["endsAt"] == format_instant(MONDAY + HOUR)
    forced = admin.patch(path, {**longer, "force": True})
    assert (forced.status_code, forced.json["appointments"]) == (200, [second])
    assert admin.patch(path, {"reason": "x"}).json["appointments"] == []


@pytest.mark.parametrize(
    "body", [{}, {"force": True}, {"startsAt": None}, {"endsAt": format_instant(MONDAY - DAY)}, {"x": 1}]
)
def test_a_change_of_a_closure_that_makes_no_sense_is_422(sign_in: SignIn, body: dict[str, Any]) -> None:
    """Nothing to change, no range left, or unknown."""
    admin = sign_in("admin")
    closure = admin.post("/closures", a_range()).json
    assert admin.patch(f"/closures/{closure['id']}", body).status_code == 422


def test_closures_and_time_off_come_in_pages_by_start(sign_in: SignIn, practice: Practice) -> None:
    """Each once, whatever the size of a page; a forged cursor is refused."""
    admin = sign_in("admin")
    for path in ("/closures", f"/dentists/{practice.dentists[0]}/time-off"):
        for day in (3, 1, 2, 1):
            assert admin.post(path, a_range(MONDAY + day * DAY, HOUR)).status_code == 201
        whole = admin.get(path).json["items"]
        assert [item["startsAt"] for item in whole] == sorted(item["startsAt"] for item in whole)
        found, after = [], ""
        while after is not None:
            page = admin.get(f"{path}?limit=1" + (f"&after={after}" if after else "")).json
            found += page["items"]
            after = page["next"]
        assert found == whole
        assert len(found) == 4
        assert admin.get(f"{path}?after=WzEsMl0").status_code == 422


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
