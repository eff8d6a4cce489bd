"""The privileges: each database role may do its own work and no more."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from dental_sync.core.database_failures import sqlstate
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.storage import row_security
from tests import plain_sql
from tests.conftest import Practice, a_free_monday

WEB_MAY_NOT = [
    "INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at)"
    " SELECT p.id, d.id, now(), now() + interval '1 hour' FROM patients p, dentists d LIMIT 1",
    "UPDATE appointments SET reason = 'x'",
    "DELETE FROM appointments",
    "INSERT INTO holds (user_id) SELECT id FROM users LIMIT 1",
    "DELETE FROM working_hours",
    "INSERT INTO time_off (dentist_id, starts_at, ends_at) SELECT id, now(), now() + interval '1 hour' FROM dentists",
    "INSERT INTO closures (starts_at, ends_at) VALUES (now(), now() + interval '1 hour')",
    "INSERT INTO chair_time_off (chair_id, starts_at, ends_at) SELECT id, now(), now() + interval '1 hour' FROM chairs",
    "DELETE FROM chairs",
    "DELETE FROM claims",
    "INSERT INTO claims (owner_id, owner_kind, resource_id, during)"
    " VALUES (gen_random_uuid(), 'hold', gen_random_uuid(), tstzrange(now(), now() + interval '1 hour'))",
    "INSERT INTO changes (table_name) VALUES ('appointments')",
    "UPDATE write_requests SET status = 'applied', outcome = '{}'",
    "DELETE FROM write_requests",
    "UPDATE lane SET id = 1",
    "DELETE FROM users",
    "DELETE FROM auth_sessions",
    "UPDATE sync_events SET payload = '{}'",
    "DELETE FROM treatments",
    "DELETE FROM patients",
    "DELETE FROM appointment_notes",
    "DELETE FROM patient_remarks",
    "INSERT INTO practice DEFAULT VALUES",
    "UPDATE audit SET action = 'x'",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "ALTER TABLE appointments DISABLE ROW LEVEL SECURITY",
    "DROP POLICY seen ON appointments",
    "CREATE TABLE web_was_here (id int)",
    "TRUNCATE sync_events",
    "SELECT erase_patient(gen_random_uuid())",
    "SELECT erase_rows('{}', NULL, '{}')",
]
WORKER_MAY_NOT = [
    "SELECT erase_rows('{}', NULL, '{}')",
    "SELECT * FROM records_taken_in(gen_random_uuid())",
    "SELECT password_hash FROM users",
    "SELECT * FROM users",
    "SELECT refresh_id FROM auth_sessions",
    "SELECT secret FROM second_factors",
    "SELECT secret_hash FROM calendar_feeds",
    "SELECT code_hash FROM account_codes",
    "SELECT new_address FROM account_codes",
    "UPDATE account_codes SET expires_at = now()",
    "UPDATE users SET role = 'admin'",
    "INSERT INTO users (email, name, password_hash, role) VALUES ('a@b', 'x', 'x', 'admin')",
    "INSERT INTO auth_sessions SELECT * FROM auth_sessions",
    "UPDATE patients SET name = 'x'",
    "UPDATE treatments SET name = 'x'",
    "DELETE FROM chairs",
    "SELECT notes FROM appointment_notes",
    "SELECT remark FROM patient_remarks",
    "SELECT * FROM appointment_history(gen_random_uuid())",
    "SELECT answer FROM kept_answers",
    "UPDATE kept_answers SET answer = NULL",
    "UPDATE appointment_notes SET notes = ''",
    "INSERT INTO write_requests (id) VALUES (gen_random_uuid())",
    "DELETE FROM claims",
    "UPDATE claims SET during = 'empty'",
    "INSERT INTO changes (table_name) VALUES ('appointments')",
    "UPDATE sync_events SET payload = '{}'",
    "SELECT * FROM audit",
    "UPDATE audit SET action = 'x'",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "ALTER TABLE appointments DISABLE ROW LEVEL SECURITY",
    "SELECT account_of('admin@demo.test')",
    "CREATE TABLE worker_was_here (id int)",
    "TRUNCATE appointments",
]


@pytest.mark.parametrize(
    ("role", "statement"),
    [*(("web", statement) for statement in WEB_MAY_NOT), *(("worker", statement) for statement in WORKER_MAY_NOT)],
)
def test_a_role_may_not_do_the_others_work(module_database: DatabaseUrls, role: str, statement: str) -> None:
    """What a process cannot do, a hole in it cannot do either."""
    with plain_sql.connect(getattr(module_database, role)) as session, pytest.raises(ProgrammingError) as refused:
        session.execute(text(statement))
    assert sqlstate(refused.value) == "42501"


@pytest.mark.parametrize("role", ["web", "worker"])
def test_both_roles_may_publish(database: DatabaseUrls, owner: Session, practice: Practice, role: str) -> None:
    """The log goes on with every worker dead."""
    from dental_sync.sync import log

    plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    owner.commit()
    with plain_sql.connect(getattr(database, role), row_security.SYSTEM) as session:
        messages = log.publish(session, wait=True)
        assert messages
        session.commit()
        assert log.head(session).position == messages[-1].position
        log.begin_epoch(session)
        session.commit()


def test_the_worker_may_prune_and_the_web_role_may_read_its_sessions(database: DatabaseUrls) -> None:
    from dental_sync.records import tokens

    """The rights that housekeeping and sign-in need."""
    from dental_sync.sync import log
    from dental_sync.writes import requests

    with plain_sql.connect(database.worker) as session:
        log.prune(session, retention_days=1, limit=10)
        requests.prune(session, retention_days=1, limit=10)
        tokens.prune(session, limit=10)
        session.commit()
    with plain_sql.connect(database.web) as session:
        session.execute(text("SELECT password_hash FROM users JOIN auth_sessions ON user_id = users.id"))
