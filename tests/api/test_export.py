"""`GET /api/patients/{id}/export`: all that is kept of a patient, for programs and for people."""

from __future__ import annotations

import io
import json
import zipfile
from html.parser import HTMLParser
from typing import Any

import pytest
from apiflask import APIFlask

from dental_sync.api import personal_data
from dental_sync.core import services
from dental_sync.records import export
from tests.api.free import SignIn
from tests.api.hours import a_check_up
from tests.api.world import World
from tests.conftest import Caller, Practice

TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "table", "tr", "th", "td"}
NASTY = "<script>alert(1)</script> & \"quoted\" 'text'"


def unpacked(answer: Any) -> tuple[dict[str, Any], str]:
    """The data and the page of a zip."""
    assert answer.status_code == 200, answer.json
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        return json.loads(archive.read("patient.json")), archive.read("patient.html").decode()


class Seen(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture
def mia(sign_in: SignIn, practice: Practice) -> Caller:
    """Who has booked, with nasty words."""
    caller = sign_in("patient1")
    assert caller.post("/appointments", {**a_check_up(practice), "reason": NASTY}).status_code == 201
    return caller


def test_the_file_is_for_nobody_else_and_its_name_says_nothing(mia: Caller) -> None:
    """No cache keeps it."""
    patient = mia.user["patientId"]
    answer = mia.get(f"/patients/{patient}/export")
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="patient-{patient}.zip"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_page_shows_what_was_typed_and_runs_none_of_it(mia: Caller) -> None:
    """Nothing but text and tables, with treatments by their names; nothing is loaded from anywhere."""
    data, page = unpacked(mia.get(f"/patients/{mia.user['patientId']}/export"))
    booked = next(one for one in data["appointments"] if one["reason"] == NASTY)
    assert booked["patientName"] == "Mia Schmidt"
    seen = Seen(page)
    assert NASTY in seen.text
    assert "Check-up" in seen.text
    assert seen.tags == TAGS
    assert seen.attributes == {"lang", "charset", "http-equiv", "content"}


@pytest.mark.parametrize(
    ("query", "header", "expected"),
    [
        ("", "", "en"),
        ("", "de-AT,de;q=0.9,en;q=0.5", "de"),
        ("", "fr", "en"),
        ("?lang=en", "de", "en"),
        ("?lang=de", "", "de"),
    ],
)
def test_the_page_is_in_the_readers_language(world: World, query: str, header: str, expected: str) -> None:
    """`lang` before what the browser says, and English where neither helps."""
    headers = {"Accept-Language": header} if header else {}
    _, page = unpacked(world.callers["admin"].get(f"/patients/{world.patient}/export{query}", **headers))
    assert f'<html lang="{expected}">' in page
    assert ("<h2>Termine</h2>" in page) == (expected == "de")


def test_another_language_is_refused(world: World) -> None:
    """Rather than answered in English."""
    answer = world.callers["admin"].get(f"/patients/{world.patient}/export?lang=fr")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/lang")


def test_a_long_history_is_read_in_steps_and_complete(mia: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many steps it takes; what does not fit into memory goes through a file."""
    path = f"/patients/{mia.user['patientId']}/export"
    at_once, page = unpacked(mia.get(path))
    monkeypatch.setattr(export, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr("dental_sync.records.export_archive._IN_MEMORY", 100)
    in_steps, other = unpacked(mia.get(path))
    assert len(at_once["appointments"]) > 1
    assert {**in_steps, "exportedAt": ""} == {**at_once, "exportedAt": ""}
    # But for when it was made.
    first, second = ([text for text in Seen(one).text if "demo practice" not in text] for one in (page, other))
    assert first == second
    assert len(first) == len(Seen(page).text) - 1


def test_no_more_exports_are_written_at_once_than_leave_connections_for_others(app: APIFlask, mia: Caller) -> None:
    """The next is asked to come again, and served when there is a place."""
    path = f"/patients/{mia.user['patientId']}/export"
    places = services.of(app, personal_data.ExportPlaces)
    with places.one(), places.one():
        answer = mia.get(path)
        assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
        assert answer.headers["Retry-After"]
    assert mia.get(path).status_code == 200


def test_an_export_is_in_the_trail_and_not_asked_for_without_end(sign_in: SignIn, mia: Caller) -> None:
    """Each takes a processor; the eleventh in a minute is refused."""
    path = f"/patients/{mia.user['patientId']}/export"
    answers = [mia.get(path).status_code for _ in range(personal_data.EXPORTS_PER_MINUTE + 1)]
    assert answers == [200] * personal_data.EXPORTS_PER_MINUTE + [429]
    trail = sign_in("admin").get("/audit?action=export").json["items"]
    assert {entry["record"]["id"] for entry in trail} == {mia.user["patientId"]}
    assert len(trail) == personal_data.EXPORTS_PER_MINUTE
