"""The guard: with the web role's rights each account sees its own rows, even through a query that forgot its WHERE."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.config import sqlalchemy_url
from dental_sync.core.database_failures import sqlstate
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.queries import appointments
from dental_sync.storage import row_security
from dental_sync.sync import channels, log
from tests import plain_sql
from tests.conftest import SignedInPractice, a_free_monday

# Nobody's secrets: the practice as everybody may know it, and what the processes need to find their way.
WITHOUT_PERSONAL_DATA = {
    "alembic_version",
    "chairs",
    "claims",
    "closures",
    "dentists",
    "lane",
    "log_head",
    "practice",
    "treatments",
    "working_hours",
}
GUARDED = {
    "appointment_notes",
    "appointments",
    "audit",
    "auth_sessions",
    "changes",
    "holds",
    "patients",
    "sync_events",
    "time_off",
    "users",
    "write_requests",
}


@dataclass(frozen=True)
class House:
    """A practice in which every guarded table has rows of several people, and the people."""

    urls: DatabaseUrls
    mia: Actor
    noah: Actor
    anna: Actor
    ben: Actor
    admin: Actor
    chatbot: Actor
    # Of Mia and of Noah with Anna, of Mia with Ben; and one of Mia with Anna that was struck out.
    appointments: tuple[uuid.UUID, uuid.UUID, uuid.UUID, uuid.UUID]

    def rows(self, who: Actor | row_security.Identity, query: str, **values: Any) -> list[Any]:
        """What a query with the web role's rights gives this account; the first column."""
        with plain_sql.connect(self.urls.web, who) as session:
            return list(session.scalars(text(query), values))

    def log_rows(self) -> list[Any]:
        """The log as the owner sees it."""
        with plain_sql.connect(self.urls.owner) as owner:
            return list(owner.execute(text("SELECT * FROM sync_events ORDER BY position")))

    def count(self, who: Actor | row_security.Identity, table: str) -> int:
        """How many rows of a table somebody sees."""
        counted: int = self.rows(who, f"SELECT count(*) FROM {table}")[0]
        return counted


@pytest.fixture(scope="module")
def house(servers: TemporaryServers, signed_in: SignedInPractice) -> Iterator[House]:
    """One for all tests that change nothing."""
    urls = servers.postgres.create_database("practice_guarded", signed_in.template)
    with plain_sql.connect(urls.owner) as owner:
        yield _furnished(owner, urls)
    servers.postgres.drop_database("practice_guarded")


def _furnished(owner: Session, urls: DatabaseUrls) -> House:
    people = {
        row.email.split("@")[0]: Actor(row.id, row.role, row.name, row.email, row.patient_id, row.dentist_id)
        for row in owner.execute(
            text("""SELECT u.*, p.id AS patient_id, d.id AS dentist_id FROM users u
                LEFT JOIN patients p ON p.user_id = u.id LEFT JOIN dentists d ON d.user_id = u.id""")
        )
    }
    mia, noah, anna, ben = (people[name] for name in ("patient1", "patient2", "dentist1", "dentist2"))
    owner.execute(text("DELETE FROM appointments"))
    monday = a_free_monday()

    def book(patient: Actor, dentist: Actor, weeks: int, status: str = "booked") -> uuid.UUID:
        assert patient.patient_id is not None
        assert dentist.dentist_id is not None
        at = a_free_monday(weeks=weeks)
        return plain_sql.book(owner, patient.patient_id, dentist.dentist_id, at, status=status)

    booked = (
        book(mia, anna, 5),
        book(noah, anna, 6),
        book(mia, ben, 7),
        book(mia, anna, 8, "entered-in-error"),
    )
    log.publish(owner, wait=True)
    for appointment_id, author in zip(booked, (anna, anna, ben, anna), strict=True):
        owner.execute(
            text("INSERT INTO appointment_notes (appointment_id, notes, updated_by) VALUES (:id, 'caries', :by)"),
            {"id": appointment_id, "by": author.user_id},
        )
    for person, weeks in ((mia, 9), (noah, 10)):
        owner.execute(
            text("""INSERT INTO holds (user_id, dentist_id, starts_at, ends_at, expires_at)
                VALUES (:user, :dentist, :at, CAST(:at AS timestamptz) + interval '1 hour', now())"""),
            {"user": person.user_id, "dentist": ben.dentist_id, "at": a_free_monday(weeks=weeks)},
        )
    for dentist in (anna, ben):
        owner.execute(
            text("""INSERT INTO time_off (dentist_id, starts_at, ends_at, reason)
                VALUES (:dentist, :at, CAST(:at AS timestamptz) + interval '1 day', 'surgery')"""),
            {"dentist": dentist.dentist_id, "at": monday},
        )
    for person in (mia, anna):
        owner.execute(
            text("""INSERT INTO write_requests (id, sender_id, action, body, method, path, body_hash)
                VALUES (gen_random_uuid(), :sender, 'book', '{}', 'POST', '/api/appointments', '')"""),
            {"sender": person.user_id},
        )
    owner.commit()
    return House(urls, mia, noah, anna, ben, people["admin"], people["chatbot"], booked)


