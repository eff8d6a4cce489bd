"""What staff are shown as free: without notice and horizon where they may book so, and in a length of their own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant, parse_instant
from tests.api.hours import HALF_HOUR, MONDAY, SignIn, a_check_up
from tests.conftest import Caller, Practice

DAY = timedelta(days=1)


def free(caller: Caller, practice: Practice, **more: Any) -> list[dict[str, str]]:
    """What is free on Monday, for a check-up unless something else is asked for."""
    wanted = {
        "from": format_instant(MONDAY.replace(hour=0)),
        "to": format_instant(MONDAY.replace(hour=0) + DAY),
        "treatmentId": str(practice.treatments["Check-up"]),
        **more,
    }
    answer = caller.get("/availability?" + "&".join(f"{name}={value}" for name, value in wanted.items() if value))
    assert answer.status_code == 200, answer.json
    slots: list[dict[str, str]] = answer.json["slots"]
    return slots


def test_notice_and_horizon_hide_nothing_from_those_whom_they_do_not_bind(
    sign_in: SignIn, practice: Practice, owner: Session
) -> None:
    """The front desk and a dentist in the own diary; a patient, a chatbot and a colleague's diary as ever."""
    owner.execute(text("UPDATE practice SET furthest_advance_days = 1"))
    owner.execute(text("UPDATE treatments SET minimum_notice_minutes = 1000000"))
    owner.commit()
    own, other = (str(dentist) for dentist in practice.dentists[:2])
    for name in ("admin", "desk"):
        assert {slot["dentistId"] for slot in free(sign_in(name), practice)} == {str(d) for d in practice.dentists}
    assert free(sign_in("dentist1"), practice, dentistId=own)
    assert free(sign_in("dentist1"), practice, dentistId=other) == []
    assert free(sign_in("dentist1"), practice) == []
    for name in ("patient1", "chatbot"):
        assert free(sign_in(name), practice) == []


def test_staff_look_for_a_gap_of_any_length(sign_in: SignIn, practice: Practice) -> None:
    """The next of twenty minutes, with a treatment or without one; what is listed can be booked."""
    desk, own = sign_in("desk"), str(practice.dentists[0])
    for treatment in (None, str(practice.treatments["Check-up"])):
        slots = free(desk, practice, treatmentId=treatment, durationMinutes=20, dentistId=own, limit=3)
        assert len(slots) == 3
        for slot in slots:
            assert parse_instant(slot["endsAt"]) - parse_instant(slot["startsAt"]) == timedelta(minutes=20)
    body = {"dentistId": own, "startsAt": slots[0]["startsAt"], "endsAt": slots[0]["endsAt"]}
    made = desk.post("/appointments", {**body, "patientId": str(practice.patients[0])})
    assert made.status_code == 201
    again = free(desk, practice, treatmentId=None, durationMinutes=20, dentistId=own, limit=1)
    assert again[0]["startsAt"] >= slots[0]["endsAt"]


def test_a_long_gap_is_found_by_its_own_length(sign_in: SignIn, practice: Practice) -> None:
    """Page by page the same as at once."""
    desk = sign_in("desk")
    at_once = free(desk, practice, treatmentId=None, durationMinutes=200)
    assert at_once
    assert free(desk, practice, treatmentId=None, durationMinutes=200, limit=1) == at_once[:1]


@pytest.mark.parametrize(
    ("name", "wanted", "status"),
    [
        ("patient1", "durationMinutes=20", 403),
        ("chatbot", "durationMinutes=20", 403),
        ("desk", "durationMinutes=0", 422),
        ("desk", "durationMinutes=721", 422),
        ("desk", "", 422),
    ],
)
def test_what_is_not_theirs_or_says_too_little_is_refused(sign_in: SignIn, name: str, wanted: str, status: int) -> None:
    """A length is for staff; a treatment or a length is needed."""
    span = f"from={format_instant(MONDAY)}&to={format_instant(MONDAY + DAY)}"
    assert sign_in(name).get(f"/availability?{span}&{wanted}".rstrip("&")).status_code == status


def test_staff_are_offered_what_they_may_book_instead(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """Alternatives leave notice out as the list does; a patient's do not."""
    taken = a_check_up(practice, patientId=str(practice.patients[0]))
    assert sign_in("desk").post("/appointments", taken).status_code == 201
    owner.execute(text("UPDATE treatments SET minimum_notice_minutes = 1000000"))
    owner.commit()
    refused = sign_in("desk").post("/appointments", {**taken, "patientId": str(practice.patients[1])}).json
    assert (refused["code"], len(refused["alternatives"])) == ("slot-taken", 3)


def test_appointments_are_listed_by_series_and_by_whether_they_share_time(sign_in: SignIn, practice: Practice) -> None:
    """The filters of a desk."""
    desk = sign_in("desk")
    series = desk.post(
        "/appointments/series",
        a_check_up(practice, every={"unit": "day", "n": 1}, count=2, patientId=str(practice.patients[0])),
    ).json
    beside = a_check_up(practice, MONDAY + HALF_HOUR / 2, patientId=str(practice.patients[1]), force=True)
    forced = desk.post("/appointments", beside).json
    listed = desk.get(f"/appointments?seriesId={series['seriesId']}").json["items"]
    assert {one["id"] for one in listed} == {one["id"] for one in series["appointments"]}
    shared = desk.get("/appointments?overbooked=true").json["items"]
    assert {one["id"] for one in shared} == {forced["id"], series["appointments"][0]["id"]}
    assert all(not one["overbooked"] for one in desk.get("/appointments?overbooked=false").json["items"])
    assert desk.get("/appointments?overbooked=maybe").status_code == 422
