"""A chair away: who enters it and takes it back, whom it strands, who is told, and that nobody gets the chair then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from tests.api.hours import (
    DAY,
    HALF_HOUR,
    HOUR,
    MONDAY,
    SignIn,
    a_check_up,
    a_range,
    availability_since,
    booked,
    without_list,
)
from tests.conftest import Caller, Practice, sign_in_to

MILLISECOND = timedelta(milliseconds=1)
NO_CHAIR = "/chairs/00000000-0000-4000-8000-000000000000"


@pytest.fixture
def desk(sign_in: SignIn) -> Caller:
    """Who keeps the chairs' time off."""
    return sign_in("desk")


@pytest.fixture
def chair(sign_in: SignIn, practice: Practice) -> str:
    """The one surgery, which a check-up needs; its id."""
    admin = sign_in("admin")
    needs = admin.patch(f"/treatments/{practice.treatments['Check-up']}", {"chairKind": "surgery"})
    assert needs.status_code == 200
    made = admin.post("/chairs", {"name": "Room 1", "kind": "surgery"})
    assert made.status_code == 201
    chair_id: str = made.json["id"]
    return chair_id


def starts(answer: Any) -> list[str]:
    """The starts of a list of free times, or of alternatives."""
    items = answer.json["slots"] if answer.status_code == 200 else answer.json["alternatives"]
    return [slot["startsAt"] for slot in items]


def free(caller: Caller, practice: Practice) -> list[str]:
    """The starts of the check-ups that can be had with the first dentist from nine to eleven."""
    span = f"from={format_instant(MONDAY)}&to={format_instant(MONDAY + 2 * HOUR)}"
    asked = f"treatmentId={practice.treatments['Check-up']}&dentistId={practice.dentists[0]}"
    return starts(caller.get(f"/availability?{span}&{asked}"))


def test_a_chairs_time_off_is_entered_listed_and_taken_back(
    desk: Caller, sign_in: SignIn, practice: Practice, chair: str
) -> None:
    """Bookings, holds and moves into it are refused with what is free instead; what is free says the same."""
    patient, path = sign_in("patient1"), f"/chairs/{chair}/time-off"
    all_free = free(patient, practice)
    taken = desk.post(path, a_range(MONDAY, HOUR, reason="A new lamp."))
    assert taken.status_code == 201, taken.json
    assert taken.headers["Location"] == f"/api{path}/{taken.json['id']}"
    assert taken.json["appointments"] == []
    entered = {"id": taken.json["id"], "chairId": chair, **a_range(MONDAY, HOUR, reason="A new lamp.")}
    assert without_list(taken) == entered
    assert desk.get(path).json == {"items": [entered], "next": None}
    assert free(patient, practice) == [start for start in all_free if start >= format_instant(MONDAY + HOUR)]
    for door in ("/appointments", "/holds"):
        refused = patient.post(door, a_check_up(practice, MONDAY + HALF_HOUR))
        assert (refused.status_code, refused.json["code"]) == (409, "slot-taken")
        assert starts(refused)[0] == format_instant(MONDAY + HOUR)
        assert not {format_instant(MONDAY), format_instant(MONDAY + HALF_HOUR)} & set(starts(refused))
    elsewhere = booked(sign_in, practice, starts_at=MONDAY + HOUR)
    moved = patient.patch(f"/appointments/{elsewhere}", {"startsAt": format_instant(MONDAY + HALF_HOUR)})
    assert moved.json["code"] == "slot-taken"
    assert desk.delete(f"{path}/{taken.json['id']}").status_code == 204
    assert desk.get(path).json["items"] == []
    assert desk.delete(f"{path}/{taken.json['id']}").status_code == 404
    assert patient.patch(f"/appointments/{elsewhere}", {"startsAt": format_instant(MONDAY)}).status_code == 200


