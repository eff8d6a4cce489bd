"""Guardians: the accounts that act for a patient beside the patient's own, such as a mother's for her child.

What an account may with its own record it may with those of whom it is a guardian: the one table `acting` says for
whom it acts, and row-level security, channels and rules read it. Triggers note each change, so that open sockets
follow at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.records import erased
from dental_sync.storage import locks
from dental_sync.storage.people_models import Acting, Patient, User

_GUARDIAN = "guardian"

_OF_PATIENT = text("SELECT * FROM guardians_of(CAST(:patient_id AS uuid))")


@dataclass(frozen=True, slots=True)
class Guardian:
    """An account that acts for a patient; `relation` is what it is to the patient, in the practice's words."""

    user_id: uuid.UUID
    name: str
    relation: str | None
    granted_at: datetime


def of(session: Session, patient_id: uuid.UUID) -> Sequence[Guardian]:
    """A patient's guardians by name; raises NotFound for a patient whom the acting account may not see."""
    _check_visible(session, patient_id)
    found = session.execute(_OF_PATIENT, {"patient_id": patient_id})
    return [Guardian(row.user_id, row.name, row.relation, row.granted_at) for row in found]


def grant(
    session: Session,
    actor: Actor,
    patient_id: uuid.UUID,
    *,
    user_id: uuid.UUID | None,
    record_id: uuid.UUID | None,
    relation: str | None,
) -> Guardian:
    """Let an account act for a patient from the commit on: that of `user_id`, or of the patient `record_id`.

    Granted again, only the relation is another one. Raises NotFound for a patient whom the actor may not see,
    UnknownAccount for what is no patient's active account, AlreadyJoined where it is the patient's own, and
    PatientErased.
    """
    _check_visible(session, patient_id)
    erased.check(session, patient=patient_id)
    account = session.scalar(select(func.account_to_act(user_id, record_id)))
    if account is None:
        raise errors.UnknownAccount
    key = (Acting.user_id == account, Acting.patient_id == patient_id)
    # All that the statement with the relation could wait for is locked before it is sent: see storage/locks.py.
    locks.tables_to_write(session, Acting)
    locks.rows_referred_to(session, User, [actor.user_id, account])
    locks.rows_referred_to(session, Patient, [patient_id])
    made = {"user_id": account, "patient_id": patient_id, "kind": _GUARDIAN, "granted_by": actor.user_id}
    session.execute(insert(Acting).values(made).on_conflict_do_nothing())
    before = session.execute(select(Acting.relation).where(*key, Acting.kind == _GUARDIAN).with_for_update())
    found = before.one_or_none()
    if found is None:
        raise errors.AlreadyJoined("This is the patient's own account.")
    if found.relation != relation:
        session.execute(
            update(Acting).where(*key).values(relation=relation), execution_options={"synchronize_session": False}
        )
    return next(guardian for guardian in of(session, patient_id) if guardian.user_id == account)


def end(session: Session, actor: Actor, patient_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Let an account act for a patient no longer, from the commit on: the practice, the patient and the guardian may.

    Raises NotFound where there is no such guardian of a patient whom the actor may see, and Forbidden to a guardian who
    would end another one's.
    """
    if user_id not in {guardian.user_id for guardian in of(session, patient_id)}:
        raise errors.NotFound
    if not actor.is_staff and actor.own_patient_id != patient_id and actor.user_id != user_id:
        raise errors.Forbidden("A guardian ends the own guardianship; another's is the patient's or the practice's.")
    ended = delete(Acting).where(Acting.user_id == user_id, Acting.patient_id == patient_id, Acting.kind == _GUARDIAN)
    if session.scalar(ended.returning(Acting.user_id)) is None:
        raise errors.NotFound


def _check_visible(session: Session, patient_id: uuid.UUID) -> None:
    """Row-level security says whom the acting account may see."""
    if session.scalar(select(Patient.id).where(Patient.id == patient_id)) is None:
        raise errors.NotFound
