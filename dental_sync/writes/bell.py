"""Waking the lane: a ring through the broker, which may be lost; and when lane and beat were last seen."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from flask import current_app

from dental_sync.core import services
from dental_sync.core.extensions import celery
from dental_sync.core.redis import redis

logger = logging.getLogger(__name__)

# Set while a ring is on its way, so that a thousand requests ring once.
RING_KEY = "dental_sync:ring"
RING_MILLISECONDS = 1_000
# The same for the mails.
MAIL_RING_KEY = "dental_sync:ring-for-mails"
# Present for SEEN_SECONDS after a lane looked for work.
LANE_SEEN_KEY = "dental_sync:lane-seen"
# Present for SEEN_SECONDS after beat rang: its sweep comes twice a second.
BEAT_SEEN_KEY = "dental_sync:beat-seen"
SEEN_SECONDS = 10


class Bell:
    """Rings for the lane, once however many ask at a time, and never keeps a caller waiting for Redis.

    A ring may be lost: the request is stored, and beat's sweep rings twice a second.
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


def wake_mailing() -> None:
    """Wake the housekeeper's thread that sends mails, unless a ring is on its way already: what is due it sends all."""
    if redis().set(MAIL_RING_KEY, "1", nx=True, px=RING_MILLISECONDS):
        celery.send_task("send_mails", queue="housekeeping", ignore_result=True, expires=5, retry=False)


def wake_lane() -> None:
    """Wake the lane through the broker, unless a ring is on its way already."""
    if redis().set(RING_KEY, "1", nx=True, px=RING_MILLISECONDS):
        celery.send_task("process_writes", queue="writes", ignore_result=True, expires=5, retry=False)
