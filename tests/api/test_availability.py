"""What is free, over HTTP: who may ask, what is listed, and that nothing is said about patients."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from dental_sync.diary.transitions import BLOCKING_STATUSES, STATUSES
from dental_sync.records import demo
from tests import plain_sql
from tests.api.test_holds import expire, hold
from tests.conftest import Caller, Practice, a_free_monday, sign_in_to

MONDAY = a_free_monday(hour=8)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BERLIN = ZoneInfo(demo.TIME_ZONE)

SignIn = Callable[..., Caller]


def query(
    practice: Practice,
    start: datetime = MONDAY,
    length: timedelta = DAY,
    *,
    treatment: str = "Check-up",
    dentist: int | None = 0,
) -> dict[str, str]:
    """The query for a day of the first dentist."""
    asked = {
        "from": format_instant(start),
        "to": format_instant(start + length),
        "treatmentId": str(practice.treatments[treatment]),
    }
    if dentist is not None:
        asked["dentistId"] = str(practice.dentists[dentist])
    return asked


def ask(caller: Caller, asked: dict[str, str]) -> Any:
    """The whole answer."""
    headers = {"Authorization": f"Bearer {caller.token}"}
    return caller.client.get("/api/availability", query_string=asked, headers=headers)


def listed(caller: Caller, practice: Practice, *args: Any, **kwargs: Any) -> list[str]:
    """By Berlin's clock, the starts that are listed."""
    answer = ask(caller, query(practice, *args, **kwargs))
    assert answer.status_code == 200, answer.json
    starts = [datetime.fromisoformat(slot["startsAt"]).astimezone(BERLIN) for slot in answer.json["slots"]]
    return [f"{start:%H:%M}" for start in starts]


def every(minutes: int, start: str, last: str) -> list[str]:
    """Wall-clock times in steps, the last one included."""
    at, end = (datetime.combine(MONDAY.date(), time.fromisoformat(clock)) for clock in (start, last))
    found = []
    while at <= end:
        found.append(f"{at:%H:%M}")
        at += timedelta(minutes=minutes)
    return found


# A check-up of half an hour, from eight to twelve and one to five, every quarter of an hour.
MORNING, AFTERNOON = every(15, "08:00", "11:30"), every(15, "13:00", "16:30")
WHOLE_DAY = MORNING + AFTERNOON


def without(start: str, end: str, times: list[str] = WHOLE_DAY) -> list[str]:
    """The times whose half hour does not touch a range."""
    first = datetime.combine(MONDAY.date(), time.fromisoformat(start)) - timedelta(minutes=30)
    return [clock for clock in times if clock <= f"{first:%H:%M}" or clock >= end]


def sql(owner: Session, statement: str, **values: object) -> None:
    """Change the practice past the API."""
    owner.execute(text(statement), values)
    owner.commit()


@pytest.fixture
def chatbot(sign_in: SignIn) -> Caller:
    """Whoever asks gets the same answer; mostly it is the chatbot."""
    return sign_in("chatbot")


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


def booking(practice: Practice, starts_at: datetime, treatment: str = "Check-up", dentist: int = 0) -> dict[str, str]:
    """The body of a booking."""
    return {
        "dentistId": str(practice.dentists[dentist]),
        "startsAt": format_instant(starts_at),
        "treatmentId": str(practice.treatments[treatment]),
    }


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


# What is taken.


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_what_blocks_is_not_listed(chatbot: Caller, practice: Practice, owner: Session, status: str) -> None:
    """Pending, arrived, fulfilled and their like block; what was cancelled, missed or entered in error does not."""
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], MONDAY + HOUR, status=status)
    owner.commit()
    expected = without("09:00", "09:30") if status in BLOCKING_STATUSES else WHOLE_DAY
    assert listed(chatbot, practice) == expected


def test_buffers_are_kept_free(chatbot: Caller, practice: Practice, owner: Session) -> None:
    """Those of what is booked, and those of what is looked for, on both sides."""
    sql(owner, "UPDATE treatments SET buffer_before_minutes = 15, buffer_after_minutes = 30 WHERE name = 'Filling'")
    filling = practice.treatments["Filling"]
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], MONDAY + HOUR, minutes=60, treatment_id=filling)
    owner.commit()
    assert listed(chatbot, practice) == without("08:45", "10:30")
    sql(owner, "UPDATE treatments SET buffer_before_minutes = 15, buffer_after_minutes = 15 WHERE name = 'Check-up'")
    assert listed(chatbot, practice) == without("08:30", "10:45")


