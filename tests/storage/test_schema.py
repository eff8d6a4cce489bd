"""The schema: models equal migrations, roles may do their own work and no more, constraints are the last word."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from dental_sync import create_app
from dental_sync.core.config import Settings, sqlalchemy_url
from dental_sync.core.database_failures import sqlstate
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.records import demo
from dental_sync.storage import row_security, schema
from dental_sync.storage.models import Base
from tests import plain_sql
from tests.conftest import Practice, a_free_monday, sign_in_to


@pytest.fixture
def connection(database: DatabaseUrls) -> Iterator[Connection]:
    """The owner's, for Alembic."""
    engine = create_engine(sqlalchemy_url(database.owner))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_the_models_are_what_the_migrations_make(connection: Connection) -> None:
    """Tables, columns, types, nullability and foreign keys; indexes and checks are the migrations' own."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    differences = []
    for difference in compare_metadata(context, Base.metadata):
        kind, subject = (difference[0], difference[1]) if isinstance(difference, tuple) else ("change", difference)
        is_alembics_own = isinstance(subject, Table) and subject.name == "alembic_version"
        if kind not in ("remove_index", "remove_constraint") and not is_alembics_own:
            differences.append(difference)
    assert differences == []


@pytest.mark.parametrize("table", [table for table in Base.metadata.tables if table != "claims"])
def test_every_column_that_the_app_leaves_out_has_a_default(connection: Connection, table: str) -> None:
    """A model's `server_default` is only a note for SQLAlchemy: the database must have one where the note says so."""
    defaults = dict(
        connection.execute(
            text(
                "SELECT column_name, column_default IS NOT NULL OR is_identity = 'YES' FROM information_schema.columns"
                " WHERE table_name = :table AND table_schema = 'public'"
            ),
            {"table": table},
        ).all()
    )
    for column in Base.metadata.tables[table].columns:
        if column.server_default is not None:
            assert defaults[column.name], f"{table}.{column.name} has no default in the database"


def test_migrating_twice_changes_nothing(database: DatabaseUrls, connection: Connection) -> None:
    """The release step is safe to repeat, and keeps every row."""
    count = text(
        "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM appointments), version_num FROM alembic_version"
    )
    before = connection.execute(count).one()
    connection.rollback()
    schema.upgrade(database.owner, database.web, database.worker)
    assert connection.execute(count).one() == before


def test_with_one_credential_everything_works(servers: TemporaryServers, settings: Settings) -> None:
    """The documented weaker mode: web and worker are the owner; migrating twice is fine there too."""
    urls = servers.postgres.create_database("practice_of_one_role")
    try:
        for _ in range(2):
            schema.upgrade(urls.owner, urls.owner, urls.owner)
        one_role = Settings.from_environment(
            {"DATABASE_URL": urls.owner, "REDIS_URL": settings.redis_url, "DEMO_MODE": "1", "ASYNC_MODE": "threading"}
        )
        with plain_sql.connect(urls.owner) as session:
            assert demo.load(session, a_free_monday())
            session.commit()
        app = create_app(one_role)
        assert sign_in_to(app, "patient1").get("/appointments?limit=1").status_code == 200
        with app.app_context():
            from dental_sync.core.extensions import db

            db.engine.dispose()
    finally:
        servers.postgres.drop_database("practice_of_one_role")


def test_a_fresh_database_needs_no_demo_data(servers: TemporaryServers) -> None:
    """Migrated and nothing else: one practice, one lane, one head of the log, and no account."""
    urls = servers.postgres.create_database("practice_bare")
    try:
        schema.upgrade(urls.owner, urls.web, urls.worker)
        with plain_sql.connect(urls.web, row_security.SYSTEM) as session:
            counts = {
                table: session.scalar(text(f"SELECT count(*) FROM {table}"))
                for table in ("practice", "lane", "log_head", "users", "sync_events", "changes")
            }
        assert counts == {"practice": 1, "lane": 1, "log_head": 1, "users": 0, "sync_events": 0, "changes": 0}
    finally:
        servers.postgres.drop_database("practice_bare")


