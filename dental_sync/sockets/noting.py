"""Who began to follow what, for the audit trail: entries that come at the same time share one insert and one commit."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from dental_sync.records import audit
from dental_sync.storage import row_security

# Subscribing again within this time, after leaving or on another connection, is not entered in the audit trail again.
NOTED_SECONDS = 60.0


class Followings:
    """Those of a process that are to be noted, and those that were noted lately."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: deque[_Entry] = deque()
        # Held by who writes.
        self._writing = threading.Lock()
        # When an account's subscription to a channel, from an address, was noted.
        self._noted_at: dict[tuple[str, str, str], float] = {}

    def was_noted_lately(self, account: str, channel: str, address: str) -> bool:
        """Whether the audit trail has this subscription: one entry a minute says as much as a thousand."""
        noted_at = self._noted_at.get((account, channel, address))
        return noted_at is not None and time.monotonic() - noted_at < NOTED_SECONDS

    def note(self, account: str, channel: str, address: str, reading: audit.Reading) -> None:
        """Return once it is committed, with all that has come meanwhile; raises SQLAlchemyError where it is not.

        One caller writes at a time: five hundred sockets that come back at once need a few commits.
        """
        entry = _Entry(reading)
        self._waiting.append(entry)
        with self._writing:
            if not entry.is_tried:
                together = list(self._waiting)
                self._waiting.clear()
                self._commit(together)
        if entry.failure is not None:
            raise entry.failure
        self._noted_at[account, channel, address] = time.monotonic()

    def forget_old(self) -> None:
        """Forget what need not be remembered any more."""
        since = time.monotonic() - NOTED_SECONDS
        self._noted_at = {key: noted_at for key, noted_at in self._noted_at.items() if noted_at > since}

    def _commit(self, entries: Sequence[_Entry]) -> None:
        try:
            self._commit_as_one(entries)
        except SQLAlchemyError as failure:
            if len(entries) == 1:
                entries[0].failure = failure
                return
            # What one of them has against it must not be the others' failure.
            for entry in entries:
                self._commit([entry])
        finally:
            for entry in entries:
                entry.is_tried = True

    def _commit_as_one(self, entries: Sequence[_Entry]) -> None:
        with Session(self._engine) as session:
            row_security.become(session, row_security.SYSTEM)
            audit.note_reads(session, [entry.reading for entry in entries])


class _Entry:
    """What is to be noted, and what became of it."""

    __slots__ = ("failure", "is_tried", "reading")

    def __init__(self, reading: audit.Reading) -> None:
        self.reading = reading
        self.is_tried = False
        self.failure: SQLAlchemyError | None = None
