"""Beat's clock: what it cannot send is dropped, for the next is on its way; an outage is one line in the log.

Beat says by itself that it is there, in Redis: a task that said it would prove a worker that is not too busy, too.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from celery.beat import Scheduler, SchedulingError
from kombu.exceptions import OperationalError
from redis import RedisError

from dental_sync.core.instants import format_instant
from dental_sync.core.seen import BEAT_SEEN_KEY, RENEW_SECONDS, SEEN_SECONDS

logger = logging.getLogger(__name__)

_AWAY = (SchedulingError, OperationalError, RedisError, OSError)


class QuietScheduler(Scheduler):  # type: ignore[misc]  # Celery has no types
    """Celery's own, in memory, for timers that are a number of seconds each.

    That one computes with calendars and time zones at each of its looks, which is most of what beat costs at rest, and
    logs two stack traces for each task that it cannot send.
    """

    _is_cut_off = False
    # Of the worker that beat is embedded in.
    _parent: int | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._say_at = time.monotonic()
        self._due_at = {name: self._say_at + _seconds(entry) for name, entry in self.schedule.items()}

    def ends_with(self, parent: int) -> None:
        """Stop when this process is no child of `parent` any more: a worker that is killed leaves beat behind."""
        self._parent = parent

    def tick(self, *_: Any, **_named: Any) -> float:
        """Send what is due, once however late it is; returns in how many seconds something is due again."""
        if self._parent not in (None, os.getppid()):
            raise SystemExit
        now = time.monotonic()
        if now >= self._say_at:
            self._say_at = now + RENEW_SECONDS
            self._try(self._say_there)
        for name, due_at in self._due_at.items():
            if now >= due_at:
                entry = self.schedule[name]
                every = _seconds(entry)
                # Without drift; what was missed while this process slept is not made up for.
                self._due_at[name] = due_at + every if due_at + every > now else now + every
                self.apply_entry(entry, producer=self.producer)
        return max(0.0, min([self._say_at, *self._due_at.values()]) - time.monotonic())

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Send a task that is due."""
        self._try(lambda: self.apply_async(entry, producer=producer, advance=False))

    def _say_there(self) -> None:
        now = format_instant(datetime.now(UTC))
        self.producer.channel.client.set(BEAT_SEEN_KEY, now, ex=SEEN_SECONDS)

    def _try(self, send: Callable[[], object]) -> None:
        try:
            send()
        except _AWAY as failure:
            _stop_if_told(failure)
            if not self._is_cut_off:
                logger.warning("Redis is not reachable, trying again with every task that is due: %s", failure)
            self._is_cut_off = True
        else:
            if self._is_cut_off:
                logger.warning("Redis is reachable again")
            self._is_cut_off = False


def _seconds(entry: Any) -> float:
    return float(entry.schedule.run_every.total_seconds())


def _stop_if_told(failure: BaseException) -> None:
    """Celery stops beat by an exception out of a signal handler; what it interrupts may fail over it and hide it."""
    seen: BaseException | None = failure
    while seen is not None:
        if isinstance(seen, SystemExit):
            raise seen
        seen = seen.__context__
