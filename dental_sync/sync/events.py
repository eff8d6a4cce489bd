"""Typed events: from a changed row to what each room may see.

A pure function of the row, old and new: `expand` never asks the database, so what a subscriber gets is what the
transaction wrote, and a test needs no server.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic.alias_generators import to_camel

from dental_sync.diary.transitions import BLOCKING_STATUSES
from dental_sync.storage.models import Row
from dental_sync.sync import channels
from dental_sync.sync.shapes import (
    AccountRevoked,
    AppointmentAnswer,
    AppointmentCreated,
    AppointmentDeleted,
    AppointmentUpdated,
    AvailabilityAnswer,
    AvailabilityChange,
    AvailabilityChanged,
    Envelope,
    Event,
    RecordChanged,
)


@dataclass(frozen=True, slots=True)
class Cause:
    """What caused a change, as the log keeps it and never sends it: see `storage/log_models.Caused`."""

    write_id: uuid.UUID | None = None
    actor_id: uuid.UUID | None = None
    acted_as: str | None = None


UNKNOWN = Cause()


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row as a trigger noted it: `old` is None for an insert, `new` for a delete."""

    table: str
    old: Row | None
    new: Row | None
    occurred_at: datetime
    # What became free with it, where that is not the whole time: pairs of instants.
    freed: Sequence[tuple[Any, Any]] | None = None
    cause: Cause = UNKNOWN

    @property
    def made_id(self) -> str | None:
        """The id of the row that was made; None where it was there before, or has no id."""
        return self.new.get("id") if self.old is None and self.new is not None else None


@dataclass(frozen=True, slots=True)
class RecordNote:
    """What a trigger noted of a record: its kind, its id and what happened; nothing of what it holds."""

    kind: str
    record_id: uuid.UUID | None
    change: str
    occurred_at: datetime
    cause: Cause = UNKNOWN


@dataclass(frozen=True, slots=True)
class Zones:
    """The time zones that a message names: each dentist's, and the practice's for what concerns everybody."""

    practice: str
    of_dentist: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that has no position yet: what is said, and to which rooms.

    `removed` is the appointment that a deletion took away, which the log keeps beside the message and never sends.
    """

    event: Event
    channels: tuple[str, ...]
    removed: Mapping[str, Any] | None = None

    @property
    def type(self) -> str:
        """The event's name."""
        return self.event.type

    @property
    def payload(self) -> dict[str, Any]:
        """What the log stores."""
        return self.event.wire()


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the log: a type, its rooms, one payload that each of those rooms may see, one position.

    It may have been written by another release, so that its payload is passed on and not looked at.
    """

    position: int
    epoch: str
    type: str
    channels: Sequence[str]
    payload: Mapping[str, Any]
    occurred_at: str

    def wire(self) -> dict[str, Any]:
        """The payload that a client gets."""
        envelope = {alias: getattr(self, name) for name, alias in _ENVELOPE.items()}
        return {**envelope, "channels": list(self.channels), **self.payload}

    @classmethod
    def from_wire(cls, type_: str, data: Mapping[str, Any]) -> Message:
        """Read back what `wire` wrote, as it came through the message queue."""
        envelope = {name: data[alias] for name, alias in _ENVELOPE.items()}
        payload = {key: value for key, value in data.items() if key not in _ENVELOPE.values()}
        return cls(type=type_, payload=payload, **envelope)


# The members of a message's envelope, by attribute.
_ENVELOPE = {name: to_camel(name) for name in Envelope.model_fields}


def appointment(row: Row) -> dict[str, Any]:
    """The contract's appointment, from a table row or from the JSON that a trigger noted: the same for everybody."""
    return _appointment(row).wire()


def _appointment(row: Row) -> AppointmentAnswer:
    # A row that was noted before the last migration lacks what that has added.
    values = {name: row[name] if name in row else _ADDED[name] for name in AppointmentAnswer.model_fields}
    if not values["treatment_ids"]:
        values["treatment_ids"] = [] if row["treatment_id"] is None else [row["treatment_id"]]
    return AppointmentAnswer.model_validate(
        {name: _instant(value) if name.endswith("_at") else value for name, value in values.items()}
    )


# What a row says that was noted by the trigger of 0004, which knew nothing of it.
_ADDED: Mapping[str, Any] = {
    "overbooked": False,
    "forced": False,
    "assistant_id": None,
    "assistant_name": None,
    "treatment_ids": None,
    "series_id": None,
    "arrived_at": None,
    "checked_in_at": None,
}


def expand_all(changes: Sequence[ChangedRow], zones: Zones) -> list[tuple[Draft, ChangedRow]]:
    """Say what changed rows mean together, each draft with the row that it is about.

    A week of hours that was replaced row by row is one change of hours, and a time that was held and is booked in the
    same transaction was never free.
    """
    drafts: list[tuple[Draft, ChangedRow]] = []
    handed_over = _handed_over(changes)
    for number, change in enumerate(changes):
        for draft in expand(change, zones):
            if draft.type == AvailabilityChanged.type and number in handed_over:
                continue
            if not drafts or draft != drafts[-1][0]:
                drafts.append((draft, change))
    return drafts


def expand_records(notes: Sequence[RecordNote]) -> list[tuple[Draft, RecordNote]]:
    """Say to staff which records have changed, each draft with its note; what is noted twice in a row is one change."""
    drafts: list[tuple[Draft, RecordNote]] = []
    for note in notes:
        said = RecordChanged.model_validate({"kind": note.kind, "id": note.record_id, "change": note.change})
        draft = Draft(said, (channels.PRACTICE,))
        if not drafts or draft != drafts[-1][0]:
            drafts.append((draft, note))
    return drafts


