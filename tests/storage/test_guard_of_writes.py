"""The guard of writes: an account writes only what is its own; how it is said who acts; what the guard costs."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.config import sqlalchemy_url
from dental_sync.core.database_failures import sqlstate
from dental_sync.storage import row_security
from tests import plain_sql
from tests.storage.house import House

# What each account may write.

CODE = "INSERT INTO account_codes (user_id, purpose, code_hash, expires_at) VALUES ({user}, '{purpose}', 'y', now())"


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        # A wish in somebody else's name.
        (
            "mia",
            "INSERT INTO write_requests (id, sender_id, action, body, method, path, body_hash)"
            " VALUES (gen_random_uuid(), :noah, 'book', '{}', 'POST', '/', '')",
        ),
        # In nobody's, but for who has a link; and that is for the process to say.
        (
            "mia",
            "INSERT INTO write_requests (id, action, body, method, path, body_hash)"
            " VALUES (gen_random_uuid(), 'confirm-by-link', '{}', 'POST', '/', '')",
        ),
        (
            "system",
            "INSERT INTO write_requests (id, action, body, method, path, body_hash)"
            " VALUES (gen_random_uuid(), 'book', '{}', 'POST', '/', '')",
        ),
        # A mail past the door, and one of the lane's through it.
        (
            "system",
            "INSERT INTO mails (kind, language, recipient, facts) VALUES ('reset-code', 'de', 'a@b.test', '{}')",
        ),
        ("admin", "SELECT put_in_outbox('booked', 'de', 'a@b.test', '{}', interval '1 h')"),
        ("nobody", "SELECT put_in_outbox('reset-code', 'de', 'a@b.test', '{}', interval '1 h')"),
        ("system", "UPDATE reminders SET confirmed_at = NULL"),
        # A role that was not given.
        ("mia", "UPDATE users SET role = 'admin' WHERE id = :mia"),
        ("mia", "INSERT INTO users (email, name, password_hash, role) VALUES ('a@b.test', 'A', '', 'patient')"),
        ("system", "INSERT INTO users (email, name, password_hash, role) VALUES ('a@b.test', 'A', '', 'admin')"),
        # Somebody else's session, or one that nobody signed in for.
        ("mia", "INSERT INTO auth_sessions VALUES (gen_random_uuid(), :noah, gen_random_uuid(), now(), now())"),
        ("mia", "INSERT INTO auth_sessions VALUES (gen_random_uuid(), :mia, gen_random_uuid(), now(), now())"),
        # Records.
        ("mia", "INSERT INTO patients (name) VALUES ('A')"),
        ("mia", "UPDATE patients SET user_id = NULL"),
        ("anna", "INSERT INTO patients (name) VALUES ('A')"),
        ("desk", "UPDATE users SET role = 'admin' WHERE id = :desk"),
        ("desk", "INSERT INTO users (email, name, password_hash, role) VALUES ('a@b.test', 'A', '', 'patient')"),
        # What only staff say about a patient: not the patient, not about a stranger, not in a colleague's name.
        ("mia", "UPDATE patients SET online_booking_barred = true"),
        ("mia", "SELECT bar_online_booking((SELECT id FROM patients), true)"),
        ("ben", "SELECT bar_online_booking(:noahs_record, true)"),
        ("chatbot", "SELECT bar_online_booking(:noahs_record, true)"),
        ("anna", "SELECT rename_account_of(:noahs_record, 'A')"),
        ("mia", "INSERT INTO patient_remarks (patient_id, remark, updated_by) VALUES (:fresh, 'x', :mia)"),
        ("ben", "INSERT INTO patient_remarks (patient_id, remark, updated_by) VALUES (:fresh, 'x', :ben)"),
        ("desk", "INSERT INTO patient_remarks (patient_id, remark, updated_by) VALUES (:fresh, 'x', :anna)"),
        ("desk", "UPDATE patient_remarks SET updated_by = :anna"),
        ("desk", "INSERT INTO appointment_notes (appointment_id, notes, updated_by) VALUES (:first, 'x', :desk)"),
        # Notes about a colleague's patient, by a patient, and in a colleague's name.
        ("anna", "INSERT INTO appointment_notes (appointment_id, notes, updated_by) VALUES (:third, 'x', :anna)"),
        ("mia", "INSERT INTO appointment_notes (appointment_id, notes, updated_by) VALUES (:first, 'x', :mia)"),
        ("anna", "UPDATE appointment_notes SET updated_by = :ben"),
        ("admin", "UPDATE appointment_notes SET updated_by = :ben"),
        # A code that nobody asked for: for a password, or for another account's address.
        ("mia", CODE.format(user=":mia", purpose="reset")),
        ("admin", CODE.format(user=":mia", purpose="reset")),
        ("mia", CODE.format(user=":mia", purpose="invitation")),
        ("desk", CODE.format(user=":mia", purpose="invitation")),
        ("mia", CODE.format(user=":noah", purpose="address")),
        ("admin", CODE.format(user=":mia", purpose="address")),
        ("mia", "INSERT INTO code_mails VALUES ('y', now(), 0)"),
        # A message that never was.
        ("admin", "INSERT INTO sync_events VALUES (999999, 'x', '{}', '{}', now())"),
        # A trail that leads to somebody else.
        (
            "mia",
            "INSERT INTO audit (actor_id, actor_role, action, record_kind, record_ids)"
            " VALUES (:noah, 'patient', 'read', 'appointment', '{}')",
        ),
        (
            "mia",
            "INSERT INTO audit (actor_id, actor_role, action, record_kind, record_ids)"
            " VALUES (:mia, 'admin', 'read', 'appointment', '{}')",
        ),
        ("nobody", "INSERT INTO audit (action, record_kind, record_ids) VALUES ('read', 'appointment', '{}')"),
    ],
)
def test_what_is_not_theirs_to_write_is_refused(house: House, name: str, statement: str) -> None:
    """By the database, whatever the code above forgot to check."""
    identities: dict[str, row_security.Identity] = {"system": row_security.SYSTEM, "nobody": row_security.NOBODY}
    values = {person: getattr(house, person).user_id for person in ("mia", "noah", "anna", "ben", "desk")}
    values |= {"first": house.appointments[0], "third": house.appointments[2]}
    values |= {"noahs_record": house.noah.patient_id, "fresh": uuid.uuid4()}
    with plain_sql.connect(house.urls.web, identities.get(name) or getattr(house, name)) as session:
        with pytest.raises(ProgrammingError) as refused:
            session.execute(text(statement), {key: values[key] for key in values if f":{key}" in statement})
        session.rollback()
    assert sqlstate(refused.value) == "42501"


@pytest.mark.parametrize(
    ("name", "statement", "changed"),
    [
        ("mia", "UPDATE users SET name = name", 1),
        ("mia", "UPDATE patients SET phone = '1'", 1),
        ("mia", "UPDATE auth_sessions SET revoked_at = now() WHERE user_id <> :mia", 0),
        ("mia", "UPDATE write_requests SET idempotency_key = NULL", 1),
        ("mia", "UPDATE kept_answers SET answer = NULL", 1),
        ("admin", "DELETE FROM kept_answers", 0),
        ("mia", "UPDATE appointment_notes SET notes = 'x'", 0),
        ("anna", "UPDATE appointment_notes SET notes = 'x', updated_by = :anna", 2),
        ("ben", "UPDATE appointment_notes SET notes = 'x', updated_by = :ben", 1),
        ("admin", "UPDATE appointment_notes SET notes = 'x', updated_by = :admin", 4),
        ("anna", "UPDATE patients SET phone = '1'", 0),
        ("chatbot", "UPDATE patients SET phone = '1'", 0),
        ("desk", "UPDATE patients SET phone = '1'", 12),
        ("desk", "UPDATE users SET name = name", 1),
        ("desk", "UPDATE appointment_notes SET notes = 'x', updated_by = :desk", 0),
        ("desk", "UPDATE patient_remarks SET remark = 'x', updated_by = :desk", 2),
        ("anna", "UPDATE patient_remarks SET remark = 'x', updated_by = :anna", 2),
        ("ben", "UPDATE patient_remarks SET remark = 'x', updated_by = :ben", 1),
        ("mia", "UPDATE patient_remarks SET remark = 'x', updated_by = :mia", 0),
        ("mia", "DELETE FROM sync_events", 0),
        # A code that was mailed is used by who has it, through the process alone.
        ("mia", "UPDATE account_codes SET code_hash = 'y'", 0),
        ("mia", "DELETE FROM account_codes", 0),
        ("admin", "UPDATE account_codes SET code_hash = 'y'", 0),
        ("admin", "DELETE FROM account_codes", 0),
        ("mia", "UPDATE code_mails SET mails = 0", 0),
        ("admin", "DELETE FROM changes", 0),
    ],
)
def test_an_update_without_a_where_reaches_only_ones_own(house: House, name: str, statement: str, changed: int) -> None:
    """What others have is not there to be changed."""
    actor: Actor = getattr(house, name)
    with plain_sql.connect(house.urls.web, actor) as session:
        values = {name: actor.user_id} if f":{name}" in statement else {}
        result: Any = session.execute(text(statement), values)
        assert result.rowcount == changed
        session.rollback()


def test_a_dentist_writes_notes_for_the_first_time_and_again(house: House) -> None:
    """ON CONFLICT and RETURNING work under the policies."""
    first = house.appointments[0]
    upsert = text("""INSERT INTO appointment_notes (appointment_id, notes, updated_by) VALUES (:id, 'again', :by)
        ON CONFLICT (appointment_id) DO UPDATE SET notes = excluded.notes, updated_by = excluded.updated_by
        RETURNING notes""")
    with plain_sql.connect(house.urls.web, house.anna) as session:
        assert session.scalar(upsert, {"id": first, "by": house.anna.user_id}) == "again"
        session.rollback()


# Saying who acts.


def test_who_acted_is_forgotten_with_the_transaction(house: House) -> None:
    """The next on the same pooled connection is nobody until it says who it is."""
    engine = create_engine(sqlalchemy_url(house.urls.web), pool_size=1, max_overflow=0)
    mine = text("SELECT count(*) FROM appointments")
    connections = set()
    for end in ("commit", "rollback", "close"):
        with Session(engine) as session:
            row_security.become(session, house.mia)
            connections.add(session.scalar(text("SELECT pg_backend_pid()")))
            assert session.scalar(mine) == 2
            getattr(session, end)()
            if end != "close":
                # The session knows who it is, and says it again.
                assert session.scalar(mine) == 2
        with Session(engine) as session:
            connections.add(session.scalar(text("SELECT pg_backend_pid()")))
            assert session.scalar(mine) == 0
            assert session.scalar(text("SELECT acting_role() IS NULL AND acting_user() IS NULL"))
    assert len(connections) == 1
    engine.dispose()


def test_who_was_said_and_did_nothing_is_not_taken_for_the_next(house: House) -> None:
    """What was to be said with a statement that never came is said to nobody."""
    engine = create_engine(sqlalchemy_url(house.urls.web), pool_size=1, max_overflow=0)
    mine = text("SELECT count(*) FROM appointments")
    for end in ("commit", "rollback", "close"):
        with Session(engine) as session:
            session.execute(text("SELECT 1"))
            row_security.become(session, house.mia)
            getattr(session, end)()
        with Session(engine) as session:
            assert session.scalar(mine) == 0
    engine.dispose()


def test_what_is_said_first_in_a_savepoint_holds_beyond_it(house: House) -> None:
    """Also when it fails, and before a statement that is sent for many rows."""
    with plain_sql.connect(house.urls.web) as session:
        session.execute(text("SELECT 1"))
        row_security.become(session, house.mia)
        with suppress(ProgrammingError), session.begin_nested():
            session.execute(text("SELECT nothing"))
        assert session.scalar(text("SELECT count(*) FROM appointments")) == 2
        row_security.become(session, house.noah)
        session.execute(text("SELECT set_config('x.y', :value, true)"), [{"value": "1"}, {"value": "2"}])
        assert session.scalar(text("SELECT count(*) FROM appointments")) == 1


def test_what_is_no_plain_word_is_never_said(house: House) -> None:
    """It is written into a statement as it is."""
    with plain_sql.connect(house.urls.web) as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(ValueError, match="role is no plain word"):
            row_security.become(session, row_security.Identity(role="admin', true), ('"))


def test_one_transaction_may_go_on_as_somebody_else(house: House) -> None:
    """The process signs somebody in and goes on as that account; a savepoint that fails changes nothing about it."""
    users = text("SELECT count(*) FROM users")
    with plain_sql.connect(house.urls.owner) as owner:
        everybody = owner.scalar(users)
    with plain_sql.connect(house.urls.web) as session:
        assert session.scalar(users) == 0
        row_security.become(session, row_security.SYSTEM)
        assert session.scalar(users) == everybody > 1
        row_security.become(session, house.mia)
        assert session.scalar(users) == 1
        with session.begin_nested() as savepoint:
            assert session.scalar(users) == 1
            savepoint.rollback()
        assert session.scalar(users) == 1
        row_security.become(session, row_security.NOBODY)
        assert session.scalar(users) == 0


def test_somebody_acts_in_one_role_at_a_time(house: House) -> None:
    """A dentist who was a patient before has both records, and sees the diary."""
    both = Actor(house.anna.user_id, "dentist", "Anna", "a@demo.test", house.mia.patient_id, house.anna.dentist_id)
    first, second, *_ = house.appointments
    assert set(house.rows(both, "SELECT id FROM appointments")) == {first, second}


# What it costs.


def plan(session: Session, query: str, **values: Any) -> str:
    """How PostgreSQL goes about a query."""
    # So that a table of a few rows is looked up as a large one would be.
    session.execute(text("SET LOCAL enable_seqscan = off"))
    return "\n".join(session.scalars(text("EXPLAIN " + query), values))


@pytest.mark.parametrize(
    ("name", "query", "index"),
    [
        ("mia", "SELECT * FROM appointments WHERE patient_id = :patient", "appointments_of_patient"),
        ("anna", "SELECT * FROM appointments WHERE dentist_id = :dentist", "appointments_of_dentist"),
        ("admin", "SELECT * FROM appointments WHERE starts_at < now() ORDER BY starts_at, id LIMIT 5", "_in_order"),
        (
            "admin",
            "SELECT * FROM sync_events WHERE position > 5 ORDER BY position LIMIT 5",
            'Index Cond: ("position" > 5',
        ),
        ("admin", "SELECT * FROM audit WHERE (at, id) < (now(), 5) ORDER BY at DESC, id DESC LIMIT 5", "_in_order"),
        ("system", "SELECT * FROM users WHERE id = account_of('x')", "Index Cond: (id = account_of"),
        ("system", "SELECT * FROM auth_sessions WHERE id = :some_id", "auth_sessions_pkey"),
        ("mia", "SELECT * FROM write_requests WHERE id = :some_id", "write_requests_pkey"),
        ("desk", "SELECT count(*) FROM appointments WHERE patient_id = :patient AND status = 'noshow'", "_missed"),
        ("desk", "SELECT * FROM patient_remarks WHERE patient_id = :patient", "patient_remarks_pkey"),
        ("desk", "SELECT * FROM appointments WHERE starts_at < now() ORDER BY starts_at, id LIMIT 5", "_in_order"),
    ],
)
def test_the_guard_lets_indexes_be_used(house: House, name: str, query: str, index: str) -> None:
    """A policy that kept the whole table being read would be switched off before long."""
    ids = {"patient": house.mia.patient_id, "dentist": house.anna.dentist_id, "some_id": uuid.uuid4()}
    who = row_security.SYSTEM if name == "system" else getattr(house, name)
    with plain_sql.connect(house.urls.web, who) as session:
        found = plan(session, query, **{key: value for key, value in ids.items() if f":{key}" in query})
    assert index in found
    assert "Seq Scan" not in found


def test_the_worker_looks_at_the_diary_as_before(house: House) -> None:
    """The exclusion constraint's index serves the look around a wanted time: && may leak, but there is nothing to."""
    with plain_sql.connect(house.urls.worker) as session:
        found = plan(
            session,
            "SELECT * FROM appointments WHERE patient_id = :id"
            " AND tstzrange(starts_at, ends_at) && tstzrange(now(), now())"
            " AND status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')",
            id=house.mia.patient_id,
        )
    assert "appointments_patient_not_double_booked" in found
