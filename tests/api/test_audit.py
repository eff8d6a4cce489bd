"""`GET /api/audit`, what the doors note for it, and the id that every request has."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from dental_sync.core.logs import TextLines
from dental_sync.records import accounts, demo
from dental_sync.sync import log
from tests import plain_sql
from tests.conftest import Caller, Practice, a_free_monday, log_in


@pytest.fixture
def admin(sign_in: Callable[..., Caller], owner: Session) -> Caller:
    """Reads a trail that is empty to begin with."""
    caller = sign_in("admin")
    owner.execute(text("DELETE FROM audit"))
    owner.commit()
    return caller


def entries(admin: Caller, query: str = "limit=200") -> list[dict[str, Any]]:
    """A page of the trail."""
    answer = admin.get(f"/audit?{query}")
    assert answer.status_code == 200, answer.json
    # Without the looks at it.
    return [entry for entry in answer.json["items"] if entry["record"]["kind"] != "audit"]


def appointments_of(owner: Session, practice: Practice, weeks: range) -> list[str]:
    """Some of the first patient's with the first dentist, made without a trace."""
    booked = [
        str(plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday(weeks=n))) for n in weeks
    ]
    owner.execute(text("DELETE FROM audit"))
    owner.commit()
    return booked


# What is noted.


def test_reads_of_appointments_are_noted(
    sign_in: Callable[..., Caller], admin: Caller, owner: Session, practice: Practice
) -> None:
    """One by its id, a page by all that was on it; what showed nothing is not."""
    booked = appointments_of(owner, practice, range(20, 23))
    patient, since = sign_in("patient1"), quote(format_instant(a_free_monday(weeks=20)))
    one = patient.get(f"/appointments/{booked[0]}", X_Request_ID="one")
    assert one.status_code == 200
    assert patient.get(f"/appointments/{uuid.uuid4()}").status_code == 404
    page = patient.get(f"/appointments?from={since}&limit=2")
    assert [item["id"] for item in page.json["items"]] == booked[:2]
    assert patient.get("/appointments?status=arrived").json["items"] == []
    listed, read = entries(admin)
    assert read == {
        "id": read["id"],
        "at": read["at"],
        "actorId": patient.user["id"],
        "actorName": patient.user["name"],
        "actorRole": "patient",
        "action": "read",
        "record": {"kind": "appointment", "id": booked[0]},
        "requestId": one.headers["X-Server-Request-ID"],
        "callerRequestId": "one",
        "address": "127.0.0.1",
        "userAgent": read["userAgent"],
    }
    assert (listed["action"], listed["record"]) == ("list", {"kind": "appointment", "ids": booked[:2]})
    assert listed["requestId"] == page.headers["X-Server-Request-ID"]
    assert listed["callerRequestId"] is None


def test_the_log_over_http_is_noted_where_it_shows_appointments(
    sign_in: Callable[..., Caller], admin: Caller, owner: Session, practice: Practice
) -> None:
    """Each appointment once, however many messages were about it; the chatbot is shown none."""
    log.publish(owner, wait=True)
    since = log.head(owner).position
    [booked] = appointments_of(owner, practice, range(20, 21))
    owner.execute(text("UPDATE appointments SET reason = 'x' WHERE id = :id"), {"id": booked})
    log.publish(owner, wait=True)
    owner.execute(text("DELETE FROM audit"))
    owner.commit()
    for name in ("patient1", "chatbot", "patient2"):
        assert sign_in(name).get(f"/sync/events?since={since}").status_code == 200
    [noted] = entries(admin)
    assert (noted["action"], noted["record"]) == ("sync-events", {"kind": "appointment", "id": booked})
    assert noted["actorRole"] == "patient"


