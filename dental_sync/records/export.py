"""Everything that is kept of one patient, as far as an account may have it, in parts.

A table with personal data is one entry of `PARTS`; tests/storage/personal_data.py fails for one that is not there.
What proves who signs in (hashes, second factors) and copies (the log, kept answers) are no part.
"""

from __future__ import annotations

import enum
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic.alias_generators import to_camel
from sqlalchemy import ColumnElement, FromClause, and_, column, false, func, inspect, or_, select, true
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.storage.base import Base
from dental_sync.storage.models import Appointment, AppointmentNotes, AuditEntry, Hold, Treatment, WriteRequest
from dental_sync.storage.people_models import (
    AccountCode,
    Acting,
    AuthSession,
    CalendarFeed,
    Invitation,
    Patient,
    PatientMerge,
    PatientRemark,
    User,
)

# Rows that are read at once, so that an export takes as much memory for ten years as for one.
ROWS_AT_ONCE = 500

# A row as it is written: by the name of its member.
Row = Mapping[str, Any]


class Whose(enum.Enum):
    """To whom a part is given, beside admins, who have all of them."""

    PATIENT = "the patient, and whoever acts for them"
    ACCOUNT = "the account that the record belongs to"
    NOBODY = "admins alone"


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data are exported, and for whom."""

    # The record, and those that it has taken in.
    patient_id: uuid.UUID
    taken_in: Sequence[uuid.UUID]
    account: uuid.UUID | None
    asker: Actor

    @property
    def records(self) -> list[uuid.UUID]:
        """Every record of the person."""
        return [self.patient_id, *self.taken_in]

    @property
    def appointments(self) -> ColumnElement[bool]:
        """The person's appointments; what was entered in error is gone for everybody but admins."""
        of_patient = Appointment.patient_id == self.patient_id
        return of_patient if self.asker.administers else of_patient & (Appointment.status != "entered-in-error")

    def may_have(self, whose: Whose) -> bool:
        """Whether a part of this kind is the asker's to have."""
        if self.asker.administers or whose is Whose.PATIENT:
            return True
        return whose is Whose.ACCOUNT and self.account == self.asker.user_id


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one table that are about a person, and those of its columns that are given."""

    name: str
    table: type[Base]
    whose: Whose
    columns: Sequence[str]
    which: Callable[[Person], ColumnElement[bool]]
    # Where the rows are read, if that is not the table: a function shows what a policy hides.
    read_from: Callable[[Person], FromClause] | None = None

    def rows(self, session: Session, person: Person) -> Iterator[Sequence[Row]]:
        """The rows in the order of their ids, so many at a time; reads the next ones when they are asked for."""
        table: FromClause = self.table.__table__ if self.read_from is None else self.read_from(person)
        *others, last = inspect(self.table).primary_key
        key = table.c[last.name]
        condition = self.which(person)
        ids = session.scalars(select(key).where(condition).distinct().order_by(key)).all()
        # A row that its id alone names is not looked for once more.
        again = condition if others else true()
        columns = [table.c[name] for name in self.columns]
        for start in range(0, len(ids), ROWS_AT_ONCE):
            at_once = ids[start : start + ROWS_AT_ONCE]
            found = session.execute(select(*columns).where(again, key.in_(at_once)).order_by(key))
            yield [{to_camel(name): value for name, value in row._mapping.items()} for row in found]


def _requests(person: Person) -> ColumnElement[bool]:
    """What the account asked for, and what others did about the patient, as far as the asker may see it."""
    about = or_(
        WriteRequest.sender_id == person.account if person.account is not None else false(),
        WriteRequest.subject_id.in_(select(Appointment.id).where(person.appointments)),
        WriteRequest.subject_id.in_(person.records),
        WriteRequest.body["patientId"].as_string().in_([str(id_) for id_ in person.records]),
    )
    return about if person.asker.administers else about & (WriteRequest.sender_id == person.asker.user_id)


def _audit(person: Person) -> ColumnElement[bool]:
    """By the index, which row-level security keeps PostgreSQL from using for what is in an array."""
    records = select(Appointment.id).where(Appointment.patient_id == person.patient_id)
    one = array([person.patient_id] if person.account is None else [person.patient_id, person.account])
    named = select(func.audit_about(func.unnest(one)))
    booked = select(func.audit_about(records.subquery().c.id))
    by_them = AuditEntry.actor_id == person.account if person.account is not None else false()
    return or_(AuditEntry.id.in_(named), AuditEntry.id.in_(booked), by_them)


def _taken_in(person: Person) -> FromClause:
    columns = [column(each.name, each.type) for each in Patient.__table__.columns]
    return func.records_taken_in(person.patient_id).table_valued(*columns, name="taken_in")


_OF_RECORD = (
    "id",
    "name",
    "phone",
    "email",
    "birth_date",
    "language",
    "online_booking_barred",
    "created_at",
    "erased_at",
)

PARTS = (
    Part("record", Patient, Whose.PATIENT, _OF_RECORD, lambda person: Patient.id == person.patient_id),
    Part("mergedRecords", Patient, Whose.PATIENT, _OF_RECORD, lambda _: true(), _taken_in),
    Part(
        "merges",
        PatientMerge,
        Whose.NOBODY,
        ("source_id", "target_id", "merged_at", "merged_by", "undone_at"),
        lambda person: PatientMerge.source_id.in_(person.records) | PatientMerge.target_id.in_(person.records),
    ),
    Part(
        "account",
        User,
        Whose.ACCOUNT,
        ("id", "name", "email", "language", "role", "active", "created_at", "email_confirmed_at", "vouched_at"),
        lambda person: User.id == person.account,
    ),
    Part(
        "signIns",
        AuthSession,
        Whose.ACCOUNT,
        ("created_at", "refreshed_at", "expires_at", "revoked_at", "address", "user_agent"),
        lambda person: AuthSession.user_id == person.account,
    ),
    Part(
        "codes",
        AccountCode,
        Whose.ACCOUNT,
        ("purpose", "new_address", "expires_at"),
        lambda person: AccountCode.user_id == person.account,
    ),
    Part(
        "calendar",
        CalendarFeed,
        Whose.ACCOUNT,
        ("created_at", "noted_at"),
        lambda person: CalendarFeed.user_id == person.account,
    ),
    Part(
        "appointments",
        Appointment,
        Whose.PATIENT,
        (
            *("id", "patient_name", "dentist_id", "dentist_name", "assistant_id", "assistant_name", "chair_id"),
            *("treatment_id", "treatment_ids", "series_id", "starts_at", "ends_at", "status", "confirmation"),
            *("reason", "cancelled_at", "cancelled_by", "cancel_reason", "arrived_at", "checked_in_at", "forced"),
            *("overbooked", "version", "created_at", "updated_at", "last_move"),
        ),
        lambda person: person.appointments,
    ),
    Part(
        "guardians",
        Acting,
        Whose.PATIENT,
        ("user_id", "relation", "granted_at", "granted_by"),
        lambda person: and_(Acting.patient_id == person.patient_id, Acting.kind == "guardian"),
    ),
    Part(
        "actsFor",
        Acting,
        Whose.ACCOUNT,
        ("patient_id", "relation", "granted_at", "granted_by"),
        lambda person: and_(Acting.user_id == person.account, Acting.kind == "guardian"),
    ),
    Part(
        "holds",
        Hold,
        Whose.ACCOUNT,
        ("id", "dentist_id", "treatment_id", "treatment_ids", "starts_at", "ends_at", "created_at", "expires_at"),
        lambda person: Hold.user_id == person.account,
    ),
    Part(
        "requests",
        WriteRequest,
        Whose.PATIENT,
        (
            *("id", "sender_id", "action", "subject_id", "body", "method", "path", "idempotency_key", "received_at"),
            *("status", "decided_at", "outcome", "request_id", "caller_request_id", "address", "user_agent"),
        ),
        _requests,
    ),
    Part(
        "invitations",
        Invitation,
        Whose.NOBODY,
        ("kind", "relation", "expires_at", "created_by"),
        lambda person: Invitation.patient_id.in_(person.records),
    ),
    Part(
        "remarks",
        PatientRemark,
        Whose.NOBODY,
        ("remark", "updated_at", "updated_by"),
        lambda person: PatientRemark.patient_id.in_(person.records),
    ),
    Part(
        "notes",
        AppointmentNotes,
        Whose.NOBODY,
        ("appointment_id", "notes", "version", "updated_at", "updated_by"),
        lambda person: AppointmentNotes.appointment_id.in_(select(Appointment.id).where(person.appointments)),
    ),
    Part(
        "audit",
        AuditEntry,
        Whose.NOBODY,
        (
            *("id", "at", "actor_id", "actor_role", "action", "record_kind", "record_ids", "request_id"),
            *("caller_request_id", "address", "user_agent", "details"),
        ),
        _audit,
    ),
)


def person(session: Session, asker: Actor, patient_id: uuid.UUID) -> Person:
    """The patient whose data are asked for; raises NotFound for those for whom the asker does not act."""
    seen = true() if asker.administers else Patient.id.in_(asker.own_patient_ids)
    found = session.execute(select(Patient.user_id).where(Patient.id == patient_id, seen)).one_or_none()
    if found is None:
        raise errors.NotFound
    taken_in = func.records_taken_in(patient_id).table_valued(column("id", Patient.id.type), name="taken_in")
    return Person(patient_id, session.scalars(select(taken_in.c.id)).all(), found.user_id, asker)


def parts(session: Session, person: Person) -> Iterator[tuple[str, Iterator[Sequence[Row]]]]:
    """Each part that is the asker's to have, by its name."""
    for part in PARTS:
        if person.may_have(part.whose):
            yield part.name, part.rows(session, person)


def treatments(session: Session) -> dict[uuid.UUID, str]:
    """What each treatment is called, those that are no longer offered included."""
    return dict(session.execute(select(Treatment.id, Treatment.name)).all())
