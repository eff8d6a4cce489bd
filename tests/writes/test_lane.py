"""The lane: what was asked is applied in order, once, whatever other sessions and crashes do meanwhile."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from dental_sync.diary.model import Decision, Diary
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.queries import availability, load
from dental_sync.storage import row_security
from dental_sync.sync import log
from dental_sync.writes import judge, lane, queue, requests
from dental_sync.writes.actions import ACTIONS, Asked
from tests import plain_sql
from tests.conftest import Practice, RunLane, a_free_monday

HALF_HOUR = timedelta(minutes=30)


@dataclass
class Desk:
    """Takes requests as the web process does, and looks up what became of them."""

    session: Session
    users: Mapping[str, uuid.UUID]
    practice: Practice

    def ask(
        self,
        sender: str,
        action: str,
        body: Mapping[str, Any],
        appointment_id: uuid.UUID | str | None = None,
        *,
        if_match: str | None = None,
    ) -> uuid.UUID:
        """Store a request; gives its id."""
        actor = load.actors(self.session, [self.users[sender]])[self.users[sender]]
        path = "/api/appointments" + (f"/{appointment_id}" if appointment_id else "")
        about = uuid.UUID(str(appointment_id)) if appointment_id else None
        wish = requests.NewRequest(action, about, body, "POST", path, if_match)
        row_security.become(self.session, actor)
        accepted = requests.accept(self.session, actor, wish, idempotency_hours=24)
        self.session.commit()
        row_security.become(self.session, row_security.SYSTEM)
        return accepted.id

    def book(self, sender: str, starts_at: datetime, dentist: int = 0, **wish: Any) -> uuid.UUID:
        """Ask for a check-up."""
        body = {
            "dentistId": str(self.practice.dentists[dentist]),
            "startsAt": format_instant(starts_at),
            "treatmentId": str(self.practice.treatments["Check-up"]),
            **wish,
        }
        return self.ask(sender, "book", body)

    def move(self, sender: str, appointment_id: uuid.UUID | str, **wish: Any) -> uuid.UUID:
        """Ask for a change."""
        body = {k: format_instant(v) if isinstance(v, datetime) else v for k, v in wish.items()}
        return self.ask(sender, "reschedule", body, appointment_id)

    def request(self, request_id: uuid.UUID) -> Any:
        """The stored request as it is now."""
        found = self.session.execute(text("SELECT * FROM write_requests WHERE id = :id"), {"id": request_id}).one()
        self.session.rollback()
        return found

    def answer(self, request_id: uuid.UUID) -> tuple[int, str | None] | None:
        """Status and problem code of the outcome; None while there is none."""
        outcome = self.request(request_id).outcome
        if outcome is None:
            return None
        return outcome["status"], (outcome["body"] or {}).get("code")

    def appointment(self, request_id: uuid.UUID) -> dict[str, Any]:
        """The appointment that a request answered with."""
        body: dict[str, Any] = self.request(request_id).outcome["body"]
        return body


@pytest.fixture
def desk(database: DatabaseUrls, practice: Practice) -> Iterator[Desk]:
    """Requests are taken with the web role's rights."""
    with plain_sql.connect(database.web, row_security.SYSTEM) as session:
        rows = session.execute(text("SELECT split_part(email, '@', 1) AS name, id FROM users")).all()
        session.rollback()
        yield Desk(session, {row.name: row.id for row in rows}, practice)


@pytest.fixture
def until_decided(desk: Desk, run_lane: RunLane) -> Callable[..., None]:
    """Run the lane, as the sweep does again and again, until these requests have outcomes."""

    def run(*request_ids: uuid.UUID) -> None:
        deadline = time.monotonic() + plain_sql.PATIENCE_SECONDS
        while not all(desk.answer(request_id) for request_id in request_ids):
            run_lane()
            assert time.monotonic() < deadline, "a request is never decided"

    return run


MONDAY = a_free_monday()

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


def test_nothing_to_do_is_done_quickly(run_lane: RunLane) -> None:
    """A sweep that finds nothing publishes what plain SQL left and goes home."""
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


