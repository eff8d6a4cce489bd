"""A double click on Save: the same key and body is answered as the first time, wherever something is changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.api import openapi_document
from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.processes import pruning
from tests.conftest import Caller, Practice, sign_in_to

SignIn = Callable[..., Caller]
KEY = "a click on Save"


def patients(owner: Session, name: str) -> int:
    """How many have that name."""
    count: int = owner.scalar(text("SELECT count(*) FROM patients WHERE name = :name"), {"name": name})
    owner.rollback()
    return count


def kept(owner: Session) -> int:
    """How many answers are kept."""
    count: int = owner.scalar(text("SELECT count(*) FROM kept_answers"))
    owner.rollback()
    return count


@pytest.fixture
def admin(sign_in: SignIn) -> Caller:
    """Who may change all of it."""
    return sign_in("admin")


def test_the_same_key_and_body_makes_one_patient_and_gives_the_same_answer(admin: Caller, owner: Session) -> None:
    """Status, `Location` and body; the audit trail has it once."""
    body = {"name": "Double Click", "phone": "030 1"}
    first, second = (admin.post("/patients", body, Idempotency_Key=KEY) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert (first.json, first.headers["Location"]) == (second.json, second.headers["Location"])
    assert patients(owner, "Double Click") == 1
    entries = admin.get(f"/audit?recordId={first.json['id']}&action=create").json["items"]
    assert len(entries) == 1


def test_six_at_once_make_one_patient(admin: Caller, owner: Session) -> None:
    """Whoever comes second waits for the first, and gets its answer."""
    start = threading.Barrier(6)

    def click(_number: int) -> Any:
        start.wait(10)
        return admin.post("/patients", {"name": "Many Clicks"}, Idempotency_Key=KEY)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(click, range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert patients(owner, "Many Clicks") == 1


def test_another_body_with_the_same_key_is_refused(admin: Caller, owner: Session) -> None:
    """422 `idempotency-key-reused`; another path or another sender is another request."""
    first = admin.post("/patients", {"name": "First"}, Idempotency_Key=KEY)
    other = admin.post("/patients", {"name": "Other"}, Idempotency_Key=KEY)
    assert (other.status_code, other.json["code"]) == (422, "idempotency-key-reused")
    assert patients(owner, "Other") == 0
    path = f"/patients/{first.json['id']}"
    assert admin.call("PATCH", path, {"name": "Other"}, Idempotency_Key=KEY).status_code == 200
    assert admin.post("/treatments", {"name": "One", "durationMinutes": 30}, Idempotency_Key=KEY).status_code == 201


def test_a_refusal_is_repeated_too(admin: Caller, owner: Session) -> None:
    """As the lane does: the outcome of the first time, although it might be another one now."""
    body = {"email": "n@demo.test", "name": "N", "role": "chatbot", "password": "a long password"}
    assert admin.post("/users", {**body, "email": "patient1@demo.test"}, Idempotency_Key=KEY).status_code == 409
    owner.execute(text("UPDATE users SET email = 'x@demo.test' WHERE email = 'patient1@demo.test'"))
    owner.commit()
    again = admin.post("/users", {**body, "email": "patient1@demo.test"}, Idempotency_Key=KEY)
    assert (again.status_code, again.json["code"], again.mimetype) == (409, "email-taken", "application/problem+json")
    # A body that is not understood decides nothing.
    assert admin.post("/users", {**body, "role": "king"}, Idempotency_Key="other").status_code == 422
    assert admin.post("/users", body, Idempotency_Key="other").status_code == 201


def test_an_account_that_is_made_twice_at_once_is_made_once_and_answered_twice(admin: Caller, owner: Session) -> None:
    """The second finds the address taken, by the first click of its own: it gets that answer."""
    body = {"email": "once@demo.test", "name": "Once", "role": "chatbot", "password": "a long password"}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: admin.post("/users", body, Idempotency_Key=KEY), range(2)))
    assert [answer.status_code for answer in answers] == [201, 201], [answer.json for answer in answers]
    assert answers[0].json == answers[1].json
    hashes = owner.scalars(text("SELECT body_hash FROM kept_answers")).all()
    assert len(hashes) == 1


def test_what_fails_keeps_no_answer_and_can_be_tried_again(
    admin: Caller, owner: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change, its note and the answer are one transaction."""
    from dental_sync.writes import kept_answers

    with monkeypatch.context() as broken:
        broken.setattr(kept_answers, "keep", lambda *_args, **_kwargs: 1 / 0)
        assert admin.post("/patients", {"name": "Late"}, Idempotency_Key=KEY).status_code == 500
    assert (patients(owner, "Late"), kept(owner)) == (0, 0)
    assert admin.post("/patients", {"name": "Late"}, Idempotency_Key=KEY).status_code == 201
    assert (patients(owner, "Late"), kept(owner)) == (1, 1)


