"""`POST /api/patients/{id}/erase`: who was erased is nobody any more, to everybody and for good."""

from __future__ import annotations

import io
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.records import demo, patients_csv
from tests import plain_sql
from tests.api.free import SignIn
from tests.api.hours import a_check_up
from tests.conftest import Caller, Practice, RunLane

ERASED = "Erased patient"


@pytest.fixture
def treated(owner: Session, practice: Practice, run_lane: RunLane) -> str:
    """An appointment of Mia's with Anna that is over; nothing else is in the diary."""
    owner.execute(text("DELETE FROM appointments"))
    starts_at = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0) - timedelta(days=30)
    booked = plain_sql.book(owner, practice.patients[0], practice.dentists[0], starts_at)
    owner.commit()
    run_lane()
    return str(booked)


def erase(admin: Caller, patient: object) -> Any:
    """Erase a patient; gives the answer."""
    answer = admin.post(f"/patients/{patient}/erase")
    assert answer.status_code == 200, answer.json
    return answer.json


def test_erasing_twice_is_answered_the_same(sign_in: SignIn, practice: Practice, treated: str) -> None:
    """A caller whose answer was lost asks again; the record can still be looked at, and says nothing."""
    admin, mia = sign_in("admin"), practice.patients[0]
    first = erase(admin, mia)
    assert first["id"] == str(mia)
    assert erase(admin, mia) == first
    shown = admin.get(f"/patients/{mia}").json
    nothing = {"phone": None, "email": None, "onlineBookingBarred": False, "noShows": 0}
    assert shown == {"id": str(mia), "name": ERASED, **nothing}
    assert admin.get(f"/appointments/{treated}").json["patientName"] == ERASED
    assert str(mia) not in [patient["id"] for patient in admin.get("/patients?limit=200").json["items"]]
    assert admin.get("/patients?q=erased").json["items"] == []


def test_what_is_to_come_must_be_cancelled_first(sign_in: SignIn, practice: Practice, treated: str) -> None:
    """The refusal names it; a booking that is over and was never closed is in nobody's way."""
    admin, mia = sign_in("admin"), practice.patients[0]
    booked = admin.post("/appointments", {**a_check_up(practice), "patientId": str(mia)}).json["id"]
    answer = admin.post(f"/patients/{mia}/erase")
    assert (answer.status_code, answer.json["code"]) == (409, "bookings-in-the-way")
    assert answer.json["appointments"] == [booked]
    assert admin.get(f"/patients/{mia}").json["name"] == "Mia Schmidt"
    assert admin.post(f"/appointments/{booked}/cancel").status_code == 200
    erase(admin, mia)
    assert admin.get(f"/appointments/{treated}").json["status"] == "booked"
    assert admin.post(f"/patients/{uuid.uuid4()}/erase").status_code == 404


def test_nothing_is_entered_about_who_was_erased(sign_in: SignIn, practice: Practice, treated: str) -> None:
    """By nobody, and through no door; what was cancelled does not come back."""
    admin, anna, mia = sign_in("admin"), sign_in("dentist1"), practice.patients[0]
    cancelled = admin.post("/appointments", {**a_check_up(practice), "patientId": str(mia), "reason": "x"}).json["id"]
    assert admin.post(f"/appointments/{cancelled}/cancel").status_code == 200
    other = sign_in("patient2").user["id"]
    erase(admin, mia)
    for caller, method, path, body in (
        (admin, "PATCH", f"/patients/{mia}", {"name": "Mia Schmidt"}),
        (admin, "PATCH", f"/patients/{mia}", {"phone": "030 1"}),
        (anna, "PATCH", f"/patients/{mia}", {"remark": "Was Mia Schmidt"}),
        (anna, "POST", f"/patients/{mia}/guardians", {"userId": other, "relation": "mother"}),
        (anna, "POST", f"/patients/{mia}/invitation", {"as": "self"}),
        (anna, "PUT", f"/appointments/{treated}/notes", {"notes": "Mia's tooth"}),
    ):
        answer = caller.call(method, path, body)
        assert (answer.status_code, answer.json["code"]) == (409, "patient-erased"), path
    booking = admin.post("/appointments", {**a_check_up(practice), "patientId": str(mia)})
    assert (booking.status_code, booking.json["code"]) == (422, "unknown-patient")
    later = admin.patch(f"/appointments/{treated}", {"startsAt": a_check_up(practice)["startsAt"]})
    assert (later.status_code, later.json["code"]) == (422, "unknown-patient")
    undone = admin.post(f"/appointments/{cancelled}/undo")
    assert (undone.status_code, undone.json["code"]) == (409, "nothing-to-undo")
    told = admin.patch(f"/appointments/{treated}", {"reason": "Mia's tooth"})
    assert (told.status_code, told.json["reason"]) == (200, None)


