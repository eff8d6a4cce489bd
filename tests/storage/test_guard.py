"""The guard: with the web role's rights each account sees its own rows, even through a query that forgot its WHERE."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from dental_sync.core.actor import Actor
from dental_sync.queries import appointments
from dental_sync.storage import row_security
from dental_sync.sync import channels, log
from tests import plain_sql
from tests.storage.house import House

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
    "practice_logo",
    "rule_changes",
    "treatments",
    "working_hours",
}
GUARDED = {
    "account_codes",
    "acting",
    "appointment_notes",
    "appointments",
    "audit",
    "auth_sessions",
    "calendar_feeds",
    "chair_time_off",
    "changes",
    "code_mails",
    "holds",
    "invitations",
    "kept_answers",
    "mails",
    "patient_merges",
    "patient_remarks",
    "patients",
    "record_changes",
    "reminders",
    "second_factors",
    "sync_events",
    "time_off",
    "users",
    "write_requests",
}

# All that there is to see of a table: of the patients, without the records that were merged.
THERE = {"patients": "(SELECT FROM patients WHERE merged_into IS NULL) AS patients"}

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
    assert views == {"absences", "chair_absences"}


@pytest.mark.parametrize("table", sorted(GUARDED))
def test_who_says_nothing_sees_nothing(house: House, table: str) -> None:
    """A process that forgot to say who acts learns nothing, whatever is in the table."""
    with plain_sql.connect(house.urls.owner) as owner:
        assert owner.scalar(text(f"SELECT count(*) FROM {table}"))
    assert house.count(row_security.NOBODY, table) == 0


@pytest.mark.parametrize(
    "table",
    sorted(
        GUARDED - {"audit", "appointment_notes", "calendar_feeds", "invitations", "patient_remarks", "second_factors"}
    ),
)
def test_the_worker_works_for_everybody(house: House, table: str) -> None:
    """The lane decides for all, so it sees all that it has a right to read."""
    columns = dict.fromkeys(("users", "auth_sessions", "kept_answers"), "id")
    columns |= {"account_codes": "expires_at", "code_mails": "since"}
    counted = f"SELECT count({columns.get(table, '*')}) FROM"
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
    assert house.rows(house.mia, "SELECT user_id FROM calendar_feeds") == [house.mia.user_id]
    assert set(house.rows(house.mia, "SELECT user_id FROM auth_sessions")) == {house.mia.user_id}
    assert house.rows(house.mia, "SELECT user_id FROM holds") == [house.mia.user_id]
    for table in ("write_requests", "kept_answers"):
        assert house.rows(house.mia, f"SELECT sender_id FROM {table}") == [house.mia.user_id]
    assert house.rows(house.mia, "SELECT purpose FROM account_codes") == ["reset"]
    for table in (
        "appointment_notes",
        "code_mails",
        "patient_remarks",
        "time_off",
        "chair_time_off",
        "changes",
        "record_changes",
        "audit",
    ):
        assert house.count(house.mia, table) == 0


def test_a_guardian_sees_what_the_patient_sees_but_for_the_account(house: House) -> None:
    """Appointments, record and messages; not the holds and the requests of the patient's own account."""
    first, _, third, _ = house.appointments
    assert set(house.rows(house.lina, "SELECT id FROM appointments")) == {first, third}
    assert set(house.rows(house.lina, "SELECT id FROM patients")) == {house.mia.patient_id, house.lina.patient_id}
    assert house.rows(house.lina, "SELECT id FROM users") == [house.lina.user_id]
    of_an_account = ("account_codes", "holds", "kept_answers", "write_requests")
    for table in (*of_an_account, "appointment_notes", "patient_remarks", "audit"):
        assert house.count(house.lina, table) == 0
    rooms = house.rows(house.lina, "SELECT unnest(acting_channels())")
    assert set(rooms) - {None} == {*(channels.heard_by(house.lina) or ())}


def test_who_acts_for_whom_is_seen_by_those_whom_it_concerns(house: House) -> None:
    """The account, the patient, and the practice as far as it sees the patient."""
    guardian = (house.lina.user_id, house.mia.patient_id)
    seen = "SELECT patient_id FROM acting WHERE user_id = :lina AND kind = 'guardian'"
    for name in ("lina", "mia", "anna", "ben", "desk", "admin"):
        assert house.rows(getattr(house, name), seen, lina=guardian[0]) == [guardian[1]], name
    for name in ("noah", "emil", "chatbot"):
        assert house.rows(getattr(house, name), seen, lina=guardian[0]) == [], name