def test_accounts_are_noted_and_passwords_are_not(app: APIFlask, admin: Caller) -> None:
    """Who came, who went, who was made and changed, by whom."""
    secret = "a long password"
    registered = app.test_client().post(
        "/api/auth/register", json={"email": "a@demo.test", "password": secret, "name": "Ada"}
    )
    ada = Caller(app.test_client(), registered.json["user"], registered.json["accessToken"], "")
    assert ada.post("/auth/password", {"current": secret, "new": secret + "!"}).status_code == 204
    assert ada.post("/auth/password", {"current": "wrong", "new": secret}).status_code == 403
    assert ada.post("/auth/logout").status_code == 204
    log_in(app, "chatbot")
    assert app.test_client().post("/api/auth/login", json={"email": "x@demo.test", "password": "x"}).status_code == 401
    made = admin.post("/users", {"email": "b@demo.test", "name": "Bo", "role": "dentist", "password": secret})
    assert admin.patch(f"/users/{made.json['id']}", {"password": secret, "name": "Bob"}).status_code == 200
    shown = admin.get("/users?limit=2").json["items"]
    noted = list(reversed(entries(admin)))
    assert [(entry["action"], entry["actorRole"]) for entry in noted] == [
        ("register", "patient"),
        ("change-password", "patient"),
        ("login-failed", None),
        ("refused-access", "patient"),
        ("logout", "patient"),
        ("login", "chatbot"),
        ("login-failed", None),
        ("create-account", "admin"),
        ("change-account", "admin"),
        ("list", "admin"),
    ]
    assert {noted[place]["actorId"] for place in (0, 1, 3, 4)} == {ada.user["id"]}
    # A wrong password is a failed attempt on that account; of an address that nobody has the words are not kept.
    assert noted[2]["record"] == {"kind": "user", "id": ada.user["id"]}
    assert noted[3]["details"] == {"where": "POST /api/auth/password", "count": 1}
    assert noted[6]["record"] == {"kind": "user", "ids": []}
    assert noted[7]["record"] == {"kind": "user", "id": made.json["id"]}
    assert noted[7]["details"] == {"role": "dentist"}
    assert noted[8]["details"] == {"columns": ["name", "password"]}
    assert noted[9]["record"] == {"kind": "user", "ids": [item["id"] for item in shown]}
    assert "long password" not in str(noted)


def test_plain_sql_is_shown_with_nobody_as_its_actor(admin: Caller, owner: Session, practice: Practice) -> None:
    """Whoever reads the trail sees that it was none of the accounts."""
    owner.execute(text("UPDATE patients SET phone = '1' WHERE id = :id"), {"id": practice.patients[0]})
    owner.commit()
    [noted] = entries(admin)
    assert (noted["actorId"], noted["actorRole"], noted["requestId"]) == (None, None, None)
    assert noted["details"] == {"sessionUser": "dental_sync_owner", "columns": ["phone"]}


# Reading it.


@pytest.mark.parametrize("name", ["patient1", "dentist1", "chatbot"])
def test_the_trail_is_for_admins(sign_in: Callable[..., Caller], name: str) -> None:
    """It tells of everybody."""
    assert sign_in(name).get("/audit").status_code == 403


def test_the_trail_is_filtered(
    sign_in: Callable[..., Caller], admin: Caller, owner: Session, practice: Practice
) -> None:
    """By account, record (on a page too), action and time; all that is given must fit."""
    first, second = appointments_of(owner, practice, range(20, 22))
    patient, dentist = sign_in("patient1"), sign_in("dentist1")
    patient.get(f"/appointments/{first}")
    dentist.get(f"/appointments/{second}")
    dentist.get("/appointments?from=" + quote(format_instant(a_free_monday(weeks=20))))

    def found(query: str) -> list[tuple[str, str]]:
        return [(entry["actorRole"], entry["action"]) for entry in entries(admin, query)]

    by_patient, by_dentist, page = ("patient", "read"), ("dentist", "read"), ("dentist", "list")
    assert found("") == [page, by_dentist, by_patient]
    assert found(f"actorId={patient.user['id']}") == [by_patient]
    assert found(f"recordId={first}") == [page, by_patient]
    assert found(f"recordId={second}&action=read") == [by_dentist]
    assert found(f"recordId={uuid.uuid4()}") == []
    assert found("action=list") == [page]
    soon, now = (quote(format_instant(datetime.now(UTC) + timedelta(minutes=n))) for n in (5, -5))
    assert found(f"from={now}&to={soon}&action=list&actorId={dentist.user['id']}&limit=1") == [page]
    assert found(f"from={soon}") == found(f"to={now}") == []


