"""What staff remark about a patient: for the front desk, and for the dentists in whose diary the patient is.

Remarks live in a table of their own, which no worker reads, because row-level security shows a patient the whole row of
`patients`. Triggers note that one was written, and nothing of it: for the audit trail, and for staff as a change of the
patient. They are in no appointment, event, write request or log.
Only an answer that is kept for a repeat with the same `Idempotency-Key` has them too, for a day and for its sender
alone (`writes/kept_answers.py`).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.storage import locks
from dental_sync.storage.people_models import PatientRemark, User


def of(session: Session, patient_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The remarks about these patients, as far as row-level security shows them; for staff."""
    table = PatientRemark
    query = select(table.patient_id, table.remark).where(table.patient_id.in_(patient_ids), table.remark.is_not(None))
    return {row.patient_id: row.remark for row in session.execute(query)}


def write(session: Session, actor: Actor, patient_id: uuid.UUID, remark: str | None) -> None:
    """Replace the remark about a patient who is there; None, or nothing typed, takes it back."""
    table = PatientRemark
    key = table.patient_id == patient_id
    # All that the statement with the remark could wait for is locked before it is sent: see storage/locks.py.
    locks.tables_to_write(session, table)
    locks.rows_referred_to(session, User, [actor.user_id])
    session.execute(
        insert(table).values(patient_id=patient_id, remark=None, updated_by=actor.user_id).on_conflict_do_nothing()
    )
    session.execute(select(table.patient_id).where(key).with_for_update()).one()
    values = {"remark": remark or None, "updated_at": func.clock_timestamp(), "updated_by": actor.user_id}
    session.execute(update(table).where(key).values(values), execution_options={"synchronize_session": False})
