"""Series: the same again and again, each an appointment of its own that knows its series."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant, parse_instant
from dental_sync.diary.several_shapes import Every
from tests.api.hours import BERLIN, HALF_HOUR, MONDAY, SignIn, a_check_up
from tests.conftest import Caller, Practice, RunLane

WEEK = timedelta(weeks=1)
WEEKLY = {"unit": "week", "n": 1}


def a_series(practice: Practice, count: int = 4, **wish: Any) -> dict[str, Any]:
    """Weekly check-ups on Mondays at nine."""
    return a_check_up(practice, **{"every": WEEKLY, "count": count, **wish})


def local(instant: str, zone: ZoneInfo = BERLIN) -> datetime:
    """What the clock on the wall says."""
    return parse_instant(instant).astimezone(zone).replace(tzinfo=None)


@pytest.fixture
def desk(sign_in: SignIn, owner: Session) -> Caller:
    """Who books series, in a practice whose horizon is far away."""
    owner.execute(text("UPDATE practice SET furthest_advance_days = 1000"))
    owner.commit()
    return sign_in("desk")


def booked(caller: Caller, practice: Practice, **wish: Any) -> dict[str, Any]:
    """Book a series for the first patient."""
    answer = caller.post("/appointments/series", a_series(practice, patientId=str(practice.patients[0]), **wish))
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.json
    return found


def test_each_is_an_appointment_of_its_own_at_the_same_wall_clock_time(desk: Caller, practice: Practice) -> None:
    """Over a change of the clocks too."""
    series = booked(desk, practice, count=40)
    appointments = series["appointments"]
    assert len(appointments) == 40
    assert series["refused"] == []
    assert {one["seriesId"] for one in appointments} == {series["seriesId"]}
    starts = [local(one["startsAt"]) for one in appointments]
    assert [start - starts[0] for start in starts] == [number * WEEK for number in range(40)]
    assert len({parse_instant(one["startsAt"]).hour for one in appointments}) == 2
    first = appointments[0]
    assert desk.get(f"/appointments/{first['id']}").json == first
    assert desk.post(f"/appointments/{first['id']}/cancel", {}).status_code == 200
    assert desk.get(f"/appointments/{appointments[1]['id']}").json["status"] == "booked"


@pytest.mark.parametrize(
    ("every", "first", "others"),
    [
        ({"unit": "day", "n": 3}, "2030-02-27T09:00", ["2030-03-02T09:00", "2030-03-05T09:00"]),
        ({"unit": "week", "n": 4}, "2030-01-07T09:00", ["2030-02-04T09:00", "2030-03-04T09:00"]),
        ({"unit": "month", "n": 1}, "2030-01-31T09:00", ["2030-02-28T09:00", "2030-03-31T09:00"]),
        ({"unit": "month", "n": 6}, "2030-08-31T09:00", ["2031-02-28T09:00", "2031-08-31T09:00"]),
    ],
)
def test_days_weeks_and_months(every: dict[str, Any], first: str, others: list[str]) -> None:
    """A 31st becomes the month's last day, and is a 31st again where there is one."""
    steps, start = Every.model_validate(every), datetime.fromisoformat(first)
    assert [steps.after(start, number) for number in (1, 2)] == [datetime.fromisoformat(other) for other in others]


def test_what_is_taken_is_left_out_or_refuses_all(desk: Caller, practice: Practice) -> None:
    """As is asked for; when none can be had the first one's refusal is the answer."""
    other = {"patientId": str(practice.patients[1])}
    desk.post("/appointments", a_check_up(practice, MONDAY + WEEK, **other))
    refused = desk.post(
        "/appointments/series", a_series(practice, whenTaken="refuse", patientId=str(practice.patients[0]))
    )
    assert (refused.status_code, refused.json["code"]) == (409, "slot-taken")
    taken_at = format_instant(MONDAY + WEEK)
    assert not [
        one for one in desk.get(f"/appointments?patientId={practice.patients[0]}").json["items"] if one["seriesId"]
    ]
    series = booked(desk, practice)
    assert [one["startsAt"] for one in series["appointments"]] == [
        format_instant(MONDAY + number * WEEK) for number in (0, 2, 3)
    ]
    assert series["refused"] == [{"startsAt": taken_at, "code": "slot-taken"}]
    again = desk.post("/appointments/series", a_series(practice, **other))
    assert (again.status_code, again.json["code"]) == (409, "slot-taken")


