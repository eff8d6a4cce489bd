"""What a batch of the lane costs: every message to PostgreSQL is counted where it is sent, BEGIN and COMMIT too."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import RunLane
from tests.statements import messages
from tests.writes.desk import HALF_HOUR, MONDAY, Desk


@pytest.fixture
def sent() -> Iterator[list[str]]:
    """What the worker has sent to PostgreSQL."""
    with messages() as found:
        yield found


@pytest.fixture
def costs(desk: Desk, run_lane: RunLane, sent: list[str]) -> Callable[[], int]:
    """Round trips of the next batch, of a lane that has worked before and has nothing left to publish."""
    desk.book("patient12", MONDAY + 20 * HALF_HOUR)
    run_lane()

    def of_next_batch() -> int:
        sent.clear()
        [batch] = run_lane()
        assert {outcome["status"] for outcome in batch.outcomes.values()} <= {200, 201, 409}
        return len(sent)

    return of_next_batch


@pytest.mark.parametrize("bookings", [1, 6])
def test_bookings_cost_six_round_trips_however_many_they_are(
    desk: Desk, costs: Callable[[], int], bookings: int
) -> None:
    """Take, start, look around, store, take what triggers noted, and the outcomes with audit, messages and commit."""
    for number in range(bookings):
        desk.book(f"patient{number + 1}", MONDAY + number * HALF_HOUR)
    assert costs() == 6


def test_a_pass_that_finds_nothing_costs_four(costs: Callable[[], int]) -> None:
    """When a lane that was rung for leaves: take, start, look for what is noted, commit."""
    assert costs() == 4
