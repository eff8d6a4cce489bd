"""The lane and crashes: what was asked is applied once, and what kills the worker is rejected alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.diary.model import Decision, Diary
from dental_sync.queries import load
from dental_sync.storage import one_call
from dental_sync.storage.one_call import COMMIT, Statement
from dental_sync.writes import judge, lane
from dental_sync.writes.actions import ACTIONS, Asked
from tests.conftest import RunLane
from tests.writes.desk import HALF_HOUR, MONDAY, Desk


class Killed(BaseException):
    """The worker was killed here."""


def test_a_request_that_kills_the_worker_is_rejected_and_the_rest_is_applied(
    desk: Desk, run_lane: RunLane, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may try as often as WRITE_ATTEMPTS says; nobody who waits behind it is lost, or loses an attempt to it."""
    before, poison, after = (
        desk.book("patient1", MONDAY),
        desk.book("patient2", MONDAY + HALF_HOUR, reason="poison"),
        desk.book("patient3", MONDAY + 2 * HALF_HOUR),
    )
    book = ACTIONS["book"]

    def die_of_poison(diary: Diary, asked: Asked) -> Decision:
        if asked.wish.reason == "poison":
            raise Killed
        return book.decide(diary, asked)

    monkeypatch.setattr(judge, "ACTIONS", {**ACTIONS, "book": replace(book, decide=die_of_poison)})
    deaths = 0
    while desk.answer(poison) is None:
        try:
            run_lane()
        except Killed:
            deaths += 1
        assert deaths <= settings.write_attempts
    run_lane()
    assert [desk.answer(r) for r in (before, poison, after)] == [(201, None), (409, "write-failed"), (201, None)]
    assert deaths == settings.write_attempts


@pytest.mark.parametrize("poison_is_first", [True, False])
def test_what_a_crash_leaves_is_found_by_its_count(
    desk: Desk, owner: Session, run_lane: RunLane, settings: Settings, poison_is_first: bool
) -> None:
    """The count was committed before each try, so it is there after the worker is gone; others are not held up."""
    requests = [desk.book("patient1", MONDAY), desk.book("patient2", MONDAY + HALF_HOUR)]
    poison, healthy = requests if poison_is_first else reversed(requests)
    exhausted = text("UPDATE write_requests SET attempts = :n WHERE id = :id")
    owner.execute(exhausted, {"n": settings.write_attempts, "id": poison})
    owner.commit()
    run_lane()
    assert [desk.answer(r) for r in (poison, healthy)] == [(409, "write-failed"), (201, None)]


def test_a_request_that_nobody_understands_any_more_is_rejected_alone(
    desk: Desk, owner: Session, run_lane: RunLane, caplog: pytest.LogCaptureFixture
) -> None:
    """Stored by another release, or by hand: it is written down for us, and the others are applied."""
    before, strange, after = (
        desk.book("patient1", MONDAY),
        desk.book("patient2", MONDAY + HALF_HOUR),
        desk.book("patient3", MONDAY + 2 * HALF_HOUR),
    )
    owner.execute(text("""UPDATE write_requests SET body = '{"tooth": 7}' WHERE id = :id"""), {"id": strange})
    owner.commit()
    run_lane()
    assert [desk.answer(r) for r in (before, strange, after)] == [(201, None), (409, "write-failed"), (201, None)]
    assert str(strange) in caplog.text


def test_trouble_with_the_database_is_nobodys_fault(
    desk: Desk, worker_app: APIFlask, settings: Settings, run_lane: RunLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off more often than a request may be tried: nothing happened, and everything is applied in the end."""
    requests = [desk.book("patient1", MONDAY), desk.book("patient2", MONDAY + HALF_HOUR)]
    look = load.load

    def look_and_be_cut_off(session: Session, *arguments: Any) -> Diary:
        look(session, *arguments)
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        raise AssertionError("the connection should be gone")

    monkeypatch.setattr(load, "load", look_and_be_cut_off)
    for _ in range(settings.write_attempts + 2):
        with worker_app.app_context(), pytest.raises(DBAPIError):
            lane.run_batch(db.session(), settings)
        assert [desk.answer(r) for r in requests] == [None, None]
    monkeypatch.undo()
    [batch] = run_lane()
    assert len(batch.outcomes) == 2
    assert [desk.answer(r) for r in requests] == [(201, None), (201, None)]


def test_a_crash_between_deciding_and_committing_applies_nothing_twice(
    desk: Desk, owner: Session, run_lane: RunLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything but the attempt is one transaction: rows, outcomes and messages come together or not at all."""
    count = text(
        "SELECT (SELECT count(*) FROM appointments), (SELECT count(*) FROM changes), (SELECT position FROM log_head)"
    )
    run_lane()
    before = owner.execute(count).one()
    owner.rollback()
    request = desk.book("patient1", MONDAY)
    execute = one_call.execute

    def execute_and_die(session: Session, statements: Sequence[Statement], *values: Any) -> Any:
        if statements[-1] is COMMIT:
            execute(session, statements[:-1])
            raise Killed
        return execute(session, statements, *values)

    monkeypatch.setattr(one_call, "execute", execute_and_die)
    with pytest.raises(Killed):
        run_lane()
    assert owner.execute(count).one() == before
    owner.rollback()
    assert desk.answer(request) is None
    monkeypatch.undo()
    run_lane()
    assert desk.answer(request) == (201, None)
    after = owner.execute(count).one()
    assert (after[0], after[1]) == (before[0] + 1, 0)
    assert after[2] == before[2] + 2
