"""How many events are taken from a client, and from all clients of one account."""

from __future__ import annotations

import time
from collections.abc import Callable

# The burst that is allowed after a quiet time, in seconds of the rate.
BURST_SECONDS = 2.0


class Bucket:
    """A bucket of tokens: each event takes one, and they come back with time."""

    __slots__ = ("_clock", "_filled_at", "_per_second", "_tokens")

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._tokens = BURST_SECONDS * per_second
        self._filled_at = clock()

    def take(self) -> bool:
        """Take one token; False where there is none."""
        self._fill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def is_full(self) -> bool:
        """Whether nothing was taken for so long that a new bucket would be the same."""
        self._fill()
        return self._tokens >= BURST_SECONDS * self._per_second

    def _fill(self) -> None:
        now = self._clock()
        more = (now - self._filled_at) * self._per_second
        self._tokens = min(BURST_SECONDS * self._per_second, self._tokens + more)
        self._filled_at = now