def test_no_invitation_is_seen_by_the_invited_or_a_stranger(house: House) -> None:
    """Not even that there is one; staff see that of those whom they may invite."""
    for name in ("mia", "noah", "lina", "emil", "chatbot", "visitor"):
        assert house.count(getattr(house, name), "invitations") == 0
    for name in ("anna", "desk", "admin"):
        assert house.rows(getattr(house, name), "SELECT patient_id FROM invitations") == [house.noah.patient_id]
    assert house.count(house.ben, "invitations") == 0


def test_a_record_that_was_merged_is_nobodys(house: House) -> None:
    """Not even the front desk's, which sees that there was one."""
    gone = "SELECT id FROM patients WHERE name = 'Mia Smith'"
    for name in ("mia", "noah", "lina", "anna", "ben", "emil", "chatbot", "desk", "admin"):
        assert house.rows(getattr(house, name), gone) == [], name
        merges = house.rows(getattr(house, name), "SELECT target_id FROM patient_merges")
        assert merges == ([house.mia.patient_id] if name in ("desk", "admin") else []), name


def test_nobody_accepts_an_invitation_for_another_account(house: House) -> None:
    """The function looks with the owner's eyes, and asks who acts."""
    accept = text("SELECT accept_invitation('x'::bytea, CAST(:account AS uuid))")
    with plain_sql.connect(house.urls.web, house.ben) as session, pytest.raises(ProgrammingError, match="joins itself"):
        session.execute(accept, {"account": house.lina.user_id})


@pytest.mark.parametrize("name", ["mia", "lina", "noah", "ben", "chatbot"])
def test_nobody_makes_themselves_a_guardian(house: House, name: str) -> None:
    """Not by SQL past all rules either, nor the patient of another account."""
    actor: Actor = getattr(house, name)
    with plain_sql.connect(house.urls.web, actor) as session, pytest.raises(ProgrammingError, match="row-level"):
        session.execute(
            text("INSERT INTO acting (user_id, patient_id, kind, granted_by) VALUES (:me, :noah, 'guardian', :me)"),
            {"me": actor.user_id, "noah": house.noah.patient_id},
        )


def test_a_dentist_sees_their_own_diary_without_a_where(house: House) -> None:
    """Whoever comes to them is theirs to know; Mia's visit to a colleague is not."""
    first, second, third, _ = house.appointments
    assert set(house.rows(house.anna, "SELECT id FROM appointments")) == {first, second}
    assert set(house.rows(house.anna, "SELECT id FROM patients")) == {house.mia.patient_id, house.noah.patient_id}
    assert house.rows(house.ben, "SELECT id FROM patients") == [house.mia.patient_id]
    assert set(house.rows(house.anna, "SELECT appointment_id FROM appointment_notes")) == {first, second}
    assert house.rows(house.ben, "SELECT appointment_id FROM appointment_notes") == [third]
    remarked = "SELECT patient_id FROM patient_remarks"
    assert set(house.rows(house.anna, remarked)) == {house.mia.patient_id, house.noah.patient_id}
    assert house.rows(house.ben, remarked) == [house.mia.patient_id]
    assert house.rows(house.anna, "SELECT dentist_id FROM time_off") == [house.anna.dentist_id]
    assert house.rows(house.anna, "SELECT id FROM users") == [house.anna.user_id]
    assert house.rows(house.anna, "SELECT user_id FROM calendar_feeds") == [house.anna.user_id]
    for table in ("write_requests", "kept_answers"):
        assert house.rows(house.anna, f"SELECT sender_id FROM {table}") == [house.anna.user_id]
    # Mia and Noah hold times in Ben's diary.
    assert set(house.rows(house.ben, "SELECT user_id FROM holds")) == {house.mia.user_id, house.noah.user_id}
    for table in ("holds", "chair_time_off", "changes", "record_changes", "audit"):
        assert house.count(house.anna, table) == 0


def test_the_chatbot_sees_nothing_personal(house: House) -> None:
    """Its own account, and what is free."""
    assert house.rows(house.chatbot, "SELECT id FROM users") == [house.chatbot.user_id]
    assert set(house.rows(house.chatbot, "SELECT user_id FROM auth_sessions")) == {house.chatbot.user_id}
    assert set(house.rows(house.chatbot, "SELECT type FROM sync_events")) == {"availability:changed"}
    for table in GUARDED - {"users", "auth_sessions", "sync_events"}:
        assert house.count(house.chatbot, table) == 0


