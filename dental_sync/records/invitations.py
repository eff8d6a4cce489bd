"""Invitations: a code that the practice hands over, and that lets an account act for a patient, once.

A caller whom the desk has entered becomes an account without a second record: the code joins the account to the one
that is there. Whoever knows somebody's address or number and nothing more is shown nothing.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.services import settings
from dental_sync.records import account_mails, codes, erased
from dental_sync.storage import after_commit, locks
from dental_sync.storage.people_models import Invitation, Patient, User

Kind = Literal["self", "guardian"]

# From whom a code comes back, the practice has reached.
_VOUCH = text("""
    UPDATE users SET vouched_at = now(), email_confirmed_at = coalesce(email_confirmed_at, now()) WHERE id = :account
""")
_ACCEPT = text("SELECT patient, hindrance FROM accept_invitation(:hash, CAST(:account AS uuid))")


class OwnRecordInUse(Exception):
    """There would be two of one person."""


def invite(session: Session, actor: Actor, patient_id: uuid.UUID, *, kind: Kind, relation: str | None) -> codes.Handed:
    """Make an invitation, in the place of the patient's last one; who is invited to be the patient is mailed it too.

    Raises NotFound for a patient whom the actor may not see, PatientErased, and AlreadyJoined where the record has an
    account that the invited one would be.
    """
    known = select(Patient.user_id, Patient.email, Patient.language).where(Patient.id == patient_id)
    found = session.execute(known).one_or_none()
    if found is None:
        raise errors.NotFound
    erased.check(session, patient=patient_id)
    if kind == "self" and found.user_id is not None:
        raise errors.AlreadyJoined("The record has an account.")
    handed = codes.make("invitation", datetime.now(UTC) + timedelta(days=settings().invitation_days))
    key = Invitation.patient_id == patient_id
    made = {
        "kind": kind,
        "code_hash": codes.digest(handed.code),
        "expires_at": handed.expires_at,
        "created_by": actor.user_id,
    }
    # All that the statement with the relation could wait for is locked before it is sent: see storage/locks.py.
    locks.tables_to_write(session, Invitation)
    locks.rows_referred_to(session, User, [actor.user_id])
    locks.rows_referred_to(session, Patient, [patient_id])
    session.execute(insert(Invitation).values(patient_id=patient_id, **made).on_conflict_do_nothing())
    session.execute(select(Invitation.patient_id).where(key).with_for_update()).one()
    replaced = update(Invitation).where(key).values(**made, relation=relation)
    session.execute(replaced, execution_options={"synchronize_session": False})
    if kind == "self" and found.email is not None:
        account_mails.invited_as_patient(session, found.email, found.language, handed)
    return handed


def accept(session: Session, account: uuid.UUID, code: str) -> uuid.UUID:
    """Let an account act for the patient of an invitation from the commit on, and use it up; returns the patient.

    Raises UnknownInvitation, AlreadyJoined where the record or the account belongs to somebody already, and
    OwnRecordInUse where the account's own record is in use, so that the lane must merge both. The caller has counted
    the attempt.
    """
    found = session.execute(_ACCEPT, {"hash": codes.digest(code), "account": account}).one()
    match found.hindrance:
        case "unknown":
            raise errors.UnknownInvitation
        case "joined":
            raise errors.AlreadyJoined
        case "bookings":
            raise OwnRecordInUse
    session.execute(_VOUCH, {"account": account})
    # The function of the database has changed whom the account acts for.
    after_commit.there_is_work(session)
    patient_id: uuid.UUID = found.patient
    return patient_id


def prune(session: Session, *, limit: int) -> int:
    """Delete up to `limit` invitations that nobody can use any more; returns how many."""
    over = select(Invitation.patient_id).where(Invitation.expires_at < func.clock_timestamp()).limit(limit)
    deleted = delete(Invitation).where(Invitation.patient_id.in_(over)).returning(Invitation.patient_id)
    return len(session.execute(deleted).all())
