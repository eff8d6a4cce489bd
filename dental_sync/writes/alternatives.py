"""Other times in the answer to a `slot-taken`: looked for by the web process that answers, never by the lane.

What is stored is the refusal alone, so whoever asks again is offered what is free then.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import OrderedDict
from datetime import UTC, datetime

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from dental_sync.core.blocking import run_blocking
from dental_sync.core.config import Settings
from dental_sync.core.errors import Refusal, SlotTaken
from dental_sync.core.wire_types import Outcome
from dental_sync.diary.shapes import AsksForTime
from dental_sync.queries import alternatives
from dental_sync.queries.availability import Slot
from dental_sync.queries.people import People, people
from dental_sync.queries.want import REACHES, Question, Want, understand
from dental_sync.writes.actions import ACTIONS
from dental_sync.writes.requests import Asked

logger = logging.getLogger(__name__)

# How many searches of one process are at work at a time, and how long others wait for a place: then the refusal is
# answered without alternatives, for whoever is refused can look again.
PLACES = 4
PATIENCE_SECONDS = 1.0
# What is free stays the same until the log moves on, but for the clock.
KEPT_SECONDS = 1.0
KEPT_ANSWERS, KEPT_PEOPLE = 256, 32


class Alternatives:
    """Finds other times for the refusals of one process: a few at a time, and once for all who ask the same."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(PLACES)
        self._people: dict[uuid.UUID | None, People] = {}
        self._kept: OrderedDict[Question, tuple[float, list[Slot]]] = OrderedDict()

    def added_to(self, outcome: Outcome, asked: Asked, session: Session, settings: Settings) -> Outcome:
        """The outcome with what is free now, where it refuses a time that is taken; every other as it is.

        Reads as whom the session says, and leaves it without a connection. Raises nothing that the database, a full
        process or a stored body is the reason of: the refusal stands, and has no alternatives then.
        """
        if not _refuses_a_time(outcome, asked.action):
            return outcome
        found: list[Slot] = []
        try:
            found = self._search(session, settings, asked)
        except (SQLAlchemyError, Refusal, ValidationError) as failure:
            logger.warning("a refusal is answered without alternatives: %s", type(failure).__name__)
        return {**outcome, "body": {**outcome["body"], "alternatives": [slot.wire() for slot in found]}}

    def _search(self, session: Session, settings: Settings, asked: Asked) -> list[Slot]:
        # Nothing is held while a place is waited for.
        session.close()
        wish = ACTIONS[asked.action].shape.model_validate(asked.body)
        if not isinstance(wish, AsksForTime) or not self._places.acquire(timeout=PATIENCE_SECONDS):
            return []
        try:
            known = self._people.get(None) or self._people.get(wish.dentist_id)
            question, known = understand(session, asked.sender, asked.subject_id, wish, known)
            if question is None:
                return []
            kept = self._kept.get(question) if question.is_settled else None
            if kept is not None and time.monotonic() < kept[0] + KEPT_SECONDS:
                return kept[1]
            if known is None:
                dentist_id = question.want.dentist_id
                known = people(session, dentist_id, epoch=question.epoch, position=question.position)
                self._keep_people(question, known)
            found = _find(session, settings, question.want, known)
            self._keep(question, found)
            return found
        finally:
            session.close()
            self._places.release()

    def _keep_people(self, question: Question, found: People) -> None:
        """For everybody, or in a large practice for this dentist, whose neighbours they are."""
        if not question.is_settled:
            return
        if found.all_of_them or len(self._people) >= KEPT_PEOPLE:
            self._people.clear()
        self._people.pop(None, None)
        self._people[None if found.all_of_them else question.want.dentist_id] = found

    def _keep(self, question: Question, found: list[Slot]) -> None:
        if not question.is_settled:
            return
        self._kept.pop(question, None)
        self._kept[question] = time.monotonic(), found
        if len(self._kept) > KEPT_ANSWERS:
            self._kept.popitem(last=False)


def _refuses_a_time(outcome: Outcome, action: str) -> bool:
    known = ACTIONS.get(action)
    if outcome["status"] != SlotTaken.status or known is None or not issubclass(known.shape, AsksForTime):
        return False
    return bool(outcome["body"]["code"] == SlotTaken.code)


def _find(session: Session, settings: Settings, want: Want, known: People) -> list[Slot]:
    at = datetime.now(UTC)
    asked = alternatives.whom_to_ask(session, settings, want, known, at=at)
    found: list[Slot] = []
    for reach in REACHES:
        search = alternatives.read(session, asked, want, reach, at=at)
        # Nothing is held while the processor works.
        session.close()
        found = run_blocking(alternatives.nearest, search, want, reach, at)
        if len(found) == alternatives.ALTERNATIVES:
            break
    return found