def test_a_visitor_sees_no_patient_no_appointment_and_no_account(house: House) -> None:
    """What is free, as everybody hears of it; not even an account of their own, for there is none."""
    for who in (house.visitor, row_security.VISITOR):
        assert set(house.rows(who, "SELECT type FROM sync_events")) == {"availability:changed"}
        assert house.rows(who, "SELECT unnest(acting_channels())") == channels.heard_by(house.visitor)
        for table in GUARDED - {"sync_events"}:
            assert house.count(who, table) == 0, table
        for function in (
            "times_of_patient(:id, tstzrange(NULL, NULL))",
            "guardians_of(:id)",
            "audit_about(:id)",
            "accounts_found('Mia')",
            "patients_found('Mia', NULL, NULL)",
        ):
            assert house.rows(who, f"SELECT count(*) FROM {function}", id=house.mia.patient_id) == [0], function
    with plain_sql.connect(house.urls.web, house.visitor) as session, pytest.raises(ProgrammingError):
        session.execute(text("SELECT * FROM duplicates_of(:id)"), {"id": house.mia.patient_id})


def test_a_receptionist_sees_the_diary_and_the_patients_and_nothing_that_admins_keep(house: House) -> None:
    """No notes, no accounts or sign-ins but the own, no audit trail, no requests of others."""
    desk = house.desk
    assert set(house.rows(desk, "SELECT id FROM appointments")) == set(house.appointments[:3])
    with plain_sql.connect(house.urls.owner) as owner:
        for table in ("patients", "patient_remarks", "holds", "time_off", "chair_time_off"):
            assert house.count(desk, table) == owner.scalar(text(f"SELECT count(*) FROM {THERE.get(table, table)}"))
    assert house.rows(desk, "SELECT id FROM users") == [desk.user_id]
    assert set(house.rows(desk, "SELECT user_id FROM auth_sessions")) == {desk.user_id}
    hidden = {"account_codes", "appointment_notes", "audit", "changes", "code_mails", "kept_answers", "second_factors"}
    for table in hidden | {"write_requests"}:
        assert house.count(desk, table) == 0


@pytest.mark.parametrize("table", sorted(GUARDED))
def test_an_admin_sees_all_but_what_is_not_published_yet(house: House, table: str) -> None:
    """The front desk works with everybody's records; an answer that is kept for a repeat is of one account alone."""
    with plain_sql.connect(house.urls.owner) as owner:
        there = owner.scalar(text(f"SELECT count(*) FROM {THERE.get(table, table)}"))
    hidden = {"changes", "code_mails", "record_changes", "kept_answers", "mails", "reminders"}
    assert house.count(house.admin, table) == (0 if table in hidden else there)


