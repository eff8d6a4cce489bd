"""Channel names, which are also the room names, and who may hear what."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal

from dental_sync.core.actor import Actor
from dental_sync.core.errors import UnknownChannel
from dental_sync.core.wire_types import to_uuid

ALL_APPOINTMENTS = "appointments:all"
ALL_AVAILABILITY = "availability:all"
# Which records have changed that staff work with; the ids alone.
PRACTICE = "practice"

Kind = Literal["patient", "dentist", "appointments", "availability", "global", "practice"]


def of_patient(patient_id: uuid.UUID | str) -> str:
    """The room of one patient's appointments."""
    return f"appointments:patient:{patient_id}"


def of_dentist(dentist_id: uuid.UUID | str) -> str:
    """The room of one dentist's appointments, or of those that an assistant assists."""
    return f"appointments:dentist:{dentist_id}"


def of_availability(dentist_id: uuid.UUID | str) -> str:
    """The room of what is free with one dentist; every role may hear it."""
    return f"availability:{dentist_id}"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel name, understood."""

    name: str
    kind: Kind
    record_id: uuid.UUID | None = None

    @classmethod
    def parse(cls, name: str) -> Channel:
        """Understand a name; raises UnknownChannel."""
        match name.split(":"):
            case ["appointments", "all"]:
                return cls(name, "appointments")
            case ["availability", "all"]:
                return cls(name, "global")
            case ["practice"]:
                return cls(name, "practice")
            case ["appointments", "patient" | "dentist" as kind, record]:
                return cls(name, "patient" if kind == "patient" else "dentist", _record_id(record))
            case ["availability", record]:
                return cls(name, "availability", _record_id(record))
        raise UnknownChannel

    @property
    def patient_id(self) -> uuid.UUID | None:
        """Whose appointments it tells of, where that is one patient."""
        return self.record_id if self.kind == "patient" else None

    def may_be_heard_by(self, actor: Actor) -> bool:
        """The one rule of who may subscribe to what."""
        match self.kind:
            case "availability" | "global":
                return True
            case "practice":
                return actor.is_staff
            case "patient" if self.record_id in actor.own_patient_ids:
                return True
            case "dentist" if self.record_id in (actor.own_dentist_id, actor.own_assistant_id):
                return True
        return actor.sees_everything


def heard_by(actor: Actor) -> list[str] | None:
    """The channels that together carry everything an account may hear; None for whom the whole log is.

    One dentist's availability is not listed: all of it is in `availability:all` too. What belongs to no channel, as
    revocations of accounts, is for those who administer.
    """
    if actor.sees_everything and actor.administers:
        return None
    names = [ALL_AVAILABILITY]
    if actor.sees_everything:
        names.append(ALL_APPOINTMENTS)
    names += sorted(of_patient(patient_id) for patient_id in actor.own_patient_ids)
    own_diary = actor.own_dentist_id or actor.own_assistant_id
    if own_diary is not None:
        names.append(of_dentist(own_diary))
    if actor.is_staff:
        names.append(PRACTICE)
    return names


def statistic_of(name: str) -> Literal["appointments", "availability", "global"]:
    """Under which of the three counts of `/api/sync/stats` a channel falls."""
    if name.startswith("appointments:"):
        return "appointments"
    return "global" if name in (ALL_AVAILABILITY, PRACTICE) else "availability"


def _record_id(text: str) -> uuid.UUID:
    try:
        record_id = to_uuid(text)
    except ValueError:
        raise UnknownChannel from None
    if str(record_id) != text:  # one room has one name
        raise UnknownChannel
    return record_id
