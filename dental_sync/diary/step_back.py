"""The last move of an appointment, as it is kept with the row, and the way back: one step. Pure.

Only what the move changed is kept, so that a step back leaves alone what was changed since by other means.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.instants import format_instant, parse_instant
from dental_sync.diary.intervals import Interval

if TYPE_CHECKING:
    from dental_sync.diary.model import Appointment

# How long staff may take a move back, and patients their own booking or cancellation.
STAFF_MAY_UNDO = timedelta(days=7)
PATIENTS_MAY_UNDO = timedelta(minutes=5)

# Not said by a move: what it is, and how often it has changed.
_KEPT = frozenset({"id", "patient_id", "version", "last_move"})
_CLAIMED = frozenset(
    {"dentist_id", "chair_id", "assistant_id", "time", "buffer_before_minutes", "buffer_after_minutes"}
)
_IDS = frozenset({"dentist_id", "treatment_id", "chair_id", "assistant_id"})
_LISTS_OF_IDS = frozenset({"treatment_ids"})


@dataclass(frozen=True, slots=True)
class LastMove:
    """Which move it was, when, whose, and what the appointment said before; nothing before a booking.

    With `has_grace` whoever has made it may take it back at once, although they are no staff.
    """

    name: str
    at: datetime
    by: uuid.UUID
    before: Mapping[str, Any]
    has_grace: bool = False

    def wire(self) -> dict[str, Any]:
        """As JSON, for the row."""
        before = {name: _to_json(value) for name, value in self.before.items()}
        return {
            "name": self.name,
            "at": format_instant(self.at),
            "by": str(self.by),
            "before": before,
            "hasGrace": self.has_grace,
        }

    @classmethod
    def from_wire(cls, stored: Mapping[str, Any] | None) -> LastMove | None:
        """What `wire` wrote; None where there is nothing to take back."""
        if stored is None:
            return None
        before = {name: _from_json(name, value) for name, value in stored["before"].items()}
        by = uuid.UUID(stored["by"])
        return cls(stored["name"], parse_instant(stored["at"]), by, before, stored["hasGrace"])

    def restored(self, appointment: Appointment) -> Appointment:
        """The appointment as it was before the move, with nothing to take back.

        Where it goes back to another time it has the layer that it had there, and not the one that it has here.
        """
        own_layer = {"layer": None} if _CLAIMED & set(self.before) else {}
        return replace(appointment, **{**own_layer, **self.before}, last_move=None)

    def check_may_be_undone(self, actor: Actor, now: datetime) -> None:
        """Raise NothingToUndo where it is not the actor's to take back, or too long ago."""
        age = now - self.at
        if actor.is_staff:
            if age > STAFF_MAY_UNDO:
                raise errors.NothingToUndo("The last move was more than seven days ago.")
        elif not self.is_fresh_of(actor, now):
            raise errors.NothingToUndo("Only your own booking or cancellation of the last five minutes.")

    def is_fresh_of(self, actor: Actor, now: datetime) -> bool:
        """Whether it is a booking or a cancellation that this account has just made."""
        return self.has_grace and self.by == actor.user_id and now - self.at <= PATIENTS_MAY_UNDO


@dataclass(frozen=True, slots=True)
class Moving:
    """Which move is made, by whom, and when it was asked for."""

    name: str
    actor: Actor
    at: datetime
    has_grace: bool = False


def moved(moving: Moving, before: Appointment | None, after: Appointment) -> Appointment:
    """The appointment after a move, with the note of what it said before; one that has changed nothing has none."""
    note = functools.partial(LastMove, moving.name, moving.at, moving.actor.user_id, has_grace=moving.has_grace)
    if before is None:
        return replace(after, last_move=note({}))
    said = {
        field.name: getattr(before, field.name)
        for field in fields(before)
        if field.name not in _KEPT and getattr(before, field.name) != getattr(after, field.name)
    }
    return replace(after, last_move=note(said)) if said else after


def _to_json(value: Any) -> Any:
    match value:
        case Interval():
            return [value.start.isoformat(), value.end.isoformat()]
        case uuid.UUID():
            return str(value)
        case tuple():
            return [str(one) for one in value]
    return value


def _from_json(name: str, value: Any) -> Any:
    if name == "time":
        start, end = (datetime.fromisoformat(instant).astimezone(UTC) for instant in value)
        return Interval(start, end)
    if value is None:
        return None
    if name in _LISTS_OF_IDS:
        return tuple(uuid.UUID(one) for one in value)
    return uuid.UUID(value) if name in _IDS else value
