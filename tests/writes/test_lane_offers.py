"""What the lane offers instead of a time that is taken."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.queries import availability, load
from tests import plain_sql
from tests.conftest import Practice, RunLane, a_free_monday
from tests.writes.desk import MONDAY, Desk


def test_two_hundred_callers_for_one_time_cost_one_look_at_what_is_free(
    desk: Desk, owner: Session, run_lane: RunLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of one batch: what is open is read once and the list is made once, and everybody gets their three."""
    plain_sql.book(owner, desk.practice.patients[11], desk.practice.dentists[0], MONDAY)
    owner.commit()
    run_lane()
    calls: Counter[str] = Counter()

    def counted(module: Any, name: str) -> None:
        original = getattr(module, name)

        def call(*arguments: Any, **named: Any) -> Any:
            calls[name] += 1
            return original(*arguments, **named)

        monkeypatch.setattr(module, name, call)

    for module, name in ((load, "load"), (load, "load_range"), (availability, "_in_order_of_nearness")):
        counted(module, name)
    requests = [desk.book(f"patient{1 + number % 11}", MONDAY) for number in range(200)]
    [batch] = run_lane()
    assert len(batch.outcomes) == 200
    assert calls == {"load": 1, "load_range": 1, "_in_order_of_nearness": 1}
    for request in requests:
        problem = desk.request(request).outcome["body"]
        assert (problem["code"], len(problem["alternatives"])) == ("slot-taken", 3)


def test_a_lane_that_has_no_time_to_look_refuses_all_the_same(
    desk: Desk, owner: Session, run_lane: RunLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offering other times must not keep those waiting who are booked: then the list is empty."""
    plain_sql.book(owner, desk.practice.patients[11], desk.practice.dentists[0], MONDAY)
    owner.commit()
    monkeypatch.setattr(availability, "SEARCH_SECONDS", 0.0)
    taken, free = desk.book("patient1", MONDAY), desk.book("patient2", MONDAY, 1)
    run_lane()
    assert [desk.answer(request) for request in (taken, free)] == [(409, "slot-taken"), (201, None)]
    assert desk.request(taken).outcome["body"]["alternatives"] == []


def test_what_was_asked_for_long_ago_is_offered_nothing_and_spoils_no_batch(
    desk: Desk, owner: Session, run_lane: RunLane, caplog: pytest.LogCaptureFixture
) -> None:
    """A lane that was away for weeks: what was near that time has passed, and who asks today is served beside it."""
    long_ago = a_free_monday(weeks=-5)
    plain_sql.book(owner, desk.practice.patients[11], desk.practice.dentists[0], long_ago)
    plain_sql.book(owner, desk.practice.patients[11], desk.practice.dentists[0], MONDAY)
    owner.commit()
    late, today, free = desk.book("patient1", long_ago), desk.book("patient2", MONDAY), desk.book("patient3", MONDAY, 1)
    received = text("UPDATE write_requests SET received_at = :at WHERE id = :id")
    owner.execute(received, {"at": long_ago - timedelta(days=1), "id": late})
    owner.commit()
    [batch] = run_lane()
    assert len(batch.outcomes) == 3
    assert [desk.answer(r) for r in (late, today, free)] == [(409, "slot-taken"), (409, "slot-taken"), (201, None)]
    assert desk.request(late).outcome["body"]["alternatives"] == []
    assert len(desk.request(today).outcome["body"]["alternatives"]) == 3
    assert caplog.text == ""
    # One transaction for all, and no second look at any of them.
    assert owner.scalar(text("SELECT count(DISTINCT xmin::text) FROM write_requests")) == 1


def test_what_is_offered_instead_has_room_for_the_buffers_it_was_booked_with(
    desk: Desk, run_lane: RunLane, owner: Session, practice: Practice
) -> None:
    """Also at the edge of where was looked, when no treatment has such long buffers any more."""
    patient, other, third = practice.patients[:3]
    dentist = practice.dentists[0]
    first_week = MONDAY - timedelta(weeks=1)
    owner.execute(text("DELETE FROM working_hours WHERE dentist_id = :id"), {"id": dentist})
    owner.execute(
        text(
            "INSERT INTO working_hours (dentist_id, iso_weekday, starts, ends)"
            " VALUES (:id, 1, '09:00', '10:30'), (:id, 2, '08:00', '09:00')"
        ),
        {"id": dentist},
    )
    owner.execute(text("UPDATE practice SET slot_step_minutes = 30"))
    mine = plain_sql.book(owner, patient, dentist, first_week)
    owner.execute(text("UPDATE appointments SET buffer_after_minutes = 60 WHERE id = :id"), {"id": mine})
    plain_sql.book(owner, other, dentist, MONDAY)
    plain_sql.book(owner, third, dentist, MONDAY + timedelta(days=1))
    owner.commit()
    refused = desk.move("dentist1", mine, startsAt=MONDAY)
    run_lane()
    assert desk.answer(refused) == (409, "slot-taken")
    offered = desk.request(refused).outcome["body"]["alternatives"]
    assert len(offered) == 3
    for slot in offered:
        moved = desk.move("dentist1", mine, startsAt=slot["startsAt"])
        run_lane()
        assert desk.answer(moved) == (200, None), slot
