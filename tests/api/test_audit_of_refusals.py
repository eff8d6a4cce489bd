"""What the trail says beside what was done and read: from where, what was refused, shown again, and who read it."""

from __future__ import annotations

import dataclasses
import logging
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import callers, services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.records import demo
from tests.conftest import Caller, Practice, a_free_monday, log_in


@pytest.fixture
def trail(owner: Session) -> Callable[[str], list[Any]]:
    """The entries of an action, the oldest first."""
    owner.execute(text("DELETE FROM audit"))
    owner.commit()

    def entries(action: str) -> list[Any]:
        owner.rollback()
        return list(owner.execute(text("SELECT * FROM audit WHERE action = :action ORDER BY id"), {"action": action}))

    return entries


def test_a_role_that_may_not_is_one_entry_a_minute_with_a_count(
    sign_in: Callable[..., Caller], trail: Callable[[str], list[Any]]
) -> None:
    """It names the route and the account, and never the ids of the path."""
    patient = sign_in("patient1")
    for _ in range(5):
        assert patient.patch(f"/users/{uuid.uuid4()}", {"active": False}).status_code == 403
    entries = trail("refused-access")
    assert len(entries) in (1, 2), "at most two minutes"
    assert sum(entry.details["count"] for entry in entries) == 5
    entry = entries[0]
    assert (str(entry.actor_id), entry.actor_role) == (patient.user["id"], "patient")
    assert entry.details["where"] == "PATCH /api/users/<uuid:user_id>"
    assert entry.address == "127.0.0.1"


def test_what_is_refused_to_two_accounts_is_two_entries(
    sign_in: Callable[..., Caller], trail: Callable[[str], list[Any]]
) -> None:
    """Each counts for itself."""
    for name in ("patient1", "patient2"):
        assert sign_in(name).get("/audit").status_code == 403
    assert len({entry.actor_id for entry in trail("refused-access")}) == 2


def test_a_token_of_nobody_is_counted_for_its_address(app: APIFlask, trail: Callable[[str], list[Any]]) -> None:
    """An IPv6 address with its network, or each call of an attacker would be an entry."""
    for number in range(4):
        answer = app.test_client().get(
            "/api/auth/me",
            headers={"Authorization": "Bearer none.of.ours"},
            environ_overrides={"REMOTE_ADDR": f"2001:db8::{number + 1}"},
        )
        assert answer.status_code == 401
    entries = trail("refused-token")
    assert {entry.address for entry in entries} == {"2001:db8::/64"}
    assert sum(entry.details["count"] for entry in entries) == 4
    assert "none.of.ours" not in str(entries)


def test_no_token_is_no_attempt(app: APIFlask, trail: Callable[[str], list[Any]]) -> None:
    """A page that has not signed in yet."""
    assert app.test_client().get("/api/auth/me").status_code == 401
    assert trail("refused-token") == []


def test_a_refresh_token_that_is_used_again_is_noted(
    app: APIFlask, sign_in: Callable[..., Caller], trail: Callable[[str], list[Any]]
) -> None:
    """Somebody else has it: that is what an operator looks for after a theft."""
    services.provide(app, dataclasses.replace(services.of(app, Settings), refresh_reuse_seconds=0))
    patient = sign_in("patient1")
    used = {"Authorization": f"Bearer {patient.refresh_token}"}
    client = app.test_client()
    assert client.post("/api/auth/refresh", headers=used).status_code == 200
    assert client.post("/api/auth/refresh", headers=used).status_code == 401
    [entry] = trail("token-reuse")
    assert str(entry.actor_id) == patient.user["id"]
    assert patient.get("/auth/me").status_code == 401