# Who may do what.

WEB_MAY_NOT = [
    "INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at)"
    " SELECT p.id, d.id, now(), now() + interval '1 hour' FROM patients p, dentists d LIMIT 1",
    "UPDATE appointments SET reason = 'x'",
    "DELETE FROM appointments",
    "INSERT INTO holds (user_id) SELECT id FROM users LIMIT 1",
    "DELETE FROM working_hours",
    "INSERT INTO time_off (dentist_id, starts_at, ends_at) SELECT id, now(), now() + interval '1 hour' FROM dentists",
    "INSERT INTO closures (starts_at, ends_at) VALUES (now(), now() + interval '1 hour')",
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
    "INSERT INTO practice DEFAULT VALUES",
    "UPDATE audit SET action = 'x'",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "ALTER TABLE appointments DISABLE ROW LEVEL SECURITY",
    "DROP POLICY seen ON appointments",
    "CREATE TABLE web_was_here (id int)",
    "TRUNCATE sync_events",
]
WORKER_MAY_NOT = [
    "SELECT password_hash FROM users",
    "SELECT * FROM users",
    "SELECT refresh_id FROM auth_sessions",
    "UPDATE users SET role = 'admin'",
    "INSERT INTO users (email, name, password_hash, role) VALUES ('a@b', 'x', 'x', 'admin')",
    "INSERT INTO auth_sessions SELECT * FROM auth_sessions",
    "UPDATE patients SET name = 'x'",
    "UPDATE treatments SET name = 'x'",
    "SELECT notes FROM appointment_notes",
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


@pytest.fixture(scope="module")
def module_database(servers: TemporaryServers, template: str) -> Iterator[DatabaseUrls]:
    """One database for everything that is refused."""
    yield servers.postgres.create_database("practice_of_refusals", template)
    servers.postgres.drop_database("practice_of_refusals")


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


# The last word.


def refused_by(session: Session, write: Callable[[], object]) -> str:
    """The name of the constraint that refused."""
    with pytest.raises(DBAPIError) as refused:
        write()
    session.rollback()
    diagnostics: Any = refused.value.orig.diag  # type: ignore[union-attr]
    return str(diagnostics.constraint_name or diagnostics.column_name)


def test_plain_sql_cannot_double_book_a_dentist(owner: Session, practice: Practice) -> None:
    """Nobody gets past the claims, the owner neither; back to back is no overlap."""
    monday, (mia, noah, *_), anna = a_free_monday(), practice.patients, practice.dentists[0]
    plain_sql.book(owner, mia, anna, monday)
    owner.commit()
    for minutes in (-29, 0, 29):
        start = monday + timedelta(minutes=minutes)
        refused = refused_by(owner, lambda start=start: plain_sql.book(owner, noah, anna, start))
        assert refused == "claims_no_double_booking"
    plain_sql.book(owner, noah, anna, monday + timedelta(minutes=30))
    plain_sql.book(owner, noah, anna, monday - timedelta(minutes=30))
    owner.commit()


def test_plain_sql_cannot_double_book_a_patient(owner: Session, practice: Practice) -> None:
    """One patient, two dentists, one time: refused."""
    monday, mia, (anna, ben, _) = a_free_monday(), practice.patients[0], practice.dentists
    plain_sql.book(owner, mia, anna, monday)
    owner.commit()
    refused = refused_by(owner, lambda: plain_sql.book(owner, mia, ben, monday + timedelta(minutes=29)))
    assert refused == "appointments_patient_not_double_booked"


def test_plain_sql_cannot_put_two_into_one_chair(owner: Session, practice: Practice) -> None:
    """Chairs are claimed as dentists are."""
    chair = owner.scalar(text("INSERT INTO chairs (name, kind) VALUES ('1', 'surgery') RETURNING id"))
    monday, seat = a_free_monday(), text("UPDATE appointments SET chair_id = :chair WHERE id = :id")
    first = plain_sql.book(owner, practice.patients[0], practice.dentists[0], monday)
    second = plain_sql.book(owner, practice.patients[1], practice.dentists[1], monday)
    owner.execute(seat, {"chair": chair, "id": first})
    owner.commit()
    refused = refused_by(owner, lambda: owner.execute(seat, {"chair": chair, "id": second}))
    assert refused == "claims_no_double_booking"


def test_buffers_are_claimed_for_plain_sql_too(owner: Session, practice: Practice) -> None:
    """The treatment's buffers are filled in where the writer says nothing of them, and block."""
    owner.execute(text("UPDATE treatments SET buffer_before_minutes = 10, buffer_after_minutes = 15"))
    monday, (mia, noah, *_), anna = a_free_monday(), practice.patients, practice.dentists[0]
    booked = plain_sql.book(owner, mia, anna, monday, treatment_id=practice.treatments["Check-up"])
    claimed = owner.execute(
        text("SELECT lower(during), upper(during) FROM claims WHERE owner_id = :id"), {"id": booked}
    ).one()
    assert tuple(claimed) == (monday - timedelta(minutes=10), monday + timedelta(minutes=45))
    owner.commit()
    assert refused_by(owner, lambda: plain_sql.book(owner, noah, anna, monday + timedelta(minutes=44)))
    plain_sql.book(owner, noah, anna, monday + timedelta(minutes=45))


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "constraint"),
    [
        ("2030-01-07T09:00Z", "2030-01-07T09:00Z", "appointments_ends_after_start"),
        ("2030-01-07T09:00Z", "2030-01-07T08:00Z", "appointments_ends_after_start"),
        (None, "2030-01-07T09:00Z", "starts_at"),
        ("2030-01-07T09:00Z", None, "ends_at"),
        ("2030-01-07T09:00Z", "infinity", "appointments_within_calendar"),
        ("-infinity", "2030-01-07T09:00Z", "appointments_within_calendar"),
        ("1800-01-01T09:00Z", "1800-01-01T10:00Z", "appointments_within_calendar"),
    ],
)
def test_an_empty_or_endless_range_is_refused(
    owner: Session, practice: Practice, starts_at: str | None, ends_at: str | None, constraint: str
) -> None:
    """Each would slip past an exclusion constraint, or stop everybody for ever."""
    statement = text(
        "INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at)"
        " VALUES (:patient, :dentist, :starts, :ends)"
    )
    values = {"patient": practice.patients[0], "dentist": practice.dentists[0], "starts": starts_at, "ends": ends_at}
    assert refused_by(owner, lambda: owner.execute(statement, values)) == constraint


