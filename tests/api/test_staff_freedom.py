"""Notice, horizon, past, length and cut-off bind patients and not staff; what a change leaves alone is not judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from tests.api.hours import HALF_HOUR, MONDAY, SignIn, a_check_up
from tests.conftest import Practice


@pytest.fixture
def round_the_clock(owner: Session) -> Session:
    """Everybody works always, so that any moment of today is within hours."""
    owner.execute(text("DELETE FROM working_hours"))
    owner.execute(
        text(
            "INSERT INTO working_hours (dentist_id, iso_weekday, starts, ends, ends_next_day)"
            " SELECT id, day, '00:00', '00:00', true FROM dentists, generate_series(1, 7) AS day"
        )
    )
    owner.execute(text("DELETE FROM appointments"))
    owner.commit()
    return owner


def for_patient(practice: Practice, starts_at: datetime, **wish: Any) -> dict[str, Any]:
    """What staff book."""
    return a_check_up(practice, starts_at, patientId=str(practice.patients[0]), **wish)


def test_notice_and_horizon_bind_patients_alone(sign_in: SignIn, practice: Practice, round_the_clock: Session) -> None:
    """The caller in half an hour, the recall in two years."""
    round_the_clock.execute(text("UPDATE practice SET minimum_notice_minutes = 120, furthest_advance_days = 30"))
    round_the_clock.commit()
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    for starts_at, code in ((now + HALF_HOUR, "too-soon"), (now + timedelta(days=800), "too-far-ahead")):
        assert sign_in("patient1").post("/appointments", a_check_up(practice, starts_at)).json["code"] == code
        for name in ("admin", "dentist1"):
            answer = sign_in(name).post("/appointments", for_patient(practice, starts_at))
            assert answer.status_code == 201, answer.json
            sign_in(name).post(f"/appointments/{answer.json['id']}/cancel", {})


def test_a_walk_in_is_entered_from_the_beginning_of_today(
    sign_in: SignIn, practice: Practice, round_the_clock: Session
) -> None:
    """Of the practice's day, and not before it."""
    zone = ZoneInfo(round_the_clock.scalar(text("SELECT time_zone FROM practice")) or "UTC")
    midnight = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    admin = sign_in("admin")
    body = for_patient(practice, midnight.astimezone(UTC))
    assert admin.post("/appointments", body).status_code == 201
    body = for_patient(practice, (midnight - timedelta(minutes=30)).astimezone(UTC))
    assert admin.post("/appointments", body).json["code"] == "in-the-past"
    assert admin.post("/appointments", {**body, "force": True}).json["code"] == "in-the-past"
    a_moment_ago = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
    patients = a_check_up(practice, a_moment_ago)
    assert sign_in("patient2").post("/appointments", patients).json["code"] == "in-the-past"


def test_a_change_that_leaves_the_start_alone_is_never_too_soon(
    sign_in: SignIn, practice: Practice, owner: Session, booked: dict[str, Any]
) -> None:
    """The rules are stricter by now: another dentist or treatment at the same time, by the patient too."""
    owner.execute(text("UPDATE practice SET minimum_notice_minutes = 2000000, furthest_advance_days = 1"))
    owner.commit()
    patient, path = sign_in("patient1"), f"/appointments/{booked['id']}"
    assert patient.patch(path, {"dentistId": str(practice.dentists[1])}).status_code == 200
    assert patient.patch(path, {"treatmentId": str(practice.treatments["Filling"])}).status_code == 200
    assert patient.patch(path, {"startsAt": format_instant(MONDAY + HALF_HOUR)}).json["code"] == "too-soon"


