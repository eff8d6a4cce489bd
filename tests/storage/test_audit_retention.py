"""How long the audit trail is kept, and who may shorten that."""

from __future__ import annotations

import dataclasses
import logging

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.processes import pruning, tasks
from dental_sync.records import audit
from dental_sync.storage import schema
from tests import plain_sql

TEN_YEARS = 3650


@pytest.fixture
def old_entries(owner: Session) -> None:
    """One entry of each age, in days."""
    owner.execute(text("DELETE FROM audit"))
    for days in (1, TEN_YEARS - 1, TEN_YEARS + 1, TEN_YEARS + 2, TEN_YEARS + 3):
        owner.execute(
            text(
                "INSERT INTO audit (at, action, record_kind, record_ids, details)"
                " VALUES (now() - make_interval(days => :days), 'read', 'patient', '{}',"
                " jsonb_build_object('days', :days))"
            ),
            {"days": days},
        )
    owner.commit()


def ages(owner: Session) -> list[int]:
    """The entries that are left, by age."""
    owner.rollback()
    return [days for (days,) in owner.execute(text("SELECT (details ->> 'days')::int FROM audit ORDER BY at DESC"))]


@pytest.mark.usefixtures("old_entries")
def test_what_is_older_than_the_retention_is_deleted_in_steps(worker_app: APIFlask, owner: Session) -> None:
    """The oldest first, so many at once, and nothing younger."""
    with worker_app.app_context():
        assert audit.prune(db.session(), retention_days=TEN_YEARS, limit=2) == 2
        db.session.commit()
        assert ages(owner) == [1, TEN_YEARS - 1, TEN_YEARS + 1]
        tasks.prune()
    assert ages(owner) == [1, TEN_YEARS - 1]


@pytest.mark.usefixtures("old_entries")
@pytest.mark.parametrize("days", [TEN_YEARS - 1, 1, 0, -1])
def test_what_is_younger_is_refused_whoever_asks(worker_app: APIFlask, owner: Session, days: int) -> None:
    """A worker that was broken into cannot delete what it did."""
    with worker_app.app_context():
        with pytest.raises(ProgrammingError, match="kept for 3650 days") as refused:
            audit.prune(db.session(), retention_days=days, limit=100)
        assert "migrate" in str(refused.value)
        db.session.rollback()
    assert len(ages(owner)) == 5


@pytest.mark.usefixtures("old_entries")
def test_the_owner_may_shorten_it_with_a_release(database: DatabaseUrls, worker_app: APIFlask, owner: Session) -> None:
    """`AUDIT_RETENTION_DAYS` of `dental-sync migrate` is what the database goes by."""
    schema.upgrade(database.owner, database.web, database.worker, audit_retention_days=TEN_YEARS - 2)
    with worker_app.app_context():
        assert audit.prune(db.session(), retention_days=TEN_YEARS - 2, limit=100) == 4
        db.session.commit()
    assert ages(owner) == [1]


@pytest.mark.usefixtures("old_entries")
def test_kept_for_ever_nothing_is_deleted(database: DatabaseUrls, worker_app: APIFlask, owner: Session) -> None:
    """0 is for ever, also for a process that was told something else."""
    schema.upgrade(database.owner, database.web, database.worker, audit_retention_days=0)
    with worker_app.app_context(), pytest.raises(ProgrammingError, match="for ever"):
        audit.prune(db.session(), retention_days=TEN_YEARS, limit=100)
    assert len(ages(owner)) == 5


@pytest.mark.usefixtures("old_entries")
def test_a_retention_that_was_shortened_without_a_release_is_said_in_the_log(
    worker_app: APIFlask, owner: Session, caplog: pytest.LogCaptureFixture
) -> None:
    """The rest is pruned all the same."""
    settings = dataclasses.replace(services.of(worker_app, Settings), audit_retention_days=30)
    with worker_app.app_context(), caplog.at_level(logging.WARNING):
        assert pruning.prune(db.session(), settings)["audit entries"] == 0
    assert any("AUDIT_RETENTION_DAYS" in record.getMessage() for record in caplog.records)
    assert len(ages(owner)) == 5


def test_the_web_role_may_not_delete_from_it(database: DatabaseUrls) -> None:
    """Not even what is old: that is the worker's."""
    with plain_sql.connect(database.web) as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text("SELECT prune_audit(4000, 1)"))
