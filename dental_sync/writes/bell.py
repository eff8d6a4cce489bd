"""Waking the lane: a ring through the broker, or to a lane that stays; and when the lane was last seen.

A ring may be lost. Whoever rings has committed before, and a lane that leaves looks once more after it has said so:
what is committed is found by that look, or rings through the broker.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from flask import current_app
from redis import Redis
from redis.client import Pipeline

from dental_sync.core import services
from dental_sync.core.broker import celery
from dental_sync.core.instants import format_instant
from dental_sync.core.redis import redis
from dental_sync.core.seen import LANE_SEEN_KEY, SEEN_SECONDS

logger = logging.getLogger(__name__)

# Set while a ring is on its way, so that a thousand requests ring once.
RING_KEY = "dental_sync:ring"
RING_MILLISECONDS = 1_000
# Present while a lane stays, which waits at RINGS_KEY for the next ring. Renewed with each look; the rings for a lane
# that was killed are lost for this long, and the sweep finds what they were for.
STAYS_KEY = "dental_sync:lane-stays"
STAYS_MILLISECONDS = 1_000
RINGS_KEY = "dental_sync:rings"
# Whether the lane is to be woken through the broker: it is nobody's ring that is on its way, and no lane stays.
_RING = """
    if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then
        return 0
    end
    if redis.call('EXISTS', KEYS[2]) == 0 then
        return 1
    end
    redis.call('LPUSH', KEYS[3], '1')
    return 0
"""
# How long a lane waits for the next ring: less than a call to Redis may take.
WAIT_SECONDS = 0.3


class Bell:
    """Rings for the lane, once however many ask at a time, and never keeps a caller waiting for Redis.

    A ring may be lost: the request is stored, and the worker's sweep, twice a second, rings for it.
    """

    def __init__(self, ring: Callable[[], None], start_thread: Callable[[Callable[[], None]], object]) -> None:
        self._ring = ring
        self._start_thread = start_thread
        self._wanted = threading.Event()
        self._thread: object | None = None

    def ring(self) -> None:
        """Ask for the lane to be woken soon."""
        if self._thread is None:
            self._thread = self._start_thread(self._run)
        self._wanted.set()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            try:
                self._ring()
            except Exception as failure:  # a broker raises whatever its library does; the sweep will ring
                logger.warning("could not ring for the lane: %s", failure)


def bell() -> Bell | None:
    """The bell of the current app; None in a worker, whose lane tells what it does itself."""
    return services.find(current_app, Bell)


def wake_lane() -> None:
    """Wake the lane, through the broker where none stays, unless a ring is on its way already: one call to Redis."""
    ring = redis().register_script(_RING)
    if ring(keys=[RING_KEY, STAYS_KEY, RINGS_KEY], args=[RING_MILLISECONDS]):
        celery.send_task("process_writes", queue="writes", ignore_result=True, expires=5, retry=False)


def lane_looks(*, stays: bool) -> None:
    """Say that a lane looks for work now, so that from here on whoever has some rings anew; raises RedisError.

    `stays`: it will wait for the next ring when it has looked.
    """
    with redis().pipeline(transaction=False) as together:
        _say_that_it_looks(together, stays=stays)
        together.execute()


def lane_looks_when_rung() -> bool:
    """Wait a moment for the next ring, and say that a lane that stays looks; whether it rang. Raises RedisError.

    One message: Redis answers what follows the wait when it is over.
    """
    with redis().pipeline(transaction=False) as together:
        together.brpop([RINGS_KEY], timeout=WAIT_SECONDS)
        _say_that_it_looks(together, stays=True)
        rung, *_ = together.execute()
    return rung is not None


def _say_that_it_looks(together: Pipeline, *, stays: bool) -> None:
    together.delete(RING_KEY)
    if stays:
        together.set(STAYS_KEY, "1", px=STAYS_MILLISECONDS)
    else:
        together.delete(STAYS_KEY, RINGS_KEY)
    _say_seen(together)


def lane_is_there() -> None:
    """Say that a worker is there for the lane, although it has nothing to do; raises RedisError."""
    _say_seen(redis())


def _say_seen(client: Redis) -> None:
    client.set(LANE_SEEN_KEY, format_instant(datetime.now(UTC)), ex=SEEN_SECONDS)
