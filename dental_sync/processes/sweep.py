"""The look of a worker at the database, twice a second: work for which no ring came wakes the lane.

A ring may be lost with Redis, holds expire, plain SQL changes rows. The look is a timer of the worker and no task of
beat's: it costs one statement, where a task costs a message to Redis, its receipt and the lane's own way to nothing.
"""

from __future__ import annotations

import logging
import time

from flask import Flask
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from dental_sync.core.extensions import db
from dental_sync.core.seen import RENEW_SECONDS
from dental_sync.writes import lane
from dental_sync.writes.bell import lane_is_there, wake_lane

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 0.5


class Sweep:
    """Called between two tasks, by the thread that receives them; nothing is raised."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._says_at = 0.0

    def __call__(self) -> None:
        """Look, and say now and then that this worker is there."""
        with self._app.app_context():
            try:
                self._say_there()
                if lane.has_work(db.session()):
                    wake_lane()
            except RedisError as failure:
                logger.warning("Redis is not reachable: %s", failure)
            except SQLAlchemyError as failure:
                logger.warning("the sweep looks again later: %s", failure)
            except Exception:
                # The library's timer would end the worker over what it takes for a broken connection of its own.
                logger.exception("the sweep failed")

    def _say_there(self) -> None:
        if time.monotonic() >= self._says_at:
            lane_is_there()
            self._says_at = time.monotonic() + RENEW_SECONDS
