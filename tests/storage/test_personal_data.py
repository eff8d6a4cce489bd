"""Every column of the schema is erased, exported, or says nothing about a patient; and what the lists say is so."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from apiflask import APIFlask
from pydantic.alias_generators import to_camel
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.records import export
from dental_sync.records.export import Whose
from dental_sync.records.export_words import WORDS
from tests import plain_sql
from tests.conftest import Caller, sign_in_to
from tests.storage.erasable import fill
from tests.storage.house import House, furnished
from tests.storage.personal_data import MARKS, erased, exported, free

Rows = dict[str, list[dict[str, str]]]


def every_row(owner: Session) -> Rows:
    """Every row of every table, each of its columns as text."""
    owner.rollback()
    tables = owner.scalars(
        text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm')")
    ).all()
    found = {}
    for table in tables:
        # As json_each_text gives them: bytes in hexadecimal digits, arrays and JSON as they are written.
        rows = owner.scalars(
            text(f"SELECT (SELECT json_object_agg(key, value) FROM json_each_text(row_to_json(t))) FROM {table} t")
        )
        found[table] = [{name: value or "" for name, value in row.items()} for row in rows]
    return found


def marked(rows: Rows, *needles: str) -> set[tuple[str, str]]:
    """The columns in which one of these is found."""
    return {
        (table, column)
        for table, of_table in rows.items()
        for row in of_table
        for column, value in row.items()
        if any(needle in value for needle in needles)
    }


@dataclass
class Exported:
    """A zip as it was answered."""

    data: dict[str, Any]
    page: str

    @classmethod
    def read(cls, caller: Caller, patient: object) -> Exported:
        """Ask for it, in German."""
        answer = caller.get(f"/patients/{patient}/export?lang=de")
        assert answer.status_code == 200, answer.json
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            assert archive.namelist() == ["patient.json", "patient.html"]
            return cls(json.loads(archive.read("patient.json")), archive.read("patient.html").decode())


@dataclass
class Erasure:
    """What was there before a patient was erased, what was exported then, and what is there afterwards.

    `counted` is how many rows of each part an account is given where no policy restricts what is read.
    """

    house: House
    before: Rows
    exports: dict[str, Exported]
    counted: dict[str, dict[str, int]]
    after: Rows


def count(owner: Session, house: House, who: Actor) -> dict[str, int]:
    """How many rows of each part the owner's eyes find for an account."""
    assert house.mia.patient_id is not None
    person = export.person(owner, who, house.mia.patient_id)
    return {name: sum(len(at_once) for at_once in rows) for name, rows in export.parts(owner, person)}


@pytest.fixture(scope="module")
def erasure(shared_app: APIFlask) -> Iterator[Erasure]:
    """Erase Mia, of whom everything is known, and whose guardian is Lina."""
    settings = services.of(shared_app, Settings)
    urls = DatabaseUrls(settings.database_url, settings.web_database_url, settings.worker_database_url)
    callers = {name: sign_in_to(shared_app, name) for name in ("patient1", "patient3", "admin")}
    with plain_sql.connect(urls.owner) as owner:
        house = furnished(owner, urls)
        fill(owner, house)
        patient = house.mia.patient_id
        before = every_row(owner)
        exports = {name: Exported.read(caller, patient) for name, caller in callers.items()}
        counted = {name: count(owner, house, who) for name, who in (("patient1", house.mia), ("patient3", house.lina))}
        answer = callers["admin"].post(f"/patients/{patient}/erase")
        assert answer.status_code == 200, answer.json
        yield Erasure(house, before, exports, counted, every_row(owner))


def test_every_column_is_erased_exported_or_free_of_personal_data(house: House) -> None:
    """A new column has to decide: a line in one of the lists."""
    with plain_sql.connect(house.urls.owner) as owner:
        columns = {
            (row.table_name, row.column_name)
            for row in owner.execute(
                text(
                    "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables"
                    " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
                )
            )
        }
    personal = {*erased()} | {(table, column) for table, names in exported().items() for column in names}
    assert personal | free() == columns
    assert personal & free() == set()


