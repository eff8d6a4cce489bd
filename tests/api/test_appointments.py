"""Booking over HTTP: from the call to the row and back, for everybody who may and nobody who may not."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant, parse_instant
from tests import plain_sql
from tests.api.hours import HALF_HOUR, MONDAY, a_check_up
from tests.conftest import Caller, Practice, RunLane, sign_in_to

FIELDS = {
    "id", "patientId", "patientName", "dentistId", "dentistName", "treatmentId", "chairId", "startsAt", "endsAt",
    "status", "confirmation", "reason", "version", "createdAt", "updatedAt", "cancelledAt", "cancelledBy",
    "cancelReason", "overbooked", "forced", "assistantId", "assistantName", "treatmentIds", "seriesId", "arrivedAt",
    "checkedInAt",
}  # fmt: skip


# Booking.


def test_a_patient_books_and_gets_the_appointment(sign_in: Callable[..., Caller], practice: Practice) -> None:
    """201, Location, ETag, and all the fields of the contract; it is there to be read with the same content."""
    patient = sign_in("patient1")
    answer = patient.post("/appointments", a_check_up(practice, reason="It hurts."))
    assert answer.status_code == 201
    appointment = answer.json
    assert set(appointment) == FIELDS
    assert answer.headers["Location"] == f"/api/appointments/{appointment['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert appointment["patientId"] == patient.user["patientId"]
    assert (appointment["startsAt"], appointment["endsAt"]) == (
        format_instant(MONDAY),
        format_instant(MONDAY + HALF_HOUR),
    )
    assert (appointment["status"], appointment["version"], appointment["reason"]) == ("booked", 1, "It hurts.")
    read = patient.get(f"/appointments/{appointment['id']}")
    assert (read.status_code, read.json, read.headers["ETag"]) == (200, appointment, '"1"')


@pytest.mark.parametrize("name", ["dentist1", "admin"])
def test_staff_book_for_a_patient(sign_in: Callable[..., Caller], practice: Practice, name: str) -> None:
    """Who has no account as well."""
    patient = str(practice.patients[3])
    answer = sign_in(name).post("/appointments", a_check_up(practice, patientId=patient))
    assert answer.status_code == 201
    assert answer.json["patientId"] == patient


@pytest.mark.parametrize(
    ("name", "wish", "status", "code"),
    [
        ("chatbot", {}, 403, "forbidden"),
        ("patient1", {"patientId": "another's"}, 403, "forbidden"),
        ("dentist2", {"patientId": "another's"}, 403, "forbidden"),
        ("dentist1", {}, 422, "validation-failed"),
        ("admin", {}, 422, "validation-failed"),
        ("patient1", {"dentistId": str(uuid.uuid4())}, 422, "unknown-dentist"),
        ("admin", {"patientId": str(uuid.uuid4())}, 422, "unknown-patient"),
        ("patient1", {"treatmentId": str(uuid.uuid4())}, 422, "unknown-treatment"),
        ("patient1", {"endsAt": format_instant(MONDAY + timedelta(hours=1))}, 422, "invalid-duration"),
        ("patient1", {"startsAt": "2020-01-06T09:00:00Z"}, 422, "in-the-past"),
        ("patient1", {"startsAt": "2200-01-06T09:00:00Z"}, 422, "too-far-ahead"),
        ("patient1", {"startsAt": format_instant(MONDAY + timedelta(hours=12))}, 422, "outside-working-hours"),
        ("patient2", {}, 409, "slot-taken"),
        ("patient1", {"dentistId": "Ben's"}, 409, "patient-double-booked"),
    ],
)
@pytest.mark.usefixtures("booked")
def test_each_refusal_has_its_status_and_code(
    sign_in: Callable[..., Caller], practice: Practice, name: str, wish: dict[str, str], status: int, code: str
) -> None:
    """As a problem, with the path; the table is the contract's."""
    names = {"another's": str(practice.patients[3]), "Ben's": str(practice.dentists[1])}
    answer = sign_in(name).post("/appointments", a_check_up(practice, **{k: names.get(v, v) for k, v in wish.items()}))
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"
    assert answer.json["instance"] == "/api/appointments"
    assert answer.json["status"] == status
    assert {"type", "title", "detail"} <= set(answer.json)