def test_staff_name_the_chair_that_is_away_only_by_force(desk: Caller, practice: Practice, chair: str) -> None:
    """As one that is taken; the appointment is forced and shares no time."""
    desk.post(f"/chairs/{chair}/time-off", a_range())
    body = a_check_up(practice, patientId=str(practice.patients[0]), chairId=chair)
    assert desk.post("/appointments", body).json["code"] == "slot-taken"
    forced = desk.post("/appointments", {**body, "force": True})
    assert (forced.status_code, forced.json["chairId"]) == (201, chair)
    assert (forced.json["forced"], forced.json["overbooked"]) == (True, False)
    elsewhere = desk.post("/appointments", {**body, "startsAt": format_instant(MONDAY + DAY)}).json
    path, there = f"/appointments/{elsewhere['id']}", {"startsAt": format_instant(MONDAY + HOUR)}
    assert desk.patch(path, there).json["code"] == "slot-taken"
    assert desk.patch(path, {**there, "force": True}).json["chairId"] == chair


def test_a_second_chair_of_the_kind_takes_over(desk: Caller, sign_in: SignIn, practice: Practice, chair: str) -> None:
    """While one is away the other is given out, and one of another kind is not."""
    other = sign_in("admin").post("/chairs", {"name": "Room 2", "kind": "surgery"}).json["id"]
    sign_in("admin").post("/chairs", {"name": "Room 0", "kind": "x-ray"})
    desk.post(f"/chairs/{chair}/time-off", a_range())
    assert sign_in("patient1").post("/appointments", a_check_up(practice)).json["chairId"] == other
    beside = sign_in("patient2").post("/appointments", a_check_up(practice, dentist=1))
    assert beside.json["code"] == "slot-taken"


# Whom it strands.


def test_a_chair_is_away_over_bookings_only_by_force(
    desk: Caller, sign_in: SignIn, practice: Practice, chair: str
) -> None:
    """It lists who overlaps, by an instant even and buffers included, and nobody else; the appointments keep it."""
    treatment = f"/treatments/{practice.treatments['Check-up']}"
    assert sign_in("admin").patch(treatment, {"bufferAfterMinutes": 10}).status_code == 200
    first = booked(sign_in, practice, "patient1")
    second = booked(sign_in, practice, "patient2", dentist=1, starts_at=MONDAY + HOUR)
    path, end = f"/chairs/{chair}/time-off", MONDAY + HALF_HOUR + timedelta(minutes=10)
    assert desk.post(path, a_range(end, MONDAY + HOUR - end)).status_code == 201
    one = desk.post(path, a_range(end - MILLISECOND, MONDAY + HOUR - end))
    assert (one.status_code, one.json["code"], one.json["appointments"]) == (409, "bookings-in-the-way", [first])
    both = desk.post(path, a_range())
    assert (both.status_code, both.json["appointments"]) == (409, [first, second])
    forced = desk.post(path, a_range(force=True))
    assert (forced.status_code, forced.json["appointments"]) == (201, [first, second])
    kept = desk.get(f"/appointments/{first}").json
    assert (kept["status"], kept["chairId"]) == ("booked", chair)


def test_what_is_over_or_cancelled_or_in_another_chair_is_not_in_the_way(
    desk: Caller, sign_in: SignIn, practice: Practice, chair: str, owner: Session
) -> None:
    """Nobody is stranded by it."""
    cancelled = booked(sign_in, practice, "patient1")
    sign_in("patient1").post(f"/appointments/{cancelled}/cancel", {})
    other = sign_in("admin").post("/chairs", {"name": "Room 2", "kind": "surgery"}).json["id"]
    body = a_check_up(practice, patientId=str(practice.patients[1]), chairId=other)
    assert desk.post("/appointments", body).status_code == 201
    over = booked(sign_in, practice, "patient3", dentist=1, starts_at=MONDAY + HOUR)
    owner.execute(
        text(
            "UPDATE appointments SET starts_at = starts_at - interval '1 year', ends_at = ends_at - interval '1 year'"
            " WHERE id = :id"
        ),
        {"id": over},
    )
    owner.commit()
    span = {"startsAt": format_instant(MONDAY - 400 * DAY), "endsAt": format_instant(MONDAY + DAY)}
    answer = desk.post(f"/chairs/{chair}/time-off", span)
    assert (answer.status_code, answer.json.get("appointments")) == (201, [])