def test_the_patient_is_known_in_every_column_that_is_erased(erasure: Erasure) -> None:
    """Or the next test would find nothing where nothing was."""
    missing = {column for column, mark in erased().items() if column not in marked(erasure.before, mark)}
    assert missing == set()


def test_nothing_of_an_erased_patient_is_left_in_any_column(erasure: Erasure) -> None:
    """In no table, and under no name."""
    assert marked(erasure.after, *MARKS) == set()


def test_what_is_erased_leaves_no_hole_and_takes_nothing_of_others(erasure: Erasure) -> None:
    """Positions, types and channels of the log stay, who did what too, and another patient keeps everything."""
    before, after = erasure.before, erasure.after
    told = {(row["position"], row["type"], row["channels"]) for row in before["sync_events"]}
    assert told < {(row["position"], row["type"], row["channels"]) for row in after["sync_events"]}
    noted = {(row["id"], row["at"], row["actor_id"], row["action"], row["record_ids"]) for row in before["audit"]}
    assert noted <= {
        (row["id"], row["at"], row["actor_id"], row["action"], row["record_ids"]) for row in after["audit"]
    }
    mia, noah = str(erasure.house.mia.patient_id), str(erasure.house.noah.patient_id)
    for table, key in (("patients", "id"), ("appointments", "patient_id"), ("patient_remarks", "patient_id")):
        kept = [row for row in before[table] if row[key] == noah]
        assert kept
        assert [row for row in after[table] if row[key] == noah] == kept
    # The guardian's own account is the guardian's.
    lina = str(erasure.house.lina.user_id)
    assert [row for row in after["users"] if row["id"] == lina] == [row for row in before["users"] if row["id"] == lina]
    assert {row["name"] for row in after["patients"] if row["id"] == mia} == {"Erased patient"}
    assert len(after["appointments"]) == len(before["appointments"])


def test_an_admins_export_has_everything_that_is_exported(erasure: Erasure) -> None:
    """Each column by its name, and each mark that is in one of them; the page has them too."""
    found = erasure.exports["admin"]
    assert list(found.data) == ["exportedAt", *(part.name for part in export.PARTS)]
    for part in export.PARTS:
        assert {*found.data[part.name][0]} == {to_camel(column) for column in part.columns}
    marks = {mark for (table, column), mark in erased().items() if column in exported().get(table, ())}
    said = json.dumps(found.data)
    assert {mark for mark in marks if mark not in said} == set()
    german = {mark: "03.02.1901" if mark == "1901-02-03" else mark for mark in marks}
    assert {mark for mark, written in german.items() if written not in found.page} == set()


@pytest.mark.parametrize("name", ["patient1", "patient3"])
def test_nobody_but_an_admin_is_given_notes_remarks_or_the_audit_trail(erasure: Erasure, name: str) -> None:
    """And a guardian nothing of the patient's account: neither the sign-ins nor what it asked for."""
    found = erasure.exports[name]
    given = {Whose.PATIENT, Whose.ACCOUNT} if name == "patient1" else {Whose.PATIENT}
    assert list(found.data) == ["exportedAt", *(part.name for part in export.PARTS if part.whose in given)]
    hidden = {part.table.__tablename__ for part in export.PARTS} - {
        part.table.__tablename__ for part in export.PARTS if part.whose in given
    }
    for table, column in erased():
        if table in hidden:
            assert f"-{table}-{column}" not in json.dumps(found.data) + found.page
    senders = {str(erasure.house.mia.user_id if name == "patient1" else erasure.house.lina.user_id)}
    assert {request["senderId"] for request in found.data["requests"]} == senders
    # With one role of the database nothing else keeps them apart.
    assert {part: len(rows) for part, rows in found.data.items() if part != "exportedAt"} == erasure.counted[name]
    struck = str(erasure.house.appointments[3])
    assert struck not in json.dumps(found.data["appointments"])
    assert struck in json.dumps(erasure.exports["admin"].data["appointments"])


def test_the_page_has_a_word_for_everything() -> None:
    """In each language; a new part or column needs one."""
    members = {to_camel(column) for names in exported().values() for column in names}
    said = {"title", "nothing", "yes", "no", *(part.name for part in export.PARTS), *members}
    assert said == WORDS.keys()
