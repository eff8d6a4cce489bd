"""Erasing takes its turn alone: what came before counts, and nothing about the patient is stored beside it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.storage import locks
from dental_sync.sync import log
from tests import plain_sql
from tests.conftest import RunLane
from tests.writes.desk import HALF_HOUR, MONDAY, Desk

MARK = "toothache on the left"


def of_mia(owner: Session, desk: Desk) -> uuid.UUID:
    """Mia, of whom nothing is in the diary."""
    owner.execute(text("DELETE FROM appointments"))
    owner.commit()
    return desk.practice.patients[0]


def test_a_booking_that_came_first_is_in_the_way_of_erasing(desk: Desk, owner: Session, run_lane: RunLane) -> None:
    """And one that came second books nobody; of both nothing is left once she is erased."""
    mia = of_mia(owner, desk)
    booked = desk.book("patient1", MONDAY, reason=MARK)
    refused = desk.ask("admin", "erase", {}, mia)
    run_lane()
    assert desk.answer(refused) == (409, "bookings-in-the-way")
    [open_] = desk.request(refused).outcome["body"]["appointments"]
    assert open_ == desk.appointment(booked)["id"]
    cancelled = desk.ask("patient1", "cancel", {"reason": MARK}, open_)
    erased = desk.ask("admin", "erase", {}, mia)
    by_the_desk = desk.book("admin", MONDAY + HALF_HOUR, patientId=str(mia))
    by_herself = desk.book("patient1", MONDAY + 2 * HALF_HOUR)
    run_lane()
    assert desk.answer(cancelled) == desk.answer(erased) == (200, None)
    assert desk.answer(by_the_desk) == (422, "unknown-patient")
    assert desk.answer(by_herself) == (401, "account-disabled")
    for request in (booked, cancelled):
        assert MARK not in str(desk.request(request))
        assert desk.appointment(request)["patientName"] == "Erased patient"
    again = desk.ask("admin", "erase", {}, mia)
    run_lane()
    assert desk.appointment(again) == desk.appointment(erased)


def test_a_hold_that_is_alive_is_in_the_way_of_erasing(desk: Desk, owner: Session, run_lane: RunLane) -> None:
    """Until it is given back."""
    mia = of_mia(owner, desk)
    wish = {"dentistId": str(desk.practice.dentists[0]), "treatmentId": str(desk.practice.treatments["Check-up"])}
    held = desk.ask("patient1", "hold", {**wish, "startsAt": MONDAY.isoformat()})
    refused = desk.ask("admin", "erase", {}, mia)
    run_lane()
    assert desk.answer(held) == (201, None)
    assert desk.answer(refused) == (409, "bookings-in-the-way")
    assert desk.request(refused).outcome["body"]["appointments"] == []
    owner.execute(text("DELETE FROM holds"))
    owner.commit()
    erased = desk.ask("admin", "erase", {}, mia)
    run_lane()
    assert desk.answer(erased) == (200, None)


def test_erasing_is_decided_in_a_batch_of_its_own(desk: Desk, owner: Session, run_lane: RunLane) -> None:
    """What is decided beside it would be stored after it, with a name and a reason."""
    mia = of_mia(owner, desk)
    first = desk.book("patient2", MONDAY)
    erased = desk.ask("admin", "erase", {}, mia)
    second = desk.book("patient2", MONDAY + HALF_HOUR)
    batches = [[entry.request.id for entry in batch.decided] for batch in run_lane() if batch.decided]
    assert batches == [[first], [erased], [second]]


def test_erasing_waits_for_whoever_changes_the_patient(
    desk: Desk, owner: Session, run_lane: RunLane, until_decided: Callable[..., None]
) -> None:
    """What another session is writing about the patient is erased with the rest, and the lane goes on meanwhile."""
    mia = of_mia(owner, desk)
    locks.what_a_name_reaches(owner, patient=mia)
    owner.execute(text("UPDATE patients SET phone = :phone WHERE id = :id"), {"phone": MARK, "id": mia})
    erased = desk.ask("admin", "erase", {}, mia)
    booked = desk.book("patient2", MONDAY)
    run_lane()
    assert desk.answer(erased) is None
    owner.commit()
    until_decided(erased, booked)
    assert desk.answer(booked) == (201, None)
    assert owner.execute(text("SELECT phone FROM patients WHERE id = :id"), {"id": mia}).scalar_one() is None


def test_erasing_waits_for_whoever_publishes(
    desk: Desk, owner: Session, run_lane: RunLane, until_decided: Callable[..., None]
) -> None:
    """A message that is not committed yet is found all the same: nobody numbers one meanwhile."""
    mia = of_mia(owner, desk)
    plain_sql.book(owner, mia, desk.practice.dentists[0], MONDAY - timedelta(weeks=60), status="fulfilled")
    owner.execute(text("UPDATE appointments SET reason = :reason WHERE patient_id = :id"), {"reason": MARK, "id": mia})
    owner.commit()
    assert any(MARK in str(message.payload) for message in log.publish(owner, wait=True))
    erased = desk.ask("admin", "erase", {}, mia)
    run_lane()
    assert desk.answer(erased) is None
    owner.commit()
    until_decided(erased)
    assert desk.answer(erased) == (200, None)
    assert not any(MARK in str(message.payload) for message in log.read(owner, since=0, limit=10_000))


def test_what_fails_in_the_middle_has_erased_nothing(desk: Desk, owner: Session, run_lane: RunLane) -> None:
    """One transaction: either all of it, or none."""
    mia = of_mia(owner, desk)
    owner.execute(
        text(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'x'; END $$;"
            "CREATE TRIGGER fail BEFORE UPDATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION fail()"
        )
    )
    owner.commit()
    try:
        erased = desk.ask("admin", "erase", {}, mia)
        run_lane()
    finally:
        owner.execute(text("DROP TRIGGER fail ON audit; DROP FUNCTION fail"))
        owner.commit()
    assert desk.answer(erased) == (409, "write-failed")
    found = owner.execute(text("SELECT name, erased_at FROM patients WHERE id = :id"), {"id": mia}).one()
    assert found == ("Mia Schmidt", None)
    assert owner.scalar(text("SELECT active FROM users WHERE id = :id"), {"id": desk.users["patient1"]})
