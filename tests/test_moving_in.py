"""Coming from elsewhere and going there: patients from a file, all of them or nobody, and the practice as tables."""

from __future__ import annotations

import csv
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.cli import main
from dental_sync.core.config import Settings
from dental_sync.records import patients_import
from dental_sync.sync import log
from tests import plain_sql
from tests.conftest import Practice, a_free_monday
from tests.test_cli import environment

Import = Callable[..., Result]

KNOWN = text(
    "SELECT name, phone, email, birth_date::text, online_booking_barred FROM patients ORDER BY folded_name, id"
)


@pytest.fixture
def run(settings: Settings) -> Callable[..., Result]:
    """Run a command on this test's database."""
    return lambda *arguments: CliRunner().invoke(main, arguments, env=environment(settings))


@pytest.fixture
def bring(run: Callable[..., Result], tmp_path: Path) -> Import:
    """Import what is written there."""

    def bring(content: str | bytes, *options: str) -> Result:
        path = tmp_path / "patients.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return run("import-patients", str(path), *options)

    return bring


def patients_named(owner: Session, part: str) -> list[Any]:
    """Who is entered, by name, as seen from now on."""
    owner.rollback()
    found = owner.execute(KNOWN).all()
    return [row for row in found if part in row.name]


NEW = "Name;Telefon;E-Mail;Geburtsdatum;PLZ\nÄnne Zander;030 1;aenne@x.test;31.12.1980;10115\nOle Zander;;;;\n"


def test_patients_are_entered_told_and_noted(bring: Import, owner: Session) -> None:
    """As if the front desk had entered them: staff hear of each, and the trail says that it was the command line."""
    log.publish(owner, wait=True)
    owner.commit()
    done = bring(NEW.encode("cp1252"))
    assert (done.exit_code, done.output.splitlines()) == (
        0,
        [
            "Read as windows-1252, separated by semicolon: 2 rows.",
            "Nothing is taken from these columns: PLZ.",
            "Patients that were entered: 2.",
        ],
    )
    assert [tuple(row) for row in patients_named(owner, "Zander")] == [
        ("Änne Zander", "030 1", "aenne@x.test", "1980-12-31", False),
        ("Ole Zander", None, None, None, False),
    ]
    ids = set(owner.scalars(text("SELECT id::text FROM patients WHERE name LIKE '%Zander'")))
    told = log.publish(owner, wait=True)
    assert {(message.type, message.payload["kind"], message.payload["change"]) for message in told} == {
        ("record:changed", "patient", "created")
    }
    assert {message.payload["id"] for message in told} == ids
    [entry] = owner.execute(text("SELECT * FROM audit WHERE action = 'create' AND record_kind = 'patient'")).all()
    assert (entry.actor_id, entry.details, {str(id_) for id_ in entry.record_ids}) == (None, {"commandLine": True}, ids)
    noted = text("SELECT DISTINCT action FROM audit WHERE record_ids && CAST(:ids AS uuid[])")
    assert owner.scalars(noted, {"ids": sorted(ids)}).all() == ["create"]


def test_a_dry_run_says_what_would_happen_and_changes_nothing(bring: Import, owner: Session) -> None:
    """Its exit status is that of the import."""
    before = owner.execute(KNOWN).all()
    tried = bring(NEW, "--dry-run")
    assert (tried.exit_code, tried.output.splitlines()[-1]) == (0, "Patients that would be entered: 2.")
    assert patients_named(owner, "") == before
    assert bring(NEW + "Ole Zander;;;;\n", "--dry-run").exit_code == 1
    assert owner.scalar(text("SELECT count(*) FROM audit WHERE action = 'create'")) == 0


def test_every_wrong_line_and_every_double_is_listed_and_nobody_is_entered(
    bring: Import, owner: Session, practice: Practice
) -> None:
    """At once, by line and reason, and without a word of what is in them."""
    refused = bring("name,birthDate\nTom Secret,\nNina Secret,1.1.80\nSchmidt Mia,\nSECRET tom,2001-01-01\n,\n")
    assert refused.exit_code == 1
    assert refused.output.splitlines() == [
        "Read as utf-8, separated by comma: 4 rows.",
        "line 3: birthDate must be a date such as 1980-12-31",
        f"line 4: may be the same person as the patient {practice.patients[0]}",
        "line 5: may be the same person as line 2",
        "Error: nobody is entered, for 1 line is wrong, and 2 may be entered already: --skip-doubles leaves them out, "
        "--allow-doubles enters them too",
    ]
    assert patients_named(owner, "Secret") == []


