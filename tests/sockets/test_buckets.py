"""How many events are taken, and how they come back with time."""

from __future__ import annotations

from dental_sync.sockets.buckets import Bucket


def test_after_a_burst_events_are_taken_at_the_rate() -> None:
    """Two seconds' worth at once, then one for each that has come back."""
    now = 100.0
    bucket = Bucket(10, lambda: now)
    assert [bucket.take() for _ in range(21)] == [True] * 20 + [False]
    now += 0.125
    assert [bucket.take(), bucket.take()] == [True, False]
    assert not bucket.is_full()
    now += 60
    assert bucket.is_full()
    assert [bucket.take() for _ in range(21)] == [True] * 20 + [False]
