"""The audit trail behind the doors: what the lane applied and what plain SQL changed, each once and for good."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.actor import Actor
from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.records import audit
from dental_sync.storage import row_security
from dental_sync.writes.bell import Bell
from tests import plain_sql
from tests.conftest import Caller, Practice, a_free_monday, mute


@pytest.fixture
def trail(owner: Session) -> Callable[[], list[Any]]:
    """What was noted since the test began, the oldest first."""
    began = owner.scalar(text("SELECT coalesce(max(id), 0) FROM audit"))
    owner.rollback()

    def noted() -> list[Any]:
        rows = owner.execute(text("SELECT * FROM audit WHERE id > :began ORDER BY id"), {"began": began}).all()
        owner.rollback()
        return list(rows)

    return noted


def a_check_up(practice: Practice, weeks: int = 5, **wish: Any) -> dict[str, Any]:
    """What a patient asks for."""
    return {
        "dentistId": str(practice.dentists[0]),
        "startsAt": format_instant(a_free_monday(weeks=weeks)),
        "treatmentId": str(practice.treatments["Check-up"]),
        **wish,
    }


def test_what_the_lane_applies_is_noted_once_and_what_it_rejects_is_not(
    sign_in: Callable[..., Caller], practice: Practice, trail: Callable[[], list[Any]]
) -> None:
    """Who asked, for what, about which appointment, with which HTTP request; the triggers stay silent."""
    patient = sign_in("patient1")
    booked = patient.post("/appointments", a_check_up(practice), X_Request_ID="first")
    assert booked.status_code == 201
    assert patient.post("/appointments", a_check_up(practice)).status_code == 409
    about = f"/appointments/{booked.json['id']}"
    cancelled = patient.post(about + "/cancel", X_Request_ID="second")
    assert cancelled.status_code == 200
    noted = [
        (str(row.actor_id), row.actor_role, row.action, row.record_kind, row.record_ids, row.request_id, row.details)
        for row in trail()
    ]
    me, record = patient.user["id"], [uuid.UUID(booked.json["id"])]
    assert noted == [
        (me, "patient", "book", "appointment", record, booked.headers["X-Server-Request-ID"], None),
        (me, "patient", "cancel", "appointment", record, cancelled.headers["X-Server-Request-ID"], None),
    ]
    assert [row.caller_request_id for row in trail()] == ["first", "second"]


def test_a_write_that_is_rolled_back_leaves_no_note(
    app: APIFlask, sign_in: Callable[..., Caller], trail: Callable[[], list[Any]]
) -> None:
    """The note is part of what it tells of."""
    me = Actor(uuid.UUID(sign_in("admin").user["id"]), "admin", "", "")
    with app.app_context():
        row_security.become(db.session(), me)
        audit.note(db.session(), me, "change-patient", "patient", uuid.uuid4())
        db.session.rollback()
    assert trail() == []


def test_plain_sql_is_noted_with_the_database_role(
    owner: Session, practice: Practice, trail: Callable[[], list[Any]]
) -> None:
    """Which columns, never what was in them; nobody of the app did it."""
    booked = plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    for statement in (
        "UPDATE appointments SET reason = 'a secret' WHERE id = :id",
        "UPDATE appointments SET reason = reason WHERE id = :id",
        "INSERT INTO appointment_notes (appointment_id, notes, updated_by)"
        " SELECT :id, 'a secret', id FROM users LIMIT 1",
        "DELETE FROM appointments WHERE id = :id",
    ):
        owner.execute(text(statement), {"id": booked})
    owner.execute(text("UPDATE patients SET phone = '1' WHERE id = :id"), {"id": practice.patients[0]})
    remarked = (
        "INSERT INTO patient_remarks (patient_id, remark, updated_by) SELECT :id, 'a secret', id FROM users LIMIT 1"
    )
    owner.execute(text(remarked), {"id": practice.patients[0]})
    owner.execute(text("TRUNCATE appointment_notes"))
    owner.commit()
    noted = trail()
    assert all((row.actor_id, row.actor_role, row.request_id) == (None, None, None) for row in noted)
    assert {row.details["sessionUser"] for row in noted} == {"dental_sync_owner"}
    assert [(row.action, row.record_kind, row.record_ids) for row in noted] == [
        ("sql-insert", "appointment", [booked]),
        ("sql-update", "appointment", [booked]),
        ("sql-insert", "notes", [booked]),
        ("sql-delete", "appointment", [booked]),
        ("sql-delete", "notes", [booked]),
        ("sql-update", "patient", [practice.patients[0]]),
        ("sql-insert", "remark", [practice.patients[0]]),
        ("sql-truncate", "notes", []),
    ]
    assert noted[1].details["columns"] == ["reason", "updated_at", "version"]
    assert "secret" not in str(noted)


def test_plain_sql_with_the_workers_credential_is_noted_too(
    database: DatabaseUrls, practice: Practice, trail: Callable[[], list[Any]]
) -> None:
    """It is the worker process that is trusted to note what it does, and not the role."""
    with plain_sql.connect(database.worker) as session:
        plain_sql.book(session, practice.patients[0], practice.dentists[0], a_free_monday())
        session.commit()
    assert [(row.action, row.details) for row in trail()] == [("sql-insert", {"sessionUser": "dental_sync_worker"})]


@pytest.mark.parametrize("role", ["web", "worker"])
@pytest.mark.parametrize("statement", ["UPDATE audit SET action = ''", "DELETE FROM audit", "TRUNCATE audit"])
def test_nobody_but_the_owner_can_change_the_trail(database: DatabaseUrls, role: str, statement: str) -> None:
    """It only grows."""
    with plain_sql.connect(getattr(database, role)) as session, pytest.raises(ProgrammingError, match="permission"):
        session.execute(text(statement))


def test_the_trail_holds_the_writes_of_a_whole_batch(
    app: APIFlask, sign_in: Callable[..., Caller], practice: Practice, trail: Callable[[], list[Any]]
) -> None:
    """However many are decided at once, each has its own note, in the order in which they were asked."""
    patient = sign_in("patient1")
    bell = services.of(app, Bell)
    mute(app)
    asked = [
        patient.post("/appointments", a_check_up(practice, weeks), X_Request_ID=f"{weeks}", Prefer="respond-async")
        for weeks in range(5, 15)
    ]
    assert {answer.status_code for answer in asked} == {202}
    services.provide(app, bell)
    bell.ring()
    assert patient.post("/appointments", a_check_up(practice, 15)).status_code == 201
    noted = trail()[:10]
    assert [row.caller_request_id for row in noted] == [str(weeks) for weeks in range(5, 15)]
    assert [row.request_id for row in noted] == [answer.headers["X-Server-Request-ID"] for answer in asked]
