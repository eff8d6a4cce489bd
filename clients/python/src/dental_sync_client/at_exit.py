"""A program that ends while it follows something says so: its clients' threads do not keep it running."""

from __future__ import annotations

import atexit
import logging
import sys
from typing import Protocol
from weakref import WeakSet

logger = logging.getLogger(__name__)


class Follower(Protocol):
    """What may be left open."""

    def get_active_subscriptions_count(self) -> int:
        """How many are followed now."""


_open: WeakSet[Follower] = WeakSet()


def watch(follower: Follower) -> None:
    """It follows something from now on."""
    _open.add(follower)


def forget(follower: Follower) -> None:
    """It was closed."""
    _open.discard(follower)


@atexit.register
def _say() -> None:
    # A program that has failed has said more already.
    count = 0 if hasattr(sys, "last_type") else sum(each.get_active_subscriptions_count() for each in _open)
    if count:
        logger.warning(
            "the program has ended while %d subscription(s) were open: wait_until_closed() keeps it running, close() "
            "ends them",
            count,
        )
