"""Which appointments a list has: by the one table of cases that the clients' live lists are held to as well."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import parse_instant
from dental_sync.diary.transitions import STATUSES
from tests import plain_sql
from tests.conftest import Caller, Practice

TABLE = json.loads((Path(__file__).parents[2] / "clients/scenarios/lists/appointments.json").read_text())
NAMES = {"anna": 0, "ben": 1, "mia": 0, "noah": 1}


@pytest.fixture
def listed(owner: Session, practice: Practice, sign_in: Callable[..., Caller]) -> Callable[[dict[str, str]], list[str]]:
    """The names of the table's appointments that a list has, in its order."""
    dentists = {name: practice.dentists[NAMES[name]] for name in ("anna", "ben")}
    patients = {name: practice.patients[NAMES[name]] for name in ("mia", "noah")}
    chairs = {
        name: owner.scalar(
            text("INSERT INTO chairs (name, kind) VALUES (:name, 'surgery') RETURNING id"), {"name": name}
        )
        for name in ("room-1", "room-2")
    }
    assistants = {"emil": practice.dentists[2]}
    names = {}
    for each in TABLE["appointments"]:
        starts_at, ends_at = parse_instant(each["startsAt"]), parse_instant(each["endsAt"])
        found = plain_sql.book(
            owner,
            patients[each["patient"]],
            dentists[each["dentist"]],
            starts_at,
            minutes=int((ends_at - starts_at).total_seconds()) // 60,
            chair_id=chairs.get(each.get("chair")),
            assistant_id=assistants.get(each.get("assistant")),
            status=each["status"],
            layers="empty" if each.get("overbooked") else "(,)",
        )
        owner.execute(
            text("UPDATE appointments SET series_id = :series WHERE id = :id"),
            {"series": each.get("series"), "id": found},
        )
        names[str(found)] = each["id"]
    owner.commit()
    admin = sign_in("admin")
    ids = {name: str(record) for name, record in (dentists | patients | chairs | assistants).items()}

    def listed(wanted: dict[str, str]) -> list[str]:
        query = {key: ids.get(value, value) for key, value in wanted.items()}
        items: list[dict[str, Any]] = []
        while True:
            answer = admin.get(f"/appointments?{urlencode({**query, 'limit': '200'})}")
            assert answer.status_code == 200, answer.json
            items += answer.json["items"]
            if answer.json["next"] is None:
                return [names[item["id"]] for item in items if item["id"] in names]
            query["after"] = answer.json["next"]

    return listed


def test_a_list_has_what_the_table_says(listed: Callable[[dict[str, str]], list[str]]) -> None:
    """What starts together is in the order of ids, which nobody chooses: compared as sets, and by start."""
    starts = {each["id"]: each["startsAt"] for each in TABLE["appointments"]}
    for case in TABLE["cases"]:
        found = listed(case["wanted"])
        assert sorted(found) == sorted(case["shown"]), case["name"]
        assert [starts[name] for name in found] == [starts[name] for name in case["shown"]], case["name"]


def test_the_table_has_every_status_that_is_shown() -> None:
    """A new status is new cases; what was entered in error is in no list."""
    assert {each["status"] for each in TABLE["appointments"]} == set(STATUSES) - {"entered-in-error"}
