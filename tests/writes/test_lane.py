"""The lane: what was asked is applied in order, once, and judged as the contract says."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from dental_sync.sync import log
from dental_sync.writes import queue
from tests.conftest import Practice, RunLane, a_free_monday
from tests.writes.desk import HALF_HOUR, MONDAY, Desk

# Applied in order.


def test_requests_are_applied_in_the_order_in_which_they_came(desk: Desk, run_lane: RunLane) -> None:
    """Of many who ask for one time in one batch the first gets it, and everybody has an answer."""
    requests = [desk.book(f"patient{number}", MONDAY) for number in range(1, 13)]
    [batch] = run_lane()
    assert [desk.answer(request) for request in requests] == [(201, None)] + [(409, "slot-taken")] * 11
    assert set(batch.outcomes) == {str(request) for request in requests}
    assert not batch.more


def test_a_time_that_is_freed_in_a_batch_is_given_away_in_the_same_batch(desk: Desk, run_lane: RunLane) -> None:
    """Book, cancel, book by another, move away, book by a third: each sees what the one before did."""
    first = desk.book("patient1", MONDAY)
    run_lane()
    first_id = desk.appointment(first)["id"]
    cancelled = desk.ask("patient1", "cancel", {}, first_id)
    second = desk.book("patient2", MONDAY)
    [batch] = run_lane()
    assert [desk.answer(r) for r in (cancelled, second)] == [(200, None), (201, None)]
    assert len(batch.outcomes) == 2
    moved = desk.move("patient2", desk.appointment(second)["id"], startsAt=MONDAY + HALF_HOUR)
    third = desk.book("patient3", MONDAY)
    run_lane()
    assert [desk.answer(r) for r in (moved, third)] == [(200, None), (201, None)]


def test_what_was_done_is_published_in_the_same_transaction(desk: Desk, owner: Session, run_lane: RunLane) -> None:
    """The messages that go out at once are those of the log; a refusal says nothing."""
    run_lane()
    log.publish(owner, wait=True)
    owner.commit()
    before = log.head(owner).position
    owner.rollback()
    booked, refused = desk.book("patient1", MONDAY), desk.book("patient2", MONDAY)
    [batch] = run_lane()
    assert [m.type for m in batch.messages] == ["appointment:created", "availability:changed"]
    assert [m.wire() for m in batch.messages] == [m.wire() for m in log.read(owner, since=before, limit=10)]
    assert batch.messages[0].payload["appointment"] == desk.appointment(booked)
    assert desk.answer(refused) == (409, "slot-taken")


def test_the_outcome_is_what_the_database_made_of_the_decision(desk: Desk, owner: Session, run_lane: RunLane) -> None:
    """Names, version and times of the row; status, Location and ETag of the contract."""
    booked = desk.book("patient1", MONDAY, reason="It hurts.")
    run_lane()
    stored = desk.request(booked)
    row = owner.execute(text("SELECT * FROM appointments WHERE id = :id"), {"id": stored.subject_id}).one()
    body = stored.outcome["body"]
    assert stored.status == "applied"
    assert stored.outcome["status"] == 201
    assert stored.outcome["headers"] == {"ETag": '"1"', "Location": f"/api/appointments/{row.id}"}
    assert (body["id"], body["patientName"], body["dentistName"]) == (str(row.id), "Mia Schmidt", "Dr. Anna Keller")
    assert (body["startsAt"], body["createdAt"]) == (format_instant(row.starts_at), format_instant(row.created_at))
    assert (body["reason"], body["status"], body["confirmation"]) == ("It hurts.", "booked", "unconfirmed")


def test_more_than_one_batch_is_applied_in_order(
    desk: Desk, run_lane: RunLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not fit into one batch comes in the next, without being rung for again."""
    monkeypatch.setattr(queue, "REQUESTS_AT_ONCE", 3)
    requests = [desk.book(f"patient{number}", MONDAY + number * HALF_HOUR) for number in range(1, 6)]
    requests += [desk.book(f"patient{number}", MONDAY + (number - 5) * HALF_HOUR) for number in range(6, 9)]
    batches = run_lane()
    assert [len(batch.outcomes) for batch in batches][:2] == [3, 3]
    assert [desk.answer(r) for r in requests] == [(201, None)] * 5 + [(409, "slot-taken")] * 3