def _handed_over(changes: Sequence[ChangedRow]) -> set[int]:
    """Which changes are the end of a hold and the booking of its time: together they change nothing about it."""
    ended: dict[tuple[str, Any, Any] | None, int] = {}
    found: set[int] = set()
    for number, change in enumerate(changes):
        if change.table == "holds" and change.new is None:
            ended[_claimed(change.old)] = number
        elif change.table == "appointments" and change.old is None and _if_blocking(change.new) is not None:
            before = ended.pop(_claimed(change.new), None)
            if before is not None:
                found |= {before, number}
    return found


def expand(change: ChangedRow, zones: Zones) -> list[Draft]:
    """Say what a changed row means, as one draft per audience."""
    match change.table:
        case "appointments":
            return [
                *_appointment_drafts(_if_visible(change.old), _if_visible(change.new)),
                *_claim_drafts(_if_blocking(change.old), _if_blocking(change.new), change.freed, zones),
            ]
        case "holds":
            return _claim_drafts(change.old, change.new, change.freed, zones)
        case "time_off":
            return [
                _availability("time-off", row["dentist_id"], row["starts_at"], row["ends_at"], zones)
                for row in _present(change)
            ]
        case "working_hours":
            return [_availability("hours", row["dentist_id"], None, None, zones) for row in _present(change)]
        case "dentists":
            return [_availability("hours", row["id"], None, None, zones) for row in _present(change)]
        case "closures":
            return [_availability("closure", None, row["starts_at"], row["ends_at"], zones) for row in _present(change)]
        case "account_revocations":
            return [Draft(AccountRevoked(user_id=row["user_id"]), ()) for row in _present(change)]
    raise ValueError(f"no event is defined for table {change.table}")


def _appointment_drafts(old: Row | None, new: Row | None) -> list[Draft]:
    left, joined = _personal_rooms(old), _personal_rooms(new)
    drafts = []
    if old is not None and new is not None and old["id"] == new["id"]:
        # Who lost sight of it learns that it is gone, who gained sight of it that it exists: neither of the other.
        if left - joined:
            drafts.append(_deleted(old, left - joined))
        if joined - left:
            drafts.append(_created(new, joined - left))
        drafts.append(_updated(old, new, (left & joined) | {channels.ALL_APPOINTMENTS}))
        return drafts
    if old is not None:
        drafts.append(_deleted(old, left | {channels.ALL_APPOINTMENTS}))
    if new is not None:
        drafts.append(_created(new, joined | {channels.ALL_APPOINTMENTS}))
    return drafts


def _created(row: Row, rooms: Iterable[str]) -> Draft:
    return Draft(AppointmentCreated(appointment=_appointment(row)), _ordered(rooms))


def _updated(old: Row, new: Row, rooms: Iterable[str]) -> Draft:
    before, after = _appointment(old), _appointment(new)
    written = after.wire()
    previous = {field: value for field, value in before.wire().items() if value != written[field]}
    return Draft(AppointmentUpdated(appointment=after, previous=previous), _ordered(rooms))


def _deleted(row: Row, rooms: Iterable[str]) -> Draft:
    return Draft(AppointmentDeleted(appointment_id=row["id"]), _ordered(rooms), removed=appointment(row))


def _claimed(row: Row | None) -> tuple[str, Any, Any] | None:
    return None if row is None else (row["dentist_id"], row["claimed_from"], row["claimed_to"])


def _claim_drafts(
    old: Row | None, new: Row | None, freed: Sequence[tuple[Any, Any]] | None, zones: Zones
) -> list[Draft]:
    before, after = _claimed(old), _claimed(new)
    if before == after:
        return []
    drafts = []
    if before is not None:
        dentist_id, *whole = before
        # Of the rest somebody else has a share.
        for start, end in [whole] if freed is None else freed:
            drafts.append(_availability("free", dentist_id, start, end, zones))
    if after is not None:
        drafts.append(_availability("busy", *after, zones))
    return drafts


def _availability(change: AvailabilityChange, dentist_id: str | None, start: Any, end: Any, zones: Zones) -> Draft:
    if dentist_id is None:
        rooms = [channels.of_availability(dentist) for dentist in sorted(zones.of_dentist)]
        zone = zones.practice
    else:
        rooms = [channels.of_availability(dentist_id)]
        zone = zones.of_dentist.get(dentist_id, zones.practice)
    availability = AvailabilityAnswer(change=change, from_=_instant(start), to=_instant(end), time_zone=zone)
    event = AvailabilityChanged.model_validate({"dentist_id": dentist_id, "availability": availability})
    return Draft(event, (channels.ALL_AVAILABILITY, *rooms))


def _personal_rooms(row: Row | None) -> set[str]:
    if row is None:
        return set()
    # A row that was noted before migration 0018 says nothing of an assistant.
    people = {row["dentist_id"], row.get("assistant_id")} - {None}
    return {channels.of_patient(row["patient_id"]), *map(channels.of_dentist, people)}


def _ordered(rooms: Iterable[str]) -> tuple[str, ...]:
    # The personal rooms first, the admins' last: a stable order that reads well.
    return tuple(sorted(rooms, key=lambda room: (room == channels.ALL_APPOINTMENTS, room)))


def _if_visible(row: Row | None) -> Row | None:
    """What was entered in error is gone for everybody."""
    return None if row is None or row["status"] == "entered-in-error" else row


def _if_blocking(row: Row | None) -> Row | None:
    return row if row is not None and row["status"] in BLOCKING_STATUSES else None


def _present(change: ChangedRow) -> list[Row]:
    return [row for row in (change.old, change.new) if row is not None]


def _instant(value: object) -> datetime | None:
    # Plain SQL may store instants that the API refuses.
    return value if value is None or isinstance(value, datetime) else datetime.fromisoformat(str(value))