# Who may, and what is no time off.


@pytest.mark.parametrize(
    ("name", "may"),
    [("desk", True), ("admin", True), ("dentist1", False), ("patient1", False), ("chatbot", False)],
)
def test_the_front_desk_keeps_the_chairs_time_off_and_nobody_else(
    sign_in: SignIn, chair: str, name: str, *, may: bool
) -> None:
    """403; of a chair that is not there, 404."""
    caller, path = sign_in(name), f"/chairs/{chair}/time-off"
    entered = sign_in("admin").post(path, a_range(MONDAY + DAY)).json["id"]
    assert caller.get(path).status_code == (200 if may else 403)
    assert caller.post(path, a_range()).status_code == (201 if may else 403)
    assert caller.delete(f"{path}/{entered}").status_code == (204 if may else 403)
    for answer in (caller.get(f"{NO_CHAIR}/time-off"), caller.post(f"{NO_CHAIR}/time-off", a_range())):
        assert answer.status_code == (404 if may else 403)


def test_the_reason_is_for_the_front_desk(
    desk: Caller, sign_in: SignIn, practice: Practice, chair: str, owner: Session, head: Callable[[], int]
) -> None:
    """Nowhere else is it said: not in a refusal, a chair, a list, a write, what is free, or the log."""
    accepted = desk.post(f"/chairs/{chair}/time-off", a_range(reason="A secret repair."), Prefer="respond-async")
    assert accepted.status_code == 202
    head()
    write = accepted.headers["Location"].removeprefix("/api")
    assert desk.get(write).json["resource"].startswith(f"/api/chairs/{chair}/time-off/")
    for name in ("patient1", "dentist1", "chatbot"):
        caller = sign_in(name)
        answers = [
            caller.get(f"/chairs/{chair}/time-off"),
            caller.get(write),
            caller.get(f"/chairs/{chair}"),
            caller.get("/chairs"),
            caller.get("/sync/events?since=0"),
            caller.post("/appointments", a_check_up(practice)),
        ]
        assert [answer.status_code for answer in answers[:2]] == [403, 404], name
        assert not [answer.text for answer in answers if "secret" in answer.text]
    assert "secret" not in str(availability_since(owner, 0))
    assert "secret" in desk.get(f"/chairs/{chair}/time-off").text


def test_taking_it_back_is_repeated_with_its_key(desk: Caller, sign_in: SignIn, chair: str) -> None:
    """The stored 204, though it is gone by then; and it goes by its own chair's address only."""
    path = f"/chairs/{chair}/time-off"
    made = [desk.post(path, a_range(), Idempotency_Key="k").json["id"] for _ in range(2)]
    assert made[0] == made[1]
    assert len(desk.get(path).json["items"]) == 1
    other = sign_in("admin").post("/chairs", {"name": "Room 2", "kind": "surgery"}).json["id"]
    assert desk.delete(f"/chairs/{other}/time-off/{made[0]}").status_code == 404
    for _ in range(2):
        assert desk.delete(f"{path}/{made[0]}", Idempotency_Key="k").status_code == 204
    assert desk.delete(f"{path}/{made[0]}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"startsAt": "2030-01-01T00:00:00Z"}, a_range(length=timedelta(0)), a_range(length=-HOUR), a_range(note="x")],
)
def test_a_range_that_is_none_is_422(shared_app: APIFlask, body: dict[str, Any]) -> None:
    """Both ends, in their order, and nothing unknown."""
    answer = sign_in_to(shared_app, "admin").post(f"{NO_CHAIR}/time-off", body)
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed")


