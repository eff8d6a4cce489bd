"""Writes over HTTP: waited for, answered later, repeated with a key, looked up."""

from __future__ import annotations

import dataclasses
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.instants import format_instant
from tests.api.test_appointments import MONDAY, a_check_up
from tests.conftest import Caller, Practice, RunLane, mute, sign_in_to


@pytest.fixture
def impatient(app: APIFlask) -> Iterator[APIFlask]:
    """Nobody rings, as if the worker were away; a call waits no longer than a moment."""
    mute(app)
    services.provide(app, dataclasses.replace(services.of(app, Settings), write_wait_seconds=0.05))
    return app


def test_while_the_worker_is_away_a_call_is_answered_202_and_applied_later(
    impatient: APIFlask, practice: Practice, owner: Session, run_lane: RunLane
) -> None:
    """It is stored and nothing is booked; `Location` tells where to look; once the worker is back it is applied."""
    patient = sign_in_to(impatient, "patient1")
    count = text("SELECT count(*) FROM appointments")
    before = owner.scalar(count)
    owner.rollback()
    answer = patient.post("/appointments", a_check_up(practice))
    assert answer.status_code == 202
    assert answer.json == {"id": answer.json["id"], "status": "pending"}
    assert answer.headers["Location"] == f"/api/writes/{answer.json['id']}"
    assert "Preference-Applied" not in answer.headers
    write = f"/writes/{answer.json['id']}"
    assert patient.get(write).json == answer.json
    assert owner.scalar(count) == before
    owner.rollback()
    run_lane()
    applied = patient.get(write).json
    assert (applied["id"], applied["status"]) == (answer.json["id"], "applied")
    assert applied["resource"] == f"/api/appointments/{applied['appointmentId']}"
    assert patient.get(applied["resource"].removeprefix("/api")).json["id"] == applied["appointmentId"]
    assert owner.scalar(count) == before + 1


def test_a_refused_write_says_why(impatient: APIFlask, practice: Practice, run_lane: RunLane) -> None:
    """The problem that the call would have answered."""
    patient = sign_in_to(impatient, "patient1")
    body = a_check_up(practice, dentistId=str(uuid.uuid4()))
    request_id = patient.post("/appointments", body).json["id"]
    run_lane()
    write = patient.get(f"/writes/{request_id}").json
    assert write["status"] == "rejected"
    assert write["problem"]["code"] == "unknown-dentist"
    assert write["problem"]["instance"] == "/api/appointments"
    assert "resource" not in write


def test_a_write_is_its_senders_and_the_admins(impatient: APIFlask, practice: Practice) -> None:
    """404 for everybody else, and for one that does not exist."""
    request_id = sign_in_to(impatient, "patient1").post("/appointments", a_check_up(practice)).json["id"]
    assert sign_in_to(impatient, "admin").get(f"/writes/{request_id}").status_code == 200
    for name in ("patient2", "dentist1", "chatbot"):
        assert sign_in_to(impatient, name).get(f"/writes/{request_id}").status_code == 404
    assert sign_in_to(impatient, "patient1").get(f"/writes/{uuid.uuid4()}").status_code == 404


@pytest.mark.parametrize(
    ("prefer", "is_async"),
    [
        ("respond-async", True),
        ("Respond-Async", True),
        ("return=minimal, respond-async", True),
        ("respond-async; x=1, wait=10", True),
        ("respond-asynchronously", False),
        ("wait=10", False),
        ("", False),
    ],
)
def test_who_prefers_not_to_wait_does_not(
    sign_in: Callable[..., Caller], practice: Practice, prefer: str, is_async: bool
) -> None:
    """RFC 7240: 202 at once and `Preference-Applied`; any other preference changes nothing."""
    answer = sign_in("patient1").post("/appointments", a_check_up(practice), Prefer=prefer)
    assert answer.status_code == (202 if is_async else 201)
    assert answer.headers.get("Preference-Applied") == ("respond-async" if is_async else None)


# Keys.


