"""Holds: a time kept for somebody who has not decided yet; nobody else gets it, and nobody learns whose it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant, parse_instant
from tests.conftest import Caller, Practice, RunLane, a_free_monday

MONDAY = a_free_monday()
HALF_HOUR = timedelta(minutes=30)

SignIn = Callable[..., Caller]


def a_time(practice: Practice, starts_at: datetime = MONDAY, dentist: int = 0, **more: Any) -> dict[str, Any]:
    """The body of a hold or a booking: a check-up with a dentist."""
    return {
        "dentistId": str(practice.dentists[dentist]),
        "startsAt": format_instant(starts_at),
        "treatmentId": str(practice.treatments["Check-up"]),
        **more,
    }


def hold(caller: Caller, practice: Practice, starts_at: datetime = MONDAY, **more: Any) -> dict[str, Any]:
    """Hold a time, which must go well."""
    answer = caller.post("/holds", a_time(practice, starts_at, **more))
    assert answer.status_code == 201, answer.json
    held: dict[str, Any] = answer.json
    return held


def expire(owner: Session, *holds: dict[str, Any]) -> None:
    """Let holds have expired a second ago, with nobody having swept them."""
    for held in holds:
        owner.execute(
            text("UPDATE holds SET expires_at = clock_timestamp() - interval '1 second' WHERE id = :id"), held
        )
    owner.commit()


def test_a_hold_is_kept_for_five_minutes(sign_in: SignIn, practice: Practice) -> None:
    """201, Location, and until when."""
    answer = sign_in("patient1").post("/holds", a_time(practice))
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/holds/{answer.json['id']}"
    assert set(answer.json) == {"id", "dentistId", "treatmentId", "treatmentIds", "startsAt", "endsAt", "expiresAt"}
    assert answer.json["startsAt"] == format_instant(MONDAY)
    left = parse_instant(answer.json["expiresAt"]) - datetime.now(MONDAY.tzinfo)
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)


def test_a_time_that_another_holds_is_refused(sign_in: SignIn, practice: Practice) -> None:
    """To book and to hold, with other times instead; nothing says who holds it."""
    mine = hold(sign_in("patient1"), practice)
    for path in ("/appointments", "/holds"):
        answer = sign_in("patient2").post(path, a_time(practice))
        assert (answer.status_code, answer.json["code"]) == (409, "slot-taken")
        assert len(answer.json["alternatives"]) == 3
        assert mine["id"] not in answer.text


def test_a_held_time_is_booked_by_its_owner(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """The hold is used up."""
    patient = sign_in("patient1")
    held = hold(patient, practice)
    booked = patient.post("/appointments", a_time(practice, holdId=held["id"]))
    assert booked.status_code == 201
    assert owner.scalar(text("SELECT count(*) FROM holds")) == 0
    again = patient.post("/appointments", a_time(practice, MONDAY + HALF_HOUR, holdId=held["id"]))
    assert (again.status_code, again.json["code"]) == (409, "hold-expired")


def test_anothers_hold_cannot_be_used(sign_in: SignIn, practice: Practice) -> None:
    """It is answered as one that does not exist, and stays."""
    held = hold(sign_in("patient1"), practice)
    stolen = sign_in("patient2").post("/appointments", a_time(practice, holdId=held["id"]))
    assert (stolen.status_code, stolen.json["code"]) == (409, "hold-expired")
    assert sign_in("patient2").delete(f"/holds/{held['id']}").status_code == 404
    assert sign_in("patient1").post("/appointments", a_time(practice, holdId=held["id"])).status_code == 201


def test_an_expired_hold_does_not_block_before_it_is_swept(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """Somebody else books the time, though the row is still there at that moment."""
    expire(owner, hold(sign_in("patient1"), practice))
    assert sign_in("patient2").post("/appointments", a_time(practice)).status_code == 201


def test_an_expired_hold_is_no_use_to_its_owner(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """The booking that names it says so; without it the time may still be free."""
    patient = sign_in("patient1")
    held = hold(patient, practice)
    expire(owner, held)
    late = patient.post("/appointments", a_time(practice, holdId=held["id"]))
    assert (late.status_code, late.json["code"]) == (409, "hold-expired")
    assert patient.post("/appointments", a_time(practice)).status_code == 201


def test_the_sweep_gives_expired_time_back_and_says_so(
    sign_in: SignIn, practice: Practice, owner: Session, run_lane: RunLane
) -> None:
    """The next run of the lane deletes the hold, and the log says that the time is free."""
    held = hold(sign_in("patient1"), practice)
    expire(owner, held)
    run_lane()
    assert owner.scalar(text("SELECT count(*) FROM holds")) == 0
    last = text("SELECT payload FROM sync_events WHERE type = :type ORDER BY position DESC LIMIT 1")
    freed = owner.scalar(last, {"type": "availability:changed"})
    assert freed["availability"]["change"] == "free"
    assert held["id"] not in str(freed)
    gone = owner.scalar(last, {"type": "record:changed"})
    assert gone == {"kind": "hold", "id": held["id"], "change": "deleted"}


@pytest.mark.parametrize("way", ["deletion", "logout"])
def test_a_hold_is_let_go(sign_in: SignIn, practice: Practice, owner: Session, way: str) -> None:
    """By deleting it, and by signing out: others can have the time at once."""
    patient = sign_in("patient1")
    held = hold(patient, practice)
    answer = patient.delete(f"/holds/{held['id']}") if way == "deletion" else patient.post("/auth/logout")
    assert answer.status_code == 204
    assert owner.scalar(text("SELECT count(*) FROM holds")) == 0
    assert sign_in("patient2").post("/appointments", a_time(practice)).status_code == 201


def test_a_patient_holds_three_times_at_most(sign_in: SignIn, practice: Practice) -> None:
    """One that is let go makes room; the front desk is not counted."""
    patient, desk = sign_in("patient1"), sign_in("admin")
    held = [hold(patient, practice, MONDAY + n * HALF_HOUR) for n in range(3)]
    refused = patient.post("/holds", a_time(practice, MONDAY + 3 * HALF_HOUR))
    assert (refused.status_code, refused.json["code"]) == (409, "too-many-holds")
    assert patient.delete(f"/holds/{held[0]['id']}").status_code == 204
    hold(patient, practice, MONDAY + 3 * HALF_HOUR)
    for n in range(4):
        hold(desk, practice, MONDAY + n * HALF_HOUR, dentist=1)


def test_a_chatbot_holds_nothing(sign_in: SignIn, practice: Practice) -> None:
    """Nor does a dentist hold a colleague's time."""
    assert sign_in("chatbot").post("/holds", a_time(practice)).status_code == 403
    assert sign_in("dentist1").post("/holds", a_time(practice, dentist=1)).status_code == 403


def test_notice_does_not_run_out_under_a_hold(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """Who held the time in time may book it, though the practice needs more notice by now."""
    patient = sign_in("patient1")
    held = hold(patient, practice)
    notice = MONDAY - datetime.now(MONDAY.tzinfo)
    owner.execute(
        text("UPDATE holds SET expires_at = expires_at - interval '2 minutes' WHERE id = :id"), {"id": held["id"]}
    )
    owner.execute(
        text("UPDATE practice SET minimum_notice_minutes = :minutes"),
        {"minutes": int(notice.total_seconds() // 60) + 1},
    )
    owner.commit()
    without = patient.post("/appointments", a_time(practice))
    assert without.json["code"] == "too-soon"
    assert patient.post("/appointments", a_time(practice, holdId=held["id"])).status_code == 201
