"""How many calls a minute are let through."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from dental_sync.core import callers, services
from dental_sync.core.errors import RateLimited


class RateLimits:
    """Counts calls in this process's memory: no Redis to wait for, and N processes let N times as many through."""

    def __init__(self) -> None:
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    def check(self, per_minute: int, *key: str) -> None:
        """Count one call under a key; raises RateLimited with `Retry-After` once there were too many."""
        self._count(RateLimitItemPerMinute(per_minute), *key)

    def check_hour(self, per_hour: int, *key: str) -> None:
        """The same for what may be tried so many times an hour."""
        self._count(RateLimitItemPerHour(per_hour), *key)

    def _count(self, limit: RateLimitItem, *key: str) -> None:
        if not self._windows.hit(limit, *key):
            reset_at = self._windows.get_window_stats(limit, *key).reset_time
            raise RateLimited(headers={"Retry-After": str(max(1, math.ceil(reset_at - time.time())))})


def rate_limits() -> RateLimits:
    """The rate limits of the current app."""
    return services.current(RateLimits)


def count_stranger(kind: str, address: str | None) -> None:
    """Count one call of a kind that nobody has signed in for, under its address; raises RateLimited."""
    rate_limits().check(services.settings().rate_limit_per_minute, kind, callers.network(address))
