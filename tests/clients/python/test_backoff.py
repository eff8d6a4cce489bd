"""How long the Python client waits."""

from __future__ import annotations

import pytest
from dental_sync_client.backoff import LONGEST_SECONDS, seconds_before


def test_each_wait_is_longer_up_to_a_limit_and_no_two_are_alike() -> None:
    """Twice as long each time, never more than ten seconds, and at least half of it for the unluckiest."""
    assert [seconds_before(attempt, 0.0) for attempt in range(4)] == [0.2, 0.4, 0.8, 1.6]
    assert seconds_before(10_000, 0.0) == LONGEST_SECONDS
    assert seconds_before(3, 1.0) == pytest.approx(0.8)
    assert len({seconds_before(3, chance / 10) for chance in range(10)}) == 10
