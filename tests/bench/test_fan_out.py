"""The search for the highest rate finds it, with few tries."""

from __future__ import annotations

import pytest

from bench.fan_out import EXACT, highest_rate


@pytest.mark.parametrize("possible", [1, 3, 19, 20, 74, 260, 1000])
@pytest.mark.parametrize("last_share", [None, 0.8, 1.0, 1.3])
def test_the_highest_rate_is_found(possible: int, last_share: float | None) -> None:
    """Whatever the last search has found: what a machine can do changes from run to run."""
    tried: list[int] = []

    def holds(rate: int) -> bool:
        tried.append(rate)
        return rate <= possible

    found = highest_rate(holds, 0 if last_share is None else round(possible * last_share))
    assert found <= possible < found + max(1, EXACT * possible) + 1
    assert len(tried) == len(set(tried)) < 16


def test_where_no_rate_holds_the_highest_is_none() -> None:
    """It is said, rather than sought for ever."""
    assert highest_rate(lambda _rate: False) == 0
