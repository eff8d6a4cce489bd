"""The lane refuses a time that is taken, and looks for no other: whoever is booked must not wait for that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from tests import plain_sql
from tests.conftest import RunLane, a_free_monday
from tests.writes.desk import MONDAY, Desk


def statements_of(work: Callable[[], Any]) -> tuple[Any, int]:
    """What the work returns, and how many statements were sent meanwhile."""
    sent: Counter[str] = Counter()

    def count(_connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        sent[statement] += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        return work(), sum(sent.values())
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def test_many_refusals_cost_a_batch_no_more_than_one(desk: Desk, owner: Session, run_lane: RunLane) -> None:
    """As many statements as for one, and what is stored is the refusal alone."""
    plain_sql.book(owner, desk.practice.patients[11], desk.practice.dentists[0], MONDAY)
    owner.commit()
    desk.book("patient1", MONDAY)
    run_lane()
    desk.book("patient1", MONDAY)
    [first], alone = statements_of(run_lane)
    assert len(first.outcomes) == 1
    requests = [desk.book(f"patient{1 + number % 11}", MONDAY) for number in range(200)]
    batches, together = statements_of(run_lane)
    assert [len(batch.outcomes) for batch in batches] == [100, 50, 25, 13, 12]
    assert together == alone * len(batches)
    for request in requests:
        problem = desk.request(request).outcome["body"]
        assert problem["code"] == "slot-taken"
        assert "alternatives" not in problem


@pytest.mark.parametrize("weeks", [-5, 5])
def test_a_refusal_spoils_no_booking_of_its_batch(
    desk: Desk, owner: Session, run_lane: RunLane, caplog: pytest.LogCaptureFixture, weeks: int
) -> None:
    """Of a time to come, and of one that has passed while the lane was away: who is free is booked beside it."""
    taken = a_free_monday(weeks=weeks)
    plain_sql.book(owner, desk.practice.patients[11], desk.practice.dentists[0], taken)
    owner.commit()
    refused, free = desk.book("patient1", taken), desk.book("patient3", MONDAY, 1)
    received = text("UPDATE write_requests SET received_at = :at WHERE id = :id")
    owner.execute(received, {"at": taken - timedelta(days=1), "id": refused})
    owner.commit()
    [batch] = run_lane()
    assert len(batch.outcomes) == 2
    assert [desk.answer(r) for r in (refused, free)] == [(409, "slot-taken"), (201, None)]
    assert caplog.text == ""
    # One transaction for both, and no second look at either of them.
    assert owner.scalar(text("SELECT count(DISTINCT xmin::text) FROM write_requests")) == 1