# Whose tables.


def test_every_table_is_guarded_or_known_to_hold_nothing_personal(house: House) -> None:
    """A new table must decide: a policy, or a place in the list above."""
    with plain_sql.connect(house.urls.owner) as owner:
        tables = dict(
            owner.execute(
                text("""SELECT relname, relrowsecurity FROM pg_class
                    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'f')""")
            ).all()
        )
        views = set(owner.scalars(text("SELECT viewname FROM pg_views WHERE schemaname = 'public'")))
    assert {table for table, guarded in tables.items() if guarded} == GUARDED
    assert {table for table, guarded in tables.items() if not guarded} == WITHOUT_PERSONAL_DATA
    # A view has its owner's eyes.
    assert views == {"absences"}


@pytest.mark.parametrize("table", sorted(GUARDED))
def test_who_says_nothing_sees_nothing(house: House, table: str) -> None:
    """A process that forgot to say who acts learns nothing, whatever is in the table."""
    with plain_sql.connect(house.urls.owner) as owner:
        assert owner.scalar(text(f"SELECT count(*) FROM {table}"))
    assert house.count(row_security.NOBODY, table) == 0


@pytest.mark.parametrize("table", sorted(GUARDED - {"audit", "appointment_notes"}))
def test_the_worker_works_for_everybody(house: House, table: str) -> None:
    """The lane decides for all, so it sees all that it has a right to read."""
    counted = "SELECT count(id) FROM" if table in ("users", "auth_sessions") else "SELECT count(*) FROM"
    with plain_sql.connect(house.urls.owner) as owner, plain_sql.connect(house.urls.worker) as worker:
        statement = text(f"{counted} {table}")
        assert worker.scalar(statement) == owner.scalar(statement)


