"""What is free, over HTTP: who may ask and for what, what the answer holds, and that it says nothing about patients."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from tests import plain_sql
from tests.api.free import DAY, HOUR, MINUTE, MONDAY, WHOLE_DAY, SignIn, ask, booking, listed, query, sql
from tests.api.test_holds import hold
from tests.conftest import Caller, Practice, sign_in_to

# The answer.


def test_an_empty_day_is_free_by_the_quarter_of_an_hour(chatbot: Caller, practice: Practice) -> None:
    """In order, each as long as the treatment, wholly within the working hours."""
    answer = ask(chatbot, query(practice))
    assert set(answer.json) == {"slots", "position", "epoch"}
    assert listed(chatbot, practice) == WHOLE_DAY
    for slot in answer.json["slots"]:
        assert set(slot) == {"dentistId", "startsAt", "endsAt"}
        assert slot["dentistId"] == str(practice.dentists[0])
        length = datetime.fromisoformat(slot["endsAt"]) - datetime.fromisoformat(slot["startsAt"])
        assert length == timedelta(minutes=30)


def test_without_a_dentist_all_are_listed(chatbot: Caller, practice: Practice) -> None:
    """By start, and at one time by dentist."""
    slots = ask(chatbot, query(practice, dentist=None)).json["slots"]
    assert len(slots) == 3 * len(WHOLE_DAY)
    assert slots == sorted(slots, key=lambda slot: (slot["startsAt"], slot["dentistId"]))


def test_only_what_lies_wholly_within_the_range_is_listed(chatbot: Caller, practice: Practice) -> None:
    """The end is excluded, and the grid does not move with the question."""
    assert listed(chatbot, practice, MONDAY + 7 * MINUTE, 38 * MINUTE) == ["08:15"]
    assert listed(chatbot, practice, MONDAY + 7 * MINUTE, 37 * MINUTE) == []


@pytest.mark.parametrize("name", ["patient1", "dentist1", "admin", "chatbot"])
def test_every_role_gets_the_same_answer(sign_in: SignIn, practice: Practice, owner: Session, name: str) -> None:
    """The patient's own appointments elsewhere are not left out: only booking knows for whom it is."""
    plain_sql.book(owner, practice.patients[0], practice.dentists[1], MONDAY)
    owner.commit()
    assert listed(sign_in(name), practice) == WHOLE_DAY


def test_nobody_asks_without_signing_in(app: APIFlask, practice: Practice) -> None:
    """401."""
    assert app.test_client().get("/api/availability", query_string=query(practice)).status_code == 401


def test_nothing_is_said_about_patients(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """No id, name, or anything else of whoever has booked or holds a time."""
    booked = plain_sql.book(owner, practice.patients[2], practice.dentists[0], MONDAY)
    owner.commit()
    held = hold(sign_in("patient4"), practice, MONDAY + HOUR)
    for name in ("chatbot", "patient1", "admin"):
        answer = ask(sign_in(name), query(practice, MONDAY - 7 * DAY, 31 * DAY, dentist=None))
        assert answer.status_code == 200
        people = owner.execute(text("SELECT id::text, name, email FROM patients")).all()
        accounts = owner.execute(text("SELECT id::text, email FROM users")).all()
        owner.rollback()
        for fact in [str(booked), held["id"], *(fact for row in [*people, *accounts] for fact in row if fact)]:
            assert fact not in answer.text


def test_position_and_epoch_are_those_to_go_on_from(sign_in: SignIn, chatbot: Caller, practice: Practice) -> None:
    """What happens after the answer, and nothing before it, comes to who asks since its position."""
    sign_in("patient1").post("/appointments", booking(practice, MONDAY))
    snapshot = ask(chatbot, query(practice)).json
    since = f"/sync/events?since={snapshot['position']}&epoch={snapshot['epoch']}"
    assert chatbot.get(since).json["events"] == []
    assert sign_in("patient2").post("/appointments", booking(practice, MONDAY + HOUR)).status_code == 201
    [event] = chatbot.get(since).json["events"]
    assert event["availability"]["change"] == "busy"
    assert event["availability"]["from"] == format_instant(MONDAY + HOUR)


# What may be asked.


@pytest.fixture(scope="module")
def asker(shared_app: APIFlask) -> Caller:
    """Somebody who asks what cannot be answered."""
    return sign_in_to(shared_app, "chatbot")


GOOD = {"from": "2030-03-01T00:00:00Z", "to": "2030-03-02T00:00:00Z", "treatmentId": str(uuid.UUID(int=1))}


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "2030-03-01T00:00:00"},
        {"to": "2030-03-02T00:00:00"},
        {"from": "2030-03-01"},
        {"from": GOOD["to"]},
        {"from": "2030-03-03T00:00:00Z"},
        {"to": "2030-04-01T00:00:00.001Z"},
        {"from": "9999-01-01T00:00:00Z", "to": "9999-01-02T00:00:00Z"},
        {"treatmentId": "check-up"},
        {"dentistId": "anna"},
        {"patientId": str(uuid.UUID(int=1))},
    ],
    ids=lambda wrong: "-".join(f"{name}={value}" for name, value in wrong.items()),
)
def test_a_question_of_the_wrong_shape_is_refused(asker: Caller, wrong: dict[str, str]) -> None:
    """422 with a pointer; instants need an offset, the range an order and at most 31 days."""
    answer = ask(asker, {**GOOD, **wrong})
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed")
    assert answer.json["errors"]


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_a_question_must_be_complete(asker: Caller, missing: str) -> None:
    """Range and treatment are required."""
    answer = ask(asker, {name: value for name, value in GOOD.items() if name != missing})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [f"/{missing}"]


def test_31_days_may_be_asked_for(chatbot: Caller, practice: Practice) -> None:
    """Not a millisecond more, which is tested above."""
    assert set(listed(chatbot, practice, MONDAY, 31 * DAY)) == set(WHOLE_DAY)


def test_an_unknown_treatment_or_dentist_is_named(chatbot: Caller, practice: Practice, owner: Session) -> None:
    """By the codes that a booking gets; what is no longer offered or no longer works counts as unknown."""
    nobody = {**query(practice), "dentistId": str(uuid.uuid4())}
    nothing = {**query(practice), "treatmentId": str(uuid.uuid4())}
    assert (ask(chatbot, nobody).status_code, ask(chatbot, nobody).json["code"]) == (422, "unknown-dentist")
    assert (ask(chatbot, nothing).status_code, ask(chatbot, nothing).json["code"]) == (422, "unknown-treatment")
    sql(owner, "UPDATE treatments SET active = false WHERE name = 'Filling'")
    assert ask(chatbot, query(practice, treatment="Filling")).json["code"] == "unknown-treatment"
    sql(owner, "UPDATE dentists SET active = false WHERE id = :id", id=practice.dentists[0])
    assert ask(chatbot, query(practice)).json["code"] == "unknown-dentist"
    others = ask(chatbot, query(practice, dentist=None)).json["slots"]
    assert {slot["dentistId"] for slot in others} == {str(dentist) for dentist in practice.dentists[1:]}
