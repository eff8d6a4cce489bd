"""What happened to an appointment: who did what and when, for the staff who may see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from dental_sync.records import tokens
from dental_sync.storage import row_security
from dental_sync.writes import requests
from tests import plain_sql
from tests.api.test_appointments import MONDAY, a_check_up
from tests.conftest import Caller, Practice

SignIn = Callable[..., Caller]
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def booked(sign_in: SignIn, practice: Practice) -> str:
    """Of patient 1 with dentist 1, booked by the patient."""
    answer = sign_in("patient1").post("/appointments", a_check_up(practice, reason="It hurts."))
    assert answer.status_code == 201
    appointment_id: str = answer.json["id"]
    return appointment_id


def history(caller: Caller, appointment_id: str, query: str = "limit=200") -> list[dict[str, Any]]:
    """A page of it."""
    answer = caller.get(f"/appointments/{appointment_id}/history?{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


@pytest.mark.parametrize("name", ["dentist1", "desk", "admin"])
def test_staff_see_who_did_what_and_when_the_oldest_first(
    sign_in: SignIn, practice: Practice, booked: str, name: str
) -> None:
    """Booked by the patient, moved by the desk, confirmed by the dentist, cancelled by the patient."""
    patient, desk, dentist = sign_in("patient1"), sign_in("desk"), sign_in("dentist1")
    later = format_instant(MONDAY + HALF_HOUR)
    desk.patch(f"/appointments/{booked}", {"startsAt": later, "reason": None})
    dentist.post(f"/appointments/{booked}/confirm")
    patient.post(f"/appointments/{booked}/cancel", {"reason": "I am better."})
    told = history(sign_in(name), booked)
    at = [datetime.fromisoformat(entry.pop("at")) for entry in told]
    assert at == sorted(at)
    mia = {"actorId": patient.user["id"], "actorName": "Mia Schmidt", "actorRole": "patient"}
    assert told == [
        {
            "action": "book",
            **mia,
            "changes": {
                "dentistId": str(practice.dentists[0]),
                "startsAt": format_instant(MONDAY),
                "treatmentId": str(practice.treatments["Check-up"]),
                "reason": "It hurts.",
            },
        },
        {
            "action": "reschedule",
            "actorId": desk.user["id"],
            "actorName": "Reception",
            "actorRole": "receptionist",
            "changes": {"startsAt": later, "reason": None},
        },
        {
            "action": "confirm",
            "actorId": dentist.user["id"],
            "actorName": "Dr. Anna Keller",
            "actorRole": "dentist",
        },
        {"action": "cancel", **mia, "changes": {"cancelReason": "I am better."}},
    ]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("dentist1", 200),
        ("desk", 200),
        ("admin", 200),
        ("dentist2", 404),
        ("patient1", 403),
        ("patient2", 403),
        ("chatbot", 403),
    ],
)
def test_the_history_is_for_the_staff_who_may_see_the_appointment(
    sign_in: SignIn, booked: str, name: str, status: int
) -> None:
    """404 to another dentist, 403 to patients and chatbots, also to its own patient."""
    assert sign_in(name).get(f"/appointments/{booked}/history").status_code == status


def test_what_was_entered_in_error_or_never_was_has_no_history(sign_in: SignIn, booked: str) -> None:
    """404 for admins too."""
    admin = sign_in("admin")
    assert admin.delete(f"/appointments/{booked}").status_code == 204
    for gone in (booked, "0198c0de-0000-7000-8000-000000000001"):
        assert admin.get(f"/appointments/{gone}/history").status_code == 404


def test_reads_and_refused_requests_are_no_part_of_it(sign_in: SignIn, booked: str) -> None:
    """Who has looked is in the audit trail, for admins; and so is this look."""
    desk, admin = sign_in("desk"), sign_in("admin")
    desk.get(f"/appointments/{booked}")
    desk.get("/appointments?limit=200")
    assert desk.post(f"/appointments/{booked}/complete").status_code == 409
    assert [entry["action"] for entry in history(desk, booked)] == ["book"]
    noted = admin.get(f"/audit?recordId={booked}&actorId={desk.user['id']}&action=read").json["items"]
    assert {entry["record"]["kind"] for entry in noted} == {"history", "appointment"}


def test_notes_are_no_part_of_it(sign_in: SignIn, booked: str) -> None:
    """Neither their text nor that there are any: the front desk reads no notes."""
    sign_in("dentist1").call("PUT", f"/appointments/{booked}/notes", {"notes": "caries profunda"})
    answer = sign_in("desk").get(f"/appointments/{booked}/history")
    assert [entry["action"] for entry in answer.json["items"]] == ["book"]
    assert "caries" not in answer.text


def test_plain_sql_is_part_of_it_without_an_actor(sign_in: SignIn, booked: str, owner: Session) -> None:
    """An operator at night has no account."""
    owner.execute(text("UPDATE appointments SET reason = 'x' WHERE id = :id"), {"id": booked})
    owner.commit()
    *_, last = history(sign_in("desk"), booked)
    assert {key: last[key] for key in last if key != "at"} == {
        "action": "sql-update",
        "actorId": None,
        "actorName": None,
        "actorRole": None,
    }


def test_a_page_leads_to_the_next(sign_in: SignIn, booked: str) -> None:
    """By cursor, each entry once; a cursor of another list is refused."""
    desk = sign_in("desk")
    for reason in ("a", "b", "c"):
        desk.patch(f"/appointments/{booked}", {"reason": reason})
    collected: list[dict[str, Any]] = []
    path: str | None = f"/appointments/{booked}/history?limit=2"
    pages = 0
    while path is not None:
        answer = desk.get(path)
        collected += answer.json["items"]
        cursor = answer.json["next"]
        path = f"/appointments/{booked}/history?limit=2&after={cursor}" if cursor else None
        pages += 1
    assert pages == 2
    assert collected == history(desk, booked)
    assert [entry["changes"].get("reason") for entry in collected] == ["It hurts.", "a", "b", "c"]
    strange = desk.get(f"/appointments/{booked}/history?after={desk.get('/patients?limit=1').json['next']}")
    assert (strange.status_code, strange.json["code"]) == (422, "validation-failed")


def test_what_was_done_is_known_longer_than_what_was_asked_for(
    sign_in: SignIn, booked: str, app: APIFlask, owner: Session
) -> None:
    """Write requests are pruned before the audit trail is."""
    owner.execute(text("UPDATE write_requests SET decided_at = now() - interval '8 days'"))
    owner.commit()
    days = services.of(app, Settings).log_retention_days
    assert requests.prune(owner, retention_days=days, limit=1_000) > 0
    owner.commit()
    [entry] = history(sign_in("desk"), booked)
    assert entry["action"] == "book"
    assert "changes" not in entry


def test_a_dentist_is_told_the_names_of_staff_and_of_the_appointments_patient(
    sign_in: SignIn, booked: str, owner: Session
) -> None:
    """Another patient's account that once did something to it stays unnamed; the front desk knows them all."""
    noah = sign_in("patient2").user["id"]
    owner.execute(
        text(
            "INSERT INTO audit (actor_id, actor_role, action, record_kind, record_ids)"
            " VALUES (:noah, 'patient', 'confirm', 'appointment', ARRAY[CAST(:id AS uuid)])"
        ),
        {"noah": noah, "id": booked},
    )
    owner.commit()
    assert [entry["actorName"] for entry in history(sign_in("dentist1"), booked)] == ["Mia Schmidt", None]
    assert [entry["actorName"] for entry in history(sign_in("desk"), booked)] == ["Mia Schmidt", "Noah Becker"]


def test_the_database_tells_the_history_to_nobody_else(sign_in: SignIn, booked: str, app: APIFlask) -> None:
    """Whatever the code above forgot to check: the function asks for itself who acts."""
    told = text("SELECT count(*) FROM appointment_history(:id)")
    url = services.of(app, Settings).web_database_url
    for name, count in (
        ("patient1", 0),
        ("patient2", 0),
        ("dentist2", 0),
        ("chatbot", 0),
        ("dentist1", 1),
        ("desk", 1),
        ("admin", 1),
    ):
        with app.app_context():
            row_security.become(db.session(), row_security.SYSTEM)
            actor = tokens.authenticate(db.session(), sign_in(name).token).actor
        with plain_sql.connect(url, actor) as session:
            assert session.scalar(told, {"id": booked}) == count, name
    for identity in (row_security.NOBODY, row_security.SYSTEM):
        with plain_sql.connect(url, identity) as session:
            assert session.scalar(told, {"id": booked}) == 0
