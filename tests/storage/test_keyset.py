"""Pages of a list: each row once, in order, whatever the cursor carries; and only cursors of the own list."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from dental_sync.core.errors import ValidationFailed
from dental_sync.core.wire_types import to_count
from dental_sync.storage import keyset
from dental_sync.storage.models import AuditEntry
from dental_sync.storage.people_models import Patient

BY_NAME = keyset.Keyset(keyset.by_text(Patient.name), keyset.by_id(Patient.id))
NEWEST_FIRST = keyset.Keyset(keyset.by_instant(AuditEntry.at), keyset.by_number(AuditEntry.id), descending=True)
SOMEBODY = "0198c0de-0000-7000-8000-000000000001"
WITH_POSITION = keyset.Keyset(keyset.by_id(Patient.id), carries=[to_count])


@dataclass
class Row:
    """A row of the list by name."""

    id: uuid.UUID
    name: str


def cursor(*texts: object) -> str:
    """A cursor as a caller could make it up."""
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).decode().rstrip("=")


def test_a_page_shows_as_many_rows_as_were_asked_for_and_says_where_the_next_begins() -> None:
    """One row more was found: it is not shown, and the cursor names the last one that is."""
    rows = [Row(uuid.uuid4(), name) for name in ("Ada", "Ben", "Cem")]
    page = BY_NAME.page(rows, limit=2)
    assert page.rows == rows[:2]
    assert page.next == cursor("Ben", str(rows[1].id))
    assert BY_NAME.page(rows[:2], limit=2) == keyset.Page(rows[:2], None)


def test_rows_by_column_name_are_pages_too() -> None:
    """As the mappings of a query for columns are."""
    rows = [{"id": uuid.uuid4(), "name": name} for name in ("Ada", "Ben")]
    assert BY_NAME.page(rows, limit=1).next == cursor("Ada", str(rows[0]["id"]))


def test_the_next_page_is_asked_for_in_one_comparison_of_the_whole_order() -> None:
    """An index on the columns serves it, in either direction."""
    patient_id = uuid.uuid4()
    ascending = BY_NAME.select(select(Patient.id), after=cursor("Ben", str(patient_id)), limit=2)
    at = "2030-01-07T08:00:00.000Z"
    descending = NEWEST_FIRST.select(select(AuditEntry.id), after=cursor(at, "7"), limit=2)
    text, parameters = _compiled(ascending)
    assert "(patients.name, patients.id) > (" in text
    assert "ORDER BY patients.name, patients.id" in text
    assert {"Ben", patient_id, 3} == parameters
    text, parameters = _compiled(descending)
    assert "(audit.at, audit.id) < (" in text
    assert "ORDER BY audit.at DESC, audit.id DESC" in text
    assert {datetime(2030, 1, 7, 8, tzinfo=UTC), 7, 3} == parameters


def test_a_cursor_carries_values_beside_the_order() -> None:
    """They do not move the place, and come back as what they were."""
    rows = [Row(uuid.uuid4(), "Ada"), Row(uuid.uuid4(), "Ben")]
    page = WITH_POSITION.page(rows, limit=1, carried=[4711])
    assert page.next == cursor(str(rows[0].id), "4711")
    assert WITH_POSITION.carried(page.next) == [4711]
    assert WITH_POSITION.carried(None) is None
    _, parameters = _compiled(WITH_POSITION.select(select(Patient.id), after=page.next, limit=1))
    assert parameters == {rows[0].id, 2}


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "no base64!",
        base64.urlsafe_b64encode(b"[").decode(),
        base64.urlsafe_b64encode(b'{"name": "Ada"}').decode(),
        base64.urlsafe_b64encode(b"[" * 5_000).decode(),
        cursor("Ada"),
        cursor("Ada", SOMEBODY, "more"),
        cursor("Ada", "7"),
        cursor("A\x00da", SOMEBODY),
    ],
)
def test_a_cursor_that_is_not_of_this_list_is_refused(wrong: str) -> None:
    """With the parameter that is wrong, before anything is asked of the database."""
    with pytest.raises(ValidationFailed) as refusal:
        BY_NAME.select(select(Patient), after=wrong, limit=2)
    assert refusal.value.problem()["errors"][0]["pointer"] == "/after"


def _compiled(query: object) -> tuple[str, set[object]]:
    compiled = query.compile(dialect=postgresql.dialect())  # type: ignore[attr-defined]
    return str(compiled), set(compiled.params.values())
