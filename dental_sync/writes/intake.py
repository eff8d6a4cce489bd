"""Taking in what callers ask for at the same time: those who come together share one transaction.

Who comes alone is stored at once. Who comes while a transaction is under way waits for its end, or for a moment, and is
then stored together with all who have come meanwhile.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from dental_sync.core.errors import Refusal
from dental_sync.writes import storing
from dental_sync.writes.storing import Accepted, NewRequest

# How long a caller waits for company at most.
COMPANY_SECONDS = 0.002
# More would make a transaction long, and its text large.
MOST_AT_ONCE = 100


class Intake:
    """The requests of one process on their way into the database."""

    def __init__(self, engine: Engine, ring: Callable[[], None], *, idempotency_hours: int) -> None:
        """`ring` is called after each commit that may give the lane work."""
        self._engine = engine
        self._ring = ring
        self._idempotency_hours = idempotency_hours
        self._lock = threading.Lock()
        self._gathered: list[_Caller] = []
        self._at_work = 0

    def accept(self, id_: uuid.UUID, request: NewRequest) -> Accepted:
        """Store and commit a request under a new id, or find the one that it repeats.

        Raises Unauthorized where its sign-in has ended, IdempotencyKeyReused where its key came with another body
        before, and SQLAlchemyError where the database failed.
        """
        caller = _Caller(id_, request)
        with self._lock:
            self._gathered.append(caller)
            has_company = self._at_work > 0
        if has_company:
            caller.called.wait(COMPANY_SECONDS)
        while group := self._group_with(caller):
            self._store(group)
        caller.stored.wait()
        return caller.result()

    def _group_with(self, caller: _Caller) -> Sequence[_Caller]:
        """The next of those who have gathered; nobody once the caller is among those who were taken."""
        with self._lock:
            if caller not in self._gathered:
                return ()
            group, self._gathered = self._gathered[:MOST_AT_ONCE], self._gathered[MOST_AT_ONCE:]
            self._at_work += 1
            return group

    def _store(self, group: Sequence[_Caller]) -> None:
        try:
            try:
                self._commit(group)
            except SQLAlchemyError:
                # What one of them has against it must not be the others' failure. Those who are stored already, though
                # the answer was lost, are found by their ids.
                for caller in group:
                    self._commit_alone(caller)
        finally:
            with self._lock:
                self._at_work -= 1
                called = self._gathered[:1]
            for caller in group:
                caller.stored.set()
            for caller in called:
                caller.called.set()

    def _commit_alone(self, caller: _Caller) -> None:
        try:
            self._commit([caller])
        except SQLAlchemyError as failure:
            caller.outcome = failure

    def _commit(self, group: Sequence[_Caller]) -> None:
        requests = {caller.id: caller.request for caller in group}
        with self._engine.begin() as connection:
            outcomes = storing.store(connection, requests, idempotency_hours=self._idempotency_hours)
        for caller in group:
            caller.outcome = outcomes[caller.id]
        # Whatever waits: the ring for an earlier request may have been lost, and beat may be away.
        if any(isinstance(outcome, Accepted) and outcome.outcome is None for outcome in outcomes.values()):
            self._ring()


class _Caller:
    """Who has asked for something, and what became of it."""

    def __init__(self, id_: uuid.UUID, request: NewRequest) -> None:
        self.id = id_
        self.request = request
        # To take the next group.
        self.called = threading.Event()
        self.stored = threading.Event()
        self.outcome: Accepted | Refusal | SQLAlchemyError | None = None

    def result(self) -> Accepted:
        """What was stored; raises what stands in its place."""
        match self.outcome:
            case Accepted() as accepted:
                return accepted
            case None:
                raise LookupError("a write request was neither stored nor refused")
            case failure:
                raise failure