def test_a_repeat_with_the_same_key_gives_the_same_answer(
    sign_in: Callable[..., Caller], practice: Practice, owner: Session
) -> None:
    """With Location and ETag, whatever happened since; and nothing is booked twice."""
    patient = sign_in("patient1")
    first = patient.post("/appointments", a_check_up(practice), Idempotency_Key="k 1")
    assert first.status_code == 201
    patient.patch(f"/appointments/{first.json['id']}", {"reason": "changed since"})
    again = patient.post("/appointments", a_check_up(practice), Idempotency_Key="k 1")
    assert (again.status_code, again.json) == (201, first.json)
    for name in ("Location", "ETag", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert owner.scalar(text("SELECT count(*) FROM write_requests WHERE action = 'book'")) == 1


def test_a_refusal_is_repeated_too(sign_in: Callable[..., Caller], practice: Practice) -> None:
    """Though it would go well by now: who wants to try again takes another key."""
    patient, other = sign_in("patient1"), sign_in("patient2")
    taken = other.post("/appointments", a_check_up(practice)).json["id"]
    first = patient.post("/appointments", a_check_up(practice), Idempotency_Key="k")
    assert (first.status_code, first.json["code"]) == (409, "slot-taken")
    other.post(f"/appointments/{taken}/cancel")
    again = patient.post("/appointments", a_check_up(practice), Idempotency_Key="k")
    # What is free is looked for anew: the time itself is offered by now.
    assert again.json["alternatives"][0]["startsAt"] == format_instant(MONDAY)
    assert {**again.json, "alternatives": []} == {**first.json, "alternatives": []}
    assert (again.status_code, again.mimetype) == (409, first.mimetype)
    assert patient.post("/appointments", a_check_up(practice), Idempotency_Key="k2").status_code == 201


def test_a_key_with_another_body_is_refused(sign_in: Callable[..., Caller], practice: Practice) -> None:
    """422; the same body written differently is the same body."""
    patient = sign_in("patient1")
    body = a_check_up(practice)
    first = patient.post("/appointments", body, Idempotency_Key="k")
    refused = patient.post("/appointments", {**body, "reason": "x"}, Idempotency_Key="k")
    assert (refused.status_code, refused.json["code"]) == (422, "idempotency-key-reused")
    same_time = MONDAY.astimezone(timezone(timedelta(hours=5))).isoformat()
    reordered = {**dict(reversed(body.items())), "startsAt": same_time, "dentistId": body["dentistId"].upper()}
    assert patient.post("/appointments", reordered, Idempotency_Key="k").json == first.json


def test_a_key_counts_for_one_sender_method_and_path(sign_in: Callable[..., Caller], practice: Practice) -> None:
    """Another's same key is another's request, and so is another appointment's."""
    body = a_check_up(practice)
    mine = sign_in("patient1").post("/appointments", body, Idempotency_Key="k")
    noahs = sign_in("patient2").post("/appointments", body, Idempotency_Key="k")
    assert (mine.status_code, noahs.status_code) == (201, 409)
    path = f"/appointments/{mine.json['id']}"
    patient = sign_in("patient1")
    assert patient.patch(path, {"reason": "x"}, Idempotency_Key="k").json["reason"] == "x"
    assert patient.post(f"{path}/cancel", Idempotency_Key="k").json["status"] == "cancelled"


def test_what_never_became_a_write_is_not_stored(sign_in: Callable[..., Caller], practice: Practice) -> None:
    """A malformed body uses no key up."""
    patient = sign_in("patient1")
    assert patient.post("/appointments", {"tooth": 7}, Idempotency_Key="k").status_code == 422
    assert patient.post("/appointments", a_check_up(practice), Idempotency_Key="k").status_code == 201


def test_a_repeat_while_the_first_is_pending_waits_as_it_does(
    impatient: APIFlask, practice: Practice, run_lane: RunLane
) -> None:
    """Both get 202 for one request; once it is decided a third repeat has the outcome at once."""
    patient = sign_in_to(impatient, "patient1")
    answers = [patient.post("/appointments", a_check_up(practice), Idempotency_Key="k") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json == answers[1].json
    run_lane()
    assert patient.post("/appointments", a_check_up(practice), Idempotency_Key="k").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "k\tk", "caf\xe9", " k", "k\x00"])
def test_a_malformed_key_is_refused(shared_app: APIFlask, key: str) -> None:
    """One to 255 visible characters; the call is refused before anything is stored."""
    patient = sign_in_to(shared_app, "patient1")
    answer = patient.post(f"/appointments/{uuid.uuid4()}/cancel", Idempotency_Key=key)
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed")
    assert "Idempotency-Key" in answer.json["errors"][0]["detail"]


def test_twenty_repeats_at_once_book_once(app: APIFlask, practice: Practice, owner: Session) -> None:
    """A client that lost its patience: one row, and every call has the same answer."""
    patient = sign_in_to(app, "patient1")
    barrier = threading.Barrier(20, timeout=20)

    def repeat() -> tuple[int, str]:
        barrier.wait()
        caller = Caller(app.test_client(), patient.user, patient.token, "")
        answer: Any = caller.post("/appointments", a_check_up(practice), Idempotency_Key="k")
        return answer.status_code, answer.json["id"]

    with ThreadPoolExecutor(20) as threads:
        answers = {future.result() for future in [threads.submit(repeat) for _ in range(20)]}
    assert len(answers) == 1
    assert answers.pop()[0] == 201
    assert owner.scalar(text("SELECT count(*) FROM write_requests")) == 1


def test_of_forty_who_want_one_slot_at_once_one_gets_it(app: APIFlask, practice: Practice, owner: Session) -> None:
    """Through the whole process at once: one 201, all others `slot-taken`, one row."""
    callers = [sign_in_to(app, f"patient{number}") for number in range(1, 9)]
    barrier = threading.Barrier(40, timeout=20)

    def book(number: int) -> tuple[int, str | None]:
        barrier.wait()
        caller = callers[number % 8]
        mine = Caller(app.test_client(), caller.user, caller.token, "")
        answer: Any = mine.post("/appointments", a_check_up(practice))
        return answer.status_code, answer.json.get("code")

    with ThreadPoolExecutor(40) as threads:
        answers = [future.result() for future in [threads.submit(book, number) for number in range(40)]]
    assert sorted(answers, key=str) == [(201, None)] + [(409, "slot-taken")] * 39
    assert owner.scalar(text("SELECT count(*) FROM appointments WHERE starts_at = :at"), {"at": MONDAY}) == 1