def test_it_is_listed_by_start_in_pages_as_far_as_it_overlaps_the_range(desk: Caller, chair: str) -> None:
    """Each once; what only touches the range is not in it; a forged cursor is refused."""
    path = f"/chairs/{chair}/time-off"
    for day in (3, 1, 2, 1):
        assert desk.post(path, a_range(MONDAY + day * DAY, HOUR)).status_code == 201
    whole = desk.get(path).json["items"]
    assert [item["startsAt"] for item in whole] == sorted(item["startsAt"] for item in whole)
    found, after = [], ""
    while after is not None:
        page = desk.get(f"{path}?limit=1" + (f"&after={after}" if after else "")).json
        found += page["items"]
        after = page["next"]
    assert found == whole
    assert len(found) == 4
    second = MONDAY + 2 * DAY
    for start, end, number in (
        (second, second + HOUR, 1),
        (second + HOUR, second + DAY, 0),
        (second - DAY, second, 2),
        (second + HOUR - MILLISECOND, second + DAY + MILLISECOND, 2),
    ):
        overlapping = desk.get(f"{path}?from={format_instant(start)}&to={format_instant(end)}").json["items"]
        assert len(overlapping) == number, (start, end)
    assert desk.get(f"{path}?after=WzEsMl0").status_code == 422


# Who is told.


def test_it_is_told_once_as_hours(
    desk: Caller, practice: Practice, owner: Session, chair: str, head: Callable[[], int]
) -> None:
    """One message to each dentist's room, when it is entered and when it is taken back."""
    before, path = head(), f"/chairs/{chair}/time-off"
    entered = desk.post(path, a_range()).json["id"]
    told = availability_since(owner, before)
    assert sorted(message["dentistId"] for message in told) == sorted(map(str, practice.dentists))
    assert {message["availability"]["change"] for message in told} == {"hours"}
    before = head()
    desk.delete(f"{path}/{entered}")
    assert len(availability_since(owner, before)) == len(practice.dentists)


def test_what_no_treatment_needs_is_told_to_nobody(
    desk: Caller, sign_in: SignIn, owner: Session, head: Callable[[], int]
) -> None:
    """A chair of a kind that only staff choose: nothing else is free than before."""
    quiet = sign_in("admin").post("/chairs", {"name": "Window", "kind": "quiet"}).json["id"]
    before = head()
    entered = desk.post(f"/chairs/{quiet}/time-off", a_range())
    assert entered.status_code == 201
    desk.delete(f"/chairs/{quiet}/time-off/{entered.json['id']}")
    assert availability_since(owner, before) == []


def test_an_alternative_that_was_offered_is_not_offered_when_its_chair_is_away(
    desk: Caller, sign_in: SignIn, practice: Practice, chair: str, owner: Session
) -> None:
    """What a process knows and has answered before holds only until the log moves on, and for plain SQL too."""
    booked(sign_in, practice, "patient1", starts_at=MONDAY + HOUR)
    patient, wanted = sign_in("patient2"), a_check_up(practice, MONDAY + HOUR, dentist=1)
    assert starts(patient.post("/appointments", wanted))[0] == format_instant(MONDAY + HALF_HOUR)
    desk.post(f"/chairs/{chair}/time-off", a_range(MONDAY + HALF_HOUR, HALF_HOUR))
    assert starts(patient.post("/appointments", wanted))[0] == format_instant(MONDAY + HOUR + HALF_HOUR)
    owner.execute(
        text("INSERT INTO chair_time_off (chair_id, starts_at, ends_at) VALUES (:chair, :at, :to)"),
        {"chair": chair, "at": MONDAY + HOUR, "to": MONDAY + 2 * HOUR},
    )
    owner.commit()
    assert format_instant(MONDAY + HOUR + HALF_HOUR) not in starts(patient.post("/appointments", wanted))