def test_two_hours_is_the_longest_that_a_patient_books_without_a_treatment(
    sign_in: Callable[..., Caller], practice: Practice
) -> None:
    """The setting's default."""
    patient = sign_in("patient1")
    body = {"dentistId": str(practice.dentists[0]), "startsAt": format_instant(MONDAY)}
    refused = patient.post("/appointments", {**body, "endsAt": format_instant(MONDAY + timedelta(minutes=121))})
    assert (refused.status_code, refused.json["code"]) == (422, "invalid-duration")
    assert (
        patient.post("/appointments", {**body, "endsAt": format_instant(MONDAY + timedelta(hours=2))}).status_code
        == 201
    )


def test_a_time_is_understood_in_any_zone(sign_in: Callable[..., Caller], practice: Practice) -> None:
    """And answered in UTC."""
    local = MONDAY.astimezone(ZoneInfo("Asia/Kathmandu")).isoformat()
    answer = sign_in("patient1").post("/appointments", a_check_up(practice, startsAt=local))
    assert (answer.status_code, answer.json["startsAt"]) == (201, format_instant(MONDAY))


# Changing.


@pytest.mark.parametrize("name", ["patient1", "dentist1", "admin"])
def test_its_patient_its_dentist_and_admins_move_and_cancel(
    sign_in: Callable[..., Caller], booked: dict[str, Any], name: str
) -> None:
    """200 with the appointment as it is now, and the next ETag."""
    caller = sign_in(name)
    path = f"/appointments/{booked['id']}"
    moved = caller.patch(path, {"startsAt": format_instant(MONDAY + HALF_HOUR)})
    assert (moved.status_code, moved.headers["ETag"]) == (200, '"2"')
    assert moved.json["endsAt"] == format_instant(MONDAY + 2 * HALF_HOUR)
    cancelled = caller.post(f"{path}/cancel", {"reason": "It stopped hurting."})
    assert cancelled.status_code == 200
    assert (cancelled.json["status"], cancelled.json["cancelledBy"]) == ("cancelled", name.rstrip("1"))
    assert (cancelled.json["cancelReason"], cancelled.json["version"]) == ("It stopped hurting.", 3)
    assert parse_instant(cancelled.json["cancelledAt"])
    assert caller.get(path).json == cancelled.json
    again = caller.call("POST", f"{path}/cancel")
    assert (again.status_code, again.json["code"]) == (409, "illegal-transition")


@pytest.mark.parametrize("name", ["patient2", "dentist2"])
def test_somebody_elses_appointment_is_not_found(
    sign_in: Callable[..., Caller], booked: dict[str, Any], name: str
) -> None:
    """404 for every way of asking, and the same problem as for one that does not exist."""
    caller = sign_in(name)
    for appointment_id in (booked["id"], str(uuid.uuid4())):
        path = f"/appointments/{appointment_id}"
        for answer in (
            caller.get(path),
            caller.patch(path, {"reason": "x"}),
            caller.post(f"{path}/cancel"),
            caller.patch(path, {"reason": "x"}, If_Match='"7"'),
        ):
            assert (answer.status_code, answer.json["code"]) == (404, "not-found")


def test_the_chatbot_may_do_nothing_with_appointments(
    sign_in: Callable[..., Caller], practice: Practice, booked: dict[str, Any]
) -> None:
    """403, whatever it asks for."""
    chatbot, path = sign_in("chatbot"), f"/appointments/{booked['id']}"
    for answer in (
        chatbot.get("/appointments"),
        chatbot.get(path),
        chatbot.post("/appointments", a_check_up(practice)),
        chatbot.patch(path, {"reason": "x"}),
        chatbot.post(f"{path}/cancel"),
        chatbot.delete(path),
    ):
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_a_dentist_does_not_move_an_appointment_to_a_colleague_and_a_patient_may(
    sign_in: Callable[..., Caller], practice: Practice, booked: dict[str, Any]
) -> None:
    """It leaves the one dentist's sight and comes into the other's."""
    path, to_ben = f"/appointments/{booked['id']}", {"dentistId": str(practice.dentists[1])}
    anna, ben = sign_in("dentist1"), sign_in("dentist2")
    assert anna.patch(path, to_ben).status_code == 403
    moved = sign_in("patient1").patch(path, to_ben)
    assert (moved.status_code, moved.json["dentistName"]) == (200, "Dr. Ben Osei")
    assert anna.get(path).status_code == 404
    assert ben.get(path).json == moved.json


