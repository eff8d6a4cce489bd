"""What is free around a wanted time: looked for once for all who want the same, and as far as any of them needs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from dental_sync.core.blocking import run_blocking
from dental_sync.core.config import Settings
from dental_sync.diary.free_times import Runs
from dental_sync.queries import alternatives
from dental_sync.queries.alternatives import Search
from dental_sync.queries.availability import Slot
from dental_sync.queries.people import People
from dental_sync.queries.want import REACHES, Own, Want


class FreeAround:
    """What was free at one moment, within each reach that somebody needed; nothing in it says who asks.

    Whoever looks further holds `turn`, for which all wait who need the same.
    """

    def __init__(self, want: Want) -> None:
        self.turn = threading.Lock()
        self._want = want
        self._at = datetime.now(UTC)
        self._made_at = time.monotonic()
        self._search: Search | None = None
        self._runs: list[Runs] = []

    @property
    def age_seconds(self) -> float:
        """How long ago it was that somebody asked first."""
        return time.monotonic() - self._made_at

    def reaches(self, number: int) -> bool:
        """Whether somebody has looked within that reach of `REACHES`."""
        return number < len(self._runs)

    def look_further(self, session: Session, settings: Settings, people: Callable[[], People]) -> None:
        """Look within the next reach; the first time among `people`. Leaves the session without a connection."""
        reach = REACHES[len(self._runs)]
        if self._search is None:
            asked, others = alternatives.whom_to_ask(settings, self._want, people())
            self._search = alternatives.read(session, asked, self._want, reach, at=self._at, others=others)
            # A few hours take less time than a thread may wait for the interpreter.
            runs = alternatives.free_within(self._search, self._want, reach, self._at)
        else:
            search = alternatives.read(session, self._search, self._want, reach, at=self._at)
            runs = run_blocking(alternatives.free_within, search, self._want, reach, self._at)
        self._runs.append(runs)

    def nearest(self, number: int, own: Own) -> list[Slot]:
        """The nearest times within a reach that would do for who asks, at most three."""
        return alternatives.nearest(self._runs[number], self._want, own, REACHES[number])
