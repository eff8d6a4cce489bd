"""Which times are free, over HTTP: what is taken, when the practice is open, and that what is listed can be booked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from dental_sync.diary.transitions import BLOCKING_STATUSES, STATUSES
from tests import plain_sql
from tests.api.free import (
    BERLIN,
    DAY,
    HOUR,
    MINUTE,
    MONDAY,
    MORNING,
    WHOLE_DAY,
    SignIn,
    ask,
    booking,
    every,
    listed,
    query,
    sql,
    without,
)
from tests.api.test_holds import expire, hold
from tests.conftest import Caller, Practice

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
