"""Other times in the answer to a `slot-taken`: looked for by the web process that answers, never by the lane.

What is stored is the refusal alone, so whoever asks again is offered what is free then.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.core.errors import Refusal, SlotTaken
from dental_sync.core.wire_types import Outcome
from dental_sync.diary.shapes import AsksForTime
from dental_sync.queries.alternatives import ALTERNATIVES
from dental_sync.queries.availability import Slot
from dental_sync.queries.people import People, people
from dental_sync.queries.want import REACHES, Question, Understood, understand
from dental_sync.writes.actions import ACTIONS
from dental_sync.writes.free_around import FreeAround
from dental_sync.writes.requests import Asked

logger = logging.getLogger(__name__)

# How many of one process ask the database at a time, and how long a caller waits for a place, or for another one's
# search: then the refusal is answered without alternatives, for whoever is refused can look again.
PLACES = 4
PATIENCE_SECONDS = 1.0
# What is free stays the same until the log moves on, but for the clock.
KEPT_SECONDS = 1.0
# Two weeks of eight busy dentists are half a megabyte, and a process finds a few dozen of these in a second.
KEPT_SEARCHES, KEPT_PEOPLE = 256, 32


class Alternatives:
    """Finds other times for the refusals of one process: a few at a time, and once for all who want the same."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(PLACES)
        self._people: dict[uuid.UUID | None, People] = {}
        self._lock = threading.Lock()
        self._kept: OrderedDict[Question, FreeAround] = OrderedDict()

    def added_to(self, outcome: Outcome, asked: Asked, session: Session, settings: Settings) -> Outcome:
        """The outcome with what is free now, where it refuses a time that is taken; every other as it is.

        Reads as whom the session says, and leaves it without a connection. Raises nothing that the database, a full
        process or a stored body is the reason of: the refusal stands, and has no alternatives then.
        """
        if not _refuses_a_time(outcome, asked.action):
            return outcome
        found: list[Slot] = []
        try:
            with suppress(_OutOfPatience):
                found = self._search(session, settings, asked)
        except (SQLAlchemyError, Refusal, ValidationError) as failure:
            logger.warning("a refusal is answered without alternatives: %s", type(failure).__name__)
        return {**outcome, "body": {**outcome["body"], "alternatives": [slot.wire() for slot in found]}}

    def _search(self, session: Session, settings: Settings, asked: Asked) -> list[Slot]:
        # Nothing is held while a place is waited for.
        session.close()
        wish = ACTIONS[asked.action].shape.model_validate(asked.body)
        if not isinstance(wish, AsksForTime):
            return []
        patience = _Patience()
        with patience.within(self._places):
            known = self._people.get(None) or self._people.get(wish.dentist_id)
            understood = understand(session, asked.sender, asked.subject_id, wish, known)
        if understood is None:
            return []
        around = self._around(understood.question)
        found: list[Slot] = []
        for number in range(len(REACHES)):
            if not around.reaches(number):
                with patience.within(around.turn):
                    # Somebody else may have looked meanwhile.
                    if not around.reaches(number):
                        with patience.within(self._places):
                            around.look_further(session, settings, partial(self._known, session, understood))
            found = around.nearest(number, understood.own)
            if len(found) == ALTERNATIVES:
                break
        return found

    def _known(self, session: Session, understood: Understood) -> People:
        """Whom it may be with, read where nobody is known any more."""
        if understood.people is not None:
            return understood.people
        question = understood.question
        try:
            found = people(session, question.want.dentist_id, epoch=question.epoch, position=question.position)
        finally:
            session.close()
        self._keep_people(question, found)
        return found

    def _keep_people(self, question: Question, found: People) -> None:
        """For everybody, or in a large practice for this dentist, whose neighbours they are."""
        if not question.is_settled:
            return
        if found.all_of_them or len(self._people) >= KEPT_PEOPLE:
            self._people.clear()
        self._people.pop(None, None)
        self._people[None if found.all_of_them else question.want.dentist_id] = found

    def _around(self, question: Question) -> FreeAround:
        """What others have looked for who asked the same a moment ago, or are looking for; else nothing yet."""
        if not question.is_settled:
            return FreeAround(question.want)
        with self._lock:
            # The oldest come first.
            while self._kept and next(iter(self._kept.values())).age_seconds > KEPT_SECONDS:
                self._kept.popitem(last=False)
            around = self._kept.setdefault(question, FreeAround(question.want))
            if len(self._kept) > KEPT_SEARCHES:
                self._kept.popitem(last=False)
            return around


class _OutOfPatience(Exception):
    """It has taken too long."""


class _Patience:
    """How long one caller waits, for whatever it is."""

    def __init__(self) -> None:
        self._until = time.monotonic() + PATIENCE_SECONDS

    @contextmanager
    def within(self, lock: threading.Lock | threading.Semaphore) -> Iterator[None]:
        """Hold it; raises _OutOfPatience when others have held it for too long."""
        if not lock.acquire(timeout=max(0.0, self._until - time.monotonic())):
            raise _OutOfPatience
        try:
            yield
        finally:
            lock.release()


def _refuses_a_time(outcome: Outcome, action: str) -> bool:
    known = ACTIONS.get(action)
    if outcome["status"] != SlotTaken.status or known is None or not issubclass(known.shape, AsksForTime):
        return False
    return bool(outcome["body"]["code"] == SlotTaken.code)