def test_what_is_no_longer_offered_stays_with_an_appointment_that_has_it(
    sign_in: SignIn, practice: Practice, owner: Session, booked: dict[str, Any]
) -> None:
    """Its dentist has left, its treatment is withdrawn: it is given another end all the same."""
    owner.execute(text("UPDATE treatments SET active = false"))
    owner.execute(text("UPDATE dentists SET active = false WHERE id = :id"), {"id": practice.dentists[0]})
    owner.commit()
    admin, path = sign_in("admin"), f"/appointments/{booked['id']}"
    shorter = {"endsAt": format_instant(MONDAY + timedelta(minutes=20))}
    answer = admin.patch(path, {**shorter, "dentistId": booked["dentistId"], "treatmentId": booked["treatmentId"]})
    assert answer.status_code == 200, answer.json
    assert answer.json["endsAt"] == shorter["endsAt"]


@pytest.mark.usefixtures("round_the_clock")
def test_a_running_appointment_can_be_made_longer_and_nothing_else(sign_in: SignIn, practice: Practice) -> None:
    """If the time is free, or by force."""
    admin = sign_in("admin")
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    running = admin.post("/appointments", for_patient(practice, now)).json
    following = admin.post(
        "/appointments", a_check_up(practice, now + 2 * HALF_HOUR, patientId=str(practice.patients[1]))
    )
    assert following.status_code == 201
    path = f"/appointments/{running['id']}"
    admin.post(f"{path}/arrive", {})
    assert admin.patch(path, {"startsAt": format_instant(now + HALF_HOUR)}).json["code"] == "illegal-transition"
    assert admin.patch(path, {"endsAt": format_instant(now + 2 * HALF_HOUR)}).status_code == 200
    too_long = {"endsAt": format_instant(now + 3 * HALF_HOUR)}
    assert admin.patch(path, too_long).json["code"] == "slot-taken"
    assert admin.patch(path, {**too_long, "force": True}).json["overbooked"] is True
    assert sign_in("patient1").patch(path, too_long).json["code"] == "illegal-transition"


@pytest.mark.usefixtures("round_the_clock")
def test_who_leaves_without_being_seen_frees_the_time(sign_in: SignIn, practice: Practice) -> None:
    """As a no-show or a cancellation, by staff; when they came stays said."""
    admin = sign_in("admin")
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    for move, status in (("no-show", "noshow"), ("cancel", "cancelled")):
        made = admin.post("/appointments", for_patient(practice, now)).json
        path = f"/appointments/{made['id']}"
        assert admin.post(f"{path}/arrive", {}).json["arrivedAt"] is not None
        assert sign_in("patient1").post(f"{path}/cancel", {}).json["code"] == "illegal-transition"
        left = admin.post(f"{path}/{move}", {}).json
        assert (left["status"], left["arrivedAt"] is not None) == (status, True)


def test_staff_choose_a_chair_and_it_stays(sign_in: SignIn, practice: Practice, booked: dict[str, Any]) -> None:
    """Any that is in use, whatever the treatment needs; taken is taken, unknown and withdrawn are unknown."""
    admin, path = sign_in("admin"), f"/appointments/{booked['id']}"
    chair = admin.post("/chairs", {"name": "Window", "kind": "quiet"}).json["id"]
    withdrawn = admin.post("/chairs", {"name": "Old", "kind": "quiet"}).json["id"]
    admin.delete(f"/chairs/{withdrawn}")
    assert admin.patch(path, {"chairId": chair}).json["chairId"] == chair
    later = {"startsAt": format_instant(MONDAY + HALF_HOUR)}
    assert admin.patch(path, later).json["chairId"] == chair
    beside = a_check_up(practice, MONDAY + HALF_HOUR, dentist=1, patientId=str(practice.patients[1]), chairId=chair)
    assert admin.post("/appointments", beside).json["code"] == "slot-taken"
    assert admin.post("/appointments", {**beside, "force": True}).json["overbooked"] is True
    for unknown in (withdrawn, booked["id"]):
        assert admin.patch(path, {"chairId": unknown}).json["code"] == "unknown-chair"
    assert admin.patch(path, {"chairId": None}).json["chairId"] is None
