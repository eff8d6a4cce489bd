"""Whom the practice lets in that it does not know: nobody, after approval, with a confirmed address, everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.hours import DAY, MONDAY, SignIn, a_check_up
from tests.conftest import Caller, Practice

NEW = {"email": "nora@demo.test", "password": "a long password", "name": "Nora Neu"}
Let = Callable[[str], None]


@pytest.fixture
def let_in(sign_in: SignIn) -> Let:
    """Say who may come."""
    admin = sign_in("admin")

    def set_to(who: str) -> None:
        answer = admin.patch("/practice", {"newPatients": who})
        assert (answer.status_code, answer.json["newPatients"]) == (200, who)

    return set_to


def register(app: APIFlask, **more: str) -> Any:
    """Sign up."""
    return app.test_client().post("/api/auth/register", json={**NEW, **more})


def registered(app: APIFlask, **more: str) -> Caller:
    """Somebody who has signed up."""
    answer = register(app, **more)
    assert answer.status_code == 201, answer.json
    return Caller(app.test_client(), answer.json["user"], answer.json["accessToken"], "")


def invite(sign_in: SignIn, **body: str) -> str:
    """The code for a record that the desk has made."""
    desk = sign_in("desk")
    record = desk.post("/patients", {"name": "Nora Neu"}).json["id"]
    code: str = desk.post(f"/patients/{record}/invitation", body).json["code"]
    return code


def test_where_registration_is_closed_only_the_invited_register(app: APIFlask, sign_in: SignIn, let_in: Let) -> None:
    """Nobody learns by it whether an address has an account; staff still make accounts."""
    let_in("closed")
    for address in ("nora@demo.test", "patient1@demo.test"):
        answer = register(app, email=address)
        assert (answer.status_code, answer.json["code"]) == (403, "registration-closed")
    assert registered(app, invitation=invite(sign_in)).get("/auth/me").status_code == 200
    made = sign_in("admin").post("/users", {**NEW, "email": "by-staff@demo.test", "role": "patient"})
    assert made.status_code == 201


def test_where_addresses_are_verified_nobody_books_with_another_one(
    app: APIFlask, sign_in: SignIn, let_in: Let, practice: Practice, owner: Session
) -> None:
    """Neither for themselves nor as a guardian, until it is confirmed; who was there before or was invited books."""
    stranger = registered(app)
    desk = sign_in("desk")
    child = desk.post("/patients", {"name": "Tim"}).json["id"]
    desk.post(f"/patients/{child}/guardians", {"userId": stranger.user["id"]})
    let_in("verified")
    series = a_check_up(practice, every={"unit": "week", "n": 1}, count=2)
    for path, body in (
        ("/appointments", a_check_up(practice)),
        ("/appointments", a_check_up(practice, patientId=child)),
        ("/appointments/series", series),
        ("/holds", a_check_up(practice)),
    ):
        answer = stranger.post(path, body)
        assert (answer.status_code, answer.json["code"]) == (403, "address-not-confirmed")
    invited = registered(app, email="invited@demo.test", invitation=invite(sign_in))
    for number, caller in enumerate((sign_in("patient1"), invited)):
        assert caller.post("/appointments", a_check_up(practice, MONDAY + number * DAY)).status_code == 201
    # As the door for the code that was mailed does it.
    owner.execute(text("UPDATE users SET email_confirmed_at = now() WHERE id = :id"), stranger.user)
    owner.commit()
    assert stranger.post("/appointments", a_check_up(practice, MONDAY + 2 * DAY)).status_code == 201


def test_an_invitation_that_is_used_later_vouches_for_the_account(
    app: APIFlask, sign_in: SignIn, let_in: Let, practice: Practice
) -> None:
    """Also one as a guardian: the practice has handed it to somebody."""
    let_in("verified")
    mother = registered(app)
    assert mother.post("/auth/me/invitation", {"code": invite(sign_in, **{"as": "guardian"})}).status_code == 200
    assert mother.post("/appointments", a_check_up(practice)).status_code == 201
    let_in("approve")
    booked = mother.post("/appointments", a_check_up(practice, MONDAY + DAY))
    assert booked.json["status"] == "booked"


def test_an_invitation_that_merges_the_own_record_vouches_too(
    app: APIFlask, sign_in: SignIn, let_in: Let, practice: Practice
) -> None:
    """It is used in the lane, because the own record has a booking; which was for nobody known."""
    stranger = registered(app)
    let_in("approve")
    assert stranger.post("/appointments", a_check_up(practice)).json["status"] == "pending"
    assert stranger.post("/auth/me/invitation", {"code": invite(sign_in)}).status_code == 200
    assert stranger.post("/appointments", a_check_up(practice, MONDAY + DAY)).json["status"] == "booked"
    let_in("verified")
    assert stranger.post("/appointments", a_check_up(practice, MONDAY + 2 * DAY)).status_code == 201


def test_who_was_never_accepted_waits_for_approval_until_they_were(
    app: APIFlask, sign_in: SignIn, let_in: Let, practice: Practice
) -> None:
    """Also after another treatment; holds are held, and what staff book is booked."""
    stranger, desk = registered(app), sign_in("desk")
    let_in("approve")
    first = stranger.post("/appointments", a_check_up(practice)).json
    assert first["status"] == "pending"
    cleaning = {"treatmentId": str(practice.treatments["Cleaning"])}
    assert stranger.patch(f"/appointments/{first['id']}", cleaning).json["status"] == "pending"
    second = stranger.post("/appointments", a_check_up(practice, MONDAY + DAY)).json
    assert second["status"] == "pending"
    assert stranger.post("/holds", a_check_up(practice, MONDAY + 2 * DAY)).status_code == 201
    assert desk.post(f"/appointments/{first['id']}/approve", {}).json["status"] == "booked"
    third = stranger.post("/appointments", a_check_up(practice, MONDAY + 3 * DAY)).json
    assert third["status"] == "booked"


def test_whom_the_practice_knows_needs_no_approval(
    app: APIFlask, sign_in: SignIn, let_in: Let, practice: Practice, owner: Session
) -> None:
    """A guardian whom staff have named, for that patient; who was here; whoever was invited."""
    stranger, desk = registered(app), sign_in("desk")
    invited = registered(app, email="invited@demo.test", invitation=invite(sign_in))
    child = desk.post("/patients", {"name": "Tim"}).json["id"]
    desk.post(f"/patients/{child}/guardians", {"userId": stranger.user["id"]})
    owner.execute(text("DELETE FROM appointments WHERE patient_id <> :id"), {"id": practice.patients[0]})
    owner.commit()
    let_in("approve")
    statuses = {
        who: caller.post("/appointments", a_check_up(practice, MONDAY + number * DAY, **wish)).json["status"]
        for number, (who, caller, wish) in enumerate(
            (
                ("a guardian", stranger, {"patientId": child}),
                ("who was here", sign_in("patient1"), {}),
                ("invited", invited, {}),
                ("never here", sign_in("patient2"), {}),
            )
        )
    }
    assert statuses == {
        "a guardian": "booked",
        "who was here": "booked",
        "invited": "booked",
        "never here": "pending",
    }
