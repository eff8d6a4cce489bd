"""Whether clients are still there: each is pinged some time after it last answered, and closed where it does not.

Engine.IO lets a task sleep for each client, and another one look at all of them in turn. Here both wait in the order in
which they are due, and nothing is done for a client before.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol


class Pinged(Protocol):
    """A client's transport."""

    def ping(self) -> bool:
        """Ask whether the client is there; False where it is closed."""

    def is_silent(self) -> bool:
        """Whether the client has not answered the last ping yet."""

    def let_go(self) -> None:
        """Close it: the client is gone."""


class Pings:
    """Those of a process."""

    def __init__(
        self, *, interval_seconds: float, timeout_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._interval_seconds = interval_seconds
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        # When each is pinged next, and until when the answer to the last ping must have come; the earliest first.
        self._due: deque[tuple[float, Pinged]] = deque()
        self._awaited: deque[tuple[float, Pinged]] = deque()

    def schedule(self, client: Pinged) -> None:
        """Ping it once more, after the interval."""
        self._due.append((self._clock() + self._interval_seconds, client))

    def mind(self) -> None:
        """Do what is due; to be called once a second."""
        now = self._clock()
        while self._awaited and self._awaited[0][0] <= now:
            _, client = self._awaited.popleft()
            if client.is_silent():
                client.let_go()
        while self._due and self._due[0][0] <= now:
            _, client = self._due.popleft()
            if client.ping():
                self._awaited.append((now + self._timeout_seconds, client))
