"""The channel `practice`: staff are told which records have changed, by ids alone, whoever changed them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.storage import row_security
from dental_sync.sync import log
from dental_sync.sync.events import Message, RecordNote, expand_records
from tests import plain_sql
from tests.conftest import Practice, a_free_monday
from tests.sync.test_events import NOW

NEW = uuid.uuid4()
# The tables whose changes the release before 0020 publishes; any other stops its log.
KNOWN_BEFORE = {"appointments", "holds", "working_hours", "time_off", "closures", "dentists"}
KNOWN_BEFORE |= {"account_revocations", "truncations"}

# A table, the kind of its records, and the values of a new row beside its id.
TABLES: dict[str, tuple[str, str]] = {
    "patients": ("patient", "(id, name) VALUES (:new, 'Nora Neu')"),
    "dentists": ("dentist", "(id, name) VALUES (:new, 'Dr. Nora Neu')"),
    "treatments": ("treatment", "(id, name, duration_minutes) VALUES (:new, 'Whitening', 60)"),
    "chairs": ("chair", "(id, name, kind) VALUES (:new, 'Room 9', 'surgery')"),
    "closures": ("closure", "(id, starts_at, ends_at) VALUES (:new, :at, CAST(:at AS timestamptz) + interval '1 day')"),
    "time_off": (
        "time-off",
        "(id, dentist_id, starts_at, ends_at) VALUES (:new, :anna, :at, CAST(:at AS timestamptz) + interval '1 day')",
    ),
    "holds": (
        "hold",
        """(id, user_id, dentist_id, starts_at, ends_at, expires_at) SELECT :new, id, :anna, CAST(:at AS timestamptz),
            CAST(:at AS timestamptz) + interval '1 hour', now() FROM users LIMIT 1""",
    ),
}
CHANGED = {
    "holds": "expires_at = expires_at + interval '1 minute'",
    "closures": "reason = 'x'",
    "time_off": "reason = 'x'",
}


def records(messages: list[Message]) -> list[dict[str, Any]]:
    """What was said of records, in order."""
    return [dict(message.payload) for message in messages if message.type == "record:changed"]


def published(session: Session) -> list[Message]:
    """Publish what is due, and commit."""
    messages = log.publish(session, wait=True)
    session.commit()
    return messages


@pytest.fixture
def quiet(owner: Session) -> int:
    """The log once the demo data has been published: its position."""
    published(owner)
    return log.head(owner).position


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("quiet")
def test_a_record_that_is_made_changed_and_removed_is_told_three_times(
    owner: Session, practice: Practice, table: str
) -> None:
    """Each once, in order, to the channel `practice` alone, also what plain SQL did."""
    kind, row = TABLES[table]
    values = {"new": NEW, "anna": practice.dentists[0], "at": a_free_monday(weeks=9)}
    for statement in (
        f"INSERT INTO {table} {row}",
        f"UPDATE {table} SET {CHANGED.get(table, 'name = name || chr(33)')} WHERE id = :new",
        f"UPDATE {table} SET id = id WHERE id = :new",
        f"DELETE FROM {table} WHERE id = :new",
    ):
        owner.execute(text(statement), {name: value for name, value in values.items() if f":{name}" in statement})
        owner.commit()
    messages = published(owner)
    assert records(messages) == [
        {"kind": kind, "id": str(NEW), "change": change} for change in ("created", "updated", "deleted")
    ]
    assert {message.channels for message in messages if message.type == "record:changed"} == {("practice",)}


@pytest.mark.usefixtures("quiet")
def test_the_practice_that_changes_is_told_without_an_id(owner: Session) -> None:
    """There is one."""
    owner.execute(text("UPDATE practice SET name = 'Another name'"))
    owner.commit()
    assert records(published(owner)) == [{"kind": "practice", "id": None, "change": "updated"}]


@pytest.mark.usefixtures("quiet")
def test_hours_are_a_change_of_their_dentist(owner: Session, practice: Practice) -> None:
    """A week that is replaced row by row is one; hours that another dentist gets concern both."""
    anna, ben = practice.dentists[:2]
    owner.execute(
        text("UPDATE working_hours SET ends = '18:00' WHERE starts = '13:00' AND dentist_id = :d"), {"d": anna}
    )
    owner.commit()
    assert records(published(owner)) == [{"kind": "dentist", "id": str(anna), "change": "updated"}]
    owner.execute(
        text("""UPDATE working_hours SET dentist_id = :ben
            WHERE id = (SELECT id FROM working_hours WHERE dentist_id = :anna LIMIT 1)"""),
        {"anna": anna, "ben": ben},
    )
    owner.commit()
    assert [said["id"] for said in records(published(owner))] == [str(anna), str(ben)]


@pytest.mark.usefixtures("quiet")
def test_what_is_remarked_about_a_patient_is_a_change_of_the_patient(owner: Session, practice: Practice) -> None:
    """Told to staff, who read it with the patient; not a word of it, nor that it is a remark."""
    patient = str(practice.patients[0])
    for statement in (
        "INSERT INTO patient_remarks (patient_id, remark, updated_by) SELECT :id, 'Difficult', id FROM users LIMIT 1",
        "UPDATE patient_remarks SET remark = 'Very difficult' WHERE patient_id = :id",
        "DELETE FROM patient_remarks WHERE patient_id = :id",
    ):
        owner.execute(text(statement), {"id": patient})
        owner.commit()
        messages = published(owner)
        assert records(messages) == [{"kind": "patient", "id": patient, "change": "updated"}]
        assert "ifficult" not in str([message.wire() for message in messages])


@pytest.mark.usefixtures("quiet")
def test_what_was_rolled_back_of_a_record_is_never_told(owner: Session) -> None:
    """Neither in the log nor as a hole in it."""
    owner.execute(text("UPDATE patients SET phone = '1'"))
    owner.rollback()
    assert published(owner) == []


def test_nothing_but_ids_is_noted_of_a_record(owner: Session, quiet: int) -> None:
    """A patient's name is in no table that waits to be published, and in no message to staff."""
    owner.execute(text("INSERT INTO patients (name, phone, email) VALUES ('Nora Neu', '030 778899', 'nora@x.test')"))
    owner.commit()
    noted = owner.execute(text("SELECT to_jsonb(record_changes) AS noted FROM record_changes")).scalars().all()
    waiting = owner.execute(text("SELECT to_jsonb(changes) AS noted FROM changes")).scalars().all()
    published(owner)
    told = [message.wire() for message in log.read(owner, since=quiet, limit=100)]
    assert noted
    assert told
    for secret in ("Nora", "778899", "nora@"):
        assert secret not in str([*noted, *waiting, *told])


