"""A step back: the last move is taken back, for staff within a week, for a patient within five minutes of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from tests.api.hours import HALF_HOUR, MONDAY, SignIn, a_check_up, let_it_be_today
from tests.conftest import Caller, Practice

# What differs after any change.
ALWAYS = {"version", "updatedAt"}


@pytest.fixture
def desk(sign_in: SignIn) -> Caller:
    """Who may undo for a week."""
    return sign_in("admin")


def grown_old(owner: Session, appointment_id: str, age: timedelta) -> None:
    """Let the last move have been made so long ago."""
    owner.execute(
        text(
            "UPDATE appointments SET last_move = jsonb_set(last_move, '{at}', to_jsonb(to_char("
            "((last_move ->> 'at')::timestamptz - :age) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')))"
            " WHERE id = :id"
        ),
        {"age": age, "id": appointment_id},
    )
    owner.commit()


Move = Callable[[Caller, str, Practice], Any]

MOVES: dict[str, Move] = {
    "another time": lambda desk, path, _: desk.patch(path, {"startsAt": format_instant(MONDAY + 3 * HALF_HOUR)}),
    "another dentist": lambda desk, path, practice: desk.patch(path, {"dentistId": str(practice.dentists[1])}),
    "another treatment": lambda desk, path, practice: desk.patch(
        path, {"treatmentId": str(practice.treatments["Filling"])}
    ),
    "another word": lambda desk, path, _: desk.patch(path, {"reason": "It hurts."}),
    "longer": lambda desk, path, _: desk.patch(path, {"endsAt": format_instant(MONDAY + 2 * HALF_HOUR)}),
    "cancel": lambda desk, path, _: desk.post(f"{path}/cancel", {"reason": "ill"}),
    "confirm": lambda desk, path, _: desk.post(f"{path}/confirm", {}),
    "delete": lambda desk, path, _: desk.delete(path),
}


@pytest.mark.parametrize("move", MOVES)
def test_the_appointment_is_as_it_was(desk: Caller, practice: Practice, booked: dict[str, Any], move: str) -> None:
    """Member by member, whatever the move was; and only one step."""
    path = f"/appointments/{booked['id']}"
    answer = MOVES[move](desk, path, practice)
    assert answer.status_code in (200, 204), answer.json
    undone = desk.post(f"{path}/undo", {})
    assert undone.status_code == 200, undone.json
    assert {**booked, **{name: undone.json[name] for name in ALWAYS}} == undone.json
    assert desk.get(path).json == undone.json
    assert desk.post(f"{path}/undo", {}).json["code"] == "nothing-to-undo"


@pytest.mark.parametrize(
    ("steps", "status"),
    [(["arrive"], "booked"), (["arrive", "check-in"], "arrived"), (["check-in", "complete"], "checked-in")],
)
def test_staff_take_a_wrong_click_back(
    desk: Caller, owner: Session, booked: dict[str, Any], steps: list[str], status: str
) -> None:
    """From arrived, checked in and done; when the patient came is said as long as it is so."""
    let_it_be_today(owner, booked["id"])
    path = f"/appointments/{booked['id']}"
    for step in steps:
        answer = desk.post(f"{path}/{step}", {})
        assert answer.status_code == 200, answer.json
    undone = desk.post(f"{path}/undo", {}).json
    assert undone["status"] == status
    assert (undone["arrivedAt"] is None) == (status == "booked")
    assert (undone["checkedInAt"] is None) == (status != "checked-in")


def test_a_booking_that_is_undone_is_a_cancellation(sign_in: SignIn, booked: dict[str, Any]) -> None:
    """By the patient who has just made it, although the cut-off has passed."""
    undone = sign_in("patient1").post(f"/appointments/{booked['id']}/undo", {}).json
    assert (undone["status"], undone["cancelledBy"]) == ("cancelled", "patient")


def test_a_patient_takes_back_the_own_booking_and_cancellation_for_five_minutes(
    sign_in: SignIn, desk: Caller, owner: Session, booked: dict[str, Any]
) -> None:
    """Not what the practice did, and not later."""
    patient, path = sign_in("patient1"), f"/appointments/{booked['id']}"
    patient.post(f"{path}/cancel", {})
    assert patient.post(f"{path}/undo", {}).json["status"] == "booked"
    desk.post(f"{path}/cancel", {})
    assert patient.post(f"{path}/undo", {}).json["code"] == "nothing-to-undo"
    assert desk.post(f"{path}/undo", {}).json["status"] == "booked"
    patient.post(f"{path}/cancel", {})
    grown_old(owner, booked["id"], timedelta(minutes=5, seconds=1))
    assert patient.post(f"{path}/undo", {}).json["code"] == "nothing-to-undo"
    assert desk.post(f"{path}/undo", {}).json["status"] == "booked"


def test_staff_take_it_back_for_a_week(desk: Caller, owner: Session, booked: dict[str, Any]) -> None:
    """And not later."""
    path = f"/appointments/{booked['id']}"
    desk.post(f"{path}/cancel", {})
    grown_old(owner, booked["id"], timedelta(days=7, seconds=1))
    assert desk.post(f"{path}/undo", {}).json["code"] == "nothing-to-undo"
    grown_old(owner, booked["id"], timedelta(seconds=-60))
    assert desk.post(f"{path}/undo", {}).status_code == 200


def test_a_patients_own_fresh_booking_can_be_cancelled_after_the_cut_off(
    sign_in: SignIn, owner: Session, booked: dict[str, Any]
) -> None:
    """Whoever booked for this afternoon and thinks again, for five minutes."""
    let_it_be_today(owner, booked["id"])
    patient, path = sign_in("patient1"), f"/appointments/{booked['id']}"
    grown_old(owner, booked["id"], timedelta(minutes=5, seconds=1))
    assert patient.post(f"{path}/cancel", {}).json["code"] == "past-cutoff"
    grown_old(owner, booked["id"], timedelta(minutes=-1))
    assert patient.post(f"{path}/cancel", {}).status_code == 200


def test_what_was_taken_since_refuses_the_way_back(
    desk: Caller, sign_in: SignIn, practice: Practice, booked: dict[str, Any]
) -> None:
    """By another patient, or because the patient is elsewhere by now."""
    path = f"/appointments/{booked['id']}"
    desk.post(f"{path}/cancel", {})
    other = sign_in("patient2").post("/appointments", a_check_up(practice)).json
    assert desk.post(f"{path}/undo", {}).json["code"] == "slot-taken"
    desk.post(f"/appointments/{other['id']}/cancel", {})
    elsewhere = sign_in("patient1").post("/appointments", a_check_up(practice, dentist=1)).json
    assert desk.post(f"{path}/undo", {}).json["code"] == "patient-double-booked"
    desk.post(f"/appointments/{elsewhere['id']}/cancel", {})
    assert desk.post(f"{path}/undo", {}).status_code == 200


def test_only_an_admin_opens_the_door_to_what_was_deleted(
    desk: Caller, sign_in: SignIn, booked: dict[str, Any]
) -> None:
    """For everybody else it is not there, and for admins nothing but the way back is."""
    path = f"/appointments/{booked['id']}"
    desk.delete(path)
    for name in ("patient1", "dentist1"):
        assert sign_in(name).post(f"{path}/undo", {}).status_code == 404
    assert desk.post(f"{path}/cancel", {}).status_code == 404
    assert desk.post(f"{path}/undo", {}).status_code == 200
    assert sign_in("patient1").get(path).status_code == 200


def test_a_forced_one_comes_back_beside_the_other(desk: Caller, practice: Practice, booked: dict[str, Any]) -> None:
    """On its own layer; what stands there since refuses it."""
    body = a_check_up(practice, patientId=str(practice.patients[1]), force=True)
    forced = desk.post("/appointments", body).json
    path = f"/appointments/{forced['id']}"
    moved = desk.patch(path, {"startsAt": format_instant(MONDAY + 4 * HALF_HOUR)}).json
    assert moved["forced"] is False
    undone = desk.post(f"{path}/undo", {}).json
    assert (undone["forced"], undone["overbooked"], undone["startsAt"]) == (True, True, booked["startsAt"])
    desk.post(f"{path}/cancel", {})
    assert desk.post(f"{path}/undo", {}).json["overbooked"] is True


def test_the_move_before_the_undo_is_not_taken_back_by_another_undo(desk: Caller, booked: dict[str, Any]) -> None:
    """One step; an undo leaves nothing to undo, and the next move can be taken back again."""
    path = f"/appointments/{booked['id']}"
    desk.post(f"{path}/confirm", {})
    desk.post(f"{path}/cancel", {})
    assert desk.post(f"{path}/undo", {}).json["confirmation"] == "confirmed"
    assert desk.post(f"{path}/undo", {}).json["code"] == "nothing-to-undo"
    desk.patch(path, {"reason": "x"})
    assert desk.post(f"{path}/undo", {}).json["reason"] is None
