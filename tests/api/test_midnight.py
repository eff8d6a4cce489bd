"""A practice that works at night: hours, free times, holds and bookings at both sides of midnight."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from tests.api.hours import BERLIN, HALF_HOUR, HOUR, MONDAY, SignIn, a_check_up
from tests.conftest import Practice

MIDNIGHT = MONDAY.astimezone(BERLIN).replace(hour=0, minute=0) + timedelta(days=1)


def nights(start: str, end: str) -> dict[str, Any]:
    """The same window on each day."""
    return {"hours": [{"isoWeekday": day, "start": start, "end": end} for day in range(1, 8)]}


@pytest.mark.usefixtures("empty_diary")
@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (("22:00", "06:00"), ("22:00", "06:00")),
        (("18:00", "24:00"), ("18:00", "24:00")),
        (("18:00", "00:00"), ("18:00", "24:00")),
        (("00:00", "24:00"), ("00:00", "24:00")),
    ],
)
def test_hours_may_end_at_midnight_or_on_the_next_day(
    sign_in: SignIn, practice: Practice, asked: tuple[str, str], answered: tuple[str, str]
) -> None:
    """And are read back as they were set; midnight as an end is `24:00`."""
    anna = practice.dentists[0]
    admin = sign_in("admin")
    answer = admin.call("PUT", f"/dentists/{anna}/working-hours", nights(*asked))
    assert answer.status_code == 200, answer.json
    read = admin.get(f"/dentists/{anna}").json["workingHours"]
    assert read == answer.json["workingHours"] == nights(*answered)["hours"]
    # What is sent back as it was read changes nothing.
    again = admin.call("PUT", f"/dentists/{anna}/working-hours", {"hours": read})
    assert again.json["workingHours"] == read


@pytest.mark.usefixtures("empty_diary")
@pytest.mark.parametrize("hours", [[("22:00", "06:00")], [("18:00", "24:00"), ("00:00", "06:00")]], ids=str)
def test_the_night_is_listed_held_and_booked_without_a_gap(
    sign_in: SignIn, practice: Practice, hours: list[tuple[str, str]]
) -> None:
    """Before midnight, across it and after it, whether the night is one window or two that meet at midnight."""
    admin, patient = sign_in("admin"), sign_in("patient1")
    week = {"hours": [window for clocks in hours for window in nights(*clocks)["hours"]]}
    answer = admin.call("PUT", f"/dentists/{practice.dentists[0]}/working-hours", week)
    assert answer.status_code == 200, answer.json
    asked = {
        "from": format_instant(MIDNIGHT - HOUR),
        "to": format_instant(MIDNIGHT + HOUR),
        "treatmentId": str(practice.treatments["Check-up"]),
        "dentistId": str(practice.dentists[0]),
    }
    headers = {"Authorization": f"Bearer {patient.token}"}
    slots = patient.client.get("/api/availability", query_string=asked, headers=headers).json["slots"]
    starts = [MIDNIGHT + number * HALF_HOUR / 2 for number in range(-4, 3)]
    assert [slot["startsAt"] for slot in slots] == [format_instant(start) for start in starts]
    for start in starts:
        held = patient.post("/holds", a_check_up(practice, start))
        assert held.status_code == 201, held.json
        booked = patient.post("/appointments", a_check_up(practice, start, holdId=held.json["id"]))
        assert booked.status_code == 201, booked.json
        assert patient.post(f"/appointments/{booked.json['id']}/cancel").status_code == 200


@pytest.mark.usefixtures("empty_diary")
def test_evenings_until_midnight_end_at_midnight(sign_in: SignIn, practice: Practice) -> None:
    """The last half hour can be booked, and what would reach into the next day cannot."""
    sign_in("admin").call("PUT", f"/dentists/{practice.dentists[0]}/working-hours", nights("18:00", "24:00"))
    patient = sign_in("patient1")
    across = patient.post("/appointments", a_check_up(practice, MIDNIGHT - HALF_HOUR / 2))
    assert (across.status_code, across.json["code"]) == (422, "outside-working-hours")
    assert patient.post("/appointments", a_check_up(practice, MIDNIGHT - HALF_HOUR)).status_code == 201


@pytest.mark.usefixtures("empty_diary")
def test_the_previous_release_takes_a_night_for_closed_and_writes_rows_that_mean_the_same(
    sign_in: SignIn, practice: Practice, owner: Session
) -> None:
    """It knows no `ends_next_day`: a night ends before it starts there, and what it inserts ends on the same day."""
    anna = practice.dentists[0]
    sign_in("admin").call("PUT", f"/dentists/{anna}/working-hours", nights("22:00", "06:00"))
    assert owner.scalar(text("SELECT bool_and(ends <= starts) FROM working_hours WHERE dentist_id = :id"), {"id": anna})
    owner.execute(text("DELETE FROM working_hours WHERE dentist_id = :id"), {"id": anna})
    owner.execute(
        text(
            "INSERT INTO working_hours (dentist_id, iso_weekday, starts, ends, valid_from, valid_to)"
            " VALUES (:id, 1, '08:00', '12:00', NULL, NULL)"
        ),
        {"id": anna},
    )
    owner.commit()
    read = sign_in("patient1").get(f"/dentists/{anna}").json["workingHours"]
    assert read == [{"isoWeekday": 1, "start": "08:00", "end": "12:00"}]
