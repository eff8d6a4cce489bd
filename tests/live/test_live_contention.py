"""Many callers at once: one wins, nobody is told two things, and nothing is lost on the way."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from .callers import Call, all_at_once
from .conftest import Connect
from .system import System, wait_until

# It measures seconds.
pytestmark = pytest.mark.alone


def test_of_two_hundred_callers_for_one_slot_one_gets_it(system: System, connect: Connect) -> None:
    """Over both web processes: one 201, 199 times 409 slot-taken, one row, one message."""
    dentist_id, opening = system.account("dentist1").dentist_id, system.opening()
    patients = [system.account(f"patient{number}") for number in range(1, 13)]
    admin = connect(system, "admin")
    admin.subscribe("appointments:all")
    body = opening.with_dentist(dentist_id)

    def caller(number: int) -> Call:
        return lambda: patients[number % 12].call("POST", "/appointments", body, web=number % 2)

    answers = all_at_once([caller(number) for number in range(200)])
    assert Counter((answer.status, answer.code) for answer in answers) == {(201, None): 1, (409, "slot-taken"): 199}
    [winner] = [answer.body["id"] for answer in answers if answer.status == 201]
    at_that_time = "SELECT array_agg(id::text) FROM appointments WHERE dentist_id = %s AND starts_at = %s"
    assert system.ask(at_that_time, dentist_id, opening.starts_at) == [winner]
    admin.catch_up_with(system.settled_head())
    assert [payload["appointment"]["id"] for payload in admin.events("appointment:created")] == [winner]


def test_callers_for_overlapping_times_never_get_both(system: System) -> None:
    """Ten openings, and what lies across each two of them, wanted ten times over: what is granted overlaps nothing."""
    dentist_id = system.account("dentist2").dentist_id
    patients = [system.account(f"patient{number}") for number in range(1, 11)]
    openings = [system.opening() for _ in range(10)]
    bodies = [opening.with_dentist(dentist_id) for opening in openings]
    bodies += [
        # Two bookings of half an hour cannot both have the hour's middle.
        {**first.with_dentist(dentist_id), "endsAt": second.ends_at}
        for first, second in itertools.pairwise(openings)
        if first.ends_at == second.starts_at
    ]
    assert len(bodies) > 15

    def caller(number: int) -> Call:
        body = bodies[number % len(bodies)]
        return lambda: patients[number % 10].call("POST", "/appointments", body, web=number % 2)

    answers = all_at_once([caller(number) for number in range(100)])
    refusals = {(201, None), (409, "slot-taken"), (409, "patient-double-booked")}
    assert {(answer.status, answer.code) for answer in answers} <= refusals
    granted = sorted((a.body["startsAt"], a.body["endsAt"]) for a in answers if a.status == 201)
    assert len(granted) >= 5
    assert [pair for pair in itertools.pairwise(granted) if pair[0][1] > pair[1][0]] == []
    stored = "SELECT count(*) FROM appointments WHERE dentist_id = %s AND starts_at >= %s AND starts_at < %s"
    assert system.ask(stored, dentist_id, openings[0].starts_at, openings[-1].ends_at) == len(granted)


def test_one_key_books_once_however_often_it_comes(system: System) -> None:
    """Twenty calls at once with one key, over both processes, get one and the same answer; so does a late one."""
    patient = system.account("patient10")
    body = system.opening().with_dentist(system.account("dentist1").dentist_id)
    key = "a-double-click"

    def caller(number: int) -> Call:
        return lambda: patient.call("POST", "/appointments", body, web=number % 2, Idempotency_Key=key)

    answers = all_at_once([caller(number) for number in range(20)])
    answers.append(caller(0)())
    assert {answer.status for answer in answers} == {201}
    assert all(answer.body == answers[0].body for answer in answers)
    for header in ("Location", "ETag"):
        assert len({answer.headers[header] for answer in answers}) == 1
    assert answers[0].headers["Location"] == f"/api/appointments/{answers[0].body['id']}"
    assert system.ask("SELECT count(*) FROM appointments WHERE starts_at = %s", body["startsAt"]) == 1
    assert system.ask("SELECT count(*) FROM write_requests WHERE idempotency_key = %s", key) == 1


def test_a_key_gives_a_refusal_again_too(system: System) -> None:
    """Also when what stood in the way is gone; with another body it is refused, and for another person it is new."""
    patient, other = system.account("patient10"), system.account("patient11")
    body = system.opening().with_dentist(system.account("dentist1").dentist_id)
    taken = other.done("POST", "/appointments", body)
    refusal = patient.call("POST", "/appointments", body, Idempotency_Key="once")
    assert (refusal.status, refusal.code) == (409, "slot-taken")
    other.done("POST", f"/appointments/{taken['id']}/cancel", {})
    again = patient.call("POST", "/appointments", body, web=1, Idempotency_Key="once")
    # What is offered beside it is what is free by now.
    decided = [{**answer.body, "alternatives": None} for answer in (refusal, again)]
    assert (again.status, decided[1]) == (refusal.status, decided[0])
    different = patient.call("POST", "/appointments", {**body, "reason": "Other"}, Idempotency_Key="once")
    assert (different.status, different.code) == (422, "idempotency-key-reused")
    assert other.call("POST", "/appointments", body, Idempotency_Key="once").status == 201


def test_who_prefers_not_to_wait_is_answered_at_once(system: System, connect: Connect) -> None:
    """202, where to look, and that the preference was heeded; it is applied, and told, like any other."""
    patient = system.account("patient10")
    client = connect(system, "patient10", 1)
    client.subscribe(f"appointments:patient:{patient.patient_id}")
    body = system.opening().with_dentist(system.account("dentist1").dentist_id)
    answer = patient.call("POST", "/appointments", body, Prefer="respond-async")
    assert answer.status == 202
    assert answer.headers["Preference-Applied"] == "respond-async"
    place = answer.headers["Location"]
    assert place == f"/api/writes/{answer.body['id']}"
    created = client.wait_for_event("appointment:created")["appointment"]
    assert created["startsAt"] == body["startsAt"]
    path = place.removeprefix("/api")
    assert patient.get(path, web=1) == {
        "id": answer.body["id"],
        "status": "applied",
        "appointmentId": created["id"],
        "resource": f"/api/appointments/{created['id']}",
    }
    assert system.account("admin").get(path)["status"] == "applied"
    assert system.account("patient11").call("GET", path).code == "not-found"


def test_a_write_that_was_refused_later_says_why(system: System) -> None:
    """Whoever did not wait finds the problem under the address that was given."""
    patient = system.account("patient10")
    body = system.opening().with_dentist(system.account("dentist1").dentist_id)
    system.account("patient11").done("POST", "/appointments", body)
    answer = patient.call("POST", "/appointments", body, Prefer="respond-async")
    path = answer.headers["Location"].removeprefix("/api")
    wait_until(lambda: patient.get(path)["status"] != "pending", 10, lambda: "the write stayed pending")
    write = patient.get(path)
    assert (write["status"], write["problem"]["code"], write["problem"]["status"]) == ("rejected", "slot-taken", 409)
    assert set(write) == {"id", "status", "problem"}


@pytest.mark.parametrize("web", [0, 1])
def test_changes_to_one_appointment_keep_the_order_in_which_they_were_sent(
    system: System, connect: Connect, web: int
) -> None:
    """Ten changes sent one after the other without waiting are applied, and told, in that order."""
    patient = system.account("patient10")
    booked = patient.done("POST", "/appointments", system.opening().with_dentist(system.account("dentist1").dentist_id))
    client = connect(system, "patient10", web)
    client.subscribe(f"appointments:patient:{patient.patient_id}")
    reasons = [f"Reason {number}" for number in range(10)]
    for reason in reasons:
        answer = patient.call(
            "PATCH", f"/appointments/{booked['id']}", {"reason": reason}, web=web, Prefer="respond-async"
        )
        assert answer.status == 202
    client.wait_for_event("appointment:updated", lambda payload: payload["appointment"]["reason"] == reasons[-1])
    told = [payload["appointment"] for payload in client.events("appointment:updated")]
    assert [appointment["reason"] for appointment in told] == reasons
    assert [appointment["version"] for appointment in told] == list(range(2, 12))
