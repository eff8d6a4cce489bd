"""Merging: two records of one person become one, and within a day two again.

The functions of the database do it, in the lane: nothing is booked for either record meanwhile. Nothing that has a
number is rewritten: the channel of the record that goes tells that its appointments are gone, that of the one that is
left that they are there. The old id means the record that is left from then on, wherever a patient is named.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, NoReturn

from pydantic import Field
from sqlalchemy import Row, delete, func, select, text
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.wire_types import Id, Shape
from dental_sync.records import erased, patients
from dental_sync.storage.people_models import Patient, PatientMerge

MAY_UNDO = timedelta(days=1)

_OF_MERGE = "(merge).id, (merge).source_id, (merge).target_id, (merge).merged_at, (merge).appointments, hindrance"
_MERGE = text(f"SELECT {_OF_MERGE}, in_the_way FROM merge_patients(:source, :target, :account)")  # noqa: S608 - ours
_BY_INVITATION = text(f"SELECT {_OF_MERGE}, in_the_way FROM merge_by_invitation(:hash, :account, :by_then)")  # noqa: S608
_PART = text(f"SELECT {_OF_MERGE} FROM part_patients(:id, :latest)")  # noqa: S608


class Merge(Shape):
    """The record that is left."""

    into: Id


class JoinByInvitation(Shape):
    """SHA-256 of an invitation's code, in hexadecimal digits: the code itself is not kept."""

    code_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge: which record was taken in by which, until when that can be undone, and which appointments it moved."""

    id: uuid.UUID
    source_id: uuid.UUID
    target_id: uuid.UUID
    undo_until: datetime
    appointments: Sequence[uuid.UUID]


def now(session: Session, patient_id: uuid.UUID) -> uuid.UUID:
    """The record that an id means now: where it was merged, the one that is left. Whether it is visible, nothing says.

    An id that means no record is answered as it is.
    """
    found: uuid.UUID = session.scalars(select(func.patient_now(patient_id))).one()
    return found


def successors(session: Session, patient_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, uuid.UUID]:
    """Of these records, those that were merged, each with the one that is left."""
    merged = select(Patient.id, func.patient_now(Patient.id)).where(
        Patient.id.in_(patient_ids), Patient.merged_into.is_not(None)
    )
    return {row[0]: row[1] for row in session.execute(merged)}


def merge(session: Session, actor: Actor, source_id: uuid.UUID, wish: Merge) -> Merged:
    """Let one record take in another, with its account, guardians and appointments; what only that one says is kept.

    Raises Forbidden, NotFound, UnknownPatient, PatientErased for either, ValidationFailed for one record twice,
    AlreadyJoined where both have an account, and BookingsInTheWay where both have appointments at one time.
    """
    _check_keeps_records(actor)
    for patient_id in (source_id, wish.into):
        erased.check(session, patient=patient_id)
    values = {"source": source_id, "target": wish.into, "account": actor.user_id}
    return _merged(session.execute(_MERGE, values).one())


def undoable(session: Session, actor: Actor, patient_id: uuid.UUID) -> list[Merged]:
    """What a record has taken in and can still be parted from, the newest first; raises NotFound."""
    patients.get(session, actor, patient_id)
    still = (PatientMerge.undone_at.is_(None), PatientMerge.merged_at >= datetime.now(UTC) - MAY_UNDO)
    found = session.scalars(
        select(PatientMerge).where(PatientMerge.target_id == patient_id, *still).order_by(PatientMerge.merged_at.desc())
    )
    return [
        Merged(one.id, one.source_id, one.target_id, one.merged_at.astimezone(UTC) + MAY_UNDO, one.appointments)
        for one in found
    ]


def join_by_invitation(session: Session, actor: Actor, wish: JoinByInvitation, *, received_at: datetime) -> Merged:
    """Let the record of an invitation take in the account's own, which is in use.

    Raises UnknownInvitation, AlreadyJoined and BookingsInTheWay.
    """
    values = {"hash": bytes.fromhex(wish.code_hash), "account": actor.user_id, "by_then": received_at}
    return _merged(session.execute(_BY_INVITATION, values).one())


def undo(session: Session, actor: Actor, merge_id: uuid.UUID, *, received_at: datetime) -> Merged:
    """Part what was merged: what came from the record that went, and is still as it came, goes back to it.

    Raises Forbidden, NotFound, NothingToUndo, TooLate.
    """
    _check_keeps_records(actor)
    return _merged(session.execute(_PART, {"id": merge_id, "latest": received_at - MAY_UNDO}).one())


def concerned_by(session: Session, patient_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """What merging these records is about: their appointments, as they are now."""
    return list(session.scalars(_APPOINTMENTS, {"patients": [str(id_) for id_ in patient_ids]}))


_APPOINTMENTS = text(
    "SELECT id FROM appointments WHERE patient_id IN ("
    "SELECT patient_now(id) FROM unnest(CAST(:patients AS uuid[])) AS id)"
)


def concerned_by_undoing(session: Session, merge_id: uuid.UUID) -> list[uuid.UUID]:
    """The same of a merge that is to be undone."""
    found = session.execute(
        select(PatientMerge.source_id, PatientMerge.target_id).where(PatientMerge.id == merge_id)
    ).one_or_none()
    return [] if found is None else concerned_by(session, tuple(found))


def prune(session: Session, *, retention_days: int, limit: int) -> int:
    """Delete up to `limit` notes of merges older than the retention, of a day at least; returns how many.

    What was merged stays merged.
    """
    expired = datetime.now(UTC) - max(timedelta(days=retention_days), MAY_UNDO)
    oldest = select(PatientMerge.id).where(PatientMerge.merged_at < expired).limit(limit)
    deleted = session.execute(delete(PatientMerge).where(PatientMerge.id.in_(oldest)).returning(PatientMerge.id))
    return len(deleted.all())


def _check_keeps_records(actor: Actor) -> None:
    if not actor.sees_everything:
        raise errors.Forbidden


def _merged(row: Row[tuple[object, ...]]) -> Merged:
    if row.hindrance is not None:
        _refuse(row)
    return Merged(row.id, row.source_id, row.target_id, row.merged_at.astimezone(UTC) + MAY_UNDO, row.appointments)


def _refuse(row: Row[tuple[object, ...]]) -> NoReturn:
    match row.hindrance:
        case "unknown":
            raise errors.NotFound
        case "unknown-target":
            raise errors.UnknownPatient
        case "unknown-invitation":
            raise errors.UnknownInvitation
        case "same":
            same: errors.FieldError = {"pointer": "/into", "detail": "must be another record"}
            raise errors.ValidationFailed(errors=[same])
        case "joined":
            raise errors.AlreadyJoined("Both records have an account, or the record of the invitation has one.")
        case "bookings":
            raise errors.BookingsInTheWay(
                "Both records have appointments at one time; move or cancel these first.",
                appointments=[str(id_) for id_ in row.in_the_way],
            )
        case "undone":
            raise errors.NothingToUndo("The merge was undone, or the record that is left was merged after it.")
        case "late":
            raise errors.TooLate
    raise ValueError(f"no refusal is defined for {row.hindrance}")
