"""Clinical notes about an appointment, for its dentist and the admins.

They live in a table of their own, which no trigger watches and no worker reads: they are in no appointment, list,
event, write request or log. Only an answer that is kept for a repeat with the same `Idempotency-Key` has them too, for
a day and for its sender alone (`writes/kept_answers.py`).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from dental_sync.core import errors, preconditions
from dental_sync.core.actor import Actor
from dental_sync.queries import appointments
from dental_sync.records import erased
from dental_sync.storage import locks
from dental_sync.storage.models import AppointmentNotes
from dental_sync.storage.people_models import User


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
    """Replace what was written.

    Raises NotFound, PreconditionFailed when `if_match` names another version, and PatientErased.
    """
    before = read(session, actor, appointment_id)
    if not preconditions.allows(if_match, before.version):
        raise errors.PreconditionFailed
    erased.check(session, appointment=appointment_id)
    found = _locked_version(session, actor, appointment_id)
    # Another session may have written since the read above.
    if found != before.version and not preconditions.is_unconditional(if_match):
        raise errors.PreconditionFailed
    written = (
        update(AppointmentNotes)
        .where(AppointmentNotes.appointment_id == appointment_id)
        .values(notes=notes, version=found + 1, updated_at=func.clock_timestamp(), updated_by=actor.user_id)
        .returning(AppointmentNotes.notes, AppointmentNotes.updated_at, AppointmentNotes.version)
    )
    return Notes(*session.execute(written, execution_options={"synchronize_session": False}).one())


def _locked_version(session: Session, actor: Actor, appointment_id: uuid.UUID) -> int:
    """Lock the row, which is made where nothing was written yet, and all that it refers to: before the notes are sent,
    for a statement that waits too long ends in PostgreSQL's log. Returns its version."""
    row = {"appointment_id": appointment_id, "notes": "", "version": 0, "updated_by": actor.user_id}
    locks.rows_referred_to(session, User, [actor.user_id])
    session.execute(insert(AppointmentNotes).values(row).on_conflict_do_nothing())
    key = AppointmentNotes.appointment_id == appointment_id
    return session.execute(select(AppointmentNotes.version).where(key).with_for_update()).scalar_one()