def test_a_status_that_frees_the_time_frees_it_for_plain_sql_too(owner: Session, practice: Practice) -> None:
    """Cancelled or struck out, it claims nothing; back to booked it must find its time free."""
    monday, (mia, noah, *_), anna = a_free_monday(), practice.patients, practice.dentists[0]
    first = plain_sql.book(owner, mia, anna, monday)
    for status in ("cancelled", "noshow", "entered-in-error"):
        owner.execute(text("UPDATE appointments SET status = :s WHERE id = :id"), {"s": status, "id": first})
        second = plain_sql.book(owner, noah, anna, monday)
        owner.commit()
        back = text("UPDATE appointments SET status = 'booked' WHERE id = :id")
        assert refused_by(owner, lambda: owner.execute(back, {"id": first})) == "claims_no_double_booking"  # noqa: B023
        owner.execute(text("DELETE FROM appointments WHERE id = :id"), {"id": second})
        owner.commit()


# Every way into the diary, for one time of one dentist that somebody has already.
HOLD = text("""
    INSERT INTO holds (user_id, dentist_id, starts_at, ends_at, expires_at)
    SELECT id, :dentist, :at, :to, clock_timestamp() + interval '5 minutes' FROM users LIMIT 1
""")
WRITE_PATHS: dict[str, str] = {
    "a booking": "INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at)"
    " VALUES (:patient, :dentist, :at, :to)",
    "a pending booking": "INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at, status)"
    " VALUES (:patient, :dentist, :at, :to, 'pending')",
    "a hold": "INSERT INTO holds (user_id, dentist_id, starts_at, ends_at, expires_at)"
    " SELECT id, :dentist, :at, :to, clock_timestamp() + interval '5 minutes' FROM users LIMIT 1",
    "an expired hold": "INSERT INTO holds (user_id, dentist_id, starts_at, ends_at, expires_at)"
    " SELECT id, :dentist, :at, :to, clock_timestamp() - interval '5 minutes' FROM users LIMIT 1",
    "another start": "UPDATE appointments SET starts_at = :at, ends_at = :to WHERE id = :other",
    "a buffer that reaches into it": "UPDATE appointments SET starts_at = :to, ends_at = :to + interval '1 hour',"
    " buffer_before_minutes = 1 WHERE id = :other",
    "another dentist": "UPDATE appointments SET dentist_id = :dentist WHERE id = :elsewhere",
    "a status that blocks": "UPDATE appointments SET status = 'booked' WHERE id = :missed",
    "a hold that moves": "UPDATE holds SET starts_at = :at, ends_at = :to",
}