def test_answers_are_kept_for_as_long_as_outcomes_are(app: APIFlask, admin: Caller, owner: Session) -> None:
    """After `IDEMPOTENCY_HOURS` a key is new, and pruning deletes what is older."""
    hours = services.of(app, Settings).idempotency_hours
    first = admin.post("/patients", {"name": "Old"}, Idempotency_Key=KEY)
    age = text("UPDATE kept_answers SET sent_at = clock_timestamp() - make_interval(hours => :hours)")
    owner.execute(age, {"hours": hours})
    owner.commit()
    second = admin.post("/patients", {"name": "Old"}, Idempotency_Key=KEY)
    assert second.json["id"] != first.json["id"]
    assert kept(owner) == 1
    owner.execute(age, {"hours": hours})
    owner.commit()


def test_pruning_deletes_answers_that_are_no_longer_kept(
    admin: Caller, worker_app: APIFlask, settings: Settings, owner: Session
) -> None:
    """By the worker's role, which may not read them."""
    for number in range(3):
        admin.post("/patients", {"name": f"P{number}"}, Idempotency_Key=f"key {number}")
    owner.execute(
        text("UPDATE kept_answers SET sent_at = sent_at - interval '3 days' WHERE idempotency_key <> 'key 0'")
    )
    owner.commit()
    with worker_app.app_context():
        assert pruning.prune(db.session(), settings)["kept answers"] == 2
    assert kept(owner) == 1


def test_every_route_that_changes_something_takes_a_key_or_refuses_it(shared_app: APIFlask) -> None:
    """Never in silence: where a token or a code may be answered it is 422, everywhere else the document names the
    header."""
    document = shared_app.test_client().get("/api/openapi.json").json
    for rule, method in openapi_document.operations(shared_app):
        if method == "GET":
            continue
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<uuid:{name}>", "01980000-0000-7000-8000-000000000000")
        answer = shared_app.test_client().open(path, method=method, json={}, headers={"Idempotency-Key": "k"})
        refused = answer.status_code == 422 and "Idempotency-Key" in answer.text
        never_kept = rule.rule.startswith(("/api/auth/", "/api/public/")) or rule.rule.endswith("/invitation")
        assert refused == never_kept, rule.rule
        described = next(d[method.lower()] for p, d in document["paths"].items() if _like(p) == _like(rule.rule))
        named = {parameter["name"] for parameter in described.get("parameters", [])}
        assert ("Idempotency-Key" in named) != refused, rule.rule


def _like(path: str) -> list[str]:
    return ["{}" if part[:1] in "{<" else part for part in path.split("/")]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/patients", {"name": "X"}),
        ("PATCH", "/patients/{patient}", {"name": "X"}),
        ("POST", "/users", {"email": "x@demo.test", "name": "X", "role": "chatbot", "password": "a long password"}),
        ("PATCH", "/treatments/{treatment}", {"durationMinutes": 20}),
        ("PUT", "/dentists/{dentist}/working-hours", {"hours": []}),
        ("POST", "/closures", {"startsAt": "2030-01-01T00:00:00Z", "endsAt": "2030-01-02T00:00:00Z"}),
        ("PATCH", "/practice", {"name": "X"}),
        ("POST", "/appointments", {}),
        ("POST", "/auth/logout", {}),
    ],
)
def test_if_match_where_there_is_no_version_is_422(
    sign_in: SignIn, practice: Practice, method: str, path: str, body: dict[str, Any]
) -> None:
    """It was taken in silence, and the last who saved won."""
    ids = {
        "patient": practice.patients[0],
        "dentist": practice.dentists[0],
        "treatment": practice.treatments["Check-up"],
    }
    answer = sign_in("admin").call(method, path.format(**ids), body, If_Match='"1"')
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed")
    assert "If-Match" in answer.json["errors"][0]["detail"]


def test_a_key_that_is_none_is_422_everywhere(admin: Caller) -> None:
    """Empty, too long, or with characters that cannot be seen."""
    for key in ("", "x" * 256, "tab\there", "ümlaut"):
        assert admin.post("/patients", {"name": "X"}, Idempotency_Key=key).status_code == 422, key


def test_who_lost_the_right_gets_no_kept_answer(app: APIFlask, owner: Session) -> None:
    """The answer is behind the same door as the change."""
    admin = sign_in_to(app, "admin")
    assert admin.post("/patients", {"name": "X"}, Idempotency_Key=KEY).status_code == 201
    dentist = sign_in_to(app, "dentist1")
    assert dentist.post("/patients", {"name": "X"}, Idempotency_Key=KEY).status_code == 403
    assert kept(owner) == 1