# Other sessions in the way.


@pytest.mark.parametrize(("ending", "answer"), [("rollback", (201, None)), ("commit", (409, "slot-taken"))])
def test_a_request_that_meets_an_open_transaction_gives_way_to_the_others(
    desk: Desk,
    owner: Session,
    run_lane: RunLane,
    until_decided: Callable[..., None],
    ending: str,
    answer: tuple[int, str | None],
) -> None:
    """The batch falls apart: who is not concerned is applied at once; the one waits, and is decided by how it ends."""
    plain_sql.book(owner, desk.practice.patients[11], desk.practice.dentists[0], MONDAY)
    before, concerned, after = (
        desk.book("patient1", MONDAY - HALF_HOUR),
        desk.book("patient2", MONDAY),
        desk.book("patient3", MONDAY + HALF_HOUR),
    )
    started = time.monotonic()
    run_lane()
    elapsed = time.monotonic() - started
    assert [desk.answer(r) for r in (before, concerned, after)] == [(201, None), None, (201, None)]
    # Twice the lock timeout, for the batch and for the one alone; far from the 5 s of anything else.
    assert elapsed < 4
    given_way = desk.request(concerned)
    assert (given_way.status, given_way.attempts) == ("pending", 0)
    getattr(owner, ending)()
    until_decided(concerned)
    assert desk.answer(concerned) == answer


def test_a_request_whose_appointment_is_locked_gives_way_too(
    desk: Desk, owner: Session, run_lane: RunLane, until_decided: Callable[..., None]
) -> None:
    """Somebody has it open in psql: everybody else is served meanwhile."""
    booked = desk.book("patient1", MONDAY)
    run_lane()
    appointment_id = desk.appointment(booked)["id"]
    owner.execute(text("UPDATE appointments SET reason = 'by phone' WHERE id = :id"), {"id": appointment_id})
    cancelled, other = desk.ask("patient1", "cancel", {}, appointment_id), desk.book("patient2", MONDAY + HALF_HOUR)
    run_lane()
    assert [desk.answer(r) for r in (cancelled, other)] == [None, (201, None)]
    owner.commit()
    until_decided(cancelled)
    assert desk.answer(cancelled) == (200, None)
    assert desk.appointment(cancelled)["reason"] == "by phone"
    assert desk.appointment(cancelled)["version"] == 3


def test_what_waits_keeps_its_place_before_what_comes_later_for_the_same_appointment(
    desk: Desk, owner: Session, run_lane: RunLane, until_decided: Callable[..., None]
) -> None:
    """Move, then cancel: the cancellation must not overtake, in the same batch nor in a later one."""
    booked = desk.book("patient1", MONDAY)
    run_lane()
    appointment_id = desk.appointment(booked)["id"]
    plain_sql.book(owner, desk.practice.patients[11], desk.practice.dentists[0], MONDAY + HALF_HOUR)
    moved = desk.move("patient1", appointment_id, startsAt=MONDAY + HALF_HOUR)
    reason = desk.move("patient1", appointment_id, reason="second")
    run_lane()
    cancelled = desk.ask("patient1", "cancel", {}, appointment_id)
    run_lane()
    assert [desk.answer(r) for r in (moved, reason, cancelled)] == [None, None, None]
    owner.rollback()
    until_decided(moved, reason, cancelled)
    assert [desk.answer(r) for r in (moved, reason, cancelled)] == [(200, None)] * 3
    assert [desk.appointment(r)["version"] for r in (moved, reason, cancelled)] == [2, 3, 4]
    assert desk.appointment(cancelled)["startsAt"] == format_instant(MONDAY + HALF_HOUR)