@pytest.mark.usefixtures("treated")
def test_the_account_of_who_was_erased_is_gone(sign_in: SignIn, practice: Practice) -> None:
    """Signed out at once, and its address is free for whoever registers with it."""
    admin, mia = sign_in("admin"), sign_in("patient1")
    email = mia.user["email"]
    erase(admin, practice.patients[0])
    assert mia.get("/auth/me").status_code == 401
    again = {"email": email, "password": demo.PASSWORD}
    assert admin.post("/auth/login", again, Authorization="").json["code"] == "invalid-credentials"
    [account] = admin.get(f"/users?q={mia.user['id']}").json["items"]
    assert (account["name"], account["email"], account["active"]) == (ERASED, f"{mia.user['id']}@erased.invalid", False)
    new = {"email": email, "password": "a long new password", "name": "Mia Schmidt"}
    made = admin.post("/auth/register", new, Authorization="")
    assert made.status_code == 201
    assert made.json["user"]["patientId"] != str(practice.patients[0])


@pytest.mark.usefixtures("treated")
def test_the_account_of_somebody_who_works_here_stays(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """A receptionist who was treated here goes on working; the record is nobody's."""
    admin, desk, mia = sign_in("admin"), sign_in("desk"), practice.patients[0]
    owner.execute(text("UPDATE patients SET user_id = :id WHERE id = :mia"), {"id": desk.user["id"], "mia": mia})
    owner.commit()
    erase(admin, mia)
    assert desk.get("/auth/me").json["name"] == desk.user["name"]
    assert desk.get(f"/patients/{mia}").json["name"] == ERASED


@pytest.mark.usefixtures("treated")
def test_guardians_lose_whom_they_acted_for_and_nothing_of_their_own(sign_in: SignIn, practice: Practice) -> None:
    """And of whom the erased one was a guardian, that ends too."""
    admin, mia, lina = sign_in("admin"), practice.patients[0], sign_in("patient3")
    assert admin.post(f"/patients/{mia}/guardians", {"userId": lina.user["id"]}).status_code == 201
    assert admin.post(f"/patients/{practice.patients[1]}/guardians", {"patientId": str(mia)}).status_code == 201
    erase(admin, mia)
    assert [patient["id"] for patient in lina.get("/auth/me").json["patients"]] == [lina.user["patientId"]]
    assert admin.get(f"/patients/{practice.patients[1]}/guardians").json["items"] == []
    assert lina.get(f"/patients/{mia}").status_code == 404


def test_the_log_tells_the_new_name_and_no_replay_the_old_one(
    sign_in: SignIn, practice: Practice, treated: str
) -> None:
    """From whatever position: what was told once is said otherwise now, in the same place."""
    admin, anna = sign_in("admin"), sign_in("dentist1")
    before = admin.get("/sync/events?since=0&limit=500").json
    assert "Mia Schmidt" in str(before["events"])
    erase(admin, practice.patients[0])
    after = admin.get("/sync/events?since=0&limit=500").json
    places = [(event["position"], event["type"], event["channels"]) for event in before["events"]]
    assert [(event["position"], event["type"], event["channels"]) for event in after["events"]][: len(places)] == places
    assert "Mia Schmidt" not in str(after["events"])
    for reader in (admin, anna):
        heard = reader.get(f"/sync/events?since={before['position']}&limit=500").json["events"]
        [updated] = [event for event in heard if event["type"] == "appointment:updated"]
        assert (updated["appointment"]["id"], updated["appointment"]["patientName"]) == (treated, ERASED)
        assert {*updated["previous"]} == {"version", "updatedAt"}


@pytest.mark.usefixtures("treated")
def test_what_a_record_has_taken_in_is_erased_with_it_and_stays_there(
    sign_in: SignIn, practice: Practice, owner: Session
) -> None:
    """By either id; and nobody's record takes in anybody's, or the other way round."""
    admin, mia = sign_in("admin"), practice.patients[0]
    old, stranger = (
        admin.post("/patients", {"name": name, "phone": "030 1"}).json["id"] for name in ("Mia Smith", "Tom Berg")
    )
    merge = admin.post(f"/patients/{old}/merge", {"into": str(mia)}).json["id"]
    assert admin.get(f"/patients/{old}/export").status_code == 308
    assert erase(admin, old)["id"] == str(mia)
    found = owner.execute(text("SELECT name, phone FROM patients WHERE id IN (:old, :mia)"), {"old": old, "mia": mia})
    assert found.all() == [(ERASED, None)] * 2
    assert admin.post(f"/patients/merges/{merge}/undo").status_code == 404
    for source, target in ((mia, stranger), (stranger, mia), (stranger, old)):
        answer = admin.post(f"/patients/{source}/merge", {"into": str(target)})
        assert (answer.status_code, answer.json["code"]) == (409, "patient-erased")


@pytest.mark.usefixtures("treated")
def test_who_was_erased_is_in_no_table_for_another_program(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """`dental-sync export-patients` gives the others."""
    erase(sign_in("admin"), practice.patients[0])
    table = io.BytesIO()
    patients_csv.write(owner, table, separator="comma", exact=True)
    assert ERASED not in table.getvalue().decode()
    assert "Noah" in table.getvalue().decode()


@pytest.mark.usefixtures("treated")
def test_the_trail_says_who_erased_whom_and_that_is_all(sign_in: SignIn, practice: Practice) -> None:
    """The entries about the patient say who and when, and no longer from where."""
    admin, mia = sign_in("admin"), practice.patients[0]
    admin.get(f"/patients/{mia}")
    admin.get("/patients")
    erase(admin, mia)
    trail = admin.get(f"/audit?recordId={mia}&limit=200").json["items"]
    [erasing] = [entry for entry in trail if entry["action"] == "erase"]
    assert erasing["record"] == {"kind": "patient", "id": str(mia)}
    assert erasing["address"]
    assert [("address" in entry) for entry in trail if entry["action"] == "read"] == [False]
    # A page is about others too.
    assert [("address" in entry) for entry in trail if entry["action"] == "list"] == [True]


def test_what_is_being_written_about_a_patient_is_never_written_after_the_erasing(
    sign_in: SignIn, practice: Practice, treated: str, database: DatabaseUrls
) -> None:
    """Whoever comes second waits, and then meets a patient who is erased."""
    anna, mia = sign_in("dentist1"), practice.patients[0]
    questions: list[Callable[[], Any]] = [
        lambda: anna.patch(f"/patients/{mia}", {"remark": "Was Mia Schmidt"}),
        lambda: anna.call("PUT", f"/appointments/{treated}/notes", {"notes": "Mia's tooth"}),
    ]
    answers: list[Any] = []
    with plain_sql.connect(database.owner) as eraser:
        eraser.execute(text("SELECT erase_patient(:id)"), {"id": mia})
        asking = [threading.Thread(target=lambda ask=ask: answers.append(ask())) for ask in questions]
        for thread in asking:
            thread.start()
        plain_sql.until_blocked(eraser, len(asking))
        eraser.commit()
        for thread in asking:
            thread.join()
        assert {answer.json["code"] for answer in answers} == {"patient-erased"}
        assert eraser.scalar(text("SELECT count(*) FROM patient_remarks WHERE patient_id = :id"), {"id": mia}) == 0
        assert eraser.scalar(text("SELECT count(*) FROM appointment_notes")) == 0
