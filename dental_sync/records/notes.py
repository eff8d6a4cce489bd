"""Clinical notes about an appointment, for its dentist and the admins.

They live in a table of their own, which no trigger watches and no worker reads: they are in no appointment, list,
event, write request or log.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from dental_sync.core import errors, preconditions
from dental_sync.core.actor import Actor
from dental_sync.queries import appointments
from dental_sync.storage.models import AppointmentNotes


@dataclass(frozen=True, slots=True)
class Notes:
    """What was written; version 0 means that nothing was written yet."""

    notes: str = ""
    updated_at: datetime | None = None
    version: int = 0

    @property
    def etag(self) -> str:
        """The entity tag (RFC 9110, strong)."""
        return preconditions.etag(self.version)


def read(session: Session, actor: Actor, appointment_id: uuid.UUID) -> Notes:
    """What was written about an appointment; raises NotFound when it is not the actor's to see."""
    if appointments.get(session, actor, appointment_id) is None:
        raise errors.NotFound
    row = session.get(AppointmentNotes, appointment_id, populate_existing=True)
    return Notes() if row is None else Notes(row.notes, row.updated_at, row.version)


def write(session: Session, actor: Actor, appointment_id: uuid.UUID, notes: str, *, if_match: str | None) -> Notes:
    """Replace what was written; raises NotFound, and PreconditionFailed when `if_match` names another version."""
    before = read(session, actor, appointment_id)
    if not preconditions.allows(if_match, before.version):
        raise errors.PreconditionFailed
    statement = insert(AppointmentNotes).values(appointment_id=appointment_id, notes=notes, updated_by=actor.user_id)
    stored = session.execute(
        statement.on_conflict_do_update(
            index_elements=[AppointmentNotes.appointment_id],
            set_={
                "notes": notes,
                "version": AppointmentNotes.version + 1,
                "updated_at": func.clock_timestamp(),
                "updated_by": actor.user_id,
            },
            # Another session may have written since the read above.
            where=None if preconditions.is_unconditional(if_match) else AppointmentNotes.version == before.version,
        ).returning(AppointmentNotes.notes, AppointmentNotes.updated_at, AppointmentNotes.version)
    ).one_or_none()
    if stored is None:
        raise errors.PreconditionFailed
    return Notes(*stored)
