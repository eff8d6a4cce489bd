"""The Celery tasks: process the write requests, ping the rooms, prune what is old. Nothing here is patched.

No task keeps a result or is retried: what a ring was for that was lost, the worker's sweep finds (processes/sweep.py).
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from datetime import UTC, datetime
from typing import Any, ClassVar

from celery import Task
from celery.worker import state
from flask import Flask
from redis import RedisError
from sqlalchemy.exc import DBAPIError

from dental_sync.core.broker import celery
from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from dental_sync.core.logs import facts
from dental_sync.core.redis import tls_options
from dental_sync.core.services import provide, settings
from dental_sync.processes import pruning
from dental_sync.processes.mailing import Mailing
from dental_sync.sync.message_queue import HEARTBEAT, HEARTBEAT_ROOM, WRITES_DECIDED, WritingEnd
from dental_sync.writes import lane, reminding
from dental_sync.writes.bell import WAIT_SECONDS, lane_looks, lane_looks_when_rung

logger = logging.getLogger(__name__)

# How long a lane stays at most: reminders wait in its queue meanwhile, and the order to shut down does.
STAY_SECONDS = 2.0


class TaskInContext(Task):  # type: ignore[misc]  # Celery has no types
    """A task in the context of the app that was bound last."""

    of: ClassVar[Flask]

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Do it, and write its line."""
        began_at = time.perf_counter()
        with self.of.app_context():
            result = self.run(*arguments, **named)
        # They run with every ring, and what the lane does has lines of its own.
        if self.name not in (process_writes.name, send_mails.name):
            logger.info("task", extra=facts(task=self.name, ms=_ms_since(began_at)))
        return result


celery.Task = TaskInContext


def bind(app: Flask) -> None:
    """Let the tasks of this process work for the app."""
    provide(app, Mailing(app))
    TaskInContext.of = app
    logging.getLogger("celery.worker.request").addFilter(without_stack)


def without_stack(record: logging.LogRecord) -> bool:
    """Let Celery say in one line that Redis went away before it could acknowledge: no action is needed."""
    if record.exc_info and isinstance(record.exc_info[1], RedisError | OSError):
        record.exc_info = None
    return True


@functools.cache
def _emitter() -> WritingEnd:
    return WritingEnd(settings().redis_url, **tls_options(settings()))


def _ms_since(began_at: float) -> float:
    return (time.perf_counter() - began_at) * 1000


def _tell(batch: lane.Batch) -> None:
    """Tell what a lane has committed: the calls that wait, and the rooms."""
    with _emitter().together():
        if batch.outcomes:
            _emitter().emit(WRITES_DECIDED, batch.outcomes)
        for message in batch.messages:
            # Messages without channels are emitted too: a process detects gaps by position.
            _emitter().emit(message.type, message.wire(), to=list(message.channels) or HEARTBEAT_ROOM)


# With threads a ring may start a second lane while the first one looks for the last time.
_turn = threading.Lock()


@celery.task(name="process_writes")
def process_writes(**_of_another_release: Any) -> None:
    """Decide and apply what is pending, then tell: the calls that wait, and the rooms."""
    # One that has so much to do goes on until nothing is left, and what it may overlook is the sweep's.
    if not _turn.acquire(timeout=WAIT_SECONDS):
        return
    try:
        _look_while_rung()
    finally:
        _turn.release()


def _look_while_rung() -> None:
    """Stay while rings come, for STAY_SECONDS at most: to dispatch a task costs as much as to decide a booking.

    What waits in the queue meanwhile comes next.
    """
    leaves_at = time.monotonic() + STAY_SECONDS
    _say_looking(stays=True)
    _look(stays=True)
    try:
        while time.monotonic() < leaves_at and not _is_told_to_stop() and lane_looks_when_rung():
            _look(stays=True)
    except RedisError as failure:
        logger.warning("Redis is not reachable: %s", failure)
    # Who found that it stays may have rung in vain.
    _say_looking(stays=False)
    _look(stays=False)


def _say_looking(*, stays: bool) -> None:
    try:
        lane_looks(stays=stays)
    except RedisError as failure:
        logger.warning("Redis is not reachable: %s", failure)


def _is_told_to_stop() -> bool:
    """Whether this worker was asked to shut down, which it does between two tasks."""
    # 0 is an exit status.
    return any(told is not None and told is not False for told in (state.should_stop, state.should_terminate))


def _look(*, stays: bool) -> None:
    """Decide all that is pending, after it was said that the lane looks.

    Telling comes after the commit and may fail; the web processes find in the log what they were not told.
    """
    while True:
        began_at = time.perf_counter()
        try:
            batch = lane.run_batch(db.session(), settings())
        except DBAPIError as failure:
            db.session.rollback()
            logger.warning("the lane stopped and goes on at the next sweep: %s", failure)
            return
        if batch is None:
            return
        ms = _ms_since(began_at)
        _tell(batch)
        for decided in batch.decided:
            # How long it took to decide and commit the batch that it was in.
            logger.info("write", extra=facts(**decided.request.log_facts(), status=decided.outcome["status"], ms=ms))
        if not batch.more or _is_told_to_stop():
            return
        _say_looking(stays=stays)


@celery.task(name="remind")
def remind() -> None:
    """Remind whom it is time to, in the lane's turn."""
    more = True
    while more:
        try:
            batch = reminding.remind(db.session(), settings())
        except DBAPIError as failure:
            db.session.rollback()
            logger.warning("reminders wait for the next time: %s", failure)
            return
        if batch is not None:
            _tell(batch)
        more = batch is not None and batch.more


@celery.task(name="heartbeat")
def heartbeat() -> None:
    """Ping the rooms; each web process adds how far it has delivered."""
    _emitter().emit(HEARTBEAT, {"timestamp": format_instant(datetime.now(UTC))}, to=HEARTBEAT_ROOM)


@celery.task(name="send_mails")
def send_mails() -> None:
    """Do nothing: a worker of the release before this one rings for mails, which the housekeeper's thread finds."""


@celery.task(name="prune")
def prune() -> None:
    """Delete what is past its retention."""
    pruning.prune(db.session(), settings())
