"""A request about several appointments beside somebody's lock: nobody waits for it whom it does not concern."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from dental_sync.writes import queue
from tests.conftest import RunLane
from tests.writes.desk import HALF_HOUR, MONDAY, Desk


@pytest.mark.parametrize("lane_is_new", [False, True])
def test_a_hand_over_that_meets_a_lock_delays_only_what_comes_later_for_its_appointments(
    desk: Desk, owner: Session, run_lane: RunLane, until_decided: Callable[..., None], lane_is_new: bool
) -> None:
    """Others are decided at once, in its batch and in later ones; its own appointments keep their order."""
    locked, other = desk.book("patient1", MONDAY), desk.book("patient2", MONDAY + HALF_HOUR)
    run_lane()
    locked_id, other_id = (desk.appointment(request)["id"] for request in (locked, other))
    owner.execute(text("UPDATE appointments SET reason = 'by phone' WHERE id = :id"), {"id": locked_id})
    wish = {
        "to": str(desk.practice.dentists[1]),
        "from": format_instant(MONDAY),
        "until": format_instant(MONDAY + 2 * HALF_HOUR),
    }
    handed_over = desk.ask("admin", "hand-over", wish, desk.practice.dentists[0])
    after, unrelated = desk.ask("admin", "cancel", {}, other_id), desk.book("patient3", MONDAY + 4 * HALF_HOUR)
    run_lane()
    assert [desk.answer(request) for request in (handed_over, after, unrelated)] == [None, None, (201, None)]
    if lane_is_new:
        # Another process does not know yet what it is about, and asks once more.
        queue._concerned.clear()
    later, too = desk.book("patient4", MONDAY + 6 * HALF_HOUR), desk.ask("admin", "cancel", {}, other_id)
    until_decided(later)
    assert [desk.answer(request) for request in (handed_over, after, too)] == [None, None, None]
    owner.commit()
    until_decided(handed_over, after, too)
    assert desk.answer(handed_over) == (200, None)
    assert desk.appointment(handed_over)["moved"] == [locked_id, other_id]
    assert desk.appointment(after)["dentistId"] == str(desk.practice.dentists[1])
    assert desk.answer(too) == (409, "illegal-transition")


def test_a_hand_over_waits_for_an_earlier_request_that_waits(
    desk: Desk, owner: Session, run_lane: RunLane, until_decided: Callable[..., None]
) -> None:
    """It may be about one of its appointments: the cancellation comes first, and is not handed over."""
    booked = desk.book("patient1", MONDAY)
    run_lane()
    id_ = desk.appointment(booked)["id"]
    owner.execute(text("UPDATE appointments SET reason = 'by phone' WHERE id = :id"), {"id": id_})
    cancelled = desk.ask("admin", "cancel", {}, id_)
    run_lane()
    owner.commit()
    wish = {
        "to": str(desk.practice.dentists[1]),
        "from": format_instant(MONDAY),
        "until": format_instant(MONDAY + HALF_HOUR),
    }
    handed_over = desk.ask("admin", "hand-over", wish, desk.practice.dentists[0])
    until_decided(cancelled, handed_over)
    assert desk.appointment(handed_over)["moved"] == []
