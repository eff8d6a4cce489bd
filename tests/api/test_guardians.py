"""Guardians: whoever acts for a patient sees and does what the patient may, from the grant to its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from tests import plain_sql
from tests.api.free import SignIn
from tests.api.hours import a_check_up
from tests.api.test_who_may_hear import actor_of
from tests.conftest import Caller, Practice, a_free_monday


@pytest.fixture
def child(sign_in: SignIn) -> str:
    """A patient without an account, who was entered by the front desk."""
    added = sign_in("desk").post("/patients", {"name": "Tim Schmidt", "birthDate": "2019-05-04"})
    assert added.status_code == 201
    found: str = added.json["id"]
    return found


@pytest.fixture
def mother(sign_in: SignIn, child: str) -> Caller:
    """Patient 1, who acts for the child too."""
    caller = sign_in("patient1")
    granted = sign_in("desk").post(f"/patients/{child}/guardians", {"userId": caller.user["id"], "relation": "mother"})
    assert granted.status_code == 201, granted.json
    return caller


def ids(answer: Any) -> set[str]:
    """Of the items of a page."""
    assert answer.status_code == 200, answer.json
    return {item["id"] for item in answer.json["items"]}


def test_who_acts_for_whom_is_in_every_user(mother: Caller, child: str, practice: Practice, sign_in: SignIn) -> None:
    """The own record first, with the relation `self`."""
    patients = [
        {"id": str(practice.patients[0]), "name": mother.user["name"], "relation": "self"},
        {"id": child, "name": "Tim Schmidt", "relation": "mother"},
    ]
    assert mother.get("/auth/me").json["patients"] == patients
    again = sign_in("patient1").client.post(
        "/api/auth/login", json={"email": mother.user["email"], "password": "demo-password-1"}
    )
    assert again.json["user"]["patients"] == patients
    listed = sign_in("admin").get("/users?q=" + mother.user["email"]).json["items"]
    assert [account["patients"] for account in listed if account["id"] == mother.user["id"]] == [patients]
    for name in ("dentist1", "desk", "admin", "chatbot"):
        assert sign_in(name).get("/auth/me").json["patients"] == []


def test_a_guardian_books_moves_and_cancels_for_the_child(mother: Caller, child: str, practice: Practice) -> None:
    """And without naming anybody for themselves, as before."""
    wish = a_check_up(practice)
    held = mother.post("/holds", {**wish, "patientId": child})
    assert held.status_code == 201
    booked = mother.post("/appointments", {**wish, "patientId": child, "holdId": held.json["id"]})
    assert (booked.status_code, booked.json["patientId"]) == (201, child)
    path = f"/appointments/{booked.json['id']}"
    assert mother.get(path).json["id"] == booked.json["id"]
    assert booked.json["id"] in ids(mother.get("/appointments?limit=200"))
    assert ids(mother.get(f"/appointments?patientId={child}")) == {booked.json["id"]}
    assert mother.patch(path, {"reason": "tooth"}).status_code == 200
    assert mother.post(f"{path}/cancel").json["cancelledBy"] == "patient"
    own = mother.post("/appointments", wish)
    assert (own.status_code, own.json["patientId"]) == (201, str(practice.patients[0]))


def test_mother_and_child_may_come_at_one_time_and_neither_twice(
    mother: Caller, child: str, practice: Practice
) -> None:
    """Whose time is taken is the patient's, not the account's."""
    monday = a_free_monday()
    assert mother.post("/appointments", a_check_up(practice, monday)).status_code == 201
    other = a_check_up(practice, monday, dentist=1)
    assert mother.post("/holds", other).json["code"] == "patient-double-booked"
    held = mother.post("/holds", {**other, "patientId": child})
    assert held.status_code == 201
    booked = mother.post("/appointments", {**other, "patientId": child, "holdId": held.json["id"]})
    assert booked.status_code == 201
    third = {**a_check_up(practice, monday, dentist=2), "patientId": child}
    assert mother.post("/appointments", third).json["code"] == "patient-double-booked"


def test_nobody_acts_for_a_patient_without_a_grant(sign_in: SignIn, child: str, practice: Practice) -> None:
    """403 for booking and holding, 404 for the rest."""
    stranger = sign_in("patient2")
    for path in ("/appointments", "/holds"):
        assert stranger.post(path, {**a_check_up(practice), "patientId": child}).status_code == 403
    assert stranger.get(f"/patients/{child}").status_code == 404
    assert stranger.get(f"/patients/{child}/guardians").status_code == 404
    assert ids(stranger.get(f"/appointments?patientId={child}")) == set()


def test_what_has_ended_is_seen_no_more(
    sign_in: SignIn,
    mother: Caller,
    child: str,
    practice: Practice,
    settings: Settings,
    head: Callable[[], int],
) -> None:
    """Not in a list, by its id, in the log, or past all rules in the database."""
    since = head()
    booked = mother.post("/appointments", {**a_check_up(practice), "patientId": child}).json["id"]
    assert booked in told_to(mother, since)
    before = actor_as_now(mother)
    assert shown(settings, before, booked)
    ended = sign_in("desk").delete(f"/patients/{child}/guardians/{mother.user['id']}")
    assert ended.status_code == 204
    assert mother.get(f"/appointments/{booked}").status_code == 404
    assert booked not in ids(mother.get("/appointments?limit=200"))
    assert mother.get(f"/patients/{child}").status_code == 404
    assert mother.post("/appointments", {**a_check_up(practice), "patientId": child}).status_code == 403
    assert head() > since
    assert booked not in told_to(mother, since)
    assert not shown(settings, actor_as_now(mother), booked)
    assert [patient["relation"] for patient in mother.get("/auth/me").json["patients"]] == ["self"]


def told_to(caller: Caller, since: int) -> set[str]:
    """The appointments of which the log tells somebody."""
    events = caller.get(f"/sync/events?since={since}").json["events"]
    return {event["appointment"]["id"] for event in events if "appointment" in event}


def actor_as_now(caller: Caller) -> Actor:
    """The account with the rights that it has now."""
    caller.user = caller.get("/auth/me").json
    return actor_of(caller)


def shown(settings: Settings, actor: Actor, appointment: str) -> bool:
    """Whether row-level security shows an appointment to an account of the web role."""
    assert settings.web_database_url
    with plain_sql.connect(settings.web_database_url, actor) as session:
        return session.scalar(text("SELECT id FROM appointments WHERE id = :id"), {"id": appointment}) is not None


def test_the_practice_bars_the_one_who_is_to_come(
    sign_in: SignIn, mother: Caller, child: str, practice: Practice
) -> None:
    """A child who is barred does not keep the mother from booking for herself, nor the other way round."""
    desk = sign_in("desk")
    assert desk.patch(f"/patients/{child}", {"onlineBookingBarred": True}).status_code == 200
    wish = a_check_up(practice)
    for path in ("/holds", "/appointments"):
        assert mother.post(path, {**wish, "patientId": child}).json["code"] == "booking-barred"
    assert mother.post("/appointments", wish).status_code == 201
    assert desk.patch(f"/patients/{child}", {"onlineBookingBarred": False}).status_code == 200
    assert desk.patch(f"/patients/{practice.patients[0]}", {"onlineBookingBarred": True}).status_code == 200
    other = a_check_up(practice, a_free_monday(hour=10))
    assert mother.post("/appointments", {**other, "patientId": child}).status_code == 201
    assert mother.post("/appointments", a_check_up(practice, a_free_monday(hour=11))).json["code"] == "booking-barred"


def test_the_guardians_are_listed_and_granting_again_sets_the_relation(
    sign_in: SignIn, mother: Caller, child: str, practice: Practice
) -> None:
    """An account may be named by the record that it belongs to."""
    desk, grandmother = sign_in("desk"), sign_in("patient2")
    path = f"/patients/{child}/guardians"
    assert desk.post(path, {"patientId": str(practice.patients[1])}).json["userId"] == grandmother.user["id"]
    listed = mother.get(path).json["items"]
    assert {(each["userId"], each["name"], each["relation"]) for each in listed} == {
        (mother.user["id"], mother.user["name"], "mother"),
        (grandmother.user["id"], grandmother.user["name"], None),
    }
    again = desk.post(path, {"userId": grandmother.user["id"], "relation": "grandmother"})
    assert (again.status_code, again.json["relation"]) == (201, "grandmother")
    assert grandmother.get("/auth/me").json["patients"][1]["relation"] == "grandmother"
    assert len(desk.get(path).json["items"]) == 2


def test_patient_guardian_and_practice_end_it_and_a_guardian_only_the_own_one(
    sign_in: SignIn, practice: Practice
) -> None:
    """Of a patient with an account; for whoever is no guardian there is nothing to end."""
    patient, guardian, other = sign_in("patient1"), sign_in("patient2"), sign_in("patient3")
    desk = sign_in("desk")
    path = f"/patients/{practice.patients[0]}/guardians"

    def grant(caller: Caller) -> str:
        assert desk.post(path, {"userId": caller.user["id"]}).status_code == 201
        return f"{path}/{caller.user['id']}"

    first, second = grant(guardian), grant(other)
    assert guardian.delete(second).status_code == 403
    assert guardian.delete(first).status_code == 204
    assert guardian.delete(first).status_code == 404
    assert patient.delete(second).status_code == 204
    assert desk.delete(second).status_code == 404
    assert desk.delete(grant(other)).status_code == 204
    assert desk.get(path).json["items"] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "validation-failed"),
        ({"userId": "me", "patientId": "me"}, 422, "validation-failed"),
        ({"userId": "nobody"}, 422, "unknown-account"),
        ({"patientId": "nobody"}, 422, "unknown-account"),
        ({"patientId": "without an account"}, 422, "unknown-account"),
        ({"userId": "staff"}, 422, "unknown-account"),
        ({"userId": "inactive"}, 422, "unknown-account"),
        ({"userId": "me"}, 409, "already-joined"),
        ({"userId": "other", "relation": ""}, 422, "validation-failed"),
        ({"userId": "other", "relation": " \u200b "}, 422, "validation-failed"),
        ({"userId": "other", "relation": "x" * 101}, 422, "validation-failed"),
    ],
    ids=str,
)
def test_what_cannot_be_granted_is_refused(
    sign_in: SignIn, practice: Practice, child: str, owner: Session, body: dict[str, str], status: int, code: str
) -> None:
    """In words, and nothing changes."""
    inactive = sign_in("patient4")
    owner.execute(text("UPDATE users SET active = false WHERE id = :id"), {"id": inactive.user["id"]})
    owner.commit()
    meant = {
        "me": str(practice.patients[0]) if "patientId" in body else sign_in("patient1").user["id"],
        "nobody": "0193a1b2-0000-7000-8000-000000000000",
        "without an account": child,
        "staff": sign_in("dentist2").user["id"],
        "inactive": inactive.user["id"],
        "other": sign_in("patient2").user["id"],
    }
    desk = sign_in("desk")
    path = f"/patients/{practice.patients[0]}/guardians"
    answer = desk.post(path, {name: meant.get(value, value) for name, value in body.items()})
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert desk.get(path).json["items"] == []


@pytest.mark.usefixtures("empty_diary")
def test_a_dentist_grants_for_patients_in_the_own_diary(sign_in: SignIn, practice: Practice, child: str) -> None:
    """And for nobody else; a patient grants nothing."""
    anna, ben, guardian = sign_in("dentist1"), sign_in("dentist2"), sign_in("patient2")
    path, body = f"/patients/{child}/guardians", {"userId": guardian.user["id"]}
    assert anna.post(path, body).status_code == 404
    assert anna.post("/appointments", {**a_check_up(practice), "patientId": child}).status_code == 201
    assert ben.post(path, body).status_code == 404
    assert guardian.post(path, body).status_code == 403
    assert anna.post(path, body).status_code == 201
    assert ben.delete(f"{path}/{guardian.user['id']}").status_code == 404
    assert anna.delete(f"{path}/{guardian.user['id']}").status_code == 204


def test_an_account_that_belongs_to_the_record_acts_for_it_however_that_was_written(
    owner: Session, practice: Practice
) -> None:
    """By plain SQL as by the release before: the table follows `patients.user_id`."""
    acting = text("SELECT user_id, kind FROM acting WHERE patient_id = :patient")
    patient = {"patient": practice.patients[0]}
    [(account, kind)] = owner.execute(acting, patient).all()
    assert kind == "self"
    owner.execute(text("UPDATE patients SET user_id = NULL WHERE id = :patient"), patient)
    assert owner.execute(acting, patient).all() == []
    owner.execute(
        text("INSERT INTO acting (user_id, patient_id, kind) VALUES (:account, :patient, 'guardian')"),
        {**patient, "account": account},
    )
    owner.execute(text("UPDATE patients SET user_id = :account WHERE id = :patient"), {**patient, "account": account})
    assert owner.execute(acting, patient).all() == [(account, "self")]
