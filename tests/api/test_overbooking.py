"""Squeezed in on purpose: staff book in spite of hours and of others, it is said so, and nobody else gets past."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from tests.api.hours import HALF_HOUR, MONDAY, SignIn, a_check_up, events_of, head_of
from tests.conftest import Caller, Practice, RunLane

QUARTER = timedelta(minutes=15)


def for_patient(practice: Practice, number: int, **wish: Any) -> dict[str, Any]:
    """A check-up on Monday at nine that staff book, unless said otherwise."""
    return a_check_up(practice, **{"patientId": str(practice.patients[number]), **wish})


@pytest.fixture
def desk(sign_in: SignIn) -> Caller:
    """Who may force."""
    return sign_in("admin")


def test_an_emergency_is_put_beside_another_and_both_say_so(
    desk: Caller, sign_in: SignIn, practice: Practice, booked: dict[str, Any]
) -> None:
    """The new one is forced and overbooked, the old one overbooked, with a version more; to its patient too."""
    body = for_patient(practice, 1, startsAt=format_instant(MONDAY + QUARTER))
    assert desk.post("/appointments", body).json["code"] == "slot-taken"
    forced = desk.post("/appointments", {**body, "force": True})
    assert forced.status_code == 201
    assert (forced.json["forced"], forced.json["overbooked"]) == (True, True)
    beside = sign_in("patient1").get(f"/appointments/{booked['id']}").json
    assert (beside["forced"], beside["overbooked"], beside["version"]) == (False, True, 2)
    assert desk.post(f"/appointments/{forced.json['id']}/cancel", {}).status_code == 200
    assert desk.get(f"/appointments/{booked['id']}").json["overbooked"] is False


def test_outside_hours_is_forced_and_shares_no_time(desk: Caller, practice: Practice, owner: Session) -> None:
    """At night, in time off, in a closure."""
    at_night = format_instant(MONDAY.replace(hour=1))
    for number, (statement, starts_at) in enumerate(
        [
            ("SELECT 1", at_night),
            (
                "INSERT INTO time_off (dentist_id, starts_at, ends_at) SELECT id, :from, :to FROM dentists",
                format_instant(MONDAY),
            ),
            ("INSERT INTO closures (starts_at, ends_at) VALUES (:from, :to)", format_instant(MONDAY + HALF_HOUR)),
        ]
    ):
        owner.execute(text(statement), {"from": MONDAY, "to": MONDAY + timedelta(days=1)})
        owner.commit()
        body = for_patient(practice, number, startsAt=starts_at)
        assert desk.post("/appointments", body).json["code"] == "outside-working-hours"
        answer = desk.post("/appointments", {**body, "force": True})
        assert answer.status_code == 201, answer.json
        assert (answer.json["forced"], answer.json["overbooked"]) == (True, False)


@pytest.mark.parametrize("wish", [{"force": True}, {"chairId": "5a6c3a6e-8f0e-4b5e-9f43-0f5ad4a8c3f3"}])
def test_a_patient_forces_nothing_and_chooses_no_chair(
    sign_in: SignIn, practice: Practice, booked: dict[str, Any], wish: dict[str, Any]
) -> None:
    """403, when booking and when changing; `force: false` says nothing."""
    patient = sign_in("patient1")
    other = a_check_up(practice, MONDAY + 2 * HALF_HOUR)
    assert patient.post("/appointments", {**other, **wish}).json["code"] == "forbidden"
    assert patient.patch(f"/appointments/{booked['id']}", wish | {"reason": "x"}).json["code"] == "forbidden"
    assert patient.post("/appointments", {**other, "force": False}).status_code == 201


@pytest.mark.usefixtures("booked")
def test_a_dentist_forces_in_the_own_diary_only(sign_in: SignIn, practice: Practice) -> None:
    """A colleague's is the colleague's."""
    assert sign_in("dentist2").post("/appointments", for_patient(practice, 1, force=True)).json["code"] == "forbidden"
    assert sign_in("dentist1").post("/appointments", for_patient(practice, 1, force=True)).status_code == 201


@pytest.mark.usefixtures("booked")
def test_the_patients_own_overlap_stays_refused(desk: Caller, practice: Practice) -> None:
    """Nobody sits in two chairs."""
    body = for_patient(practice, 0, dentistId=str(practice.dentists[1]), force=True)
    assert desk.post("/appointments", body).json["code"] == "patient-double-booked"


@pytest.mark.usefixtures("booked")
def test_forced_stays_until_another_time_is_asked_for_without_it(desk: Caller, practice: Practice) -> None:
    """Another word leaves it; another time is judged as for everybody, and clears it."""
    forced = desk.post("/appointments", for_patient(practice, 1, force=True)).json
    path = f"/appointments/{forced['id']}"
    assert desk.patch(path, {"reason": "It hurts."}).json["forced"] is True
    assert desk.patch(path, {"startsAt": format_instant(MONDAY + QUARTER)}).json["code"] == "slot-taken"
    moved = desk.patch(path, {"startsAt": format_instant(MONDAY + QUARTER), "force": True}).json
    assert (moved["forced"], moved["overbooked"]) == (True, True)
    moved = desk.patch(path, {"startsAt": format_instant(MONDAY + HALF_HOUR)}).json
    assert (moved["forced"], moved["overbooked"]) == (False, False)


def test_what_a_change_leaves_alone_meets_nobody(desk: Caller, practice: Practice, booked: dict[str, Any]) -> None:
    """The appointment beside which another was forced keeps its time when only its treatment's name changes."""
    desk.post("/appointments", for_patient(practice, 1, force=True))
    same_length = desk.post("/treatments", {"name": "Polishing", "durationMinutes": 30}).json["id"]
    changed = desk.patch(f"/appointments/{booked['id']}", {"treatmentId": same_length})
    assert changed.status_code == 200, changed.json
    assert changed.json["overbooked"] is True