def test_a_buffer_may_reach_beyond_the_hours_and_the_range(chatbot: Caller, practice: Practice, owner: Session) -> None:
    """The first time of the day is listed, unless what comes before the range is in its buffer's way."""
    sql(owner, "UPDATE treatments SET buffer_before_minutes = 30 WHERE name = 'Check-up'")
    assert listed(chatbot, practice, MONDAY, HOUR) == ["08:00", "08:15", "08:30"]
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], MONDAY - HOUR, minutes=50)
    owner.commit()
    assert listed(chatbot, practice, MONDAY, HOUR) == ["08:30"]


def test_chairs_are_a_second_thing_to_be_had(chatbot: Caller, practice: Practice, owner: Session) -> None:
    """With two surgeries the third dentist is not listed while both are taken, nor when one chair is put away."""
    sql(owner, "UPDATE treatments SET chair_kind = 'surgery' WHERE name = 'Root canal'")
    assert listed(chatbot, practice, treatment="Root canal") == []
    sql(owner, "INSERT INTO chairs (name, kind) VALUES ('One', 'surgery'), ('Two', 'surgery'), ('Three', 'x-ray')")
    chairs = list(owner.scalars(text("SELECT id FROM chairs WHERE kind = 'surgery' ORDER BY name")))
    full = every(15, "08:00", "10:30") + every(15, "13:00", "15:30")
    for number in range(2):
        assert listed(chatbot, practice, treatment="Root canal", dentist=2) == full
        taken = plain_sql.book(
            owner,
            practice.patients[number],
            practice.dentists[number],
            MONDAY,
            minutes=90,
            treatment_id=practice.treatments["Root canal"],
        )
        sql(owner, "UPDATE appointments SET chair_id = :chair WHERE id = :id", chair=chairs[number], id=taken)
    later = [clock for clock in full if clock >= "09:30"]
    assert listed(chatbot, practice, treatment="Root canal", dentist=2) == later
    # What needs no chair, or another one, is as free as before.
    assert listed(chatbot, practice, dentist=2) == WHOLE_DAY
    sql(owner, "UPDATE appointments SET status = 'cancelled' WHERE chair_id = :chair", chair=chairs[0])
    assert listed(chatbot, practice, treatment="Root canal", dentist=2) == full
    sql(owner, "UPDATE chairs SET active = false WHERE id = :chair", chair=chairs[0])
    assert listed(chatbot, practice, treatment="Root canal", dentist=2) == later