def test_a_patient_books_a_series_of_their_own(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """Within the horizon that binds patients."""
    owner.execute(
        text("UPDATE practice SET furthest_advance_days = :days"),
        {"days": (MONDAY - datetime.now(MONDAY.tzinfo)).days + 8},
    )
    owner.commit()
    answer = sign_in("patient1").post("/appointments/series", a_series(practice))
    assert answer.status_code == 201
    assert [one["code"] for one in answer.json["refused"]] == ["too-far-ahead"] * 2
    other = {"patientId": str(practice.patients[1])}
    assert sign_in("patient1").post("/appointments/series", a_series(practice, **other)).json["code"] == "forbidden"
    assert sign_in("chatbot").post("/appointments/series", a_series(practice)).status_code == 403


def test_the_rest_of_a_series_moves_with_one(desk: Caller, practice: Practice) -> None:
    """By as much wall-clock time; what comes before it and what is taken stays."""
    first, second, third, fourth = booked(desk, practice)["appointments"]
    desk.post("/appointments", a_check_up(practice, MONDAY + 3 * WEEK + HALF_HOUR, patientId=str(practice.patients[1])))
    answer = desk.patch(
        f"/appointments/{second['id']}",
        {"startsAt": format_instant(MONDAY + WEEK + HALF_HOUR), "scope": "following"},
    )
    assert answer.status_code == 200, answer.json
    assert [(one["id"], one["startsAt"]) for one in answer.json["appointments"]] == [
        (second["id"], format_instant(MONDAY + WEEK + HALF_HOUR)),
        (third["id"], format_instant(MONDAY + 2 * WEEK + HALF_HOUR)),
    ]
    assert answer.json["refused"] == [{"id": fourth["id"], "code": "slot-taken"}]
    assert desk.get(f"/appointments/{first['id']}").json == first


def test_a_series_can_go_on_by_its_own_step(desk: Caller, practice: Practice) -> None:
    """None meets the next one's former time, in either direction."""
    appointments = booked(desk, practice)["appointments"]
    path = f"/appointments/{appointments[0]['id']}"
    for starts_at in (MONDAY + WEEK, MONDAY):
        answer = desk.patch(path, {"startsAt": format_instant(starts_at), "scope": "following"}).json
        assert answer["refused"] == []
        assert [one["startsAt"] for one in answer["appointments"]] == [
            format_instant(starts_at + number * WEEK) for number in range(4)
        ]


def test_the_named_ones_version_and_refusal_are_those_of_all(desk: Caller, practice: Practice) -> None:
    """`If-Match` concerns it, and when it cannot be moved none is."""
    first, second, *_ = booked(desk, practice)["appointments"]
    path, body = f"/appointments/{first['id']}", {"startsAt": format_instant(MONDAY + HALF_HOUR), "scope": "following"}
    assert desk.call("PATCH", path, body, If_Match='"7"').json["code"] == "precondition-failed"
    desk.post("/appointments", a_check_up(practice, MONDAY + HALF_HOUR, patientId=str(practice.patients[1])))
    assert desk.call("PATCH", path, body, If_Match='"1"').json["code"] == "slot-taken"
    assert desk.get(f"/appointments/{second['id']}").json == second


def test_the_rest_of_a_series_is_cancelled_with_one(sign_in: SignIn, desk: Caller, practice: Practice) -> None:
    """By its patient too; those before it stay."""
    first, second, third, fourth = booked(desk, practice)["appointments"]
    desk.post(f"/appointments/{third['id']}/cancel", {})
    answer = sign_in("patient1").post(f"/appointments/{second['id']}/cancel", {"scope": "following", "reason": "x"})
    assert [(one["id"], one["status"], one["cancelReason"]) for one in answer.json["appointments"]] == [
        (second["id"], "cancelled", "x"),
        (fourth["id"], "cancelled", "x"),
    ]
    assert desk.get(f"/appointments/{first['id']}").json["status"] == "booked"
    alone = desk.post(
        "/appointments", a_check_up(practice, MONDAY + 9 * WEEK, patientId=str(practice.patients[2]))
    ).json
    answer = desk.post(f"/appointments/{alone['id']}/cancel", {"scope": "following"}).json
    assert [one["id"] for one in answer["appointments"]] == [alone["id"]]


@pytest.mark.parametrize(
    "wish",
    [
        {"count": 0},
        {"count": 61},
        {"every": {"unit": "year", "n": 1}},
        {"every": {"unit": "week", "n": 0}},
        {"whenTaken": "maybe"},
        {"force": True},
        {"every": None},
    ],
)
def test_what_cannot_be_meant_is_refused(desk: Caller, practice: Practice, wish: dict[str, Any]) -> None:
    """With 422, and nothing is booked."""
    body = a_series(practice, patientId=str(practice.patients[0]), **wish)
    assert desk.post("/appointments/series", body).json["code"] == "validation-failed"


def test_a_series_is_looked_up_as_a_write_and_repeated_by_its_key(
    desk: Caller, practice: Practice, run_lane: RunLane
) -> None:
    """The stored outcome again, and no second series."""
    body = a_series(practice, patientId=str(practice.patients[0]))
    first = desk.call("POST", "/appointments/series", body, Idempotency_Key="k")
    again = desk.call("POST", "/appointments/series", body, Idempotency_Key="k")
    assert first.json == again.json
    answer = desk.call(
        "POST",
        "/appointments/series",
        a_series(practice, startsAt=format_instant(MONDAY + HALF_HOUR), patientId=str(practice.patients[0])),
        Prefer="respond-async",
    )
    run_lane()
    write = desk.get(f"/writes/{answer.json['id']}").json
    assert write["status"] == "applied"
    assert write["resource"].startswith("/api/appointments?seriesId=")