def test_a_hold_keeps_its_time_beside_a_forced_one(desk: Caller, sign_in: SignIn, practice: Practice) -> None:
    """The booking from it is made, and says that it shares its time."""
    patient = sign_in("patient1")
    hold = patient.post("/holds", a_check_up(practice)).json
    assert desk.post("/appointments", for_patient(practice, 1, force=True)).status_code == 201
    made = patient.post("/appointments", a_check_up(practice, holdId=hold["id"]))
    assert made.status_code == 201, made.json
    assert (made.json["forced"], made.json["overbooked"]) == (False, True)
    assert patient.post("/appointments", a_check_up(practice)).json["code"] in ("slot-taken", "patient-double-booked")


@pytest.mark.usefixtures("booked")
def test_time_that_somebody_else_claims_is_not_told_as_free(
    desk: Caller, practice: Practice, owner: Session, run_lane: RunLane
) -> None:
    """The end of a forced one frees what lies outside the other."""
    forced = desk.post("/appointments", for_patient(practice, 1, startsAt=format_instant(MONDAY + QUARTER), force=True))
    since = head_of(owner)
    desk.post(f"/appointments/{forced.json['id']}/cancel", {})
    run_lane()
    free = [
        (payload["availability"]["from"], payload["availability"]["to"])
        for type_, _, payload in events_of(owner, since)
        if type_ == "availability:changed" and payload["availability"]["change"] == "free"
    ]
    assert free == [(format_instant(MONDAY + HALF_HOUR), format_instant(MONDAY + HALF_HOUR + QUARTER))]


def test_what_was_put_beside_it_changes_the_version_that_the_next_request_needs(
    desk: Caller, practice: Practice, booked: dict[str, Any], run_lane: RunLane
) -> None:
    """In one batch too: what is decided after a forced booking sees what it has changed."""
    path, later = f"/appointments/{booked['id']}", {"Prefer": "respond-async"}
    desk.post("/appointments", for_patient(practice, 1, force=True), **later)
    stale = desk.patch(path, {"reason": "stale"}, If_Match='"1"', **later)
    fresh = desk.patch(path, {"reason": "fresh"}, If_Match='"2"', **later)
    run_lane()
    assert desk.get(f"/writes/{stale.json['id']}").json["problem"]["code"] == "precondition-failed"
    assert desk.get(f"/writes/{fresh.json['id']}").json["status"] == "applied"