def test_a_stored_answer_that_is_given_again_is_noted(
    sign_in: Callable[..., Caller], trail: Callable[[str], list[Any]], practice: Practice
) -> None:
    """It shows an appointment, and no action is applied that would be noted."""
    patient, start = sign_in("patient1"), a_free_monday(weeks=30)
    wish = {
        "dentistId": str(practice.dentists[0]),
        "startsAt": start.isoformat(),
        "treatmentId": str(practice.treatments["Check-up"]),
    }
    made = patient.post("/appointments", wish, Idempotency_Key="once")
    assert made.status_code == 201, made.json
    assert trail("replay") == []
    assert patient.post("/appointments", wish, Idempotency_Key="once").json == made.json
    [entry] = trail("replay")
    assert (str(entry.actor_id), entry.record_kind) == (patient.user["id"], "appointment")
    assert [str(record) for record in entry.record_ids] == [made.json["id"]]


def test_who_reads_the_trail_is_in_it(sign_in: Callable[..., Caller], trail: Callable[[str], list[Any]]) -> None:
    """With what was looked for."""
    admin = sign_in("admin")
    record = str(uuid.uuid4())
    assert admin.get(f"/audit?recordId={record}").status_code == 200
    [entry] = [entry for entry in trail("list") if entry.record_kind == "audit"]
    assert str(entry.actor_id) == admin.user["id"]
    assert entry.details == {"recordId": record}


def test_the_lane_notes_from_where_a_request_came(
    app: APIFlask,
    sign_in: Callable[..., Caller],
    trail: Callable[[str], list[Any]],
    practice: Practice,
) -> None:
    """It is applied by another process, later."""
    patient = sign_in("patient1")
    answer = app.test_client().post(
        "/api/appointments",
        json={
            "dentistId": str(practice.dentists[0]),
            "startsAt": a_free_monday(weeks=31).isoformat(),
            "treatmentId": str(practice.treatments["Check-up"]),
        },
        headers={"Authorization": f"Bearer {patient.token}", "User-Agent": "a browser " + 300 * "x"},
        environ_overrides={"REMOTE_ADDR": "203.0.113.7"},
    )
    assert answer.status_code == 201, answer.json
    [entry] = trail("book")
    assert entry.address == "203.0.113.7"
    assert entry.user_agent.startswith("a browser x")
    assert len(entry.user_agent) == callers.LONGEST_USER_AGENT


def test_a_sign_in_does_not_fail_because_its_note_does(
    app: APIFlask, owner: Session, caplog: pytest.LogCaptureFixture
) -> None:
    """The trail is full or damaged: whoever has the right password comes in, and the log says what is missing."""
    owner.execute(text("ALTER TABLE audit ADD CONSTRAINT broken CHECK (action <> 'login') NOT VALID"))
    owner.commit()
    with caplog.at_level(logging.ERROR):
        answer = log_in(app, "patient1", demo.PASSWORD)
    mine = answer.json["user"]["id"]
    assert any("login" in record.getMessage() and mine in record.getMessage() for record in caplog.records)
    me = app.test_client().get("/api/auth/me", headers={"Authorization": f"Bearer {answer.json['accessToken']}"})
    assert me.status_code == 200


def test_a_note_that_fails_once_is_written_the_second_time(
    app: APIFlask, owner: Session, trail: Callable[[str], list[Any]]
) -> None:
    """As where an identity has gone back by one."""
    with app.app_context():
        db.engine.dispose()
    highest = owner.scalar(
        text("INSERT INTO audit (action, record_kind, record_ids) VALUES ('x', 'x', '{}') RETURNING id")
    )
    owner.execute(text("ALTER TABLE audit ALTER COLUMN id RESTART WITH " + str(highest)))
    owner.commit()
    log_in(app, "patient1", demo.PASSWORD)
    assert len(trail("login")) == 1


def test_a_refusal_is_answered_though_it_cannot_be_noted(
    sign_in: Callable[..., Caller], owner: Session, caplog: pytest.LogCaptureFixture
) -> None:
    """And the log says so."""
    patient = sign_in("patient1")
    owner.execute(text("ALTER TABLE audit ADD CONSTRAINT broken CHECK (action <> 'refused-access') NOT VALID"))
    owner.commit()
    with caplog.at_level(logging.WARNING):
        assert patient.get("/audit").status_code == 403
    assert any("refused-access" in record.getMessage() for record in caplog.records)