def test_no_web_process_reads_what_a_mail_says_or_to_whom(house: House) -> None:
    """Health counts them; it is told nothing more."""
    assert house.rows(row_security.SYSTEM, "SELECT kind FROM mails") == ["booked"]
    for column in ("recipient", "facts"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            house.rows(row_security.SYSTEM, f"SELECT {column} FROM mails")


@pytest.mark.parametrize("table", sorted(GUARDED))
def test_the_process_itself_sees_what_signing_in_and_delivering_need(house: House, table: str) -> None:
    """And no diary, no notes, no audit trail: it has no business there."""
    needed = {"users", "auth_sessions", "second_factors", "patients", "acting", "write_requests", "sync_events"}
    needed |= {"account_codes", "calendar_feeds", "changes", "code_mails", "mails", "record_changes"}
    assert (house.count(row_security.SYSTEM, table) > 0) == (table in needed)


@pytest.mark.parametrize("name", ["mia", "noah", "lina", "anna", "ben", "emil", "desk", "admin", "chatbot", "visitor"])
def test_the_five_places_show_each_account_the_same_appointments(house: House, name: str) -> None:
    """The rule for one, the list, subscribing, reading the log, and the database: the table of docs/permissions.md."""
    actor: Actor = getattr(house, name)
    first, second, third, struck_out = house.appointments
    expected = {
        "mia": {first, third},
        "noah": {second},
        "lina": {first, third},
        "anna": {first, second},
        "ben": {third},
        "emil": {second},
        "desk": {first, second, third},
        "admin": {first, second, third},
        "chatbot": set(),
        "visitor": set(),
    }[name]
    with plain_sql.connect(house.urls.owner) as owner:
        rows = owner.execute(text("SELECT id, patient_id, dentist_id, assistant_id FROM appointments")).all()
        # With the owner's rights, which no policy restricts: the condition alone.
        page = appointments.page(owner, actor, appointments.Filter(), after=None, limit=100, follow_from=(0, ""))
        listed = {row["id"] for row in page.rows}
    heard = channels.heard_by(actor)
    ruled, subscribed, read = set(), set(), set()
    for row in rows:
        people = [id_ for id_ in (row.dentist_id, row.assistant_id) if id_ is not None]
        rooms = {channels.of_patient(row.patient_id), *map(channels.of_dentist, people), channels.ALL_APPOINTMENTS}
        if actor.may_see(row.patient_id, row.dentist_id, row.assistant_id):
            ruled.add(row.id)
        if any(channels.Channel.parse(room).may_be_heard_by(actor) for room in rooms):
            subscribed.add(row.id)
        if heard is None or rooms & set(heard):
            read.add(row.id)
    guarded = set(house.rows(actor, "SELECT id FROM appointments"))
    assert listed == expected
    for found in (ruled, subscribed, read, guarded):
        assert found - {struck_out} == expected


@pytest.mark.parametrize("name", ["mia", "anna", "emil", "chatbot", "visitor", "desk", "admin"])
def test_the_log_shows_each_account_its_channels(house: House, name: str) -> None:
    """The same messages by plain SELECT and by the function that uses the index, whatever channels are asked for."""
    actor: Actor = getattr(house, name)
    own = {"mia": house.mia.patient_id, "anna": house.anna.dentist_id, "emil": house.emil.dentist_id}.get(name)
    with plain_sql.connect(house.urls.web, actor) as session:
        seen = session.execute(text("SELECT position, channels FROM sync_events ORDER BY position")).all()
        everything = sorted({channel for row in house.log_rows() for channel in row.channels})
        read = log.read(session, since=0, limit=1_000, channels=everything)
    # What has no channel, as that a session ended, is read with the whole log alone.
    assert [message.position for message in read] == [row.position for row in seen if row.channels]
    assert any("practice" in row.channels for row in seen) == (name in ("anna", "desk", "admin"))
    if name in ("desk", "admin"):
        # Who sees everything hears all that has a channel; what has none is for who administers.
        expected = {row.position for row in house.log_rows() if row.channels or name == "admin"}
        assert {row.position for row in seen} == expected
        return
    mine = {"availability:all", f"appointments:patient:{own}", f"appointments:dentist:{own}"}
    if name == "anna":
        mine.add("practice")
    for row in seen:
        assert mine & {*row.channels}
    assert name in ("chatbot", "visitor") or any(str(own) in channel for row in seen for channel in row.channels)


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


def test_when_a_patient_is_elsewhere_is_told_to_whom_it_concerns(house: House) -> None:
    """The patient, and who may book for them: a dentist is told of a colleague's appointment when it is, no more."""
    mine, noahs, with_ben, _struck_out = house.appointments
    times = "SELECT id FROM times_of_patient(:id, tstzrange(NULL, NULL)) ORDER BY starts_at"
    for who in (house.mia, house.anna, house.ben, house.desk, house.admin):
        assert house.rows(who, times, id=house.mia.patient_id) == [mine, with_ben]
    for who in (house.noah, house.chatbot, row_security.NOBODY, row_security.SYSTEM):
        assert house.rows(who, times, id=house.mia.patient_id) == []
    assert house.rows(house.noah, times, id=house.noah.patient_id) == [noahs]
    with plain_sql.connect(house.urls.web, house.anna) as session:
        row = session.execute(text("SELECT * FROM times_of_patient(:id, NULL)"), {"id": house.mia.patient_id})
        assert set(row.keys()) == {"id", "starts_at", "ends_at"}


def test_absences_say_when_and_not_why(house: House) -> None:
    """Whoever looks for a free time may know that a dentist is away."""
    with plain_sql.connect(house.urls.web) as session:
        rows = session.execute(text("SELECT * FROM absences")).mappings().all()
    assert {row["dentist_id"] for row in rows} == {house.anna.dentist_id, house.ben.dentist_id}
    assert set(rows[0]) == {"dentist_id", "starts_at", "ends_at"}
