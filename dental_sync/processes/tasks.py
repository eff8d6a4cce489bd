"""The Celery tasks: process the write requests, ping the rooms, prune what is old. Nothing here is patched.

No task keeps a result or is retried: the sweep, twice a second, is the same task as the ring and is the retry.
"""

from __future__ import annotations

import functools
import logging
import time
from datetime import UTC, datetime
from typing import Any

from celery import Celery, Task
from celery.worker import state
from flask import Flask
from redis import RedisError
from sqlalchemy.exc import DBAPIError

from dental_sync.core.config import Settings
from dental_sync.core.extensions import celery, db
from dental_sync.core.instants import format_instant
from dental_sync.core.logs import facts
from dental_sync.core.redis import redis, tls_options
from dental_sync.core.services import current, provide, settings
from dental_sync.processes import pruning
from dental_sync.processes.mailing import Mailing
from dental_sync.sync.message_queue import HEARTBEAT, HEARTBEAT_ROOM, WRITES_DECIDED, WritingEnd
from dental_sync.writes import lane, reminding
from dental_sync.writes.bell import MAIL_RING_KEY, is_rung, lane_looks, wake_mailing

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 0.5
# How long a lane stays at most: beat's sweeps wait meanwhile, which health looks for, and so do reminders.
STAY_SECONDS = 2.0
PRUNE_SECONDS = 600.0
# A mail leaves within two seconds of its commit, also where the ring for it was lost.
MAIL_SECONDS = 1.0
REMIND_SECONDS = 60.0

# Where mails or text messages leave; a process at rest need not ask every second for what nobody makes.
_MAILING = {
    "reminders": {"task": "remind", "schedule": REMIND_SECONDS, "options": {"expires": REMIND_SECONDS}},
    "mails": {"task": "send_mails", "schedule": MAIL_SECONDS, "options": {"expires": MAIL_SECONDS}},
}

WRITES_QUEUE = "writes"
HOUSEKEEPING_QUEUE = "housekeeping"


def without_stack(record: logging.LogRecord) -> bool:
    """Let Celery say in one line that Redis went away before it could acknowledge: no action is needed."""
    if record.exc_info and isinstance(record.exc_info[1], RedisError | OSError):
        record.exc_info = None
    return True


def configure(app: Flask, settings: Settings) -> Celery:
    """Bind Celery to the app: two queues, so that a busy lane never starves the heartbeat."""

    class TaskInContext(Task):  # type: ignore[misc]  # Celery has no types
        def __call__(self, *arguments: Any, **named: Any) -> Any:
            began_at = time.perf_counter()
            with app.app_context():
                result = self.run(*arguments, **named)
            # They run every second, and what the lane does has lines of its own.
            if self.name not in (process_writes.name, send_mails.name):
                logger.info("task", extra=facts(task=self.name, ms=_ms_since(began_at)))
            return result

    provide(app, Mailing(app))
    celery.Task = TaskInContext
    logging.getLogger("celery.worker.request").addFilter(without_stack)
    celery.conf.update(
        broker_url=settings.redis_url,
        # Without it Celery takes any certificate.
        broker_use_ssl=tls_options(settings) or None,
        # One process, which does its task itself: of two, the one that works waits half a minute at its end for the
        # other to read what it answered last, and the other does not read any more (billiard's prefork pool).
        worker_pool="solo",
        task_ignore_result=True,
        task_acks_late=False,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_connect_timeout": 2.0,
            "socket_timeout": 10.0,
            "socket_keepalive": True,
        },
        timezone="UTC",
        task_routes={
            "process_writes": {"queue": WRITES_QUEUE},
            "remind": {"queue": WRITES_QUEUE},
            "heartbeat": {"queue": HOUSEKEEPING_QUEUE},
            "send_mails": {"queue": HOUSEKEEPING_QUEUE},
            "prune": {"queue": HOUSEKEEPING_QUEUE},
        },
        beat_schedule={
            # One that was not begun in time is worth nothing: the next is on its way.
            "sweep": {
                "task": "process_writes",
                "schedule": SWEEP_SECONDS,
                "kwargs": {"swept": True},
                "options": {"expires": 1},
            },
            "heartbeat": {
                "task": "heartbeat",
                "schedule": settings.heartbeat_seconds,
                "options": {"expires": settings.heartbeat_seconds},
            },
            "prune": {"task": "prune", "schedule": PRUNE_SECONDS, "options": {"expires": PRUNE_SECONDS}},
            **(_MAILING if settings.writes_to_people else {}),
        },
    )
    return celery


@functools.cache
def _emitter() -> WritingEnd:
    return WritingEnd(settings().redis_url, **tls_options(settings()))


def _ms_since(began_at: float) -> float:
    return (time.perf_counter() - began_at) * 1000


def _tell(batch: lane.Batch) -> None:
    """Tell what a lane has committed: the calls that wait, the rooms, and who sends mails."""
    with _emitter().together():
        if batch.outcomes:
            _emitter().emit(WRITES_DECIDED, batch.outcomes)
        for message in batch.messages:
            # Messages without channels are emitted too: a process detects gaps by position.
            _emitter().emit(message.type, message.wire(), to=list(message.channels) or HEARTBEAT_ROOM)
    if batch.has_mails:
        _wake_mailing()


def _wake_mailing() -> None:
    if not settings().writes_to_people:
        return
    try:
        wake_mailing()
    except Exception as failure:  # a broker raises whatever its library does; beat wakes it every second
        logger.warning("could not ring for the mails: %s", failure)


@celery.task(name="process_writes")
def process_writes(*, swept: bool = False) -> None:
    """Decide and apply what is pending, then tell: the calls that wait, and the rooms.

    A lane that was rung for stays while rings come, for STAY_SECONDS at most: to dispatch a task costs as much as to
    decide a booking. What waits in the queue meanwhile, beat's sweeps above all, comes next.
    """
    leaves_at = time.monotonic() + STAY_SECONDS
    _look(swept=swept, stays=not swept)
    if swept:
        return
    try:
        while time.monotonic() < leaves_at and not _is_told_to_stop() and is_rung():
            _look(swept=False, stays=True)
    except RedisError as failure:
        logger.warning("Redis is not reachable: %s", failure)
    # Who found that it stays may have rung in vain.
    _look(swept=False, stays=False)


def _is_told_to_stop() -> bool:
    """Whether this worker was asked to shut down, which it does between two tasks."""
    # 0 is an exit status.
    return any(told is not None and told is not False for told in (state.should_stop, state.should_terminate))


def _look(*, swept: bool, stays: bool) -> None:
    """Decide all that is pending.

    Telling comes after the commit and may fail; the web processes find in the log what they were not told.
    """
    try:
        lane_looks(swept=swept, stays=stays)
    except RedisError as failure:
        logger.warning("Redis is not reachable: %s", failure)
    if not swept:
        # What rang may have made a mail.
        _wake_mailing()
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
        if not batch.more:
            return


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
    """Wake the thread that sends mails; whoever makes one from now on rings anew."""
    try:
        redis().delete(MAIL_RING_KEY)
    except RedisError as failure:
        logger.warning("Redis is not reachable: %s", failure)
    current(Mailing).wake()


@celery.task(name="prune")
def prune() -> None:
    """Delete what is past its retention."""
    pruning.prune(db.session(), settings())
