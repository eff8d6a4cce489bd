"""The calls that wait for an outcome: the worker's message wakes them; the database tells it when that is lost."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from dental_sync.core import services
from dental_sync.core.wire_types import Outcome

# How long a waiting call trusts the worker's message before it looks for itself, and how patient it gets.
FIRST_LOOK_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 1.0


class Waiting:
    """The calls of this process that wait for outcomes; the worker's message wakes them, and nothing depends on it."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, list[_Slot]] = defaultdict(list)

    @contextlib.contextmanager
    def expect(self, request_id: uuid.UUID) -> Iterator[_Slot]:
        """Be ready for an outcome before the request is committed, so that none comes too early."""
        slot = _Slot()
        self._waiting[str(request_id)].append(slot)
        try:
            yield slot
        finally:
            self._waiting[str(request_id)].remove(slot)
            if not self._waiting[str(request_id)]:
                del self._waiting[str(request_id)]

    def resolve(self, outcomes: Mapping[str, Outcome]) -> None:
        """Give the outcomes of one batch to the calls of this process that wait for them."""
        for request_id, outcome in outcomes.items():
            for slot in self._waiting.get(request_id, ()):
                slot.outcome = outcome
                slot.event.set()


class _Slot:
    """One waiting call."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.outcome: Outcome | None = None

    def wait(self, seconds: float, look: Callable[[], Outcome | None]) -> Outcome | None:
        """Wait at most so long; `look` reads the outcome from the database in case the message was lost."""
        deadline = time.monotonic() + seconds
        pause = FIRST_LOOK_SECONDS
        while True:
            left = deadline - time.monotonic()
            if self.event.wait(max(0.0, min(pause, left))):
                return self.outcome
            outcome = look()
            if outcome is not None or left <= pause:
                return outcome
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def waiting() -> Waiting:
    """The waiting calls of the current app."""
    return services.current(Waiting)
