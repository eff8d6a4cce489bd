"""A write reads few rows however full the tables are, by plans that were made when they were empty.

Rows are counted, and no time is measured: what PostgreSQL has read from tables and indexes since it counted last.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from tests.conftest import RunLane
from tests.databases import COUNT_AT_ONCE
from tests.writes.desk import HALF_HOUR, MONDAY, Desk

FILLED = 2_000
# What each of these writes reads is about two hundred rows, of tables and of indexes.
FEW = 500

# Everything that grows, as it is after a day on which nobody has made statistics or cleaned up: what was published is
# gone from `changes`, and what was decided from the index of what is to be decided.
FILL = text("""
    INSERT INTO users (id, email, name, role, password_hash)
    SELECT gen_random_uuid(), 'filled' || n || '@demo.test', 'Filled', 'patient', '' FROM generate_series(1, :rows) n;
    INSERT INTO patients (user_id, name) SELECT id, name FROM users WHERE name = 'Filled';
    INSERT INTO auth_sessions (id, user_id, refresh_id, created_at, expires_at)
    SELECT gen_random_uuid(), id, gen_random_uuid(), now(), now() + interval '1 day' FROM users WHERE name = 'Filled';
    INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at)
    SELECT p.id, d.id, day, day + interval '30 minutes'
    FROM (
        SELECT id, date '2020-01-01' + row_number() OVER () * interval '1 hour' AS day FROM patients
        WHERE name = 'Filled') p
    CROSS JOIN (SELECT id FROM dentists ORDER BY name LIMIT 1) d;
    INSERT INTO write_requests (id, sender_id, action, body, method, path, idempotency_key, body_hash)
    SELECT gen_random_uuid(), id, 'book', '{}', 'POST', '/api/appointments', id::text, '' FROM users;
    UPDATE write_requests SET status = 'applied', outcome = '{}', decided_at = now() WHERE outcome IS NULL;
    DELETE FROM changes;
    DELETE FROM record_changes
""")
READ = text("""
    SELECT (SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables WHERE schemaname = 'public')
        + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE schemaname = 'public')
""")

Reads = Callable[[Callable[[], object]], int]


@pytest.fixture
def reads(desk: Desk, run_lane: RunLane, worker_app: APIFlask, owner: Session) -> Reads:
    """How many rows are read while something is asked for and decided."""

    def count() -> int:
        with worker_app.app_context():
            for session in (desk.session, db.session()):
                session.execute(text(COUNT_AT_ONCE))
                session.rollback()
        found = owner.execute(READ).scalar_one()
        owner.rollback()
        return int(found)

    def while_asking(ask: Callable[[], object]) -> int:
        before = count()
        ask()
        run_lane()
        return count() - before

    return while_asking


@pytest.mark.parametrize("statistics", ["none", "of empty tables"])
def test_a_write_reads_few_rows_by_plans_of_empty_tables(
    desk: Desk, run_lane: RunLane, owner: Session, reads: Reads, statistics: str
) -> None:
    """Plans stay with their connections until there are other statistics: a minute and more after a rush."""
    if statistics == "of empty tables":
        owner.execute(text("ANALYZE"))
        owner.commit()
    free = (MONDAY + timedelta(weeks=n // 6) + n % 6 * HALF_HOUR for n in itertools.count())

    def asks() -> dict[str, Callable[[], uuid.UUID]]:
        """A booking, what is done to another one, and a hold."""
        booked = desk.book("patient1", next(free))
        run_lane()
        one = desk.appointment(booked)["id"]
        wish = {"dentistId": str(desk.practice.dentists[1]), "treatmentId": str(desk.practice.treatments["Check-up"])}
        return {
            "book": lambda: desk.book("patient2", next(free)),
            "reschedule": lambda: desk.move("patient1", one, startsAt=next(free)),
            "cancel": lambda: desk.ask("patient1", "cancel", {}, one),
            "hold": lambda: desk.ask("patient3", "hold", {**wish, "startsAt": format_instant(next(free))}),
        }

    # So often that each statement has the plan that it keeps.
    for _ in range(6):
        for ask in asks().values():
            ask()
            run_lane()
    owner.execute(FILL, {"rows": FILLED})
    owner.commit()
    read = {action: reads(ask) for action, ask in asks().items()}
    assert max(read.values()) < FEW, read
