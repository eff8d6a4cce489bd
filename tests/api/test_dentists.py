"""Whom and what can be booked, as every role reads it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.records import demo
from tests.conftest import Caller, sign_in_to

WEEK = [
    {"isoWeekday": day, "start": start, "end": end}
    for day in range(1, 6)
    for start, end in (("08:00", "12:00"), ("13:00", "17:00"))
]


@pytest.mark.parametrize("name", ["patient1", "dentist1", "admin", "chatbot"])
def test_every_role_reads_who_works_when(shared_app: APIFlask, name: str) -> None:
    """By name, with zone and weekly hours; one by one too."""
    caller = sign_in_to(shared_app, name)
    page = caller.get("/dentists").json
    assert [dentist["name"] for dentist in page["items"]] == sorted(demo.DENTISTS)
    assert page["next"] is None
    for dentist in page["items"]:
        assert set(dentist) == {"id", "name", "timeZone", "workingHours", "active", "profession", "treatments"}
        assert (dentist["timeZone"], dentist["workingHours"], dentist["active"]) == ("Europe/Berlin", WEEK, True)
        assert caller.get(f"/dentists/{dentist['id']}").json == dentist


@pytest.mark.parametrize("name", ["patient1", "dentist1", "admin", "chatbot"])
def test_every_role_reads_what_can_be_booked(shared_app: APIFlask, name: str) -> None:
    """By name, with its length and its buffers."""
    items = sign_in_to(shared_app, name).get("/treatments").json["items"]
    assert [(item["name"], item["durationMinutes"]) for item in items] == sorted(demo.TREATMENTS)
    for item in items:
        assert (item["bufferBeforeMinutes"], item["bufferAfterMinutes"], item["requiresApproval"]) == (0, 0, False)
        assert "chairKind" not in item


def test_a_dentist_that_does_not_exist_is_not_found(shared_app: APIFlask) -> None:
    """404."""
    answer = sign_in_to(shared_app, "patient1").get(f"/dentists/{uuid.uuid4()}")
    assert (answer.status_code, answer.json["code"]) == (404, "not-found")


def test_nobody_reads_without_signing_in(shared_app: APIFlask) -> None:
    """401 for all of it."""
    for path in ("/dentists", "/treatments", f"/dentists/{uuid.uuid4()}"):
        assert shared_app.test_client().get(f"/api{path}").status_code == 401


def test_hours_for_a_season_say_from_when_to_when(sign_in: Callable[..., Caller], owner: Session) -> None:
    """`validFrom` and `validTo` where there are such, and not otherwise."""
    owner.execute(
        text("UPDATE working_hours SET valid_from = '2026-05-01', valid_to = '2026-09-30' WHERE iso_weekday = 5")
    )
    owner.commit()
    [dentist, *_] = sign_in("chatbot").get("/dentists").json["items"]
    fridays = [window for window in dentist["workingHours"] if window["isoWeekday"] == 5]
    assert all((w["validFrom"], w["validTo"]) == ("2026-05-01", "2026-09-30") for w in fridays)
    assert len(fridays) == 2
    assert all("validFrom" not in w for w in dentist["workingHours"] if w["isoWeekday"] != 5)


def test_what_is_no_longer_offered_is_not_listed(sign_in: Callable[..., Caller], owner: Session) -> None:
    """A treatment disappears; a dentist who left is still there to be named, as not active."""
    owner.execute(text("UPDATE treatments SET active = false WHERE name = 'Filling'"))
    owner.execute(text("UPDATE dentists SET active = false WHERE name LIKE '%Keller'"))
    owner.commit()
    patient = sign_in("patient1")
    assert "Filling" not in {item["name"] for item in patient.get("/treatments").json["items"]}
    active = {item["name"]: item["active"] for item in patient.get("/dentists").json["items"]}
    assert active["Dr. Anna Keller"] is False


@pytest.mark.parametrize("letter", ["x", "é", "木", "\U0001f9b7", '"', "\\"])
def test_the_longest_names_can_be_paged_through(sign_in: Callable[..., Caller], owner: Session, letter: str) -> None:
    """Five hundred letters of any alphabet: each page leads to the next."""
    for number in range(3):
        name = letter * 499 + str(number)
        owner.execute(text("INSERT INTO dentists (name, time_zone) VALUES (:name, 'UTC')"), {"name": name})
        owner.execute(text("INSERT INTO treatments (name, duration_minutes) VALUES (:name, 30)"), {"name": name})
    owner.commit()
    chatbot = sign_in("chatbot")
    for path, count in (("/dentists", 6), ("/treatments", 7)):
        found: list[dict[str, Any]] = []
        answer = chatbot.get(f"{path}?limit=1")
        while True:
            assert answer.status_code == 200, answer.text
            found += answer.json["items"]
            if answer.json["next"] is None:
                break
            answer = chatbot.get(answer.headers["Link"].partition(">; ")[0].removeprefix("</api"))
        assert len({item["id"] for item in found}) == len(found) == count
        assert found == chatbot.get(path).json["items"]