@pytest.mark.parametrize("taken_by", ["an appointment", "a hold"])
@pytest.mark.parametrize("role", ["owner", "worker"])
@pytest.mark.parametrize("path", WRITE_PATHS)
def test_no_way_of_writing_gets_past_the_claims(
    module_database: DatabaseUrls, path: str, role: str, taken_by: str
) -> None:
    """Whoever writes, and however: inserts and updates of appointments and holds meet the same constraint."""
    with plain_sql.connect(getattr(module_database, role)) as session:
        dentists = session.scalars(text("SELECT id FROM dentists ORDER BY name")).all()
        patients = session.scalars(text("SELECT id FROM patients ORDER BY name")).all()
        monday = a_free_monday()
        hour, half = timedelta(hours=1), timedelta(minutes=30)
        values = {"dentist": dentists[0], "patient": patients[1], "at": monday, "to": monday + half}
        if taken_by == "an appointment":
            plain_sql.book(session, patients[0], dentists[0], monday)
        else:
            session.execute(HOLD, values)
        values["other"] = plain_sql.book(session, patients[2], dentists[0], monday + 4 * hour)
        values["elsewhere"] = plain_sql.book(session, patients[3], dentists[1], monday)
        values["missed"] = plain_sql.book(session, patients[4], dentists[0], monday, status="noshow")
        if path == "a hold that moves":
            session.execute(text("DELETE FROM holds WHERE starts_at <> :at"), values)
            session.execute(HOLD, {**values, "at": monday + 2 * hour, "to": monday + 2 * hour + half})
        statement = WRITE_PATHS[path] + (" WHERE starts_at <> :at" if path == "a hold that moves" else "")
        names = {name: value for name, value in values.items() if f":{name}" in statement}
        assert refused_by(session, lambda: session.execute(text(statement), names)) == "claims_no_double_booking"


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("ends_at", "2030-01-07T09:00Z", "holds_ends_after_start"),
        ("ends_at", "2030-01-07T08:00Z", "holds_ends_after_start"),
        ("ends_at", "infinity", "holds_within_calendar"),
        ("starts_at", "-infinity", "holds_within_calendar"),
        ("starts_at", None, "starts_at"),
        ("ends_at", None, "ends_at"),
        ("dentist_id", None, "dentist_id"),
        ("expires_at", None, "expires_at"),
        ("buffer_before_minutes", -60, "holds_buffers_not_negative"),
        ("buffer_after_minutes", -60, "holds_buffers_not_negative"),
    ],
)
@pytest.mark.parametrize("when", ["inserted", "updated"])
def test_a_hold_without_a_proper_range_is_refused(
    owner: Session, practice: Practice, column: str, value: object, constraint: str, when: str
) -> None:
    """Empty, endless, without a dentist, or shrunk to nothing by buffers: it would hold nothing, or for ever."""
    values: dict[str, object] = {
        "dentist_id": practice.dentists[0],
        "starts_at": "2030-01-07T09:00Z",
        "ends_at": "2030-01-07T09:30Z",
        "expires_at": "2030-01-01T00:00Z",
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
    }
    insert = text(
        f"INSERT INTO holds (user_id, {', '.join(values)}) SELECT id, :{', :'.join(values)} FROM users LIMIT 1"
    )
    if when == "inserted":
        assert refused_by(owner, lambda: owner.execute(insert, {**values, column: value})) == constraint
        return
    owner.execute(insert, values)
    owner.commit()
    update = text(f"UPDATE holds SET {column} = :value")
    assert refused_by(owner, lambda: owner.execute(update, {"value": value})) == constraint


