"""The search for the highest rate at which something still holds."""

from __future__ import annotations

from collections.abc import Callable

FIRST_RATE = 20
# What is found is within this share of what is possible.
EXACT = 0.08
LEAST_RATE = 1


def highest_rate(holds: Callable[[int], bool], last: int = 0) -> int:
    """The highest rate for which `holds` was true: doubled until it fails, then halved in between; 0 where none holds.

    With the result of the `last` search it begins just below, and rises by an eighth.
    """
    low, high = 0, 0
    rate = max(LEAST_RATE, round(0.9 * last)) if last else FIRST_RATE
    while rate not in (low, high) and not (high and high - low <= EXACT * max(low, 1)):
        if holds(rate):
            low = rate
        else:
            high = rate
        if high:
            rate = (low + high) // 2
        elif last:
            rate = max(rate + 1, round(1.125 * rate))
        else:
            rate *= 2
    return low
