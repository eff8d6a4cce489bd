"""What triggers keep: names, versions, claims and ids, for plain SQL too."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dental_sync.records import demo
from tests import plain_sql
from tests.conftest import Practice, a_free_monday


def test_names_and_versions_are_kept_for_plain_sql(owner: Session, practice: Practice) -> None:
    """Whatever the writer says: the names are those of the records, and every change raises the version by one."""
    booked = plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    row = text("SELECT patient_name, dentist_name, version, updated_at FROM appointments WHERE id = :id")
    change = text(
        "UPDATE appointments SET patient_name = 'forged', dentist_name = 'forged', version = 99 WHERE id = :id"
    )
    before = owner.execute(row, {"id": booked}).one()
    assert (before.patient_name, before.dentist_name, before.version) == (demo.PATIENTS[0], demo.DENTISTS[0], 1)
    owner.execute(change, {"id": booked})
    after = owner.execute(row, {"id": booked}).one()
    assert (after.patient_name, after.dentist_name, after.version) == (demo.PATIENTS[0], demo.DENTISTS[0], 2)
    assert after.updated_at >= before.updated_at
    owner.execute(
        text("UPDATE appointments SET dentist_id = :ben WHERE id = :id"), {"ben": practice.dentists[1], "id": booked}
    )
    assert owner.execute(row, {"id": booked}).one().dentist_name == demo.DENTISTS[1]


def test_an_update_that_changes_nothing_is_no_change(owner: Session, practice: Practice) -> None:
    """No version, no event."""
    booked = plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    owner.execute(text("DELETE FROM changes"))
    owner.execute(text("UPDATE appointments SET reason = reason, status = 'booked' WHERE id = :id"), {"id": booked})
    assert owner.scalar(text("SELECT version FROM appointments WHERE id = :id"), {"id": booked}) == 1
    assert owner.scalar(text("SELECT count(*) FROM changes")) == 0


def test_an_appointment_keeps_its_id(owner: Session, practice: Practice) -> None:
    """Another id would be another appointment, and nobody would be told."""
    booked = plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    with pytest.raises(IntegrityError, match="keeps its id"):
        owner.execute(text("UPDATE appointments SET id = :new WHERE id = :id"), {"new": uuid.uuid4(), "id": booked})


def test_nothing_in_claims_says_who_the_patient_is(connection: Connection) -> None:
    """What is free is read from claims by everybody, so it must hold nobody's name."""
    columns = connection.scalars(
        text("SELECT column_name FROM information_schema.columns WHERE table_name = 'claims'")
    ).all()
    assert set(columns) == {"owner_id", "owner_kind", "resource_id", "during", "expires_at", "layers"}
