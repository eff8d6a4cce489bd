"""The worker's look at the database: it finds work for which no ring came, and rings for nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest
from apiflask import APIFlask
from redis import ConnectionError as RedisConnectionError
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from dental_sync.core.extensions import db
from dental_sync.core.redis import redis
from dental_sync.core.seen import LANE_SEEN_KEY
from dental_sync.processes import sweep
from dental_sync.processes.sweep import Sweep
from tests.api.hours import SignIn, a_check_up
from tests.api.test_holds import expire, hold
from tests.conftest import Practice, RunLane, mute

Look = Callable[[], int]


@pytest.fixture
def look(worker_app: APIFlask, run_lane: RunLane, monkeypatch: pytest.MonkeyPatch) -> Iterator[Look]:
    """Look once, and say how often that rang; there is nothing to do yet."""
    rings: list[None] = []
    monkeypatch.setattr(sweep, "wake_lane", lambda: rings.append(None))
    sweeping = Sweep(worker_app)

    def look() -> int:
        before = len(rings)
        sweeping()
        return len(rings) - before

    run_lane()
    assert look() == 0
    yield look
    with worker_app.app_context():
        db.engine.dispose()


def test_a_request_for_which_no_ring_came_is_found(
    look: Look, app: APIFlask, sign_in: SignIn, practice: Practice, owner: Session, run_lane: RunLane
) -> None:
    """Not while it has given way to others, and not once it is decided."""
    mute(app)
    assert sign_in("patient1").post("/appointments", a_check_up(practice), Prefer="respond-async").status_code == 202
    assert look() == 1
    owner.execute(text("UPDATE write_requests SET not_before = clock_timestamp() + interval '1 hour'"))
    owner.commit()
    assert look() == 0
    owner.execute(text("UPDATE write_requests SET not_before = clock_timestamp()"))
    owner.commit()
    run_lane()
    assert look() == 0


def test_what_plain_sql_changed_is_found(look: Look, owner: Session, run_lane: RunLane) -> None:
    """Whatever the triggers noted and nobody has published."""
    owner.execute(text("UPDATE practice SET name = name || ' and sons'"))
    owner.commit()
    assert look() == 1
    run_lane()
    assert look() == 0


def test_a_hold_that_has_expired_is_found(
    look: Look, sign_in: SignIn, practice: Practice, owner: Session, run_lane: RunLane
) -> None:
    """So that everybody hears that its time is free again, although nobody asks for anything."""
    held = hold(sign_in("patient1"), practice)
    run_lane()
    assert look() == 0
    expire(owner, held)
    assert look() == 1
    run_lane()
    assert look() == 0


def test_a_look_is_one_statement_and_says_now_and_then_that_the_worker_is_there(
    look: Look, worker_app: APIFlask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice a second, at rest too."""
    with worker_app.app_context():
        statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *executed: statements.append(executed[2]), named=False)
        redis().delete(LANE_SEEN_KEY)
        look()
        assert len(statements) == 1
        assert not redis().exists(LANE_SEEN_KEY)
        monkeypatch.setattr(sweep, "RENEW_SECONDS", 0)
        monkeypatch.setattr(sweep, "wake_lane", lambda: None)
        Sweep(worker_app)()
        assert redis().exists(LANE_SEEN_KEY)


@pytest.mark.parametrize("away", ["Redis", "database"])
def test_what_fails_is_a_line_and_not_the_workers_end(
    worker_app: APIFlask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, away: str
) -> None:
    """Celery would take an exception of its timer for the loss of its own connection."""

    def cut_off(*_: object) -> bool:
        if away == "Redis":
            raise RedisConnectionError("Redis is away")
        return bool(db.session().execute(text("SELECT pg_terminate_backend(pg_backend_pid())")))

    monkeypatch.setattr(sweep.lane, "has_work", cut_off)
    with caplog.at_level(logging.WARNING, "dental_sync.processes.sweep"):
        Sweep(worker_app)()
    assert len(caplog.records) == 1
    assert "Traceback" not in caplog.text
