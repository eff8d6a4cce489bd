"""What is past its retention is deleted with the worker's rights, and nothing else is."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.processes import pruning
from dental_sync.records import past
from dental_sync.sync import log
from tests import plain_sql
from tests.conftest import Practice

DAYS = 400
AGES = (DAYS - 1, DAYS + 1, DAYS + 2)


def pruned(worker_app: APIFlask, **settings: int) -> dict[str, int]:
    """Prune with these settings; gives how many of what."""
    with worker_app.app_context():
        return pruning.prune(db.session(), dataclasses.replace(services.of(worker_app, Settings), **settings))


@pytest.fixture
def aged(owner: Session, practice: Practice) -> list[str]:
    """An appointment with notes and an absence of each kind of each age; nothing else that is over. The young one."""
    owner.execute(text("DELETE FROM appointments"))
    found = []
    for age in AGES:
        ended = datetime.now(UTC) - timedelta(days=age)
        booked = plain_sql.book(
            owner, practice.patients[0], practice.dentists[0], ended - timedelta(minutes=30), status="fulfilled"
        )
        found.append(str(booked))
        owner.execute(
            text(
                "INSERT INTO appointment_notes (appointment_id, notes, updated_by)"
                " SELECT :id, 'x', id FROM users LIMIT 1"
            ),
            {"id": booked},
        )
        for table, column, value in (
            ("time_off", "dentist_id,", "(SELECT id FROM dentists LIMIT 1),"),
            ("closures", "", ""),
            ("chair_time_off", "chair_id,", "(SELECT id FROM chairs LIMIT 1),"),
        ):
            owner.execute(text("INSERT INTO chairs (name, kind) SELECT '1', 'x' WHERE NOT EXISTS (SELECT FROM chairs)"))
            owner.execute(
                text(
                    f"INSERT INTO {table} ({column} starts_at, ends_at)"
                    f" VALUES ({value} CAST(:at AS timestamptz) - interval '1 hour', :at)"
                ),
                {"at": ended},
            )
    log.publish(owner, wait=True)
    owner.commit()
    return found


def left(owner: Session, table: str) -> int:
    """How many rows there are of what is over."""
    owner.rollback()
    return int(owner.execute(text(f"SELECT count(*) FROM {table} WHERE ends_at < now()")).scalar_one())


def test_by_default_what_is_over_is_kept_for_ever(worker_app: APIFlask, owner: Session, aged: list[str]) -> None:
    """It is the practice's record of its work."""
    deleted = pruned(worker_app)
    assert (deleted["appointments"], deleted["absences"]) == (0, 0)
    assert left(owner, "appointments") == len(aged)


def test_appointments_go_after_their_retention_with_their_notes_and_everybody_hears(
    worker_app: APIFlask, owner: Session, aged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In steps; the audit trail says which, and the log that they are gone."""
    monkeypatch.setattr(past, "APPOINTMENTS_AT_ONCE", 1)
    assert pruned(worker_app, appointment_retention_days=DAYS)["appointments"] == 2
    young, *old = aged
    assert owner.scalars(text("SELECT appointment_id::text FROM appointment_notes")).all() == [young]
    assert left(owner, "appointments") == 1
    noted = owner.scalars(text("SELECT unnest(record_ids)::text FROM audit WHERE action = 'expire'")).all()
    assert sorted(noted) == sorted(old)
    told = log.publish(owner, wait=True)
    assert sorted(m.payload["appointmentId"] for m in told if m.type == "appointment:deleted") == sorted(old)


@pytest.mark.parametrize("table", ["time_off", "closures", "chair_time_off"])
@pytest.mark.usefixtures("aged")
def test_absences_go_after_their_retention(worker_app: APIFlask, owner: Session, table: str) -> None:
    """Why somebody was away is personal too."""
    assert pruned(worker_app, absence_retention_days=DAYS)["absences"] == 6
    assert left(owner, table) == 1


def test_an_invitation_that_has_expired_is_deleted(worker_app: APIFlask, owner: Session, practice: Practice) -> None:
    """Nobody can use it, and it says what somebody is to a patient."""
    for patient, age in zip(practice.patients[:2], ("-1 second", "1 hour"), strict=True):
        owner.execute(
            text(
                "INSERT INTO invitations (patient_id, kind, code_hash, expires_at)"
                " VALUES (:id, 'self', CAST(:age AS text)::bytea, now() + CAST(:age AS interval))"
            ),
            {"id": patient, "age": age},
        )
    owner.commit()
    assert pruned(worker_app)["invitations"] == 1
    assert owner.scalars(text("SELECT patient_id FROM invitations")).all() == [practice.patients[1]]