@pytest.mark.parametrize("column", ["starts_at", "ends_at", "dentist_id", "patient_id", "status"])
def test_what_an_appointment_claims_cannot_become_null(owner: Session, practice: Practice, column: str) -> None:
    """A range without an end, or nobody's, would be in nobody's way."""
    booked = plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    owner.commit()
    statement = text(f"UPDATE appointments SET {column} = NULL WHERE id = :id")
    assert refused_by(owner, lambda: owner.execute(statement, {"id": booked})) in (
        column,
        # The name of nobody is looked up before the row is checked.
        column.replace("_id", "_name"),
    )


@pytest.mark.parametrize("column", ["claimed_from", "claimed_to", "buffer_before_minutes", "buffer_after_minutes"])
@pytest.mark.parametrize("table", ["appointments", "holds"])
def test_what_a_writer_leaves_null_or_forges_is_filled_in(
    owner: Session, practice: Practice, table: str, column: str
) -> None:
    """The claimed range is computed whatever the writer says, and a missing buffer is the treatment's."""
    monday, dentist = a_free_monday(), practice.dentists[0]
    if table == "appointments":
        plain_sql.book(owner, practice.patients[0], dentist, monday)
    else:
        owner.execute(HOLD, {"dentist": dentist, "at": monday, "to": monday + timedelta(minutes=30)})
    forged = ["NULL"] if column.endswith("minutes") else ["NULL", "starts_at + interval '10 minutes'"]
    claims = text("SELECT lower(during), upper(during) FROM claims WHERE resource_id = :dentist AND during @> :at")
    for value in forged:
        owner.execute(
            text(f"UPDATE {table} SET {column} = {value} WHERE dentist_id = :dentist AND starts_at = :at"),
            {"dentist": dentist, "at": monday},
        )
        found = owner.execute(claims, {"dentist": dentist, "at": monday}).one()
        assert tuple(found) == (monday, monday + timedelta(minutes=30))


@pytest.mark.parametrize("during", ["NULL", "'empty'::tstzrange"])
def test_a_claim_itself_is_neither_empty_nor_null(owner: Session, during: str) -> None:
    """Even the owner, who alone may write there by hand."""
    statement = text(
        "INSERT INTO claims (owner_id, owner_kind, resource_id, during)"
        f" VALUES (gen_random_uuid(), 'hold', gen_random_uuid(), {during})"
    )
    assert refused_by(owner, lambda: owner.execute(statement)) in ("claims_not_empty", "during")


# What triggers keep.


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
    assert set(columns) == {"owner_id", "owner_kind", "resource_id", "during", "expires_at"}
