"""Chairs take their turn in the lane: what is booked meanwhile is judged by what came before it, in one batch too."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from tests.conftest import RunLane
from tests.writes.desk import HALF_HOUR, MONDAY, Desk

AWAY = {"startsAt": format_instant(MONDAY), "endsAt": format_instant(MONDAY + HALF_HOUR)}
GONE = [("take-chair-away", AWAY), ("withdraw-chair", {}), ("change-chair", {"kind": "x-ray"})]


@pytest.fixture
def chair(owner: Session) -> uuid.UUID:
    """The one surgery, which every treatment needs."""
    owner.execute(text("UPDATE treatments SET chair_kind = 'surgery'"))
    found: uuid.UUID = owner.execute(
        text("INSERT INTO chairs (name, kind) VALUES ('1', 'surgery') RETURNING id")
    ).scalar_one()
    owner.commit()
    return found


@pytest.mark.parametrize(("action", "body"), GONE)
def test_a_booking_that_came_first_is_in_the_way(
    desk: Desk, run_lane: RunLane, chair: uuid.UUID, action: str, body: dict[str, Any]
) -> None:
    """Though both were asked for before either was decided."""
    first = desk.book("patient1", MONDAY)
    gone = desk.ask("admin", action, body, chair)
    run_lane()
    assert desk.answer(first) == (201, None)
    assert desk.answer(gone) == (409, "bookings-in-the-way")
    assert desk.request(gone).outcome["body"]["appointments"] == [desk.appointment(first)["id"]]


@pytest.mark.parametrize(("action", "body"), GONE)
def test_a_booking_that_came_second_finds_no_chair(
    desk: Desk, run_lane: RunLane, chair: uuid.UUID, action: str, body: dict[str, Any]
) -> None:
    """And one that was held before it neither, for the chair is gone."""
    gone = desk.ask("admin", action, body, chair)
    second = desk.book("patient1", MONDAY)
    run_lane()
    assert desk.answer(gone) in [(200, None), (201, None), (204, None)]
    assert desk.answer(second) == (409, "slot-taken")


def test_a_chair_that_is_put_up_or_comes_back_is_there_for_the_next(
    desk: Desk, run_lane: RunLane, chair: uuid.UUID
) -> None:
    """In one batch: away, refused, back, booked; and another chair for a second."""
    away = desk.ask("admin", "take-chair-away", AWAY, chair)
    refused = desk.book("patient1", MONDAY)
    run_lane()
    time_off = desk.request(away).outcome["body"]["id"]
    back = desk.ask("admin", "bring-chair-back", {"chairId": str(chair)}, time_off)
    booked = desk.book("patient1", MONDAY)
    taken = desk.book("patient2", MONDAY, dentist=1)
    more = desk.ask("admin", "add-chair", {"name": "2", "kind": "surgery"})
    beside = desk.book("patient2", MONDAY, dentist=1)
    run_lane()
    assert [desk.answer(request) for request in (refused, back, booked, taken, more, beside)] == [
        (409, "slot-taken"),
        (204, None),
        (201, None),
        (409, "slot-taken"),
        (201, None),
        (201, None),
    ]


def test_a_hold_in_a_chair_that_is_gone_is_booked_into_another(desk: Desk, run_lane: RunLane, chair: uuid.UUID) -> None:
    """And is refused where there is none: a hold keeps the time, and not the chair."""
    body = {
        "dentistId": str(desk.practice.dentists[0]),
        "startsAt": format_instant(MONDAY),
        "treatmentId": str(desk.practice.treatments["Check-up"]),
    }
    held = desk.ask("patient1", "hold", body)
    away = desk.ask("admin", "take-chair-away", AWAY, chair)
    run_lane()
    assert desk.answer(away) == (201, None)
    from_hold = {**body, "holdId": desk.request(held).outcome["body"]["id"]}
    refused = desk.ask("patient1", "book", from_hold)
    more = desk.ask("admin", "add-chair", {"name": "2", "kind": "surgery"})
    booked = desk.ask("patient1", "book", from_hold)
    run_lane()
    assert [desk.answer(request) for request in (refused, more, booked)] == [
        (409, "slot-taken"),
        (201, None),
        (201, None),
    ]
    assert desk.appointment(booked)["chairId"] == desk.request(more).outcome["body"]["id"]


@pytest.mark.parametrize(
    ("sender", "action", "body", "answer"),
    [
        ("desk", "add-chair", {"name": "x", "kind": "x"}, (403, "forbidden")),
        ("desk", "change-chair", {"name": "x"}, (403, "forbidden")),
        ("desk", "withdraw-chair", {}, (403, "forbidden")),
        ("desk", "take-chair-away", AWAY, (201, None)),
        ("dentist1", "take-chair-away", AWAY, (403, "forbidden")),
        ("dentist1", "bring-chair-back", {"chairId": str(uuid.UUID(int=1))}, (403, "forbidden")),
    ],
)
def test_rights_are_those_of_the_moment_of_applying(
    desk: Desk, run_lane: RunLane, chair: uuid.UUID, sender: str, action: str, body: Any, answer: Any
) -> None:
    """The rules ask the account, whatever let the request in."""
    request = desk.ask(sender, action, body, None if action == "add-chair" else chair)
    run_lane()
    assert desk.answer(request) == answer
