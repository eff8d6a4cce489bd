"""Invitations: a caller becomes an account without a second record, and nobody becomes one by knowing an address."""

from __future__ import annotations

from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.free import SignIn
from tests.api.hours import a_check_up
from tests.api.mailed import Mailbox
from tests.conftest import Caller, Practice

ADDRESS = "nora.neu@demo.test"
NEW = {"email": ADDRESS, "password": "a long password", "name": "Nora N."}


@pytest.fixture
def caller_record(sign_in: SignIn, practice: Practice) -> str:
    """Somebody who has phoned: entered by the desk, with a booking."""
    desk = sign_in("desk")
    record: str = desk.post("/patients", {"name": "Nora Neu", "email": ADDRESS, "phone": "030 1"}).json["id"]
    assert desk.post("/appointments", {**a_check_up(practice), "patientId": record}).status_code == 201
    return record


def invite(sign_in: SignIn, record: str, **body: str) -> str:
    """An invitation of the desk's; its code."""
    answer = sign_in("desk").post(f"/patients/{record}/invitation", body)
    assert answer.status_code == 201, answer.json
    code: str = answer.json["code"]
    return code


def register(app: APIFlask, **more: str) -> Any:
    """Sign up."""
    return app.test_client().post("/api/auth/register", json={**NEW, **more})


def seen_by(app: APIFlask, token: str, path: str) -> Any:
    """What an account is answered."""
    return app.test_client().get(f"/api{path}", headers={"Authorization": f"Bearer {token}"}).json


def test_who_registers_with_an_invitation_has_the_record_that_is_there(
    app: APIFlask, sign_in: SignIn, caller_record: str, owner: Session
) -> None:
    """The booking by phone is theirs, there are not two of them, and the practice's name for them stays."""
    records = owner.scalar(text("SELECT count(*) FROM patients"))
    owner.rollback()
    answer = register(app, invitation=invite(sign_in, caller_record))
    assert answer.status_code == 201, answer.json
    user = answer.json["user"]
    assert (user["patientId"], user["name"]) == (caller_record, "Nora Neu")
    assert user["patients"] == [{"id": caller_record, "name": "Nora Neu", "relation": "self"}]
    mine = seen_by(app, answer.json["accessToken"], "/appointments")["items"]
    assert [appointment["patientId"] for appointment in mine] == [caller_record]
    assert owner.scalar(text("SELECT count(*) FROM patients")) == records


@pytest.mark.parametrize("known", ["030 1", None])
def test_the_number_that_is_typed_is_kept_where_the_practice_knows_none(
    app: APIFlask, sign_in: SignIn, known: str | None
) -> None:
    """What the practice has written stays."""
    desk = sign_in("desk")
    record = desk.post("/patients", {"name": "Nora Neu", **({"phone": known} if known else {})}).json["id"]
    assert register(app, phone="030 9", invitation=invite(sign_in, record)).status_code == 201
    shown = desk.get(f"/patients/{record}").json
    assert (shown["phone"], shown["email"]) == (known or "030 9", ADDRESS)


def test_registering_alone_shows_nothing_of_a_record_with_the_same_address(app: APIFlask, caller_record: str) -> None:
    """An address proves nothing."""
    answer = register(app)
    assert answer.json["user"]["patientId"] != caller_record
    assert seen_by(app, answer.json["accessToken"], "/appointments")["items"] == []


def test_an_account_that_is_there_joins_and_its_empty_record_is_dropped(
    app: APIFlask, sign_in: SignIn, caller_record: str, owner: Session
) -> None:
    """However the code was typed."""
    answer = register(app)
    token, empty = answer.json["accessToken"], answer.json["user"]["patientId"]
    code = invite(sign_in, caller_record).lower().replace("-", " ").replace("0", "o")
    joined = app.test_client().post(
        "/api/auth/me/invitation", json={"code": code}, headers={"Authorization": f"Bearer {token}"}
    )
    assert (joined.status_code, joined.json["patientId"]) == (200, caller_record)
    assert len(seen_by(app, token, "/appointments")["items"]) == 1
    assert owner.scalar(text("SELECT count(*) FROM patients WHERE id = :id"), {"id": empty}) == 0
    assert sign_in("desk").get(f"/patients/{caller_record}").json["phone"] == "030 1"


def test_a_record_in_use_is_not_dropped(sign_in: SignIn, caller_record: str, practice: Practice) -> None:
    """Two records with appointments are for the practice to look at; the code still works then."""
    patient = sign_in("patient1")
    assert patient.post("/appointments", a_check_up(practice, dentist=1)).status_code == 201
    code = invite(sign_in, caller_record)
    for _ in range(2):
        refused = patient.post("/auth/me/invitation", {"code": code})
        assert (refused.status_code, refused.json["code"]) == (409, "bookings-in-the-way")
    assert [each["relation"] for each in patient.get("/auth/me").json["patients"]] == ["self"]


