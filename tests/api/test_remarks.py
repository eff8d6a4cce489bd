"""Remarks about patients: staff keep them, and the patient never learns that there is one."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.test_appointments import a_check_up
from tests.conftest import Caller, Practice, RunLane

SignIn = Callable[..., Caller]
REMARK = "Afraid of needles;\nowes two bills."


@pytest.fixture
def path(owner: Session, sign_in: SignIn, practice: Practice) -> str:
    """Patient 1, who is in the diary of dentist 1 and of nobody else."""
    owner.execute(text("DELETE FROM appointments"))
    owner.commit()
    assert sign_in("patient1").post("/appointments", a_check_up(practice)).status_code == 201
    return f"/patients/{practice.patients[0]}"


@pytest.mark.parametrize("name", ["dentist1", "desk", "admin"])
def test_staff_write_and_read_a_remark(sign_in: SignIn, path: str, name: str) -> None:
    """At once, alone and in the list; the others of the staff read it too, null takes it back."""
    staff = sign_in(name)
    assert "remark" not in staff.get(path).json
    written = staff.patch(path, {"remark": REMARK})
    assert (written.status_code, written.json["remark"]) == (200, REMARK)
    for other in ("dentist1", "desk", "admin"):
        reader = sign_in(other)
        assert reader.get(path).json == written.json
        assert [each["remark"] for each in reader.get("/patients?q=mia").json["items"]] == [REMARK]
    assert staff.patch(path, {"remark": "Kind."}).json["remark"] == "Kind."
    for nothing in (None, " "):
        assert staff.patch(path, {"remark": REMARK}).json["remark"] == REMARK
        assert "remark" not in staff.patch(path, {"remark": nothing}).json
        assert "remark" not in staff.get(path).json


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        # A dentist keeps what all staff keep, of the own patients, and nothing else.
        ("dentist1", {"remark": "x"}, 200),
        ("dentist1", {"onlineBookingBarred": True}, 200),
        ("dentist1", {"remark": "x", "onlineBookingBarred": True}, 200),
        ("dentist1", {"remark": "x", "phone": "110"}, 403),
        ("dentist1", {"name": "X"}, 403),
        ("dentist2", {"remark": "x"}, 404),
        ("dentist2", {"onlineBookingBarred": True}, 404),
        ("dentist2", {"name": "X"}, 403),
        ("desk", {"remark": "x", "onlineBookingBarred": True, "phone": "110"}, 200),
        ("admin", {"remark": "x", "onlineBookingBarred": True, "phone": "110"}, 200),
        ("patient1", {"remark": "x"}, 403),
        ("patient1", {"onlineBookingBarred": False}, 403),
        ("patient2", {"remark": "x"}, 403),
        ("chatbot", {"remark": "x"}, 403),
    ],
)
def test_who_may_change_what_about_a_patient(
    sign_in: SignIn, path: str, owner: Session, name: str, body: dict[str, Any], status: int
) -> None:
    """And what is refused is not done in part."""
    answer = sign_in(name).patch(path, body)
    assert answer.status_code == status, answer.text
    changed = owner.scalar(text("SELECT count(*) FROM patients WHERE online_booking_barred OR phone = '110'"))
    written = owner.scalar(text("SELECT count(*) FROM patient_remarks"))
    assert (changed, written) == (
        (1 if body.keys() - {"remark"} else 0, int("remark" in body)) if status == 200 else (0, 0)
    )


def test_nobody_remarks_on_a_patient_who_is_not_there(sign_in: SignIn) -> None:
    """404 for the front desk and for dentists."""
    for name in ("dentist1", "desk", "admin"):
        assert sign_in(name).patch(f"/patients/{uuid.uuid4()}", {"remark": "x"}).status_code == 404


@pytest.mark.parametrize("value", [7, ["x"], "x" * 501, "nul\x00", "\ud800"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_is_no_remark_is_422(sign_in: SignIn, path: str, method: str, value: Any) -> None:
    """As long as a reason, and text."""
    answer = sign_in("desk").call(method, "/patients" if method == "POST" else path, {"name": "X", "remark": value})
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/remark"]


def test_the_patient_never_gets_the_member_at_all(
    sign_in: SignIn, path: str, practice: Practice, owner: Session, run_lane: RunLane, caplog: pytest.LogCaptureFixture
) -> None:
    """Not alone, in no list, appointment, event or answer of theirs; and no table but its own holds it, nor a log."""
    caplog.set_level(logging.DEBUG)
    patient, desk = sign_in("patient1"), sign_in("desk")
    head = desk.get("/appointments?limit=1").json["position"]
    assert desk.patch(path, {"remark": REMARK, "name": "Mia Weber"}).status_code == 200
    run_lane()
    assert patient.get(path).json == {
        "id": str(practice.patients[0]),
        "name": "Mia Weber",
        "phone": None,
        "email": "patient1@demo.test",
        "onlineBookingBarred": False,
    }
    seen = [
        patient.get(where).text for where in (path, "/patients", "/patients?q=needles", "/appointments", "/auth/me")
    ]
    seen += [caller.get(f"/sync/events?since={head}&limit=500").text for caller in (patient, desk, sign_in("admin"))]
    for words in seen:
        assert "remark" not in words
        assert "needles" not in words
        assert "noShows" not in words
    for table in owner.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all():
        rows = str(owner.execute(text(f'SELECT t::text FROM "{table}" AS t')).all())
        assert ("needles" in rows) == (table == "patient_remarks"), table
    assert "needles" not in caplog.text


def test_a_new_patient_comes_with_a_remark(sign_in: SignIn) -> None:
    """And one who is barred; a dentist cannot read either before the first appointment."""
    desk = sign_in("desk")
    made = desk.post("/patients", {"name": "Tess", "remark": REMARK, "onlineBookingBarred": True})
    assert (made.status_code, made.json["remark"], made.json["onlineBookingBarred"]) == (201, REMARK, True)
    assert desk.get(made.headers["Location"].removeprefix("/api")).json == made.json
    assert sign_in("dentist1").get(made.headers["Location"].removeprefix("/api")).status_code == 404


def test_reading_and_writing_a_remark_is_in_the_audit_trail(sign_in: SignIn, path: str, practice: Practice) -> None:
    """Who, about whom, and which columns; never what was said."""
    desk, admin = sign_in("desk"), sign_in("admin")
    desk.patch(path, {"remark": REMARK})
    desk.get(path)
    answer = admin.get(f"/audit?recordId={practice.patients[0]}&actorId={desk.user['id']}")
    assert [(entry["action"], entry["actorRole"], entry.get("details")) for entry in answer.json["items"]] == [
        ("read", "receptionist", None),
        ("change", "receptionist", {"columns": ["remark"]}),
    ]
    assert "needles" not in answer.text


def test_a_remark_goes_with_the_patient(sign_in: SignIn, path: str, practice: Practice, owner: Session) -> None:
    """Nothing is left of whom plain SQL deletes."""
    sign_in("desk").patch(path, {"remark": REMARK})
    owner.execute(text("DELETE FROM appointments"))
    owner.execute(text("DELETE FROM patients WHERE id = :id"), {"id": practice.patients[0]})
    assert owner.scalar(text("SELECT count(*) FROM patient_remarks")) == 0
    owner.rollback()
