"""A lane that was rung for stays for the next ring: no task is dispatched, and nobody is overlooked when it leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from celery.worker import state
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.broker import celery
from dental_sync.core.redis import redis
from dental_sync.core.seen import LANE_SEEN_KEY
from dental_sync.processes import tasks
from dental_sync.writes import bell
from tests import plain_sql
from tests.live.system import wait_until
from tests.writes.desk import HALF_HOUR, MONDAY, Desk


@pytest.fixture
def sent(worker_app: APIFlask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The tasks that were sent through the broker; nobody has rung, and no lane stays."""
    names: list[str] = []
    monkeypatch.setattr(celery, "send_task", lambda name, **_options: names.append(name))
    tasks._emitter.cache_clear()
    with worker_app.app_context():
        redis().delete(bell.RING_KEY, bell.STAYS_KEY, bell.RINGS_KEY)
        yield names
    tasks._emitter.cache_clear()


def decided(owner: Session) -> int:
    """How many requests have outcomes."""
    owner.rollback()
    return int(owner.scalar(text("SELECT count(*) FROM write_requests WHERE status <> 'pending'")) or 0)


def test_a_ring_wakes_the_lane_that_stays_without_the_broker(
    desk: Desk, owner: Session, worker_app: APIFlask, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bookings that come one after the other are decided by one task; when it has left the broker is rung again."""
    leave = threading.Event()

    def wait_for_long() -> bool:
        while not leave.is_set():
            if bell.lane_looks_when_rung():
                return True
        return False

    def run() -> None:
        with worker_app.app_context():
            tasks.process_writes.run()

    monkeypatch.setattr(tasks, "STAY_SECONDS", 2 * plain_sql.PATIENCE_SECONDS)
    monkeypatch.setattr(tasks, "lane_looks_when_rung", wait_for_long)
    lane = threading.Thread(target=run)
    lane.start()
    wait_until(lambda: bool(redis().exists(LANE_SEEN_KEY, bell.STAYS_KEY) == 2), 20, lambda: "no lane stays")
    for number in range(3):
        # On a busy machine the one that the lane has set may be over.
        redis().set(bell.STAYS_KEY, "1")
        desk.book(f"patient{number + 1}", MONDAY + number * HALF_HOUR)
        bell.wake_lane()
        wait_until(lambda n=number: decided(owner) == n + 1, 20, lambda: "the lane was not woken")  # type: ignore[misc]
    assert sent == []
    leave.set()
    lane.join(plain_sql.PATIENCE_SECONDS)
    assert not redis().exists(bell.STAYS_KEY)
    bell.wake_lane()
    assert sent == ["process_writes"]


def test_who_rang_in_vain_while_the_lane_left_is_not_overlooked(
    desk: Desk, owner: Session, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ring came when nobody waited for it any more; the last look finds what it was for."""

    def leave() -> bool:
        desk.book("patient1", MONDAY)
        return False

    monkeypatch.setattr(tasks, "lane_looks_when_rung", leave)
    tasks.process_writes.run()
    assert decided(owner) == 1
    assert sent == []


@pytest.mark.usefixtures("sent")
def test_a_lane_stays_for_so_long_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is rung for: the reminders wait in the same queue, and the sweep for the same thread."""
    rings: list[int] = []

    def ring() -> bool:
        rings.append(1)
        return True

    monkeypatch.setattr(tasks, "lane_looks_when_rung", ring)
    monkeypatch.setattr(tasks, "STAY_SECONDS", 0.3)
    tasks.process_writes.run()
    assert rings


@pytest.mark.usefixtures("sent")
def test_a_lane_does_not_stay_when_its_worker_is_to_shut_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which it does between two tasks."""
    monkeypatch.setattr(tasks, "lane_looks_when_rung", lambda: pytest.fail("it waits"))
    monkeypatch.setattr(state, "should_stop", 0)
    tasks.process_writes.run()
    assert not redis().exists(bell.STAYS_KEY)