def test_who_is_invited_as_a_guardian_acts_for_the_patient_beside_themselves(
    app: APIFlask, sign_in: SignIn, caller_record: str
) -> None:
    """With an account or without one yet."""
    path = f"/patients/{caller_record}/guardians"
    patient = sign_in("patient1")
    code = invite(sign_in, caller_record, **{"as": "guardian", "relation": "father"})
    assert patient.post("/auth/me/invitation", {"code": code}).json["patients"][1] == {
        "id": caller_record,
        "name": "Nora Neu",
        "relation": "father",
    }
    code = invite(sign_in, caller_record, **{"as": "guardian"})
    registered = register(app, invitation=code).json["user"]
    assert registered["patientId"] not in (None, caller_record)
    assert [each["relation"] for each in registered["patients"]] == ["self", None]
    assert {each["userId"] for each in patient.get(path).json["items"]} == {patient.user["id"], registered["id"]}


@pytest.mark.parametrize("how", ["wrong", "used", "replaced", "old"])
def test_a_code_that_is_good_for_nothing_is_404_and_makes_no_account(
    app: APIFlask, sign_in: SignIn, caller_record: str, owner: Session, how: str
) -> None:
    """Wrong, used, replaced by another, or older than seven days: all the same to who has it."""
    code = invite(sign_in, caller_record)
    if how == "wrong":
        code = "0000-0000-0000-0000"
    elif how == "used":
        assert sign_in("patient12").post("/auth/me/invitation", {"code": code}).status_code in (200, 409)
        owner.execute(text("DELETE FROM invitations"))
        owner.commit()
    elif how == "replaced":
        invite(sign_in, caller_record)
    else:
        owner.execute(text("UPDATE invitations SET expires_at = now() - interval '1 second'"))
        owner.commit()
    refused = register(app, invitation=code)
    assert (refused.status_code, refused.json["code"]) == (404, "unknown-invitation")
    assert register(app).status_code == 201


def test_a_code_works_once(app: APIFlask, sign_in: SignIn, caller_record: str) -> None:
    """The second one who has it gets nothing."""
    code = invite(sign_in, caller_record)
    assert register(app, invitation=code).status_code == 201
    refused = register(app, email="other@demo.test", invitation=code)
    assert (refused.status_code, refused.json["code"]) == (404, "unknown-invitation")


def test_an_address_has_ten_tries_an_hour(sign_in: SignIn) -> None:
    """Whoever tries, and whatever for."""
    patient = sign_in("patient1")
    tried = [patient.post("/auth/me/invitation", {"code": f"wrong {n}"}) for n in range(11)]
    assert [answer.status_code for answer in tried] == [404] * 10 + [429]
    assert int(tried[-1].headers["Retry-After"]) > 60


def test_nobody_is_invited_to_be_somebody_who_has_an_account(sign_in: SignIn, practice: Practice) -> None:
    """As a guardian they are; and a code for a record that got an account meanwhile joins nobody."""
    desk, path = sign_in("desk"), f"/patients/{practice.patients[0]}/invitation"
    refused = desk.post(path, {"as": "self"})
    assert (refused.status_code, refused.json["code"]) == (409, "already-joined")
    assert desk.post(path, {"as": "guardian"}).status_code == 201
    assert desk.post(path, {"as": "friend"}).status_code == 422


def test_the_code_is_stored_nowhere(sign_in: SignIn, caller_record: str, owner: Session) -> None:
    """Only its hash; the audit trail says that there was one."""
    code = invite(sign_in, caller_record)
    stored = owner.scalar(text("SELECT encode(code_hash, 'escape') FROM invitations"))
    assert code.replace("-", "") not in stored
    entries = sign_in("admin").get(f"/audit?recordId={caller_record}&action=invite").json["items"]
    assert [entry["details"] for entry in entries] == [{"as": "self"}]


@pytest.mark.parametrize(("kind", "known", "mailed"), [("self", True, 1), ("self", False, 0), ("guardian", True, 0)])
def test_who_is_invited_to_be_the_patient_is_mailed_the_code(
    sign_in: SignIn, mailbox: Mailbox, caller_record: str, kind: str, known: bool, mailed: int
) -> None:
    """Where the practice knows an address; it is not a guardian's."""
    if not known:
        sign_in("desk").patch(f"/patients/{caller_record}", {"email": None})
    code = invite(sign_in, caller_record, **{"as": kind})
    assert [(mail.kind, mail.facts["code"]) for mail in mailbox.to(ADDRESS)] == [("invitation", code)] * mailed


def test_only_a_patients_account_joins(sign_in: SignIn, caller_record: str) -> None:
    """A dentist who is a patient too has another account for that."""
    staff: Caller = sign_in("dentist1")
    assert staff.post("/auth/me/invitation", {"code": invite(sign_in, caller_record)}).status_code == 403
