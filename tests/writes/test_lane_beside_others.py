"""The lane beside other sessions: who is in the way delays no other request, and nothing is given away twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from dental_sync.diary.model import Diary
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.queries import load
from dental_sync.writes import lane
from tests import plain_sql
from tests.conftest import RunLane
from tests.writes.desk import HALF_HOUR, MONDAY, Desk


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
    desk: Desk, owner: Session, database: DatabaseUrls, worker_app: APIFlask, settings: Settings, run_lane: RunLane
) -> None:
    """Between counting the attempt and working another lane slips in, and that again and again."""
    request = desk.book("patient1", MONDAY)

    def run() -> object:
        with worker_app.app_context():
            return lane.run_batch(db.session(), settings)

    with plain_sql.connect(database.worker) as other, ThreadPoolExecutor(1) as threads:
        for _ in range(settings.write_attempts + 2):
            owner.execute(text("LOCK TABLE mails"))
            late = threads.submit(run)
            plain_sql.until_blocked(owner)
            other.execute(text("SELECT 1 FROM lane FOR UPDATE"))
            owner.rollback()
            assert late.result() is None
            other.rollback()
    run_lane()
    assert desk.answer(request) == (201, None)
