"""Clinical notes: an appointment's dentist and admins write and read them, and nothing else ever carries them."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.test_appointments import a_check_up
from tests.conftest import Caller, Practice, RunLane, sign_in_to

SECRET = "caries profunda, tooth 36"


@pytest.fixture
def appointment(sign_in: Callable[..., Caller], practice: Practice) -> dict[str, Any]:
    """Patient 1 with dentist 1."""
    booked: dict[str, Any] = sign_in("patient1").post("/appointments", a_check_up(practice)).json
    return booked


@pytest.fixture
def path(appointment: dict[str, Any]) -> str:
    """Where its notes are."""
    return f"/appointments/{appointment['id']}/notes"


def test_before_anything_is_written_the_notes_are_empty(sign_in: Callable[..., Caller], path: str) -> None:
    """An answer with version 0 and a tag to begin from."""
    answer = sign_in("dentist1").get(path)
    assert answer.status_code == 200
    assert answer.json == {"notes": "", "updatedAt": None, "version": 0}
    assert answer.headers["ETag"] == '"0"'


def test_what_was_written_is_read_by_the_dentist_and_admins(sign_in: Callable[..., Caller], path: str) -> None:
    """With version and tag; each writing raises them."""
    dentist, admin = sign_in("dentist1"), sign_in("admin")
    first = dentist.call("PUT", path, {"notes": SECRET})
    assert first.status_code == 200
    assert (first.json["notes"], first.json["version"], first.headers["ETag"]) == (SECRET, 1, '"1"')
    second = admin.call("PUT", path, {"notes": ""})
    assert (second.json["notes"], second.json["version"], second.headers["ETag"]) == ("", 2, '"2"')
    assert second.json["updatedAt"] >= first.json["updatedAt"]
    read = dentist.get(path)
    assert (read.json, read.headers["ETag"], read.headers["Cache-Control"]) == (second.json, '"2"', "no-store")


@pytest.mark.parametrize(
    ("name", "status"), [("dentist1", 200), ("admin", 200), ("dentist2", 404), ("patient1", 403), ("chatbot", 403)]
)
def test_only_its_dentist_and_admins_may(app: APIFlask, path: str, name: str, status: int) -> None:
    """A patient or the chatbot may never, another dentist's appointment is not there; nobody is 401."""
    caller = sign_in_to(app, name)
    for answer in (caller.get(path), caller.call("PUT", path, {"notes": "x"})):
        assert answer.status_code == status
    assert app.test_client().get("/api" + path).status_code == 401
    assert app.test_client().put("/api" + path, json={"notes": "x"}).status_code == 401
    if status != 200:
        assert sign_in_to(app, "admin").get(path).json["version"] == 0


def test_the_notes_of_what_is_not_there_are_not_found(
    sign_in: Callable[..., Caller], appointment: dict[str, Any], path: str
) -> None:
    """An unknown appointment, and one that was entered in error."""
    admin = sign_in("admin")
    assert admin.get(f"/appointments/{uuid.uuid4()}/notes").status_code == 404
    assert admin.delete(f"/appointments/{appointment['id']}").status_code == 204
    assert admin.get(path).status_code == 404
    assert admin.call("PUT", path, {"notes": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        ('"1"', 200),
        ("*", 200),
        ('"7", "1"', 200),
        ('"0"', 412),
        ('"2"', 412),
        ('W/"1"', 200),
        ('W/"2"', 412),
        ("1", 412),
        ("", 412),
    ],
)
def test_if_match_keeps_two_from_overwriting_each_other(
    sign_in: Callable[..., Caller], path: str, if_match: str, status: int
) -> None:
    """A stale tag is 412, and the notes stay."""
    dentist = sign_in("dentist1")
    dentist.call("PUT", path, {"notes": "first"}, If_Match='"0"')
    answer = dentist.call("PUT", path, {"notes": "second"}, If_Match=if_match)
    assert answer.status_code == status
    if status == 412:
        assert answer.json["code"] == "precondition-failed"
    assert dentist.get(path).json["notes"] == ("second" if status == 200 else "first")


@pytest.mark.parametrize("version", [0, 1])
def test_of_many_who_write_over_the_same_version_one_does(
    app: APIFlask, sign_in: Callable[..., Caller], path: str, version: int
) -> None:
    """The others are told, whether it was the first writing or a later one."""
    dentist = sign_in("dentist1")
    for number in range(version):
        dentist.call("PUT", path, {"notes": f"{number}"})
    barrier = threading.Barrier(4)
    statuses: list[int] = []

    def write(number: int) -> None:
        caller = Caller(app.test_client(), dentist.user, dentist.token, "")
        barrier.wait()
        statuses.append(caller.call("PUT", path, {"notes": f"by {number}"}, If_Match=f'"{version}"').status_code)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 412, 412, 412]
    assert dentist.get(path).json["version"] == version + 1


@pytest.mark.parametrize("notes", ["x" * 10_000, "ü" * 10_000, "\U0001f9b7" * 5_000, "line\n\n  line\ttab", "'; --"])
def test_any_text_of_ten_thousand_characters_can_be_written(
    sign_in: Callable[..., Caller], path: str, notes: str
) -> None:
    """As it was sent."""
    dentist = sign_in("dentist1")
    assert dentist.call("PUT", path, {"notes": notes}).status_code == 200
    assert dentist.get(path).json["notes"] == notes


@pytest.mark.parametrize(
    "body", [{}, {"notes": None}, {"notes": 7}, {"notes": "x" * 10_001}, {"notes": "\x00"}, {"notes": "", "version": 1}]
)
def test_what_no_notes_can_be_is_422(sign_in: Callable[..., Caller], path: str, body: Any) -> None:
    """Too long, not storable, another type, an unknown member: nothing is written."""
    dentist = sign_in("dentist1")
    answer = dentist.call("PUT", path, body)
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed")
    assert SECRET not in answer.text
    assert dentist.get(path).json["version"] == 0


def test_nothing_but_the_notes_carries_the_notes(
    sign_in: Callable[..., Caller],
    appointment: dict[str, Any],
    path: str,
    owner: Session,
    run_lane: RunLane,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not the appointment, no list, no event, no write request, no noted change, no log line: every table is searched
    but their own."""
    caplog.set_level(logging.DEBUG)
    dentist, admin = sign_in("dentist1"), sign_in("admin")
    head = admin.get("/appointments?limit=1").json["position"]
    assert dentist.call("PUT", path, {"notes": SECRET}).status_code == 200
    here = f"/appointments/{appointment['id']}"
    seen = [dentist.get(here).text, admin.get("/appointments?limit=200").text]
    # Noted by a trigger, before the lane takes it away.
    seen.append(str(owner.execute(text("SELECT * FROM changes")).all()))
    owner.rollback()
    assert admin.patch(here, {"reason": "changed"}).status_code == 200
    run_lane()
    assert admin.delete(here).status_code == 204
    run_lane()
    seen.append(admin.get(f"/sync/events?since={head}&limit=500").text)
    tables = owner.scalars(
        text(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type LIKE 'BASE%'"
        )
    ).all()
    assert {"sync_events", "write_requests", "changes", "appointments", "appointment_notes"} <= set(tables)
    for table in tables:
        rows = str(owner.execute(text(f'SELECT t::text FROM "{table}" AS t')).all())
        assert (SECRET in rows) == (table == "appointment_notes"), table
    assert all(SECRET not in words for words in seen)
    assert SECRET not in caplog.text
