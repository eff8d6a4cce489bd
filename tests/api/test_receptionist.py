"""A day at the front desk: what a receptionist may and does, and what the log and the audit trail say of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from tests.api.test_appointments import MONDAY, a_check_up
from tests.conftest import Caller, Practice, RunLane, log_in, mute

SignIn = Callable[..., Caller]
HALF_HOUR, DAY = timedelta(minutes=30), timedelta(days=1)


def test_a_receptionist_keeps_every_diary(sign_in: SignIn, practice: Practice, run_lane: RunLane) -> None:
    """Books into any, moves to a colleague, cancels and deletes; each is told, and says who it was."""
    desk, admin, patient = sign_in("desk"), sign_in("admin"), sign_in("patient1")
    run_lane()
    head = desk.get("/appointments?limit=1").json["position"]
    made = desk.post("/appointments", a_check_up(practice, patientId=str(practice.patients[0])))
    assert made.status_code == 201
    path = f"/appointments/{made.json['id']}"
    moved = desk.patch(path, {"dentistId": str(practice.dentists[1]), "startsAt": format_instant(MONDAY + HALF_HOUR)})
    assert (moved.status_code, moved.json["dentistName"]) == (200, "Dr. Ben Osei")
    cancelled = desk.post(f"{path}/cancel", {"reason": "Called."}).json
    assert (cancelled["status"], cancelled["cancelledBy"]) == ("cancelled", "receptionist")
    assert patient.get(path).json == cancelled
    assert desk.delete(path).status_code == 204
    assert [caller.get(path).status_code for caller in (desk, admin, patient)] == [404] * 3
    told = [
        event["type"]
        for event in desk.get(f"/sync/events?since={head}&limit=500").json["events"]
        if "appointments:all" in event["channels"]
    ]
    kinds = ("created", "updated", "updated", "deleted")
    assert told == [f"appointment:{kind}" for kind in kinds]
    noted = admin.get(f"/audit?recordId={made.json['id']}&actorId={desk.user['id']}&limit=200").json["items"]
    assert {entry["actorRole"] for entry in noted} == {"receptionist"}
    assert {"book", "reschedule", "cancel", "delete"} <= {entry["action"] for entry in noted}


def test_a_receptionist_gives_back_anybodys_hold(sign_in: SignIn, practice: Practice) -> None:
    """And holds a time while on the telephone, in any diary."""
    patient, desk = sign_in("patient1"), sign_in("desk")
    held = patient.post("/holds", a_check_up(practice)).json["id"]
    assert desk.delete(f"/holds/{held}").status_code == 204
    for dentist in range(3):
        assert desk.post("/holds", a_check_up(practice, dentist=dentist)).status_code == 201


def test_a_receptionist_enters_time_off_and_closures_and_sets_no_hours(
    sign_in: SignIn, practice: Practice, owner: Session
) -> None:
    """Weekly hours, zones, treatments, chairs and rules are admins' to set, and a receptionist's to read."""
    desk, dentist = sign_in("desk"), f"/dentists/{practice.dentists[0]}"
    day = {"startsAt": format_instant(MONDAY), "endsAt": format_instant(MONDAY + DAY), "reason": "Flu"}
    off = desk.post(f"{dentist}/time-off", day)
    assert off.status_code == 201
    assert [each["reason"] for each in desk.get(f"{dentist}/time-off").json["items"]] == ["Flu"]
    assert desk.delete(f"{dentist}/time-off/{off.json['id']}").status_code == 204
    closure = desk.post("/closures", day)
    assert closure.status_code == 201
    assert desk.patch(f"/closures/{closure.json['id']}", {"reason": "Snow"}).status_code == 200
    assert desk.delete(f"/closures/{closure.json['id']}").status_code == 204
    hours = desk.get(dentist).json["workingHours"]
    before = owner.scalar(text("SELECT count(*) FROM write_requests"))
    for answer in (
        desk.call("PUT", f"{dentist}/working-hours", {"hours": hours}),
        desk.patch(dentist, {"timeZone": "Europe/Lisbon"}),
        desk.patch("/practice", {"slotStepMinutes": 30}),
        desk.get("/treatments?includeInactive=true"),
    ):
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    # Refused at the door: the lane is not asked.
    assert owner.scalar(text("SELECT count(*) FROM write_requests")) == before
    assert all("active" not in each for each in desk.get("/treatments").json["items"])


def test_hours_are_judged_by_the_role_that_the_sender_has_when_they_are_applied(
    app: APIFlask, sign_in: SignIn, practice: Practice, run_lane: RunLane
) -> None:
    """An admin who was made a receptionist meanwhile sets none."""
    admin = sign_in("admin")
    new = {"email": "second@demo.test", "name": "Second", "role": "admin", "password": "a long password"}
    user_id = admin.post("/users", new).json["id"]
    second = sign_in("second", new["password"])
    mute(app)
    path = f"/dentists/{practice.dentists[0]}/working-hours"
    sent = second.call("PUT", path, {"hours": [], "force": True}, Prefer="respond-async")
    assert sent.status_code == 202
    assert admin.patch(f"/users/{user_id}", {"role": "receptionist"}).status_code == 200
    run_lane()
    write = admin.get(f"/writes/{sent.json['id']}").json
    assert (write["status"], write["problem"]["code"]) == ("rejected", "forbidden")


@pytest.mark.parametrize("query", ["mia", "030", "demo.test"])
def test_a_receptionist_finds_patients_as_an_admin_does(sign_in: SignIn, query: str) -> None:
    """By name, telephone and address, over all of them."""
    found = [sign_in(name).get(f"/patients?q={query}").json for name in ("desk", "admin")]
    assert found[0] == found[1]
    assert found[0]["items"] or query == "030"


def test_whoever_becomes_a_receptionist_is_signed_out_and_comes_back_as_one(app: APIFlask, sign_in: SignIn) -> None:
    """A new role ends every session; the record of the former role gives no right."""
    dentist, admin = sign_in("dentist1"), sign_in("admin")
    changed = admin.patch(f"/users/{dentist.user['id']}", {"role": "receptionist"})
    assert (changed.status_code, changed.json["role"]) == (200, "receptionist")
    assert dentist.get("/appointments").status_code == 401
    answer = log_in(app, "dentist1").json
    again = Caller(app.test_client(), answer["user"], answer["accessToken"], answer["refreshToken"])
    assert again.user["role"] == "receptionist"
    found = again.get("/appointments?limit=200").json["items"]
    assert len({each["dentistId"] for each in found}) == 3
    assert again.get(f"/appointments/{found[0]['id']}/notes").status_code == 403
