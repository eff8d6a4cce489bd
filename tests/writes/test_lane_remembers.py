"""What the lane remembers of the practice holds while nothing of it has changed, whoever changes it and however."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from dental_sync import create_app
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.queries import rows
from dental_sync.storage import row_security
from dental_sync.writes import lane
from tests import plain_sql
from tests.conftest import RunLane
from tests.writes.desk import HALF_HOUR, MONDAY, Desk

# What is changed, with the roles that may, and how a booking of the second dentist is answered then.
CHANGES = {
    "hours": ("DELETE FROM working_hours", ("owner", "worker"), (422, "outside-working-hours")),
    "emptied hours": ("TRUNCATE working_hours", ("owner",), (422, "outside-working-hours")),
    "a window that moves": (
        "UPDATE working_hours SET starts = '13:00', ends = '14:00'",
        ("owner", "worker"),
        (422, "outside-working-hours"),
    ),
    "people": ("UPDATE dentists SET active = false", ("owner", "web", "worker"), (422, "unknown-dentist")),
    "offers": ("UPDATE dentists SET offers = '{}'", ("owner", "worker"), (422, "not-offered")),
    "treatments": ("UPDATE treatments SET active = false", ("owner", "web"), (422, "unknown-treatment")),
    "chairs": (
        "UPDATE treatments SET chair_kind = 'surgery'; INSERT INTO chairs (id, name, kind, active)"
        " VALUES (gen_random_uuid(), 'Away', 'surgery', false)",
        ("owner", "web"),
        (409, "slot-taken"),
    ),
    "the practice": ("UPDATE practice SET furthest_advance_days = 1", ("owner", "web"), (422, "too-far-ahead")),
}
CASES = [(name, role) for name, (_, roles, _) in CHANGES.items() for role in roles]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the rules of the practice were read."""
    seen: list[int] = []
    read = rows.rules

    def count(session: Session, settings: Settings) -> object:
        seen.append(1)
        return read(session, settings)

    monkeypatch.setattr(rows, "rules", count)
    return seen


@contextmanager
def another_lane(settings: Settings) -> Iterator[Callable[[], None]]:
    """A worker beside the tests' own, as while one release follows another."""
    app: APIFlask = create_app(settings, process="worker")

    def run() -> None:
        with app.app_context():
            while (batch := lane.run_batch(db.session(), settings)) is None or batch.more:
                pass

    yield run
    with app.app_context():
        db.engine.dispose()


def test_nothing_is_read_again_while_nothing_has_changed(desk: Desk, run_lane: RunLane, reads: list[int]) -> None:
    """Neither bookings nor patients are anything that is remembered."""
    for number in range(4):
        desk.book(f"patient{number + 1}", MONDAY + number * HALF_HOUR)
        run_lane()
    assert len(reads) == 1


@pytest.mark.parametrize(("change", "role"), CASES)
def test_what_plain_sql_changes_between_two_batches_is_seen_by_the_second(
    desk: Desk, database: DatabaseUrls, run_lane: RunLane, change: str, role: str
) -> None:
    """Whichever role commits it, before the batch that decides."""
    sql, _, answer = CHANGES[change]
    before = desk.book("patient1", MONDAY, 1)
    run_lane()
    with plain_sql.connect(getattr(database, role), row_security.SYSTEM) as session:
        session.execute(text(sql))
        session.commit()
    after = desk.book("patient2", MONDAY + HALF_HOUR, 1)
    run_lane()
    assert [desk.answer(request) for request in (before, after)] == [(201, None), answer]


def test_a_change_counts_when_it_is_committed_and_not_before(
    desk: Desk, owner: Session, run_lane: RunLane, reads: list[int]
) -> None:
    """Not while its transaction is open, however many batches are decided meanwhile, and not when it is rolled back."""
    requests = [desk.book("patient1", MONDAY)]
    run_lane()
    owner.execute(text("DELETE FROM working_hours"))
    requests.append(desk.book("patient2", MONDAY + HALF_HOUR))
    run_lane()
    owner.rollback()
    owner.execute(text("DELETE FROM working_hours"))
    requests.append(desk.book("patient3", MONDAY + 2 * HALF_HOUR))
    run_lane()
    assert len(reads) == 1
    owner.commit()
    requests.append(desk.book("patient4", MONDAY + 3 * HALF_HOUR))
    run_lane()
    assert [desk.answer(request) for request in requests] == [(201, None)] * 3 + [(422, "outside-working-hours")]


