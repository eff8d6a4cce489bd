"""Patients who may not book online, and how often somebody did not come: what staff know when they book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from dental_sync.core.extensions import db
from tests import plain_sql
from tests.api.test_appointments import MONDAY, a_check_up
from tests.conftest import Caller, Practice, RunLane, mute, sign_in_to

SignIn = Callable[..., Caller]
HALF_HOUR, DAY = timedelta(minutes=30), timedelta(days=1)


@pytest.fixture
def bar(sign_in: SignIn, practice: Practice) -> Callable[[bool], None]:
    """Bar patient 1, or let them book again."""
    desk = sign_in("desk")

    def set_to(barred: bool) -> None:
        answer = desk.patch(f"/patients/{practice.patients[0]}", {"onlineBookingBarred": barred})
        assert (answer.status_code, answer.json["onlineBookingBarred"]) == (200, barred)

    return set_to


def assert_barred(answer: Any) -> None:
    """403, with what to do about it."""
    assert (answer.status_code, answer.json["code"]) == (403, "booking-barred")
    assert "Please call the practice." in answer.json["detail"]


def test_a_barred_patient_neither_books_nor_holds(
    sign_in: SignIn, practice: Practice, bar: Callable[[bool], None]
) -> None:
    """Until staff let them again; the other patients do as before."""
    patient = sign_in("patient1")
    held = patient.post("/holds", a_check_up(practice)).json
    bar(True)
    for path, body in (
        ("/appointments", a_check_up(practice)),
        ("/appointments", a_check_up(practice, patientId=str(practice.patients[0]))),
        ("/appointments", a_check_up(practice, holdId=held["id"])),
        ("/holds", a_check_up(practice, MONDAY + HALF_HOUR)),
    ):
        assert_barred(patient.post(path, body))
    assert sign_in("patient2").post("/appointments", a_check_up(practice, dentist=1)).status_code == 201
    bar(False)
    assert patient.post("/appointments", a_check_up(practice, holdId=held["id"])).status_code == 201


def test_the_bar_is_judged_before_what_else_is_wrong(
    sign_in: SignIn, practice: Practice, bar: Callable[[bool], None]
) -> None:
    """Whoever may not book is not told which times are taken, and is offered none."""
    sign_in("patient2").post("/appointments", a_check_up(practice))
    bar(True)
    for wish in (a_check_up(practice), a_check_up(practice, MONDAY - 90 * DAY)):
        answer = sign_in("patient1").post("/appointments", wish)
        assert_barred(answer)
        assert "alternatives" not in answer.json


@pytest.mark.parametrize("name", ["dentist1", "desk", "admin"])
def test_staff_book_for_a_barred_patient(
    sign_in: SignIn, practice: Practice, bar: Callable[[bool], None], name: str
) -> None:
    """The practice has been called; and what is booked the patient may still cancel."""
    bar(True)
    staff = sign_in(name)
    assert staff.post("/holds", a_check_up(practice, MONDAY + HALF_HOUR)).status_code == 201
    made = staff.post("/appointments", a_check_up(practice, patientId=str(practice.patients[0])))
    assert made.status_code == 201
    assert sign_in("patient1").post(f"/appointments/{made.json['id']}/cancel").status_code == 200


def test_the_bar_is_judged_when_the_request_is_applied(
    sign_in: SignIn, practice: Practice, bar: Callable[[bool], None], app: Any, run_lane: RunLane
) -> None:
    """Whoever is barred while the request waits does not book."""
    patient = sign_in("patient1")
    mute(app)
    sent = patient.post("/appointments", a_check_up(practice), Prefer="respond-async")
    assert sent.status_code == 202
    bar(True)
    run_lane()
    write = patient.get(f"/writes/{sent.json['id']}").json
    assert (write["status"], write["problem"]["code"]) == ("rejected", "booking-barred")


def test_a_patient_sees_that_they_are_barred_and_not_why(
    sign_in: SignIn, practice: Practice, bar: Callable[[bool], None]
) -> None:
    """In the own record; so that a page can say to call instead of offering times."""
    patient = sign_in("patient1")
    assert patient.get(f"/patients/{practice.patients[0]}").json["onlineBookingBarred"] is False
    bar(True)
    assert patient.get(f"/patients/{practice.patients[0]}").json["onlineBookingBarred"] is True


@pytest.mark.parametrize("value", [None, 1, "true"])
def test_the_bar_is_true_or_false(sign_in: SignIn, practice: Practice, value: Any) -> None:
    """422 for anything else."""
    answer = sign_in("desk").patch(f"/patients/{practice.patients[0]}", {"onlineBookingBarred": value})
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed")


# How often somebody did not come.


def missed(owner: Session, practice: Practice, patient: int, dentist: int, days_ago: int) -> None:
    """An appointment that the patient did not come to."""
    at = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0) - days_ago * DAY
    plain_sql.book(owner, practice.patients[patient], practice.dentists[dentist], at, status="noshow")


def test_staff_see_how_often_a_patient_did_not_come(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """Alone and in the list; a dentist counts the own diary, and the patient is not told."""
    owner.execute(text("DELETE FROM appointments"))
    for dentist, days_ago in ((0, 30), (0, 31), (1, 32)):
        missed(owner, practice, 0, dentist, days_ago)
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], MONDAY, status="cancelled")
    plain_sql.book(owner, practice.patients[1], practice.dentists[0], MONDAY)
    owner.commit()
    mia = str(practice.patients[0])
    for name, count in (("desk", 3), ("admin", 3), ("dentist1", 2), ("dentist2", 1)):
        caller = sign_in(name)
        assert caller.get(f"/patients/{mia}").json["noShows"] == count, name
        listed = {each["id"]: each["noShows"] for each in caller.get("/patients?limit=200").json["items"]}
        assert listed[mia] == count
        assert all(listed[other] == 0 for other in listed if other != mia)
    patient = sign_in("patient1")
    assert "noShows" not in patient.get(f"/patients/{mia}").json
    assert all("noShows" not in each for each in patient.get("/patients").json["items"])


def test_a_no_show_is_counted_and_its_undoing_takes_it_back(
    sign_in: SignIn, practice: Practice, owner: Session
) -> None:
    """By the moves of the front desk."""
    at = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0) - 30 * DAY
    booked = plain_sql.book(owner, practice.patients[0], practice.dentists[0], at)
    owner.commit()
    desk, path = sign_in("desk"), f"/patients/{practice.patients[0]}"
    before = desk.get(path).json["noShows"]
    assert desk.post(f"/appointments/{booked}/no-show").status_code == 200
    assert desk.get(path).json["noShows"] == before + 1
    assert desk.post(f"/appointments/{booked}/undo-no-show").status_code == 200
    assert desk.get(path).json["noShows"] == before


@pytest.mark.parametrize("name", ["desk", "dentist1"])
def test_a_page_of_patients_takes_as_many_statements_as_one(app: Any, name: str) -> None:
    """What staff see beside a patient is read for the whole page."""
    caller = sign_in_to(app, name)
    counts = []
    for limit in (1, 200):
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any, seen: list[str] = statements) -> None:
            seen.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            answer = caller.get(f"/patients?limit={limit}")
        finally:
            event.remove(engine, "before_cursor_execute", note)
        assert answer.status_code == 200
        assert len(answer.json["items"]) >= (1 if limit == 1 else 5)
        counts.append(len([statement for statement in statements if "patient_remarks" in statement]))
        counts.append(len(statements))
    assert counts[0] == counts[2] == 1
    assert counts[1] == counts[3]
