"""Errors become problems in one place, and none of them tells what is inside."""

from __future__ import annotations

from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text

from dental_sync.core import errors, services
from dental_sync.core.extensions import db
from dental_sync.core.refusal_counts import RefusalCounts
from tests.api.free import SignIn
from tests.api.hours import a_check_up
from tests.conftest import Practice


def answer_of_a_door_that_runs(app: APIFlask, statement: str) -> Any:
    """What a client gets when a door's SQL fails."""
    app.add_url_rule("/api/door", view_func=lambda: str(db.session.execute(text(statement)).all()))
    return app.test_client().get("/api/door")


def lose_the_connection() -> None:
    """Have PostgreSQL end the connection of the open transaction, while nobody asks it anything."""
    pid = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with db.engine.connect() as other:
        assert other.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


@pytest.mark.parametrize("sqlstate", ["40P01", "40001", "55P03", "57014"])
def test_what_may_go_well_a_little_later_is_503(app: APIFlask, sqlstate: str) -> None:
    """A deadlock, a serialization failure, a lock or a statement that took too long: nobody's mistake."""
    answer = answer_of_a_door_that_runs(app, f"DO $$ BEGIN RAISE 'secret' USING ERRCODE = '{sqlstate}'; END $$")
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "unavailable"
    assert int(answer.headers["Retry-After"]) >= 1
    assert "secret" not in answer.text


def test_a_connection_that_was_cut_is_503_and_the_next_call_goes_well(app: APIFlask) -> None:
    """The pool notices, and opens another."""
    answer = answer_of_a_door_that_runs(app, "SELECT pg_terminate_backend(pg_backend_pid())")
    assert answer.status_code == 503
    assert answer.json["code"] == "unavailable"
    assert app.test_client().get("/api/sync/health").json["checks"]["database"] == "ok"


def test_a_refusal_is_answered_also_when_its_connection_was_cut_meanwhile(app: APIFlask) -> None:
    """PostgreSQL ends a transaction that was idle too long; the rollback that follows fails, the answer does not."""

    def refuse() -> str:
        lose_the_connection()
        raise errors.NotFound

    app.add_url_rule("/api/door", view_func=refuse)
    answer = app.test_client().get("/api/door")
    assert (answer.status_code, answer.json["code"]) == (404, "not-found")
    assert app.test_client().get("/api/sync/health").json["checks"]["database"] == "ok"


def test_a_failure_of_ours_is_answered_also_when_its_connection_was_cut_meanwhile(app: APIFlask) -> None:
    """An error handler survives anything."""

    def fail() -> str:
        lose_the_connection()
        raise ZeroDivisionError

    app.add_url_rule("/api/door", view_func=fail)
    answer = app.test_client().get("/api/door")
    assert (answer.status_code, answer.json["code"]) == (500, "internal-error")


def test_a_mistake_of_ours_is_500_without_a_word_about_the_inside(app: APIFlask) -> None:
    """The log has the traceback, the client a problem."""
    answer = answer_of_a_door_that_runs(app, "SELECT password_hash FROM nowhere")
    assert answer.status_code == 500
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "internal-error"
    assert set(answer.json) == {"type", "title", "status", "code", "detail", "instance"}
    for secret in ("nowhere", "password_hash", "Traceback", "psycopg2"):
        assert secret not in answer.text


def test_every_problem_has_the_members_of_the_contract(app: APIFlask) -> None:
    """RFC 9457, and `code` beside; `instance` is the path."""
    answer = app.test_client().get("/api/auth/me")
    assert answer.json == {
        "type": "urn:dental-sync:problem:unauthorized",
        "title": "Unauthorized",
        "status": 401,
        "code": "unauthorized",
        "detail": "A valid access token is needed.",
        "instance": "/api/auth/me",
    }


@pytest.mark.usefixtures("booked")
def test_what_is_refused_is_counted_by_code(app: APIFlask, sign_in: SignIn, practice: Practice) -> None:
    """A stored outcome that is answered again too; what went well is not counted."""
    noah = sign_in("patient2")
    for _ in range(2):
        noah.post("/appointments", a_check_up(practice), headers={"Idempotency-Key": "once"})
    app.test_client().get("/api/auth/me")
    app.test_client().get("/api/live")
    assert services.of(app, RefusalCounts) == {"slot-taken": 2, "unauthorized": 1}