def test_the_cut_off_is_for_patients(sign_in: Callable[..., Caller], owner: Session, booked: dict[str, Any]) -> None:
    """Within a day of the start a patient is asked to call; the front desk still can."""
    # Nobody else is in the diary tomorrow at whatever hour this test runs.
    owner.execute(text("DELETE FROM appointments WHERE id <> :id"), {"id": booked["id"]})
    soon = text(
        "UPDATE appointments SET starts_at = now() + interval '23 hours', ends_at = now() + interval '24 hours',"
        " last_move = NULL WHERE id = :id"
    )
    owner.execute(soon, {"id": booked["id"]})
    owner.commit()
    path = f"/appointments/{booked['id']}"
    patient = sign_in("patient1")
    for answer in (patient.post(f"{path}/cancel"), patient.patch(path, {"reason": "x"})):
        assert (answer.status_code, answer.json["code"]) == (409, "past-cutoff")
    assert sign_in("admin").post(f"{path}/cancel").status_code == 200


def test_a_change_is_made_to_the_version_that_was_read(sign_in: Callable[..., Caller], booked: dict[str, Any]) -> None:
    """412 when somebody was faster; the ETag of the answer is the next If-Match."""
    patient, path = sign_in("patient1"), f"/appointments/{booked['id']}"
    first = patient.patch(path, {"reason": "a"}, If_Match='"1"')
    stale = patient.patch(path, {"reason": "b"}, If_Match='"1"')
    assert (stale.status_code, stale.json["code"]) == (412, "precondition-failed")
    assert patient.patch(path, {"reason": "b"}, If_Match=first.headers["ETag"]).status_code == 200
    assert patient.call("POST", f"{path}/cancel", If_Match='"1"').status_code == 412
    assert sign_in("admin").delete(path, If_Match='"1"').status_code == 412
    assert patient.get(path).json["reason"] == "b"


def test_what_is_entered_in_error_is_gone_for_everybody(
    sign_in: Callable[..., Caller], owner: Session, practice: Practice, booked: dict[str, Any]
) -> None:
    """204, and 404 from then on, for admins too; the time is free, and the row is kept."""
    path = f"/appointments/{booked['id']}"
    for name in ("patient1", "dentist1"):
        assert sign_in(name).delete(path).status_code == 403
    admin = sign_in("admin")
    deleted = admin.delete(path)
    assert (deleted.status_code, deleted.data) == (204, b"")
    for caller in (admin, sign_in("patient1"), sign_in("dentist1")):
        assert caller.get(path).status_code == 404
        later = caller.get(f"/appointments?from={format_instant(MONDAY)}&limit=200").json["items"]
        assert booked["id"] not in {item["id"] for item in later}
    assert admin.delete(path).status_code == 404
    assert admin.patch(path, {"reason": "x"}).status_code == 404
    assert sign_in("patient2").post("/appointments", a_check_up(practice)).status_code == 201
    assert (
        owner.scalar(text("SELECT status FROM appointments WHERE id = :id"), {"id": booked["id"]}) == "entered-in-error"
    )


def test_an_absent_body_is_an_empty_one(sign_in: Callable[..., Caller], booked: dict[str, Any]) -> None:
    """Where nothing is needed nothing need be sent."""
    patient = sign_in("patient1")
    assert patient.call("POST", f"/appointments/{booked['id']}/cancel").status_code == 200


# Listing.


def test_everybody_lists_what_they_may_see(sign_in: Callable[..., Caller], owner: Session, practice: Practice) -> None:
    """A patient the own, a dentist the own diary, an admin all; as many as are in the table."""
    count = "SELECT count(*) FROM appointments WHERE true"
    expected = {
        "patient1": (f"{count} AND patient_id = :id", practice.patients[0]),
        "dentist2": (f"{count} AND dentist_id = :id", practice.dentists[1]),
        "admin": (f"{count} AND :id IS NOT NULL", practice.patients[0]),
    }
    for name, (query, record_id) in expected.items():
        found = listed(sign_in(name), "/appointments?limit=200")
        assert len(found) == owner.scalar(text(query), {"id": str(record_id)} if name == "admin" else {"id": record_id})
        assert all(set(item) == FIELDS for item in found)


def listed(caller: Caller, path: str) -> list[dict[str, Any]]:
    """All pages, following the cursor; checks what must hold from page to page."""
    found: list[dict[str, Any]] = []
    page = caller.get(path).json
    first = page
    while True:
        found += page["items"]
        assert (page["position"], page["epoch"]) == (first["position"], first["epoch"])
        if page["next"] is None:
            return found
        page = caller.get(f"{path}&after={page['next']}").json