def test_of_two_who_change_something_at_once_the_later_commit_is_seen_too(
    desk: Desk, owner: Session, database: DatabaseUrls, run_lane: RunLane
) -> None:
    """Nobody waits for the other, and a change that was begun first and committed last is not overlooked."""
    desk.book("patient1", MONDAY)
    run_lane()
    dentist = text("DELETE FROM working_hours WHERE dentist_id = :id")
    owner.execute(dentist, {"id": desk.practice.dentists[0]})
    with plain_sql.connect(database.owner) as other:
        other.execute(dentist, {"id": desk.practice.dentists[1]})
        other.commit()
    seen = desk.book("patient2", MONDAY, 1)
    run_lane()
    owner.commit()
    late = desk.book("patient3", MONDAY + HALF_HOUR)
    run_lane()
    assert [desk.answer(request) for request in (seen, late)] == [(422, "outside-working-hours")] * 2


def test_another_lane_that_takes_note_takes_it_from_nobody(
    desk: Desk, owner: Session, settings: Settings, run_lane: RunLane
) -> None:
    """While one release follows another both work in turns, and each remembers by itself."""
    with another_lane(settings) as run_other:
        for number, run in enumerate((run_lane, run_other)):
            desk.book(f"patient{number + 1}", MONDAY + number * HALF_HOUR)
            run()
        owner.execute(text("DELETE FROM working_hours"))
        owner.commit()
        requests = []
        for number, run in enumerate((run_other, run_lane)):
            requests.append(desk.book(f"patient{number + 3}", MONDAY + (number + 2) * HALF_HOUR))
            run()
    assert [desk.answer(request) for request in requests] == [(422, "outside-working-hours")] * 2


def test_what_a_batch_changes_holds_for_what_follows_in_it(desk: Desk, run_lane: RunLane) -> None:
    """Hours are set and booked by one batch, and by the next."""
    desk.book("patient1", MONDAY)
    run_lane()
    changed = desk.ask("admin", "set-hours", {"hours": [], "force": True}, desk.practice.dentists[1])
    same, other = desk.book("patient2", MONDAY, 1), desk.book("patient3", MONDAY + HALF_HOUR)
    run_lane()
    later = desk.book("patient4", MONDAY + HALF_HOUR, 1)
    run_lane()
    answers = [desk.answer(request) for request in (changed, same, other, later)]
    closed = (422, "outside-working-hours")
    assert answers == [(200, None), closed, (201, None), closed]


def test_what_a_batch_that_was_cut_off_had_read_anew_is_not_remembered(
    desk: Desk, owner: Session, run_lane: RunLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its version went with it: the next batch sees the change as if nobody had looked."""
    desk.book("patient1", MONDAY)
    run_lane()
    owner.execute(text("DELETE FROM working_hours"))
    owner.commit()
    request = desk.book("patient2", MONDAY + HALF_HOUR)
    with monkeypatch.context() as broken:
        broken.setattr(lane.log, "draft", lambda *_arguments, **_named: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_lane()
    assert owner.scalar(text("SELECT count(*) FROM rule_changes")) == 1
    owner.rollback()
    run_lane()
    assert desk.answer(request) == (422, "outside-working-hours")
    assert owner.scalar(text("SELECT count(*) FROM rule_changes")) == 0


def test_a_migration_beside_a_lane_that_goes_on_costs_no_request(desk: Desk, owner: Session, run_lane: RunLane) -> None:
    """The lane's statements are planned for the tables as they were; what fails for it is tried again, and counts as
    no attempt of the request's."""
    first = desk.book("patient1", MONDAY)
    run_lane()
    assert desk.answer(first) == (201, None)
    for table in ("appointments", "write_requests", "patients"):
        owner.execute(text(f"ALTER TABLE {table} ADD COLUMN of_a_later_release text"))
    owner.commit()
    second = desk.book("patient2", MONDAY + HALF_HOUR)
    for _ in range(6):
        with suppress(DBAPIError):
            run_lane()
    assert desk.answer(second) == (201, None)
