"""Accounts as admins keep them: created, changed, deactivated; and that one admin is always left."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.records import demo
from tests import plain_sql
from tests.conftest import Caller, RunLane, log_in, sign_in_to

NEW_USER = {"email": "new@demo.test", "name": "Dr. New", "role": "dentist", "password": "a long password"}


@pytest.mark.parametrize("role", ["patient", "dentist", "receptionist", "admin", "chatbot"])
def test_an_admin_makes_accounts_of_every_role(sign_in: Callable[..., Caller], role: str) -> None:
    """With the record that belongs to the role; the new account can sign in."""
    answer = sign_in("admin").post("/users", {**NEW_USER, "role": role})
    assert answer.status_code == 201
    record = {"patient": {"patientId"}, "dentist": {"dentistId", "profession"}}.get(role, set())
    assert (
        set(answer.json) == {"id", "role", "name", "email", "language", "patients", "active", "secondFactor"} | record
    )
    assert answer.json["active"] is True
    newcomer = sign_in("new", NEW_USER["password"])
    assert newcomer.user["role"] == role
    assert newcomer.user["id"] == answer.json["id"]


def test_a_new_dentist_is_listed_in_the_practices_zone_and_has_no_hours_yet(sign_in: Callable[..., Caller]) -> None:
    """Nobody can be booked before the hours are known."""
    admin = sign_in("admin")
    dentist_id = admin.post("/users", NEW_USER).json["dentistId"]
    listed = admin.get(f"/dentists/{dentist_id}").json
    assert (listed["timeZone"], listed["workingHours"], listed["active"]) == (demo.TIME_ZONE, [], True)


@pytest.mark.parametrize("email", ["patient1@demo.test", "Patient1@DEMO.test"])
def test_an_address_that_is_taken_is_refused(shared_app: APIFlask, email: str) -> None:
    """In any case of letters."""
    answer = sign_in_to(shared_app, "admin").post("/users", {**NEW_USER, "email": email})
    assert answer.status_code == 409
    assert answer.json["code"] == "email-taken"


@pytest.mark.parametrize("name", ["patient1", "dentist1", "desk", "chatbot"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "/users", None), ("POST", "/users", NEW_USER), ("PATCH", f"/users/{uuid.UUID(int=1)}", {"name": "X"})],
)
def test_only_admins_keep_accounts(shared_app: APIFlask, name: str, method: str, path: str, body: Any) -> None:
    """The others may not, whatever they send."""
    answer = sign_in_to(shared_app, name).call(method, path, body)
    assert answer.status_code == 403
    assert answer.json["code"] == "forbidden"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"active": None},
        {"active": "false"},
        {"active": 0},
        {"role": "owner"},
        {"role": ["admin"]},
        {"password": "short"},
        {"name": ""},
        {"email": "other@demo.test"},
        {"name": "X", "unknown": 1},
    ],
)
def test_a_change_of_another_shape_is_refused(shared_app: APIFlask, body: Any) -> None:
    """Nothing, null, a wrong type, an unknown field: 422."""
    admin = sign_in_to(shared_app, "admin")
    answer = admin.patch(f"/users/{admin.user['id']}", body)
    assert answer.status_code == 422
    assert answer.json["code"] == "validation-failed"
    assert answer.json["errors"]


def test_an_account_that_does_not_exist_is_not_found(shared_app: APIFlask) -> None:
    """404 for an id that nobody has."""
    assert sign_in_to(shared_app, "admin").patch(f"/users/{uuid.uuid4()}", {"name": "X"}).status_code == 404


def test_one_account_is_read_as_it_is_listed(shared_app: APIFlask) -> None:
    """Switched off or not, and by admins alone; who it was about is in the audit trail."""
    admin = sign_in_to(shared_app, "admin")
    for listed in admin.get("/users?role=dentist,chatbot").json["items"]:
        assert admin.get(f"/users/{listed['id']}").json == listed
    assert admin.get(f"/audit?recordId={listed['id']}&action=read").json["items"] != []


def test_all_accounts_are_listed_page_by_page(shared_app: APIFlask) -> None:
    """Following `next` and the Link header gives each account once, in a stable order."""
    admin = sign_in_to(shared_app, "admin")
    everybody = admin.get("/users?limit=200").json
    assert everybody["next"] is None
    assert {user["email"] for user in everybody["items"]} >= {"admin@demo.test", "patient12@demo.test"}
    found: list[Any] = []
    answer = admin.get("/users?limit=5")
    while True:
        found += answer.json["items"]
        if answer.json["next"] is None:
            assert "Link" not in answer.headers
            break
        assert len(answer.json["items"]) == 5
        target, _, relation = answer.headers["Link"].partition(">; ")
        assert relation == 'rel="next"'
        assert answer.json["next"] in target
        answer = admin.get(target.removeprefix("</api"))
    assert found == everybody["items"]


def test_a_new_name_is_the_patients_everywhere_and_ends_no_session(
    sign_in: Callable[..., Caller], owner: Session, run_lane: RunLane
) -> None:
    """The account, the record, and every appointment that shows it, as events of those appointments."""
    admin, patient = sign_in("admin"), sign_in("patient1")
    run_lane()
    start = admin.get("/sync/events?since=0&limit=1").json
    head = admin.get(f"/appointments?limit=1&patientId={patient.user['patientId']}").json["position"]
    assert start["position"] <= head
    assert admin.patch(f"/users/{patient.user['id']}", {"name": "Mia Weber"}).status_code == 200
    assert patient.get("/auth/me").json["name"] == "Mia Weber"
    run_lane()
    mine = patient.get("/appointments?limit=200").json["items"]
    assert mine
    assert {appointment["patientName"] for appointment in mine} == {"Mia Weber"}
    events = patient.get(f"/sync/events?since={head}&limit=500").json["events"]
    renamed = {event["appointment"]["id"]: event for event in events if event["type"] == "appointment:updated"}
    assert set(renamed) == {appointment["id"] for appointment in mine}
    assert all(event["previous"]["patientName"] == "Mia Schmidt" for event in renamed.values())
    assert owner.scalar(text("SELECT name FROM patients WHERE name LIKE 'Mia%'")) == "Mia Weber"


@pytest.mark.parametrize("change", [{"active": False}, {"role": "chatbot"}, {"password": "another password"}])
def test_a_lost_right_ends_every_session_and_is_in_the_log(
    app: APIFlask, sign_in: Callable[..., Caller], run_lane: RunLane, change: dict[str, Any]
) -> None:
    """The tokens are dead at once, and the log tells the processes that hold sockets."""
    admin, sessions = sign_in("admin"), [sign_in("patient1"), sign_in("patient1")]
    user_id = sessions[0].user["id"]
    answer = admin.patch(f"/users/{user_id}", change)
    assert answer.status_code == 200
    run_lane()
    for session in sessions:
        refused = session.get("/auth/me")
        assert refused.status_code == 401
        refresh = {"Authorization": f"Bearer {session.refresh_token}"}
        assert app.test_client().post("/api/auth/refresh", headers=refresh).status_code == 401
    assert admin.get("/auth/me").status_code == 200
    revoked = [e for e in events_of(admin) if e["type"] == "account:revoked"]
    assert revoked
    assert {event["userId"] for event in revoked} == {user_id}
    assert all(event["channels"] == [] for event in revoked)


def events_of(admin: Caller) -> list[dict[str, Any]]:
    """The whole log."""
    found: list[dict[str, Any]] = []
    position, more = 0, True
    while more:
        page = admin.get(f"/sync/events?since={position}&limit=500").json
        found, position, more = found + page["events"], page["position"], page["more"]
    return found


def test_an_account_that_is_active_again_signs_in_again(app: APIFlask, sign_in: Callable[..., Caller]) -> None:
    """The old tokens stay dead."""
    admin, patient = sign_in("admin"), sign_in("patient1")
    user = f"/users/{patient.user['id']}"
    assert admin.patch(user, {"active": False}).json["active"] is False
    assert admin.patch(user, {"active": True}).json["active"] is True
    assert patient.get("/auth/me").status_code == 401
    assert log_in(app, "patient1").json["user"] == patient.user


def test_who_becomes_a_dentist_gets_a_diary_and_who_stops_takes_no_bookings(sign_in: Callable[..., Caller]) -> None:
    """The record stays with its past appointments, and comes back with the role."""
    admin, chatbot = sign_in("admin"), sign_in("chatbot")
    user = f"/users/{chatbot.user['id']}"
    dentist_id = admin.patch(user, {"role": "dentist"}).json["dentistId"]
    assert admin.get(f"/dentists/{dentist_id}").json["active"] is True
    admin.patch(user, {"role": "chatbot"})
    assert admin.get(f"/dentists/{dentist_id}").json["active"] is False
    assert admin.patch(user, {"role": "dentist"}).json["dentistId"] == dentist_id
    assert admin.get(f"/dentists/{dentist_id}").json["active"] is True
    admin.patch(user, {"active": False})
    assert admin.get(f"/dentists/{dentist_id}").json["active"] is False


@pytest.mark.parametrize("change", [{"active": False}, {"role": "dentist"}, {"role": "patient", "name": "X"}])
def test_the_last_admin_stays_one(sign_in: Callable[..., Caller], change: dict[str, Any]) -> None:
    """Refused as a whole; with a second admin it goes well."""
    admin = sign_in("admin")
    user = f"/users/{admin.user['id']}"
    answer = admin.patch(user, change)
    assert answer.status_code == 409
    assert answer.json["code"] == "last-admin"
    assert admin.get("/auth/me").json == admin.user
    admin.post("/users", {**NEW_USER, "role": "admin"})
    assert admin.patch(user, change).status_code == 200


def test_an_admin_who_cannot_sign_in_does_not_count(sign_in: Callable[..., Caller]) -> None:
    """A deactivated admin administers nothing."""
    admin = sign_in("admin")
    second = admin.post("/users", {**NEW_USER, "role": "admin"}).json["id"]
    assert admin.patch(f"/users/{second}", {"active": False}).status_code == 200
    assert admin.patch(f"/users/{admin.user['id']}", {"active": False}).status_code == 409


def test_two_admins_who_remove_each_other_at_once_leave_one(
    app: APIFlask, sign_in: Callable[..., Caller], owner: Session
) -> None:
    """Both requests stand at the same row when they start; one is applied, the other refused, none fails."""
    first = sign_in("admin")
    first.post("/users", {**NEW_USER, "role": "admin"})
    second = sign_in_to(app, "new", NEW_USER["password"])
    statuses: list[int] = []

    def remove(remover: Caller, removed: Caller) -> None:
        statuses.append(remover.patch(f"/users/{removed.user['id']}", {"active": False}).status_code)

    owner.execute(text("SELECT 1 FROM users WHERE role = 'admin' FOR UPDATE"))
    threads = [
        threading.Thread(target=remove, args=(first, second)),
        threading.Thread(target=remove, args=(second, first)),
    ]
    for thread in threads:
        thread.start()
    plain_sql.until_blocked(owner, 2)
    owner.rollback()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409]
    assert owner.scalar(text("SELECT count(*) FROM users WHERE role = 'admin' AND active")) == 1


def test_of_many_who_register_one_address_at_once_one_gets_it(app: APIFlask, owner: Session) -> None:
    """The others are told that it is taken, in whatever case they wrote it; no traceback, no second row."""
    addresses = ["race@demo.test", "Race@demo.test", "RACE@demo.test", "race@DEMO.test"]
    barrier = threading.Barrier(len(addresses))
    answers: list[Any] = []

    def register(address: str) -> None:
        barrier.wait()
        body = {"email": address, "password": "a long password", "name": "Racer"}
        answers.append(app.test_client().post("/api/auth/register", json=body))

    threads = [threading.Thread(target=register, args=(address,)) for address in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"email-taken"}
    assert owner.scalar(text("SELECT count(*) FROM users WHERE lower(email) = 'race@demo.test'")) == 1
    assert owner.scalar(text("SELECT count(*) FROM patients WHERE lower(email) = 'race@demo.test'")) == 1
