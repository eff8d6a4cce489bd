"""What happened to an appointment: who did what, and when, from the audit trail and the write requests.

What was asked for is known as long as the write request is kept (`LOG_RETENTION_DAYS`); who did what, as long as the
audit trail is.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Text, Uuid, column, func, select
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.diary import shapes
from dental_sync.queries import appointments
from dental_sync.storage import keyset
from dental_sync.sync.shapes import AppointmentAnswer
from dental_sync.writes.actions import ACTIONS

# A body has more than what becomes of the appointment: which hold is used up, and how it is to be done.
_OF_APPOINTMENT = frozenset(str(field.alias) for field in AppointmentAnswer.model_fields.values())


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done; nobody is its actor where it was plain SQL.

    `actor_name` is None where the account is not the reader's to know. `changes` are None where nothing was asked for
    beside the action, or where that is not known any more.
    """

    at: datetime
    action: str
    actor_id: uuid.UUID | None
    actor_name: str | None
    actor_role: str | None
    changes: Mapping[str, Any] | None


def page(
    session: Session, actor: Actor, appointment_id: uuid.UUID, *, after: str | None, limit: int
) -> keyset.Page[Entry]:
    """What was done to an appointment, the oldest first.

    Raises NotFound for one that the actor may not see, and ValidationFailed for another list's cursor.
    """
    if appointments.get(session, actor, appointment_id) is None:
        raise errors.NotFound
    told = func.appointment_history(appointment_id).table_valued(
        column("id", BigInteger),
        column("at", TIMESTAMP(timezone=True, precision=3)),
        column("action", Text),
        column("actor_id", Uuid),
        column("actor_role", Text),
        column("actor_name", Text),
        column("asked", JSONB),
    )
    oldest_first = keyset.Keyset(keyset.by_instant(told.c.at), keyset.by_number(told.c.id))
    found = oldest_first.page(
        session.execute(oldest_first.select(select(told), after=after, limit=limit)).all(), limit=limit
    )
    return keyset.Page([_entry(row) for row in found.rows], found.next)


def _entry(row: Row[Any]) -> Entry:
    changes = None if row.asked is None else _changes(row.action, row.asked)
    return Entry(row.at, row.action, row.actor_id, row.actor_name, row.actor_role, changes or None)


def _changes(name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for, by the names that an appointment's members have."""
    if name in ACTIONS and issubclass(ACTIONS[name].shape, shapes.Cancel):
        asked = {"cancelReason" if key == "reason" else key: value for key, value in asked.items()}
    return {key: value for key, value in asked.items() if key in _OF_APPOINTMENT}
