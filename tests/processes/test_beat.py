"""Beat's clock: what is due is sent once, an outage is one line, and being told to stop is heard at any moment."""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from celery import Celery
from celery.beat import ScheduleEntry

from dental_sync.core.config import Settings
from dental_sync.core.redis import connect_redis
from dental_sync.core.seen import BEAT_SEEN_KEY, SEEN_SECONDS
from dental_sync.local.embedded.server import plain_environment
from dental_sync.local.run import PROJECT_FOLDER
from dental_sync.local.supervisor import read_procfile
from dental_sync.processes import beat
from dental_sync.processes.beat import QuietScheduler
from tests.live.system import wait_until


class Connection:
    """Like the library's: what fails within it is replaced by what its cleaning up fails with."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        raise ValueError("I/O operation on closed file")


def scheduler_that(send: Callable[[], None], **seconds: float) -> QuietScheduler:
    """A scheduler whose tasks are sent by a function, each of them so often."""
    app = Celery("test", broker="memory://")
    schedule = {
        name: ScheduleEntry(name=name, task=name, schedule=timedelta(seconds=every), app=app)
        for name, every in seconds.items()
    }
    scheduler = QuietScheduler(app, schedule=schedule, lazy=True)
    scheduler.send_task = lambda *_args, **_options: send()
    scheduler._say_there = lambda: None  # type: ignore[method-assign]  # there is no Redis
    return scheduler


class Clock:
    """A clock that goes when it is told to, in place of the scheduler's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(beat, "time", self)

    def monotonic(self) -> float:
        return self.now


def an_entry() -> ScheduleEntry:
    """Something that is due."""
    return ScheduleEntry(name="sweep", task="sweep", schedule=1.0, app=Celery("test", broker="memory://"))


def test_an_outage_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """However often a task cannot be sent; and one more when it can be again."""
    is_away = True

    def send() -> None:
        if is_away:
            raise ConnectionError("Redis is away")

    scheduler, entry = scheduler_that(send), an_entry()
    with caplog.at_level(logging.WARNING, "dental_sync.processes.beat"):
        for _ in range(3):
            scheduler.apply_entry(entry)
        is_away = False
        for _ in range(3):
            scheduler.apply_entry(entry)
    assert [record.message.split(",")[0] for record in caplog.records] == [
        "Redis is not reachable",
        "Redis is reachable again",
    ]


def test_being_told_to_stop_is_heard_while_a_task_is_sent() -> None:
    """The signal's exception may be hidden by what it makes fail."""

    def send() -> None:
        with Connection():
            raise SystemExit(0)

    with pytest.raises(SystemExit):
        scheduler_that(send).apply_entry(an_entry())


def test_what_is_due_is_sent_once_however_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its own time for the first time, without drift, and without making up for what a sleep missed."""
    sent: list[float] = []
    clock = Clock(monkeypatch)
    scheduler = scheduler_that(lambda: sent.append(clock.now - 1000), something=30.0)
    for seconds in (0.0, 29.9, 30.1, 59.9, 60.0, 200.0, 201.0, 229.9, 230.1):
        clock.now = 1000 + seconds
        scheduler.tick()
    assert [round(seconds, 1) for seconds in sent] == [30.1, 60.0, 200.0, 230.1]


def test_beat_sleeps_until_something_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own word comes first, every two seconds; a timer that is due before that comes in time."""
    clock = Clock(monkeypatch)
    scheduler = scheduler_that(lambda: None, something=2.5)
    assert scheduler.tick() == pytest.approx(2.0)
    clock.now += 2.0
    assert scheduler.tick() == pytest.approx(0.5)


def test_beat_in_a_worker_ends_with_it() -> None:
    """Killed, a worker cannot end its child; another worker would be started beside it."""
    scheduler = scheduler_that(lambda: None)
    scheduler.ends_with(os.getppid())
    scheduler.tick()
    scheduler.ends_with(-1)
    with pytest.raises(SystemExit):
        scheduler.tick()


def test_beat_says_that_it_is_there_without_any_worker(settings: Settings) -> None:
    """Whether a worker is too busy for its tasks says nothing about beat; the word is renewed before it is over."""
    redis = connect_redis(settings.redis_url)
    redis.delete(BEAT_SEEN_KEY)
    command = shlex.split(read_procfile(PROJECT_FOLDER / "Procfile")["beat"])
    environment = {
        **plain_environment(),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "DEMO_MODE": "1",
    }
    with subprocess.Popen(command, cwd=PROJECT_FOLDER, env=environment, stderr=subprocess.DEVNULL) as running:
        try:
            wait_until(lambda: bool(redis.exists(BEAT_SEEN_KEY)), 60, lambda: "beat is not seen")
            first = redis.get(BEAT_SEEN_KEY)
            began = time.monotonic()
            wait_until(lambda: redis.get(BEAT_SEEN_KEY) not in (first, None), 30, lambda: "it says so only once")
            assert time.monotonic() - began < SEEN_SECONDS
        finally:
            running.terminate()
    assert running.returncode == 0
