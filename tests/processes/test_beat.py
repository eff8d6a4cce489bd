"""Beat's clock: an outage is one line, and being told to stop is heard at any moment."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from celery import Celery
from celery.beat import ScheduleEntry

from dental_sync.processes.beat import QuietScheduler


class Connection:
    """Like the library's: what fails within it is replaced by what its cleaning up fails with."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        raise ValueError("I/O operation on closed file")


def scheduler_that(send: Callable[[], None]) -> QuietScheduler:
    """A scheduler whose tasks are sent by a function."""
    app = Celery("test", broker="memory://")
    scheduler = QuietScheduler(app, lazy=True)
    scheduler.send_task = lambda *_args, **_options: send()
    return scheduler


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