@pytest.mark.parametrize("role", ["web", "worker"])
def test_both_roles_publish_what_is_noted_of_records(
    database: DatabaseUrls, owner: Session, quiet: int, role: str
) -> None:
    """Also where nothing else has changed: nobody waits for the next booking."""
    owner.execute(text("UPDATE patients SET phone = '1'"))
    owner.commit()
    with plain_sql.connect(getattr(database, role), row_security.SYSTEM) as session:
        messages = log.publish(session, wait=False)
        session.commit()
    assert len(records(messages)) == len(messages) == owner.scalar(text("SELECT count(*) FROM patients"))
    assert [message.position for message in messages] == list(range(quiet + 1, quiet + 1 + len(messages)))
    assert owner.scalar(text("SELECT count(*) FROM record_changes")) == 0


def test_more_records_than_one_publication_takes_are_all_told(
    owner: Session, quiet: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bulk update by plain SQL does not fill the memory, and loses nothing."""
    monkeypatch.setattr(log, "CHANGES_AT_ONCE", 5)
    owner.execute(text("UPDATE patients SET phone = '1'"))
    owner.commit()
    messages = published(owner)
    assert {said["id"] for said in records(messages)} == {
        str(patient) for patient in owner.scalars(text("SELECT id FROM patients"))
    }
    assert [message.position for message in messages] == list(range(quiet + 1, quiet + 1 + len(messages)))


@pytest.mark.usefixtures("quiet")
def test_the_release_before_finds_no_change_that_stops_its_log(owner: Session, practice: Practice) -> None:
    """It takes every row of `changes`, and refuses to publish a table that it does not know."""
    values = {"new": NEW, "anna": practice.dentists[0], "at": a_free_monday(weeks=9)}
    for table, (_, row) in TABLES.items():
        for statement in (f"INSERT INTO {table} {row}", f"DELETE FROM {table} WHERE id = :new"):
            owner.execute(text(statement), {name: value for name, value in values.items() if f":{name}" in statement})
    owner.execute(text("UPDATE practice SET name = 'Another name', minimum_notice_minutes = 7"))
    owner.execute(text("UPDATE treatments SET duration_minutes = 45"))
    assert set(owner.scalars(text("SELECT table_name FROM changes"))) <= KNOWN_BEFORE
    assert owner.scalar(text("SELECT count(*) FROM record_changes")) > len(TABLES)


@pytest.mark.parametrize("table", ["patients", "patient_remarks", "treatments", "chairs", "dentists"])
def test_a_table_of_records_that_is_emptied_begins_another_log(owner: Session, table: str) -> None:
    """Nobody can say row by row what TRUNCATE took away."""
    published(owner)
    before = log.head(owner).epoch
    owner.execute(text(f"TRUNCATE {table} CASCADE"))
    published(owner)
    assert log.head(owner).epoch != before


def test_a_kind_of_record_that_this_release_does_not_know_does_not_stop_the_log() -> None:
    """While two releases run, the older one publishes what the newer one's triggers noted."""
    [(draft, _)] = expand_records([RecordNote("series", NEW, "merged", NOW)])
    assert draft.payload == {"kind": "series", "id": str(NEW), "change": "merged"}


def test_the_same_twice_in_a_row_is_one_change() -> None:
    """And what lies between is not lost."""
    [one, other] = uuid.uuid4(), uuid.uuid4()
    notes = [RecordNote("patient", patient, "updated", NOW) for patient in (one, one, other, one)]
    assert [note.record_id for _, note in expand_records(notes)] == [one, other, one]