def test_the_lesser_roles_are_neither_owner_nor_superuser_and_cannot_get_past_it(house: House) -> None:
    """An owner could lift it, a superuser and BYPASSRLS would not notice it."""
    with plain_sql.connect(house.urls.owner) as owner:
        owners = set(owner.scalars(text("SELECT tableowner FROM pg_tables WHERE schemaname = 'public'")))
    for url in (house.urls.web, house.urls.worker):
        with plain_sql.connect(url) as session:
            role = session.execute(
                text("SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
            ).one()
            assert role.rolname not in owners
            assert (role.rolsuper, role.rolbypassrls, role.rolcreaterole) == (False, False, False)
            for name in owners:
                assert not session.scalar(text("SELECT pg_has_role(:owner, 'MEMBER')"), {"owner": name})


def test_plain_psql_as_the_owner_sees_all(house: House) -> None:
    """Without a word about who acts: an operator at night needs no ceremony."""
    with plain_sql.connect(house.urls.owner) as owner:
        assert owner.scalar(text("SELECT count(*) FROM appointments")) == 4
        assert log.read(owner, since=0, limit=10, channels=["appointments:all"])


# What each account sees.


def test_a_patient_sees_their_own_rows_without_a_where(house: House) -> None:
    """And no notes, no log of others, no word of why a dentist is away."""
    first, _, third, _ = house.appointments
    assert set(house.rows(house.mia, "SELECT id FROM appointments")) == {first, third}
    assert house.rows(house.mia, "SELECT id FROM patients") == [house.mia.patient_id]
    assert house.rows(house.mia, "SELECT id FROM users") == [house.mia.user_id]
    assert set(house.rows(house.mia, "SELECT user_id FROM auth_sessions")) == {house.mia.user_id}
    assert house.rows(house.mia, "SELECT user_id FROM holds") == [house.mia.user_id]
    assert house.rows(house.mia, "SELECT sender_id FROM write_requests") == [house.mia.user_id]
    for table in ("appointment_notes", "time_off", "changes", "audit"):
        assert house.count(house.mia, table) == 0


def test_a_dentist_sees_their_own_diary_without_a_where(house: House) -> None:
    """Whoever comes to them is theirs to know; Mia's visit to a colleague is not."""
    first, second, third, _ = house.appointments
    assert set(house.rows(house.anna, "SELECT id FROM appointments")) == {first, second}
    assert set(house.rows(house.anna, "SELECT id FROM patients")) == {house.mia.patient_id, house.noah.patient_id}
    assert house.rows(house.ben, "SELECT id FROM patients") == [house.mia.patient_id]
    assert set(house.rows(house.anna, "SELECT appointment_id FROM appointment_notes")) == {first, second}
    assert house.rows(house.ben, "SELECT appointment_id FROM appointment_notes") == [third]
    assert house.rows(house.anna, "SELECT dentist_id FROM time_off") == [house.anna.dentist_id]
    assert house.rows(house.anna, "SELECT id FROM users") == [house.anna.user_id]
    assert house.rows(house.anna, "SELECT sender_id FROM write_requests") == [house.anna.user_id]
    for table in ("holds", "changes", "audit"):
        assert house.count(house.anna, table) == 0


def test_the_chatbot_sees_nothing_personal(house: House) -> None:
    """Its own account, and what is free."""
    assert house.rows(house.chatbot, "SELECT id FROM users") == [house.chatbot.user_id]
    assert set(house.rows(house.chatbot, "SELECT user_id FROM auth_sessions")) == {house.chatbot.user_id}
    assert set(house.rows(house.chatbot, "SELECT type FROM sync_events")) == {"availability:changed"}
    for table in GUARDED - {"users", "auth_sessions", "sync_events"}:
        assert house.count(house.chatbot, table) == 0


@pytest.mark.parametrize("table", sorted(GUARDED))
def test_an_admin_sees_all_but_what_is_not_published_yet(house: House, table: str) -> None:
    """The front desk works with everybody's records."""
    with plain_sql.connect(house.urls.owner) as owner:
        there = owner.scalar(text(f"SELECT count(*) FROM {table}"))
    assert house.count(house.admin, table) == (0 if table == "changes" else there)


@pytest.mark.parametrize("table", sorted(GUARDED))
def test_the_process_itself_sees_what_signing_in_and_delivering_need(house: House, table: str) -> None:
    """And no diary, no notes, no audit trail: it has no business there."""
    needed = {"users", "auth_sessions", "patients", "write_requests", "sync_events", "changes"}
    assert (house.count(row_security.SYSTEM, table) > 0) == (table in needed)


@pytest.mark.parametrize("name", ["mia", "noah", "anna", "ben", "admin", "chatbot"])
def test_the_five_places_show_each_account_the_same_appointments(house: House, name: str) -> None:
    """The rule for one, the list, subscribing, reading the log, and the database: the table of docs/permissions.md."""
    actor: Actor = getattr(house, name)
    first, second, third, struck_out = house.appointments
    expected = {
        "mia": {first, third},
        "noah": {second},
        "anna": {first, second},
        "ben": {third},
        "admin": {first, second, third},
        "chatbot": set(),
    }[name]
    with plain_sql.connect(house.urls.owner) as owner:
        rows = owner.execute(text("SELECT id, patient_id, dentist_id FROM appointments")).all()
        # With the owner's rights, which no policy restricts: the condition alone.
        page = appointments.page(owner, actor, appointments.Filter(), after=None, limit=100, follow_from=(0, ""))
        listed = {row["id"] for row in page.rows}
    heard = channels.heard_by(actor)
    ruled, subscribed, read = set(), set(), set()
    for row in rows:
        rooms = {channels.of_patient(row.patient_id), channels.of_dentist(row.dentist_id), channels.ALL_APPOINTMENTS}
        if actor.may_see(patient_id=row.patient_id, dentist_id=row.dentist_id):
            ruled.add(row.id)
        if any(channels.Channel.parse(room).may_be_heard_by(actor) for room in rooms):
            subscribed.add(row.id)
        if heard is None or rooms & set(heard):
            read.add(row.id)
    guarded = set(house.rows(actor, "SELECT id FROM appointments"))
    assert listed == expected
    for found in (ruled, subscribed, read, guarded):
        assert found - {struck_out} == expected


@pytest.mark.parametrize("name", ["mia", "anna", "chatbot", "admin"])
def test_the_log_shows_each_account_its_channels(house: House, name: str) -> None:
    """The same messages by plain SELECT and by the function that uses the index, whatever channels are asked for."""
    actor: Actor = getattr(house, name)
    own = {"mia": house.mia.patient_id, "anna": house.anna.dentist_id}.get(name)
    with plain_sql.connect(house.urls.web, actor) as session:
        seen = session.execute(text("SELECT position, channels FROM sync_events ORDER BY position")).all()
        everything = sorted({channel for row in house.log_rows() for channel in row.channels})
        read = log.read(session, since=0, limit=1_000, channels=everything)
    assert [message.position for message in read] == [row.position for row in seen]
    for row in seen:
        assert name == "admin" or {"availability:all", f"appointments:patient:{own}", f"appointments:dentist:{own}"} & {
            *row.channels
        }
    assert name in ("admin", "chatbot") or any(str(own) in channel for row in seen for channel in row.channels)


def test_nobody_reads_the_log_past_the_guard(house: House) -> None:
    """The function that looks with the owner's eyes asks who acts."""
    for function in (
        "SELECT count(*) FROM heard_messages(ARRAY['appointments:all', 'availability:all'], 0, NULL, 100)",
        "SELECT count(account_of('admin@demo.test'))",
        "SELECT count(*) FROM audit_about(gen_random_uuid())",
    ):
        assert house.rows(row_security.NOBODY, function) == [0]
    assert house.rows(house.mia, "SELECT count(account_of('admin@demo.test'))") == [0]
    first = house.appointments[0]
    assert house.rows(house.mia, "SELECT count(*) FROM audit_about(:id)", id=first) == [0]
    assert house.rows(house.admin, "SELECT count(*) FROM audit_about(:id)", id=first)[0] > 0


def test_absences_say_when_and_not_why(house: House) -> None:
    """Whoever looks for a free time may know that a dentist is away."""
    with plain_sql.connect(house.urls.web) as session:
        rows = session.execute(text("SELECT * FROM absences")).mappings().all()
    assert {row["dentist_id"] for row in rows} == {house.anna.dentist_id, house.ben.dentist_id}
    assert set(rows[0]) == {"dentist_id", "starts_at", "ends_at"}


# What each account may write.


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        # A wish in somebody else's name.
        (
            "mia",
            "INSERT INTO write_requests (id, sender_id, action, body, method, path, body_hash)"
            " VALUES (gen_random_uuid(), :noah, 'book', '{}', 'POST', '/', '')",
        ),
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
        # Notes about a colleague's patient, by a patient, and in a colleague's name.
        ("anna", "INSERT INTO appointment_notes (appointment_id, notes, updated_by) VALUES (:third, 'x', :anna)"),
        ("mia", "INSERT INTO appointment_notes (appointment_id, notes, updated_by) VALUES (:first, 'x', :mia)"),
        ("anna", "UPDATE appointment_notes SET updated_by = :ben"),
        ("admin", "UPDATE appointment_notes SET updated_by = :ben"),
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
    values = {person: getattr(house, person).user_id for person in ("mia", "noah", "anna", "ben")}
    values |= {"first": house.appointments[0], "third": house.appointments[2]}
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
        ("mia", "UPDATE appointment_notes SET notes = 'x'", 0),
        ("anna", "UPDATE appointment_notes SET notes = 'x', updated_by = :anna", 2),
        ("ben", "UPDATE appointment_notes SET notes = 'x', updated_by = :ben", 1),
        ("admin", "UPDATE appointment_notes SET notes = 'x', updated_by = :admin", 4),
        ("anna", "UPDATE patients SET phone = '1'", 0),
        ("chatbot", "UPDATE patients SET phone = '1'", 0),
        ("mia", "DELETE FROM sync_events", 0),
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


def test_one_transaction_may_go_on_as_somebody_else(house: House) -> None:
    """The process signs somebody in and goes on as that account; a savepoint that fails changes nothing about it."""
    users = text("SELECT count(*) FROM users")
    with plain_sql.connect(house.urls.web) as session:
        assert session.scalar(users) == 0
        row_security.become(session, row_security.SYSTEM)
        assert session.scalar(users) == 17
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