def test_a_record_that_was_merged_is_the_one_that_is_left(
    bring: Import, run: Callable[..., Result], owner: Session, practice: Practice
) -> None:
    """It is exported once, and who is like what was merged is like that one."""
    owner.execute(text("DELETE FROM appointments"))
    old, left = practice.patients[:2]
    owner.execute(
        text("UPDATE patients SET user_id = NULL, merged_into = :left WHERE id = :old"), {"old": old, "left": left}
    )
    owner.commit()
    refused = bring("name\nMia Schmidt\n")
    assert refused.output.splitlines()[1] == f"line 2: may be the same person as the patient {left}"
    exported = run("export-patients").output
    assert str(left) in exported
    assert str(old) not in exported


# Two of one name and another day of birth are two people, although the one between them may be either.
ALIKE = "name,birthDate,phone\nMia Schmidt,,\nAda Zander,1980-01-01,\nAda Zander,,\nAda Zander,1990-01-01,\n"
ALIKE += "Zander Ada,1980-01-01,\nIda Zander,2001-02-03,+49 30 12345\nIda Alt,2001-02-03,(030) 12345\n"


def test_doubles_may_be_left_out(bring: Import, owner: Session) -> None:
    """Of those in the file the first stays; who is like nobody but one who was left out stays too."""
    done = bring(ALIKE, "--skip-doubles")
    assert done.exit_code == 0, done.output
    assert [line.partition(":")[0] for line in done.output.splitlines()[1:-1]] == [
        "line 2",
        "line 4",
        "line 6",
        "line 8",
    ]
    assert done.output.splitlines()[-1] == "Patients that were entered: 3."
    assert [(row.name, row.birth_date) for row in patients_named(owner, "Zander")] == [
        ("Ada Zander", "1980-01-01"),
        ("Ada Zander", "1990-01-01"),
        ("Ida Zander", "2001-02-03"),
    ]
    noted = owner.scalar(text("SELECT count(*) FROM record_changes WHERE kind = 'patient'"))
    assert noted == 3, "staff hear of those who were left out"


def test_doubles_may_be_entered(bring: Import, owner: Session) -> None:
    """They are listed all the same."""
    done = bring(ALIKE, "--allow-doubles")
    assert done.exit_code == 0
    assert [line.partition(":")[0] for line in done.output.splitlines()[1:-1]] == [
        *("line 2", "line 4", "line 5", "line 6", "line 8")
    ]
    assert len(patients_named(owner, "Zander")) == 5
    assert len(patients_named(owner, "Mia Schmidt")) == 2


def test_remarks_are_those_of_an_account_of_staff(bring: Import, owner: Session) -> None:
    """A remark has an author; without one, or with a patient's, nothing is entered."""
    content = "name,remark\nOle Zander,Talks.\nAda Zander,\n"
    for options in ((), ("--remarks-by", "patient1@demo.test"), ("--remarks-by", "nobody@demo.test")):
        refused = bring(content, *options)
        assert refused.exit_code == 1
        assert "--remarks-by" in refused.output
    assert patients_named(owner, "Zander") == []
    assert bring(content, "--remarks-by", "desk@demo.test").exit_code == 0
    remarks = owner.execute(
        text(
            "SELECT p.name, remark, u.email FROM patient_remarks JOIN users u ON u.id = updated_by"
            " JOIN patients p ON p.id = patient_id"
        )
    )
    assert [tuple(row) for row in remarks] == [("Ole Zander", "Talks.", "desk@demo.test")]


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("Telefon\n1\n", (), "no column is the name"),
        ('Name\n"x\n', (), "quotation mark"),
        ("Name\nx\n", ("--encoding", "utf-7"), "utf-7"),
    ],
)
def test_what_is_no_table_of_patients_is_refused_in_words(
    bring: Import, content: str, options: tuple[str, ...], said: str
) -> None:
    """Without a traceback."""
    refused = bring(content, *options)
    assert refused.exit_code in (1, 2)
    assert said in refused.output
    assert isinstance(refused.exception, SystemExit)


def test_a_second_import_does_not_run_beside_the_first(bring: Import, owner: Session) -> None:
    """It could not see whom the first has entered."""
    assert owner.scalar(patients_import._TURN)
    refused = bring(NEW)
    assert refused.exit_code == 1
    assert "another import" in refused.output
    owner.rollback()
    assert bring(NEW).exit_code == 0


def test_nobody_waits_for_an_import(settings: Settings, owner: Session, practice: Practice, tmp_path: Path) -> None:
    """Neither a booking nor a new patient: an import that is not committed yet has locked nothing that others need."""
    path = tmp_path / "new.csv"
    path.write_text(NEW)
    with plain_sql.connect(settings.database_url) as importing, path.open("rb") as file:
        report = patients_import.run(importing, file, doubles="refuse", dry_run=False, now=a_free_monday())
        assert report.refusal is None
        owner.execute(text("SET LOCAL lock_timeout = '1s'"))
        plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
        owner.execute(text("INSERT INTO patients (id, name) VALUES (gen_random_uuid(), 'Änne Zander')"))
        owner.execute(text("UPDATE patients SET phone = '1'"))
        log.publish(owner, wait=True)
        owner.commit()
        importing.rollback()


