"""The moves over HTTP: each door, the versions that they were read from, and what the log says of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from dental_sync.diary import transitions
from dental_sync.diary.transitions import MOVES
from tests.api.hours import HALF_HOUR, MONDAY, SignIn, a_check_up, events_of, head_of, let_it_be_today
from tests.conftest import Practice, RunLane


def set_to(owner: Session, appointment: dict[str, Any], status: str, starts_at: datetime = MONDAY) -> None:
    """Give an appointment a status and a start by plain SQL."""
    change = text("UPDATE appointments SET status = :s, starts_at = :at, ends_at = :to WHERE id = :id")
    values = {"s": status, "id": appointment["id"], "at": starts_at, "to": starts_at + HALF_HOUR}
    owner.execute(change, values)
    owner.commit()


# The doors.


def test_an_appointment_is_led_from_the_request_to_the_end_through_its_doors(
    sign_in: SignIn, owner: Session, practice: Practice, run_lane: RunLane
) -> None:
    """Pending, approved, confirmed, arrived, checked in, done: 200, the next ETag, and one event each."""
    owner.execute(text("UPDATE treatments SET requires_approval = true"))
    owner.commit()
    patient, another, dentist = sign_in("patient1"), str(practice.patients[1]), sign_in("dentist1")
    pending = patient.post("/appointments", a_check_up(practice)).json
    assert pending["status"] == "pending"
    path, version = f"/appointments/{pending['id']}", 1
    way = [
        (dentist, "approve", "booked"),
        (patient, "confirm", "booked"),
        (dentist, "arrive", "arrived"),
        (dentist, "check-in", "checked-in"),
        (dentist, "complete", "fulfilled"),
    ]
    for caller, name, status in way:
        if name == "arrive":
            let_it_be_today(owner, pending["id"])
            run_lane()
            version += 1
        refused = patient.post(f"{path}/{name}") if caller is dentist else None
        assert refused is None or refused.status_code == 403
        since = head_of(owner)
        answer = caller.call("POST", f"{path}/{name}", If_Match=f'"{version}"')
        version += 1
        assert (answer.status_code, answer.headers["ETag"]) == (200, f'"{version}"'), name
        assert (answer.json["status"], answer.json["version"]) == (status, version)
        assert caller.get(path).json == answer.json
        [event] = events_of(owner, since)
        assert event.type == "appointment:updated"
        assert event.payload["appointment"] == answer.json
        changed = {
            "confirm": {"confirmation"},
            "arrive": {"status", "arrivedAt"},
            "check-in": {"status", "checkedInAt"},
        }
        assert set(event.payload["previous"]) - {"updatedAt"} == {"version", *changed.get(name, {"status"})}
        # The running appointment's time stays busy.
        taken = {"dentistId": answer.json["dentistId"], "startsAt": answer.json["startsAt"], "patientId": another}
        taken["treatmentId"] = answer.json["treatmentId"]
        assert dentist.post("/appointments", taken).json["code"] in ("slot-taken", "outside-working-hours"), name
        assert owner.scalar(text("SELECT count(*) FROM claims WHERE owner_id = :id"), pending) == 1
        owner.rollback()
    again = dentist.post(f"{path}/complete")
    assert (again.status_code, again.json["code"]) == (409, "illegal-transition")


def test_a_missed_appointment_frees_its_time_and_cannot_come_back_once_it_is_taken(
    sign_in: SignIn, owner: Session, practice: Practice, booked: dict[str, Any]
) -> None:
    """Not before it began; undone while its time is free, refused when somebody has it."""
    dentist, path = sign_in("dentist1"), f"/appointments/{booked['id']}"
    early = dentist.post(f"{path}/no-show")
    assert (early.status_code, early.json["code"]) == (409, "illegal-transition")
    owner.execute(text("DELETE FROM appointments WHERE id <> :id"), booked)
    set_to(owner, booked, "booked", MONDAY - timedelta(weeks=6))
    for _ in range(2):
        missed = dentist.post(f"{path}/no-show")
        assert (missed.status_code, missed.json["status"]) == (200, "noshow")
        back = dentist.post(f"{path}/undo-no-show")
        assert (back.status_code, back.json["status"]) == (200, "booked")
    assert back.json["version"] == missed.json["version"] + 1
    set_to(owner, booked, "noshow")
    assert sign_in("patient2").post("/appointments", a_check_up(practice)).status_code == 201
    refused = dentist.post(f"{path}/undo-no-show")
    assert (refused.status_code, refused.json["code"]) == (409, "slot-taken")
    assert "alternatives" not in refused.json
    assert dentist.get(path).json["status"] == "noshow"


@pytest.mark.parametrize("name", transitions.STEPS)
def test_a_step_says_nothing_more_than_its_name(
    sign_in: SignIn, owner: Session, booked: dict[str, Any], name: str
) -> None:
    """No body, `{}` and nothing else; an unknown member, a list and a stale If-Match change nothing."""
    admin, path = sign_in("admin"), f"/appointments/{booked['id']}/{name}"
    source = min(MOVES[name].sources)
    for body in (None, {}):
        owner.execute(text("DELETE FROM appointments WHERE id <> :id"), booked)
        set_to(owner, booked, source, MONDAY - timedelta(weeks=6 if name == "no-show" else 0))
        if MOVES[name].when == "on the day":
            let_it_be_today(owner, booked["id"])
        before = admin.get(f"/appointments/{booked['id']}").json
        unknown = admin.call("POST", path, {"status": "booked"})
        assert (unknown.status_code, unknown.json["errors"][0]["pointer"]) == (422, "/status")
        assert admin.call("POST", path, []).status_code == 400
        stale = admin.call("POST", path, body, If_Match='"99"')
        assert (stale.status_code, stale.json["code"]) == (412, "precondition-failed")
        assert admin.get(f"/appointments/{booked['id']}").json == before
        answer = admin.call("POST", path, body, If_Match=f'"{before["version"]}"')
        assert answer.status_code == 200
        assert answer.json["status"] == (MOVES[name].target or source)
        owner.execute(text("UPDATE appointments SET confirmation = 'unconfirmed' WHERE id = :id"), booked)


def test_a_repeated_move_with_its_key_gives_the_stored_outcome(
    sign_in: SignIn, booked: dict[str, Any], owner: Session
) -> None:
    """A success and a refusal alike; the same key on another door is another request."""
    dentist, path = sign_in("dentist1"), f"/appointments/{booked['id']}"
    let_it_be_today(owner, booked["id"])
    first = dentist.post(f"{path}/arrive", Idempotency_Key="k")
    since = head_of(owner)
    again = dentist.post(f"{path}/arrive", Idempotency_Key="k")
    assert (again.status_code, again.json, again.headers["ETag"]) == (200, first.json, first.headers["ETag"])
    refused = dentist.post(f"{path}/approve", Idempotency_Key="k")
    assert refused.json["code"] == "illegal-transition"
    assert dentist.post(f"{path}/approve", Idempotency_Key="k").json == refused.json
    assert events_of(owner, since) == []
    assert dentist.post(f"{path}/complete", Idempotency_Key="k").json["version"] == 4


def test_a_move_is_looked_up_as_a_write(sign_in: SignIn, owner: Session, booked: dict[str, Any]) -> None:
    """Asked for without waiting: 202, and then what it made of the appointment."""
    let_it_be_today(owner, booked["id"])
    dentist, path = sign_in("dentist1"), f"/appointments/{booked['id']}"
    accepted = dentist.post(f"{path}/arrive", Prefer="respond-async")
    assert accepted.status_code == 202
    dentist.post(f"{path}/check-in")
    write = dentist.get(accepted.headers["Location"].removeprefix("/api")).json
    assert (write["status"], write["appointmentId"], write["resource"]) == (
        "applied",
        booked["id"],
        f"/api/appointments/{booked['id']}",
    )


# Rescheduling.


def test_one_rescheduling_is_one_update_and_the_range_that_it_left_is_free_at_once(
    sign_in: SignIn, owner: Session, practice: Practice, booked: dict[str, Any]
) -> None:
    """The same id, what was before in `previous`, a free and a busy range; nothing is deleted and made again."""
    since = head_of(owner)
    moved = sign_in("patient1").patch(
        f"/appointments/{booked['id']}", {"startsAt": format_instant(MONDAY + HALF_HOUR)}, If_Match='"1"'
    )
    assert moved.json["version"] == 2
    told = events_of(owner, since)
    assert [event.type for event in told] == ["appointment:updated", "availability:changed", "availability:changed"]
    assert told[0].payload["appointment"] == moved.json
    assert told[0].payload["appointment"]["id"] == booked["id"]
    previous = told[0].payload["previous"]
    assert {key: booked[key] for key in previous} == previous
    assert {"startsAt", "endsAt", "version"} <= set(previous) <= {"startsAt", "endsAt", "version", "updatedAt"}
    assert [event.payload["availability"]["change"] for event in told[1:]] == ["free", "busy"]
    assert told[1].payload["availability"]["from"] == format_instant(MONDAY)
    assert sign_in("patient2").post("/appointments", a_check_up(practice)).status_code == 201


def test_another_dentist_is_told_as_each_audience_sees_it(
    sign_in: SignIn, owner: Session, practice: Practice, booked: dict[str, Any]
) -> None:
    """Gone for the one, new for the other, an update with `previous` for the patient and admins, and nothing twice."""
    anna, ben = (str(dentist) for dentist in practice.dentists[:2])
    since = head_of(owner)
    assert sign_in("admin").patch(f"/appointments/{booked['id']}", {"dentistId": ben}).status_code == 200
    told = {
        event.type: (event.channels, event.payload)
        for event in events_of(owner, since)
        if event.type.startswith("appointment:")
    }
    assert {type_: set(channels) for type_, (channels, _) in told.items()} == {
        "appointment:deleted": {f"appointments:dentist:{anna}"},
        "appointment:created": {f"appointments:dentist:{ben}"},
        "appointment:updated": {f"appointments:patient:{booked['patientId']}", "appointments:all"},
    }
    assert told["appointment:deleted"][1] == {"appointmentId": booked["id"]}
    assert told["appointment:created"][1]["appointment"]["id"] == booked["id"]
    assert "previous" not in told["appointment:created"][1]
    assert told["appointment:updated"][1]["previous"]["dentistId"] == anna


@contextmanager
def resting_lane(owner: Session) -> Iterator[None]:
    """Nothing is decided meanwhile, so that what is asked for is decided together afterwards."""
    owner.execute(text("SELECT 1 FROM lane FOR UPDATE"))
    yield
    owner.rollback()


@pytest.mark.parametrize("name", ["cancel", "delete", "no-show", "reschedule"])
def test_a_freed_range_is_bookable_in_the_same_batch(
    sign_in: SignIn,
    owner: Session,
    practice: Practice,
    booked: dict[str, Any],
    run_lane: RunLane,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """Given back and taken by the next in line, in one transaction."""
    # A time that can be missed cannot be booked any more: here the clock forbids nobody anything.
    monkeypatch.setattr(transitions, "MOVES", {key: replace(move, when="always") for key, move in MOVES.items()})
    method, door, body = {
        "cancel": ("POST", "/cancel", {}),
        "delete": ("DELETE", "", None),
        "no-show": ("POST", "/no-show", {}),
        "reschedule": ("PATCH", "", {"startsAt": format_instant(MONDAY + 2 * HALF_HOUR)}),
    }[name]
    admin, patient = sign_in("admin"), sign_in("patient2")
    with resting_lane(owner):
        asked = [
            admin.call(method, f"/appointments/{booked['id']}{door}", body, Prefer="respond-async"),
            patient.post("/appointments", a_check_up(practice), Prefer="respond-async"),
        ]
    run_lane()
    written = text(
        "SELECT xmin::text AS transaction, outcome ->> 'status' AS status FROM write_requests WHERE id = :id"
    )
    rows = [owner.execute(written, {"id": answer.json["id"]}).one() for answer in asked]
    assert [row.status for row in rows] == ["204" if name == "delete" else "200", "201"]
    assert rows[0].transaction == rows[1].transaction


@pytest.mark.parametrize("name", ["admin", "dentist1"])
def test_no_door_gives_a_taken_time_to_anybody(
    sign_in: SignIn, owner: Session, practice: Practice, booked: dict[str, Any], name: str
) -> None:
    """Staff meet the constraint as patients do: booking, holding, moving and undoing a no-show."""
    caller, other = sign_in(name), str(practice.patients[4])
    mine = caller.post("/appointments", a_check_up(practice, MONDAY + 2 * HALF_HOUR, patientId=other)).json
    missed = caller.post("/appointments", a_check_up(practice, MONDAY + 4 * HALF_HOUR, patientId=other)).json
    set_to(owner, missed, "noshow", starts_at=MONDAY)
    for answer in (
        caller.post("/appointments", a_check_up(practice, patientId=other)),
        caller.post("/holds", a_check_up(practice)),
        caller.patch(f"/appointments/{mine['id']}", {"startsAt": booked["startsAt"]}),
        caller.post(f"/appointments/{missed['id']}/undo-no-show"),
    ):
        assert (answer.status_code, answer.json["code"]) == (409, "slot-taken")


# From a hold to the end.


def test_what_was_booked_from_a_hold_is_an_appointment_like_any_other(
    sign_in: SignIn, owner: Session, practice: Practice
) -> None:
    """It moves, and struck out it is gone for everybody, its time is free, and no hold comes back."""
    patient, admin = sign_in("patient1"), sign_in("admin")
    held = patient.post("/holds", a_check_up(practice)).json
    appointment = patient.post("/appointments", a_check_up(practice, holdId=held["id"])).json
    path = f"/appointments/{appointment['id']}"
    assert admin.post(f"{path}/confirm").json["confirmation"] == "confirmed"
    since = head_of(owner)
    assert admin.delete(path).status_code == 204
    told = events_of(owner, since)
    assert [event.type for event in told] == ["appointment:deleted", "availability:changed"]
    assert set(told[0].channels) == {
        f"appointments:patient:{appointment['patientId']}",
        f"appointments:dentist:{appointment['dentistId']}",
        "appointments:all",
    }
    assert patient.get(path).status_code == 404
    for name in transitions.STEPS:
        assert admin.post(f"{path}/{name}").status_code == 404
    assert owner.execute(text("SELECT count(*) FROM holds")).scalar_one() == 0
    assert owner.execute(text("SELECT count(*) FROM claims WHERE owner_id = :id"), appointment).scalar_one() == 0
    assert sign_in("patient2").post("/appointments", a_check_up(practice)).status_code == 201


def test_a_confirmation_is_for_the_time_that_was_confirmed(sign_in: SignIn, booked: dict[str, Any]) -> None:
    """Confirmed by the patient; a new start has to be confirmed anew, and the log says so."""
    patient, path = sign_in("patient1"), f"/appointments/{booked['id']}"
    assert patient.post(f"{path}/confirm").json["confirmation"] == "confirmed"
    moved = patient.patch(path, {"startsAt": format_instant(MONDAY + HALF_HOUR)}).json
    assert (moved["confirmation"], moved["version"]) == ("unconfirmed", 3)