@pytest.mark.parametrize("limit", [1, 7, 50])
def test_pages_hold_each_appointment_once_in_order(shared_app: APIFlask, limit: int) -> None:
    """By start and id, whatever the size of a page."""
    dentist = sign_in_to(shared_app, "dentist1")
    found = listed(dentist, f"/appointments?limit={limit}")
    assert found == listed(dentist, "/appointments?limit=200")
    keys = [(item["startsAt"], item["id"]) for item in found]
    assert keys == sorted(set(keys))


def test_a_range_gives_what_overlaps_it(sign_in: Callable[..., Caller], booked: dict[str, Any]) -> None:
    """Half-open at both ends: what ends where the range begins is not in it."""
    patient = sign_in("patient1")

    def is_found(start: datetime, end: datetime) -> bool:
        path = f"/appointments?from={format_instant(start)}&to={format_instant(end)}"
        return booked["id"] in {item["id"] for item in patient.get(path).json["items"]}

    minute = timedelta(minutes=1)
    assert is_found(MONDAY, MONDAY + HALF_HOUR)
    assert is_found(MONDAY + 29 * minute, MONDAY + 24 * HALF_HOUR)
    assert is_found(MONDAY - HALF_HOUR, MONDAY + minute)
    assert not is_found(MONDAY + HALF_HOUR, MONDAY + 24 * HALF_HOUR)
    assert not is_found(MONDAY - HALF_HOUR, MONDAY)


def test_filters_narrow_and_never_widen(sign_in: Callable[..., Caller], practice: Practice) -> None:
    """By status, dentist and patient; another patient's id shows a patient nothing."""
    admin, patient = sign_in("admin"), sign_in("patient1")
    anna = listed(admin, f"/appointments?limit=200&dentistId={practice.dentists[0]}")
    assert anna
    assert {item["dentistId"] for item in anna} == {str(practice.dentists[0])}
    booked = listed(admin, "/appointments?limit=200&status=booked")
    both = listed(admin, "/appointments?limit=200&status=booked,fulfilled")
    assert {item["status"] for item in booked} == {"booked"}
    assert {item["status"] for item in both} == {"booked", "fulfilled"}
    mine = listed(admin, f"/appointments?limit=200&patientId={practice.patients[0]}")
    assert mine == listed(patient, "/appointments?limit=200")
    assert listed(patient, f"/appointments?limit=200&patientId={practice.patients[1]}") == []


def test_a_snapshots_position_leaves_no_gap(
    sign_in: Callable[..., Caller], owner: Session, practice: Practice, run_lane: RunLane
) -> None:
    """List, then follow the log from its position: what was committed before or after is in one of the two."""
    run_lane()
    admin = sign_in("admin")
    before = plain_sql.book(owner, practice.patients[0], practice.dentists[0], MONDAY)
    owner.commit()
    snapshot = admin.get(f"/appointments?from={format_instant(MONDAY)}").json
    after = plain_sql.book(owner, practice.patients[1], practice.dentists[1], MONDAY)
    owner.commit()
    run_lane()
    events = admin.get(f"/sync/events?since={snapshot['position']}&epoch={snapshot['epoch']}").json["events"]
    told = {event["appointment"]["id"] for event in events if event["type"] == "appointment:created"}
    assert str(before) in {item["id"] for item in snapshot["items"]}
    assert str(after) in told
    # What was not yet published when the list was read comes again, with the version that the list had.
    assert told == {str(before), str(after)}


def test_pages_say_where_the_next_one_is(shared_app: APIFlask) -> None:
    """In the body and in the Link header, which keeps the filters."""
    answer = sign_in_to(shared_app, "admin").get("/appointments?limit=2&status=booked")
    assert len(answer.json["items"]) == 2
    target, _, relation = answer.headers["Link"].partition("; ")
    assert relation == 'rel="next"'
    assert "limit=2" in target
    assert "status=booked" in target
    assert answer.json["next"] in target


def test_the_position_is_there_before_anything_was_published(shared_app: APIFlask) -> None:
    """A fresh log begins at zero; a patient without appointments gets an empty list and a position."""
    page = sign_in_to(shared_app, "patient1").get("/appointments?from=2100-01-01T00:00:00Z").json
    assert page["items"] == []
    assert page["next"] is None
    assert isinstance(page["position"], int)
    uuid.UUID(page["epoch"])