def test_the_trail_is_paged_from_the_newest(admin: Caller, owner: Session) -> None:
    """Several entries of one millisecond are neither lost nor doubled between two pages."""
    owner.execute(
        text("""INSERT INTO audit (at, action, record_kind, record_ids)
            SELECT '2030-01-01Z', 'x' || n, 'patient', '{}' FROM generate_series(1, 7) AS n""")
    )
    owner.commit()
    seen, after = [], ""
    while True:
        answer = admin.get(f"/audit?limit=3{after}").json
        # Without the looks at it.
        seen += [entry["action"] for entry in answer["items"] if entry["record"]["kind"] == "patient"]
        if answer["next"] is None:
            break
        after = "&after=" + answer["next"]
    assert seen == [f"x{n}" for n in range(7, 0, -1)]


@pytest.mark.parametrize(
    "query",
    ["after=x", "after=WyIxIl0", "after=WyJ4IiwgIngiXQ", "actorId=x", "recordId=x", "from=x", "limit=0", "actor=x"],
)
def test_what_the_trail_does_not_understand_is_refused(admin: Caller, query: str) -> None:
    """As everywhere."""
    assert admin.get(f"/audit?{query}").status_code == 422


# The id of a request.


@pytest.mark.parametrize("offered", ["x", "~" * 128, "018f-any_thing:{}"])
def test_a_callers_request_id_comes_back(app: APIFlask, offered: str) -> None:
    """On every answer, whatever became of the request."""
    client = app.test_client()
    ours = set()
    for path in ("/api/sync/health", "/api/auth/me", "/api/nowhere", "/api/docs/", "/"):
        answer = client.get(path, headers={"X-Request-ID": offered})
        assert answer.headers["X-Request-ID"] == offered
        ours.add(uuid.UUID(answer.headers["X-Server-Request-ID"]))
    assert len(ours) == 5


@pytest.mark.parametrize("offered", [None, "", "two words", "x" * 129, "ümlaut", "tab\t"])
def test_a_request_without_a_usable_id_is_given_one(app: APIFlask, offered: str | None) -> None:
    """A UUID of version 7, another for each."""
    headers = {} if offered is None else {"X-Request-ID": offered.encode().decode("latin-1")}
    answers = [app.test_client().get("/api/sync/health", headers=headers) for _ in range(2)]
    given = [answer.headers["X-Request-ID"] for answer in answers]
    assert given == [answer.headers["X-Server-Request-ID"] for answer in answers]
    assert {uuid.UUID(request_id).version for request_id in given} == {7}
    assert given[0] != given[1]


def test_a_write_keeps_the_id_of_its_request(
    sign_in: Callable[..., Caller], owner: Session, practice: Practice
) -> None:
    """Also of one that is refused; a repeat keeps the first's."""
    patient = sign_in("patient1")
    wish = {
        "dentistId": str(practice.dentists[0]),
        "startsAt": format_instant(a_free_monday()),
        "treatmentId": str(practice.treatments["Check-up"]),
    }
    first, _ = answers = [
        patient.post("/appointments", wish, X_Request_ID=request_id, Idempotency_Key="k")
        for request_id in ("first", "repeat")
    ]
    assert [(answer.status_code, answer.headers["X-Request-ID"]) for answer in answers] == [
        (201, "first"),
        (201, "repeat"),
    ]
    refused = patient.post("/appointments", wish, X_Request_ID="refused")
    assert (refused.status_code, refused.json["instance"]) == (409, "/api/appointments")
    stored = owner.execute(text("SELECT request_id, caller_request_id FROM write_requests ORDER BY seq")).all()
    assert [tuple(row) for row in stored] == [
        (first.headers["X-Server-Request-ID"], "first"),
        (refused.headers["X-Server-Request-ID"], "refused"),
    ]


def test_an_error_is_logged_with_the_id(
    app: APIFlask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What a caller reports is found in the log, by its own id and by ours."""

    def fail(*_arguments: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(accounts, "login", fail)
    body = {"email": "patient1@demo.test", "password": demo.PASSWORD}
    caplog.handler.setFormatter(TextLines())
    with caplog.at_level(logging.ERROR):
        answer = app.test_client().post("/api/auth/login", json=body, headers={"X-Request-ID": "find-me"})
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (500, "find-me")
    line = caplog.text.splitlines()[0]
    assert "callerRequestId=find-me" in line
    assert f"requestId={answer.headers['X-Server-Request-ID']} " in line
