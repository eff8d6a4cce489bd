"""How long to wait before coming back."""

from __future__ import annotations

FIRST_SECONDS = 0.2
LONGEST_SECONDS = 10.0
# Beyond it the longest wait is reached anyhow.
MOST_DOUBLINGS = 10


def seconds_before(attempt: int, chance: float) -> float:
    """Seconds before attempt 0, 1, 2, …: twice as long each time up to a limit; chance, 0 to 1, takes up to half away.

    So that a thousand clients of a process that died do not come back in the same instant.
    """
    longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(attempt, MOST_DOUBLINGS))
    return longest * (1.0 - chance / 2.0)