def test_what_is_exported_is_imported_as_it_was(
    bring: Import, run: Callable[..., Result], owner: Session, tmp_path: Path
) -> None:
    """Into an empty practice, by way of a spreadsheet or of a program: each fact of each patient, and the remarks."""
    owner.execute(text("UPDATE patients SET phone = '+49 30 1', birth_date = '1980-12-31' WHERE name = 'Mia Schmidt'"))
    owner.execute(
        text("UPDATE patients SET name = '=1+1 \"Noah\"; x', online_booking_barred = true WHERE name LIKE 'Noah%'")
    )
    owner.execute(
        text(
            "INSERT INTO patient_remarks (patient_id, remark, updated_by)"
            " SELECT p.id, E'Two\\n\\nlines, of text', u.id FROM patients p, users u"
            " WHERE p.name = 'Mia Schmidt' AND u.email = 'desk@demo.test'"
        )
    )
    owner.commit()
    before = owner.execute(KNOWN).all()
    tables = []
    for number, options in enumerate([(), ("--exact", "--separator", "tab")]):
        path = tmp_path / f"{number}.csv"
        assert run("export-patients", "--output", str(path), *options).exit_code == 0
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert run("export-patients", *options).stdout_bytes == path.read_bytes()
        tables.append(path.read_bytes())
    assert b"'=1+1" in tables[0]
    assert b"'=1+1" not in tables[1]
    for table in tables:
        owner.execute(text("DELETE FROM appointments"))
        owner.execute(text("DELETE FROM patients"))
        owner.commit()
        done = bring(table, "--remarks-by", "desk@demo.test")
        assert done.exit_code == 0, done.output
        assert patients_named(owner, "") == before
        assert owner.scalars(text("SELECT remark FROM patient_remarks")).all() == ["Two\n\nlines, of text"]
        owner.rollback()


def test_an_export_is_in_the_audit_trail(run: Callable[..., Result], owner: Session) -> None:
    """Nobody takes the practice's data away unseen, from the machine itself either."""
    for command, kind in (("export-patients", "patient"), ("export-appointments", "appointment")):
        assert run(command).exit_code == 0
        [entry] = owner.execute(
            text("SELECT * FROM audit WHERE action = 'export' AND record_kind = :kind"), {"kind": kind}
        )
        assert (entry.actor_id, entry.record_ids, entry.details) == (None, [], {"commandLine": True})


def test_appointments_are_exported_with_the_clocks_of_their_dentists(
    run: Callable[..., Result], owner: Session, practice: Practice
) -> None:
    """Treatments and chairs by name; what was entered in error is left out, and notes are nowhere."""
    owner.execute(text("DELETE FROM appointments"))
    start = a_free_monday()
    kept = plain_sql.book(
        owner, practice.patients[0], practice.dentists[0], start, treatment_id=practice.treatments["Cleaning"]
    )
    visit = plain_sql.book(owner, practice.patients[1], practice.dentists[1], start)
    plain_sql.book(owner, practice.patients[2], practice.dentists[2], start, status="entered-in-error")
    owner.execute(
        text("UPDATE dentists SET follows_practice = false, time_zone = 'Asia/Tokyo' WHERE id = :id"),
        {"id": practice.dentists[1]},
    )
    owner.execute(
        text(
            "UPDATE appointments SET treatment_id = :one, treatment_ids = ARRAY[:one, :two]::uuid[], reason = '=x'"
            " WHERE id = :id"
        ),
        {"one": practice.treatments["Filling"], "two": practice.treatments["Cleaning"], "id": visit},
    )
    owner.commit()
    exported = run("export-appointments", "--separator", "semicolon")
    rows = list(csv.DictReader(exported.stdout_bytes.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert {
        (row["id"], row["patientName"], row["treatments"], row["reason"], row["startsAt"][-6:]) for row in rows
    } == {
        (
            str(kept),
            "Mia Schmidt",
            "Cleaning",
            "",
            "+01:00" if "+01:00" in rows[0]["startsAt"] + rows[1]["startsAt"] else "+02:00",
        ),
        (str(visit), "Noah Becker", "Filling + Cleaning", "'=x", "+09:00"),
    }


def test_an_export_that_cannot_be_written_is_one_line(run: Callable[..., Result], tmp_path: Path) -> None:
    """Exit status 1, and no traceback."""
    refused = run("export-patients", "--output", str(tmp_path / "nowhere" / "x.csv"))
    assert (refused.exit_code, refused.output) == (1, "Error: the table cannot be written: No such file or directory\n")
