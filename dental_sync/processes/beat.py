"""Beat's clock: what it cannot send is dropped, for the next is on its way; an outage is one line in the log."""

from __future__ import annotations

import logging
from typing import Any

from celery.beat import Scheduler, SchedulingError

logger = logging.getLogger(__name__)


class QuietScheduler(Scheduler):  # type: ignore[misc]  # Celery has no types
    """Celery's own, in memory; that one logs two stack traces for each task it cannot send, several times a second."""

    _is_cut_off = False

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Send a task that is due."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as failure:
            _stop_if_told(failure)
            if not self._is_cut_off:
                logger.warning("Redis is not reachable, trying again with every task that is due: %s", failure)
            self._is_cut_off = True
        else:
            if self._is_cut_off:
                logger.warning("Redis is reachable again")
            self._is_cut_off = False


def _stop_if_told(failure: BaseException) -> None:
    """Celery stops beat by an exception out of a signal handler; what it interrupts may fail over it and hide it."""
    seen: BaseException | None = failure
    while seen is not None:
        if isinstance(seen, SystemExit):
            raise seen
        seen = seen.__context__