def test_a_hold_is_busy_for_everybody(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """For its owner too; once it has expired it is in nobody's way, swept or not."""
    held = hold(sign_in("patient1"), practice, MONDAY + HOUR)
    for name in ("patient1", "patient2", "admin", "chatbot"):
        assert listed(sign_in(name), practice) == without("09:00", "09:30")
    expire(owner, held)
    assert owner.scalar(text("SELECT count(*) FROM holds")) == 1
    assert listed(sign_in("chatbot"), practice) == WHOLE_DAY


# When the practice is open.


def test_the_grid_is_the_practices_or_the_treatments_own(chatbot: Caller, practice: Practice, owner: Session) -> None:
    """It begins anew with each window."""
    sql(owner, "UPDATE practice SET slot_step_minutes = 50")
    assert listed(chatbot, practice) == every(50, "08:00", "11:20") + every(50, "13:00", "16:20")
    sql(owner, "UPDATE treatments SET slot_step_minutes = 35 WHERE name = 'Check-up'")
    assert listed(chatbot, practice) == every(35, "08:00", "11:30") + every(35, "13:00", "16:30")
    assert listed(chatbot, practice, treatment="Filling") == every(50, "08:00", "10:30") + every(50, "13:00", "15:30")


def test_time_off_and_closures_are_not_listed(chatbot: Caller, practice: Practice, owner: Session) -> None:
    """They cut into the hours and do not move the grid; a closure concerns everybody."""
    away = {"from_": MONDAY + 50 * MINUTE, "to_": MONDAY + 100 * MINUTE}
    sql(
        owner,
        "INSERT INTO time_off (dentist_id, starts_at, ends_at) VALUES (:id, :from_, :to_)",
        id=practice.dentists[0],
        **away,
    )
    assert listed(chatbot, practice) == without("08:50", "09:40")
    assert listed(chatbot, practice, dentist=1) == WHOLE_DAY
    sql(
        owner,
        "INSERT INTO closures (starts_at, ends_at) VALUES (:from_, :to_)",
        from_=MONDAY + 4 * HOUR,
        to_=MONDAY + DAY,
    )
    assert listed(chatbot, practice) == without("08:50", "09:40", MORNING)
    assert listed(chatbot, practice, dentist=1) == MORNING


def test_hours_hold_from_and_to_a_date(sign_in: SignIn, chatbot: Caller, practice: Practice) -> None:
    """A window of other weeks is not open; an extra opening on one day is; touching windows are one."""
    monday = MONDAY.astimezone(BERLIN).date()
    hours = [
        {"isoWeekday": 1, "start": "08:00", "end": "09:00", "validTo": str(monday - DAY)},
        {"isoWeekday": 1, "start": "10:00", "end": "11:00", "validFrom": str(monday)},
        {"isoWeekday": 1, "start": "11:00", "end": "11:30", "validFrom": str(monday), "validTo": str(monday)},
        {"isoWeekday": 1, "start": "14:00", "end": "15:00", "validFrom": str(monday + DAY)},
        {
            "isoWeekday": 6,
            "start": "20:00",
            "end": "21:00",
            "validFrom": str(monday + 5 * DAY),
            "validTo": str(monday + 5 * DAY),
        },
    ]
    answer = sign_in("dentist1").call(
        "PUT", f"/dentists/{practice.dentists[0]}/working-hours", {"hours": hours, "force": True}
    )
    assert answer.status_code == 200, answer.json
    week = timedelta(days=7)
    assert listed(chatbot, practice, MONDAY - week) == every(15, "08:00", "08:30")
    assert listed(chatbot, practice, MONDAY) == every(15, "10:00", "11:00")
    assert listed(chatbot, practice, MONDAY + week) == every(15, "10:00", "10:30") + every(15, "14:00", "14:30")
    assert listed(chatbot, practice, MONDAY + 5 * DAY, 1.5 * DAY) == every(15, "20:00", "20:30")
    assert listed(chatbot, practice, MONDAY + week + 5 * DAY) == []


def test_the_past_is_not_listed(chatbot: Caller, practice: Practice) -> None:
    """Neither yesterday nor this morning."""
    now = datetime.now(UTC)
    answer = ask(chatbot, query(practice, now - 20 * DAY, 31 * DAY, dentist=None))
    assert answer.json["slots"]
    assert all(slot["startsAt"] >= format_instant(now) for slot in answer.json["slots"])


def test_notice_and_advance_are_the_practices_or_the_treatments_own(
    chatbot: Caller, practice: Practice, owner: Session
) -> None:
    """What is nearer than the notice, or further than the advance, is not listed."""
    minutes = int((MONDAY + HOUR - datetime.now(UTC)) / MINUTE)
    # In the course of a minute the first time may fall out of the notice.
    sql(owner, "UPDATE practice SET minimum_notice_minutes = :minutes", minutes=minutes + 2)
    assert listed(chatbot, practice) == [clock for clock in WHOLE_DAY if clock > "09:00"]
    sql(owner, "UPDATE treatments SET minimum_notice_minutes = 0 WHERE name = 'Check-up'")
    assert listed(chatbot, practice) == WHOLE_DAY
    days = (MONDAY - datetime.now(UTC)).days
    sql(owner, "UPDATE practice SET furthest_advance_days = :days, minimum_notice_minutes = 0", days=days)
    assert listed(chatbot, practice, MONDAY, 31 * DAY) == []
    sql(owner, "UPDATE treatments SET furthest_advance_days = :days WHERE name = 'Check-up'", days=days + 2)
    assert listed(chatbot, practice) == WHOLE_DAY

    def within_the_advance() -> list[str]:
        """What is open until the advance ends: on the Tuesday, at the time of day at which this runs, or soon after."""
        furthest = datetime.now(UTC) + (days + 2) * DAY
        starts = [
            (clock, datetime.combine((MONDAY + day * DAY).date(), time.fromisoformat(clock), BERLIN))
            for day in range(3)
            for clock in WHOLE_DAY
        ]
        return [clock for clock, start in starts if start <= furthest]

    before = within_the_advance()
    found = listed(chatbot, practice, MONDAY, 31 * DAY)
    assert found in (before, within_the_advance())
    assert len(found) < 3 * len(WHOLE_DAY)
    assert listed(chatbot, practice, MONDAY + 3 * DAY, 28 * DAY) == []
    assert listed(chatbot, practice, treatment="Filling") == []


def test_what_is_listed_can_be_booked(sign_in: SignIn, chatbot: Caller, practice: Practice) -> None:
    """And is not listed any longer; what the list leaves out between the times may be booked all the same."""
    slot = ask(chatbot, query(practice)).json["slots"][3]
    wish = {"dentistId": slot["dentistId"], "startsAt": slot["startsAt"], "treatmentId": query(practice)["treatmentId"]}
    booked = sign_in("patient1").post("/appointments", wish)
    assert booked.status_code == 201
    assert booked.json["endsAt"] == slot["endsAt"]
    assert json.dumps(slot) not in json.dumps(ask(chatbot, query(practice)).json["slots"])
    between = sign_in("patient2").post("/appointments", booking(practice, MONDAY + 5 * HOUR + 7 * MINUTE))
    assert between.status_code == 201
