"""What everybody may ask for is made once in a while, and not for each who asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")

# How long an answer to everybody is given again.
BRIEF_SECONDS = 1.0


class Brief(Generic[Value]):
    """A value that is made at most once in so many seconds, however many ask at the same moment."""

    def __init__(self, seconds: float = BRIEF_SECONDS) -> None:
        self._seconds = seconds
        self._turn = threading.Lock()
        self._value: Value | None = None
        self._made_at: float | None = None

    def get(self, make: Callable[[], Value]) -> Value:
        """The value, made now unless it is young enough; raises what `make` raises, and the next who asks makes it."""
        with self._turn:
            now = time.monotonic()
            if self._value is None or self._made_at is None or now - self._made_at >= self._seconds:
                self._value, self._made_at = make(), now
            return self._value