@pytest.mark.parametrize("whose", ["dentist", "patient"])
def test_who_is_overtaken_between_the_look_and_the_insert_is_refused_properly(
    desk: Desk, owner: Session, run_lane: RunLane, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    """The constraint refuses, the lane looks again, and the answer is the contract's; the others are applied."""
    look, overtakers = load.load, [1]

    def look_and_be_overtaken(*arguments: Any) -> Diary:
        seen = look(*arguments)
        if overtakers:
            overtakers.pop()
            patient = desk.practice.patients[11 if whose == "dentist" else 0]
            plain_sql.book(owner, patient, desk.practice.dentists[0 if whose == "dentist" else 2], MONDAY)
            owner.commit()
        return seen

    monkeypatch.setattr(load, "load", look_and_be_overtaken)
    overtaken, other = desk.book("patient1", MONDAY), desk.book("patient2", MONDAY + HALF_HOUR)
    run_lane()
    expected = {"dentist": "slot-taken", "patient": "patient-double-booked"}[whose]
    assert [desk.answer(r) for r in (overtaken, other)] == [(409, expected), (201, None)]


def test_a_second_lane_changes_nothing(
    desk: Desk, database: DatabaseUrls, worker_app: APIFlask, settings: Settings, run_lane: RunLane
) -> None:
    """Started by mistake, it goes home; the request is as untouched as before."""
    request = desk.book("patient1", MONDAY)
    with plain_sql.connect(database.worker) as first:
        first.execute(text("SELECT 1 FROM lane FOR UPDATE"))
        with worker_app.app_context():
            assert lane.run_batch(db.session(), settings) is None
        assert (desk.request(request).attempts, desk.answer(request)) == (0, None)
        first.rollback()
    run_lane()
    assert desk.answer(request) == (201, None)


def test_a_lane_that_loses_its_turn_does_not_count_it_against_the_requests(
    desk: Desk,
    database: DatabaseUrls,
    worker_app: APIFlask,
    settings: Settings,
    run_lane: RunLane,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between counting the attempt and working another lane slipped in, and that again and again."""
    request = desk.book("patient1", MONDAY)
    lock, others = queue.lock_lane, []

    def slip_in(session: Session) -> bool:
        if len(others) % 2 == 1:
            other.execute(text("SELECT 1 FROM lane FOR UPDATE"))
        others.append(1)
        return lock(session)

    with plain_sql.connect(database.worker) as other:
        monkeypatch.setattr(queue, "lock_lane", slip_in)
        for _ in range(settings.write_attempts + 2):
            with worker_app.app_context():
                assert lane.run_batch(db.session(), settings) is None
            other.rollback()
    monkeypatch.undo()
    run_lane()
    assert desk.answer(request) == (201, None)


# What is offered instead.


def test_two_hundred_callers_for_one_time_cost_one_look_at_what_is_free(
    desk: Desk, owner: Session, run_lane: RunLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of one batch: what is open is read once and the list is made once, and everybody gets their three."""
    plain_sql.book(owner, desk.practice.patients[11], desk.practice.dentists[0], MONDAY)
    owner.commit()
    run_lane()
    calls: Counter[str] = Counter()

    def counted(module: Any, name: str) -> None:
        original = getattr(module, name)

        def call(*arguments: Any, **named: Any) -> Any:
            calls[name] += 1
            return original(*arguments, **named)

        monkeypatch.setattr(module, name, call)

    for module, name in ((load, "load"), (load, "load_range"), (availability, "_in_order_of_nearness")):
        counted(module, name)
    requests = [desk.book(f"patient{1 + number % 11}", MONDAY) for number in range(200)]
    [batch] = run_lane()
    assert len(batch.outcomes) == 200
    assert calls == {"load": 1, "load_range": 1, "_in_order_of_nearness": 1}
    for request in requests:
        problem = desk.request(request).outcome["body"]
        assert (problem["code"], len(problem["alternatives"])) == ("slot-taken", 3)


def test_a_lane_that_has_no_time_to_look_refuses_all_the_same(
    desk: Desk, owner: Session, run_lane: RunLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offering other times must not keep those waiting who are booked: then the list is empty."""
    plain_sql.book(owner, desk.practice.patients[11], desk.practice.dentists[0], MONDAY)
    owner.commit()
    monkeypatch.setattr(availability, "SEARCH_SECONDS", 0.0)
    taken, free = desk.book("patient1", MONDAY), desk.book("patient2", MONDAY, 1)
    run_lane()
    assert [desk.answer(request) for request in (taken, free)] == [(409, "slot-taken"), (201, None)]
    assert desk.request(taken).outcome["body"]["alternatives"] == []


def test_what_was_asked_for_long_ago_is_offered_nothing_and_spoils_no_batch(
    desk: Desk, owner: Session, run_lane: RunLane, caplog: pytest.LogCaptureFixture
) -> None:
    """A lane that was away for weeks: what was near that time has passed, and who asks today is served beside it."""
    long_ago = a_free_monday(weeks=-5)
    plain_sql.book(owner, desk.practice.patients[11], desk.practice.dentists[0], long_ago)
    plain_sql.book(owner, desk.practice.patients[11], desk.practice.dentists[0], MONDAY)
    owner.commit()
    late, today, free = desk.book("patient1", long_ago), desk.book("patient2", MONDAY), desk.book("patient3", MONDAY, 1)
    received = text("UPDATE write_requests SET received_at = :at WHERE id = :id")
    owner.execute(received, {"at": long_ago - timedelta(days=1), "id": late})
    owner.commit()
    [batch] = run_lane()
    assert len(batch.outcomes) == 3
    assert [desk.answer(r) for r in (late, today, free)] == [(409, "slot-taken"), (409, "slot-taken"), (201, None)]
    assert desk.request(late).outcome["body"]["alternatives"] == []
    assert len(desk.request(today).outcome["body"]["alternatives"]) == 3
    assert caplog.text == ""
    # One transaction for all, and no second look at any of them.
    assert owner.scalar(text("SELECT count(DISTINCT xmin::text) FROM write_requests")) == 1


# Crashes.


class Killed(BaseException):
    """The worker was killed here."""


def test_a_request_that_kills_the_worker_is_rejected_and_the_rest_is_applied(
    desk: Desk, run_lane: RunLane, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may try as often as WRITE_ATTEMPTS says; nobody who waits behind it is lost, or loses an attempt to it."""
    before, poison, after = (
        desk.book("patient1", MONDAY),
        desk.book("patient2", MONDAY + HALF_HOUR, reason="poison"),
        desk.book("patient3", MONDAY + 2 * HALF_HOUR),
    )
    book = ACTIONS["book"]

    def die_of_poison(diary: Diary, asked: Asked) -> Decision:
        if asked.wish.reason == "poison":
            raise Killed
        return book.decide(diary, asked)

    monkeypatch.setattr(judge, "ACTIONS", {**ACTIONS, "book": replace(book, decide=die_of_poison)})
    deaths = 0
    while desk.answer(poison) is None:
        try:
            run_lane()
        except Killed:
            deaths += 1
        assert deaths <= settings.write_attempts
    run_lane()
    assert [desk.answer(r) for r in (before, poison, after)] == [(201, None), (409, "write-failed"), (201, None)]
    assert deaths == settings.write_attempts


@pytest.mark.parametrize("poison_is_first", [True, False])
def test_what_a_crash_leaves_is_found_by_its_count(
    desk: Desk, owner: Session, run_lane: RunLane, settings: Settings, poison_is_first: bool
) -> None:
    """The count was committed before each try, so it is there after the worker is gone; others are not held up."""
    requests = [desk.book("patient1", MONDAY), desk.book("patient2", MONDAY + HALF_HOUR)]
    poison, healthy = requests if poison_is_first else reversed(requests)
    exhausted = text("UPDATE write_requests SET attempts = :n WHERE id = :id")
    owner.execute(exhausted, {"n": settings.write_attempts, "id": poison})
    owner.commit()
    run_lane()
    assert [desk.answer(r) for r in (poison, healthy)] == [(409, "write-failed"), (201, None)]


def test_a_request_that_nobody_understands_any_more_is_rejected_alone(
    desk: Desk, owner: Session, run_lane: RunLane, caplog: pytest.LogCaptureFixture
) -> None:
    """Stored by another release, or by hand: it is written down for us, and the others are applied."""
    before, strange, after = (
        desk.book("patient1", MONDAY),
        desk.book("patient2", MONDAY + HALF_HOUR),
        desk.book("patient3", MONDAY + 2 * HALF_HOUR),
    )
    owner.execute(text("""UPDATE write_requests SET body = '{"tooth": 7}' WHERE id = :id"""), {"id": strange})
    owner.commit()
    run_lane()
    assert [desk.answer(r) for r in (before, strange, after)] == [(201, None), (409, "write-failed"), (201, None)]
    assert str(strange) in caplog.text


def test_trouble_with_the_database_is_nobodys_fault(
    desk: Desk, worker_app: APIFlask, settings: Settings, run_lane: RunLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off more often than a request may be tried: nothing happened, and everything is applied in the end."""
    requests = [desk.book("patient1", MONDAY), desk.book("patient2", MONDAY + HALF_HOUR)]
    look = load.load

    def look_and_be_cut_off(session: Session, *arguments: Any) -> Diary:
        look(session, *arguments)
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        raise AssertionError("the connection should be gone")

    monkeypatch.setattr(load, "load", look_and_be_cut_off)
    for _ in range(settings.write_attempts + 2):
        with worker_app.app_context(), pytest.raises(DBAPIError):
            lane.run_batch(db.session(), settings)
        assert [desk.answer(r) for r in requests] == [None, None]
    monkeypatch.undo()
    [batch] = run_lane()
    assert len(batch.outcomes) == 2
    assert [desk.answer(r) for r in requests] == [(201, None), (201, None)]


def test_a_crash_between_deciding_and_committing_applies_nothing_twice(
    desk: Desk, owner: Session, run_lane: RunLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything but the attempt is one transaction: rows, outcomes and messages come together or not at all."""
    count = text(
        "SELECT (SELECT count(*) FROM appointments), (SELECT count(*) FROM changes), (SELECT position FROM log_head)"
    )
    run_lane()
    before = owner.execute(count).one()
    owner.rollback()
    request = desk.book("patient1", MONDAY)
    publish = log.publish

    def publish_and_die(session: Session, *, wait: bool) -> Any:
        publish(session, wait=wait)
        raise Killed

    monkeypatch.setattr(log, "publish", publish_and_die)
    with pytest.raises(Killed):
        run_lane()
    assert owner.execute(count).one() == before
    owner.rollback()
    assert desk.answer(request) is None
    monkeypatch.undo()
    run_lane()
    assert desk.answer(request) == (201, None)
    after = owner.execute(count).one()
    assert (after[0], after[1]) == (before[0] + 1, 0)
    assert after[2] == before[2] + 2


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


def test_what_is_offered_instead_has_room_for_the_buffers_it_was_booked_with(
    desk: Desk, run_lane: RunLane, owner: Session, practice: Practice
) -> None:
    """Also at the edge of where was looked, when no treatment has such long buffers any more."""
    patient, other, third = practice.patients[:3]
    dentist = practice.dentists[0]
    first_week = MONDAY - timedelta(weeks=1)
    owner.execute(text("DELETE FROM working_hours WHERE dentist_id = :id"), {"id": dentist})
    owner.execute(
        text(
            "INSERT INTO working_hours (dentist_id, iso_weekday, starts, ends)"
            " VALUES (:id, 1, '09:00', '10:30'), (:id, 2, '08:00', '09:00')"
        ),
        {"id": dentist},
    )
    owner.execute(text("UPDATE practice SET slot_step_minutes = 30"))
    mine = plain_sql.book(owner, patient, dentist, first_week)
    owner.execute(text("UPDATE appointments SET buffer_after_minutes = 60 WHERE id = :id"), {"id": mine})
    plain_sql.book(owner, other, dentist, MONDAY)
    plain_sql.book(owner, third, dentist, MONDAY + timedelta(days=1))
    owner.commit()
    refused = desk.move("dentist1", mine, startsAt=MONDAY)
    run_lane()
    assert desk.answer(refused) == (409, "slot-taken")
    offered = desk.request(refused).outcome["body"]["alternatives"]
    assert len(offered) == 3
    for slot in offered:
        moved = desk.move("dentist1", mine, startsAt=slot["startsAt"])
        run_lane()
        assert desk.answer(moved) == (200, None), slot