def test_of_many_half_are_decided_first(desk: Desk, run_lane: RunLane, monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order; they are answered, and ask for more, while the others are decided. A few are one batch."""
    monkeypatch.setattr(queue, "FEW", 2)
    requests = [desk.book(f"patient{number}", MONDAY + number * HALF_HOUR) for number in range(1, 9)]
    told = [[uuid.UUID(id_) for id_ in batch.outcomes] for batch in run_lane()]
    assert told == [requests[:4], requests[4:6], requests[6:8]]


def test_nothing_to_do_is_done_quickly(run_lane: RunLane) -> None:
    """A pass that finds no request publishes what plain SQL left and goes home."""
    run_lane()
    [batch] = run_lane()
    assert (batch.messages, batch.outcomes, batch.more) == ([], {}, False)


# Judged when it came, or when it is applied.


def test_whether_a_time_is_past_is_judged_at_the_moment_the_request_came(
    desk: Desk, owner: Session, run_lane: RunLane
) -> None:
    """A worker that was away for weeks applies what was asked in time, and refuses what was asked too late."""
    long_ago = a_free_monday(weeks=-5)
    asked = [desk.book("patient1", long_ago), desk.book("patient2", long_ago + HALF_HOUR)]
    received = text("UPDATE write_requests SET received_at = :at WHERE id = :id")
    owner.execute(received, {"at": long_ago - timedelta(days=2), "id": asked[0]})
    owner.execute(received, {"at": long_ago + timedelta(days=2), "id": asked[1]})
    owner.commit()
    run_lane()
    assert [desk.answer(request) for request in asked] == [(201, None), (422, "in-the-past")]


@pytest.mark.parametrize(
    ("meanwhile", "answer"),
    [
        ("UPDATE users SET active = false WHERE email = 'patient1@demo.test'", (401, "account-disabled")),
        ("UPDATE users SET role = 'chatbot' WHERE email = 'patient1@demo.test'", (403, "forbidden")),
        ("UPDATE dentists SET active = false", (422, "unknown-dentist")),
        ("UPDATE treatments SET active = false", (422, "unknown-treatment")),
        ("UPDATE treatments SET requires_approval = true", (201, None)),
        ("DELETE FROM working_hours", (422, "outside-working-hours")),
        (
            "INSERT INTO closures (starts_at, ends_at) VALUES ('2000-01-01Z', '2100-01-01Z')",
            (422, "outside-working-hours"),
        ),
        (
            "INSERT INTO time_off (dentist_id, starts_at, ends_at)"
            " SELECT id, '2000-01-01Z', '2100-01-01Z' FROM dentists",
            (422, "outside-working-hours"),
        ),
        ("UPDATE practice SET furthest_advance_days = 1", (422, "too-far-ahead")),
        ("UPDATE practice SET minimum_notice_minutes = 1000000", (422, "too-soon")),
        ("UPDATE treatments SET chair_kind = 'surgery'", (409, "slot-taken")),
    ],
)
def test_rights_and_rules_are_those_of_the_moment_of_applying(
    desk: Desk, owner: Session, run_lane: RunLane, meanwhile: str, answer: tuple[int, str | None]
) -> None:
    """Between the call and the decision somebody changed the practice: what it says now counts."""
    request = desk.book("patient1", MONDAY)
    owner.execute(text(meanwhile))
    owner.commit()
    run_lane()
    assert desk.answer(request) == answer


def test_a_stale_if_match_is_refused_though_it_was_fresh_when_sent(
    desk: Desk, owner: Session, run_lane: RunLane
) -> None:
    """Somebody else's change was applied first."""
    booked = desk.book("patient1", MONDAY)
    run_lane()
    appointment_id = desk.appointment(booked)["id"]
    requests = [
        desk.ask("patient1", "reschedule", {"reason": reason}, appointment_id, if_match='"1"') for reason in ("a", "b")
    ]
    run_lane()
    assert [desk.answer(r) for r in requests] == [(200, None), (412, "precondition-failed")]
    assert owner.scalar(text("SELECT reason FROM appointments WHERE id = :id"), {"id": appointment_id}) == "a"


def test_moving_keeps_the_chair_of_a_treatment_that_is_no_longer_offered(
    desk: Desk, owner: Session, run_lane: RunLane
) -> None:
    """And two such appointments never share one."""
    owner.execute(text("INSERT INTO chairs (name, kind) VALUES ('1', 'surgery')"))
    owner.execute(text("UPDATE treatments SET chair_kind = 'surgery'"))
    owner.commit()
    booked = desk.book("patient1", MONDAY)
    other = desk.book("patient2", MONDAY + HALF_HOUR, dentist=1)
    run_lane()
    owner.execute(text("UPDATE treatments SET active = false"))
    owner.commit()
    into_the_other = desk.move("patient1", desk.appointment(booked)["id"], startsAt=MONDAY + HALF_HOUR)
    elsewhere = desk.move("patient1", desk.appointment(booked)["id"], startsAt=MONDAY + 2 * HALF_HOUR)
    run_lane()
    assert [desk.answer(r) for r in (other, into_the_other, elsewhere)] == [
        (201, None),
        (409, "slot-taken"),
        (200, None),
    ]
    assert desk.appointment(elsewhere)["chairId"] == desk.appointment(booked)["chairId"] is not None


def test_two_changes_of_one_appointment_in_one_batch_are_judged_one_after_the_other(
    desk: Desk, run_lane: RunLane
) -> None:
    """The second sees where the first moved it: to a dentist who is busy at the new time."""
    taken = desk.book("patient2", MONDAY + HALF_HOUR, dentist=1)
    booked = desk.book("patient1", MONDAY)
    run_lane()
    appointment_id = desk.appointment(booked)["id"]
    later = desk.move("patient1", appointment_id, startsAt=MONDAY + HALF_HOUR)
    to_a_busy_dentist = desk.move("patient1", appointment_id, dentistId=str(desk.practice.dentists[1]))
    to_a_free_one = desk.move("patient1", appointment_id, dentistId=str(desk.practice.dentists[2]))
    run_lane()
    assert desk.answer(taken) == (201, None)
    assert desk.answer(later) == (200, None)
    assert desk.answer(to_a_busy_dentist) == (409, "slot-taken")
    assert desk.answer(to_a_free_one) == (200, None)
    assert desk.appointment(to_a_free_one)["version"] == 3


def test_time_off_is_seen_by_one_that_is_moved_twice_in_a_batch(
    desk: Desk, run_lane: RunLane, owner: Session, practice: Practice
) -> None:
    """To another day and then to a longer treatment: the second reaches into time off that the first does not."""
    booked = desk.book("patient1", MONDAY)
    run_lane()
    tuesday = MONDAY + timedelta(days=1)
    owner.execute(
        text("INSERT INTO time_off (dentist_id, starts_at, ends_at) VALUES (:dentist, :away, :back)"),
        {"dentist": practice.dentists[0], "away": tuesday + 2 * HALF_HOUR, "back": tuesday + 4 * HALF_HOUR},
    )
    owner.commit()
    appointment_id = desk.appointment(booked)["id"]
    moved = desk.move("patient1", appointment_id, startsAt=tuesday)
    longer = desk.move("patient1", appointment_id, treatmentId=str(practice.treatments["Root canal"]))
    run_lane()
    assert [desk.answer(request) for request in (moved, longer)] == [(200, None), (422, "outside-working-hours")]
