"""A write reads few rows however full the tables are, by plans that were made when they were empty.

Rows are counted, and no time is measured: what PostgreSQL has read from tables and indexes since it counted last.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings, sqlalchemy_url
from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from dental_sync.core.late_begin import LateBegin
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.storage import row_security
from dental_sync.writes import requests
from dental_sync.writes.alternatives import Alternatives
from tests import signed_in
from tests.conftest import RunLane, SignedInPractice
from tests.databases import COUNT_AT_ONCE
from tests.writes.desk import HALF_HOUR, MONDAY, Desk

FILLED = 2_000
# Each of these reads 100 to 400 rows, of tables and of indexes; one full table is more than this.
FEW = 1_000

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
def database(servers: TemporaryServers, signed_in: SignedInPractice) -> Iterator[DatabaseUrls]:
    """One that nobody has filled before: tables stay large, and statistics known."""
    yield servers.postgres.create_database("plans", signed_in.template)
    servers.postgres.drop_database("plans")


@pytest.fixture
def web(database: DatabaseUrls) -> Iterator[Session]:
    """A session as a web process has it."""
    engine = create_engine(sqlalchemy_url(database.web), connect_args={"connection_factory": LateBegin})
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def reads(desk: Desk, web: Session, run_lane: RunLane, worker_app: APIFlask, owner: Session) -> Reads:
    """How many rows are read while something is asked for and decided."""

    def count() -> int:
        with worker_app.app_context():
            for session in (desk.session, web, db.session()):
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
    desk: Desk,
    web: Session,
    run_lane: RunLane,
    worker_app: APIFlask,
    owner: Session,
    reads: Reads,
    settings: Settings,
    statistics: str,
) -> None:
    """Plans stay with their connections until there are other statistics: a minute and more after a rush."""
    if statistics == "of empty tables":
        owner.execute(text("ANALYZE"))
        owner.commit()
    free = (MONDAY + timedelta(weeks=n // 6) + n % 6 * HALF_HOUR for n in itertools.count())

    def refuse(at: datetime) -> None:
        request = desk.book("patient4", at)
        run_lane()
        actor = signed_in.sign_in(desk.session, desk.users["patient4"])
        found = requests.find_refused(desk.session, actor, request)
        assert found is not None
        row_security.become(web, actor)
        with worker_app.app_context():
            assert Alternatives().added_to(*found, web, settings)["body"]["alternatives"]

    def asks() -> dict[str, Callable[[], object]]:
        """A booking, one that is refused and answered with other times, what is done to an appointment, and a hold."""
        at = next(free)
        booked = desk.book("patient1", at)
        run_lane()
        one = desk.appointment(booked)["id"]
        wish = {"dentistId": str(desk.practice.dentists[1]), "treatmentId": str(desk.practice.treatments["Check-up"])}
        return {
            "book": lambda: desk.book("patient2", next(free)),
            "refuse": lambda: refuse(at),
            "reschedule": lambda: desk.move("patient1", one, startsAt=next(free)),
            "cancel": lambda: desk.ask("patient1", "cancel", {}, one),
            "hold": lambda: desk.ask("patient3", "hold", {**wish, "startsAt": format_instant(next(free))}),
        }

    # So often that each statement has the plan that it keeps.
    for _ in range(12):
        for ask in asks().values():
            ask()
            run_lane()
    owner.execute(FILL, {"rows": FILLED})
    owner.commit()
    read = {action: reads(ask) for action, ask in asks().items()}
    assert max(read.values()) < FEW, read
