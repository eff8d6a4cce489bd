"""The limit of open bookings where several requests of one patient are decided in one batch, over one reading."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.conftest import RunLane
from tests.writes.desk import HALF_HOUR, MONDAY, Desk


def test_what_the_same_batch_has_booked_and_cancelled_counts(desk: Desk, owner: Session, run_lane: RunLane) -> None:
    """In the order in which it was asked for; another patient's are their own."""
    owner.execute(text("DELETE FROM appointments"))
    owner.execute(text("UPDATE practice SET open_bookings_per_patient = 2"))
    owner.commit()
    first = desk.book("patient1", MONDAY)
    run_lane()
    asked = [
        desk.book("patient1", MONDAY + HALF_HOUR),
        desk.book("patient1", MONDAY + 2 * HALF_HOUR),
        desk.book("patient2", MONDAY + 2 * HALF_HOUR),
        desk.ask("patient1", "cancel", {}, desk.appointment(first)["id"]),
        desk.book("patient1", MONDAY + 3 * HALF_HOUR),
        desk.book("patient1", MONDAY + 4 * HALF_HOUR),
    ]
    [batch, *_] = run_lane()
    assert len(batch.decided) == len(asked)
    assert [desk.answer(request) for request in asked] == [
        (201, None),
        (409, "too-many-bookings"),
        (201, None),
        (200, None),
        (201, None),
        (409, "too-many-bookings"),
    ]
