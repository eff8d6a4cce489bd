"""How this process reaches Redis: one policy for every connection, and a client that gives up early.

Redis is for speed and for watching, and may be away. Three libraries connect to it: redis-py for us, Celery for its
broker, Flask-SocketIO for its message queue. Each of them would have a policy of its own for a certificate that nobody
has signed (Celery takes it in silence), so all of them are told ours.
"""

from __future__ import annotations

import threading
import time
from queue import Empty, Full
from typing import Any

import redis as redis_client

from dental_sync.core import services
from dental_sync.core.config import Settings

# No call may hold up its caller for longer.
REDIS_TIMEOUT_SECONDS = 0.5
# How long to wait for a turn where every connection is in use, as when two hundred clients leave at once.
TURN_SECONDS = 2.0
# Where Redis takes no further connection, the next try is after this long.
RETRY_SECONDS = 0.05
# A connection that was not needed for so long is closed: on a small plan another process may need its place.
IDLE_SECONDS = 30.0

# What one process needs whose calls take a millisecond each.
FEW_CONNECTIONS = 3

# How a certificate is checked, by the words of REDIS_TLS_VERIFY.
_TLS_VERIFY = {
    "full": {"ssl_cert_reqs": "required", "ssl_check_hostname": True},
    "ca": {"ssl_cert_reqs": "required", "ssl_check_hostname": False},
    "none": {"ssl_cert_reqs": "none", "ssl_check_hostname": False},
}


def redis() -> redis_client.Redis:
    """The Redis client of the current app; every call raises RedisError within three seconds when Redis is away."""
    return services.current(redis_client.Redis)


def tls_options(settings: Settings) -> dict[str, Any]:
    """What redis-py, and with it Celery and the message queue, is told about TLS; nothing where there is none."""
    if not settings.redis_url.startswith("rediss://"):
        return {}
    return {**_TLS_VERIFY[settings.redis_tls_verify], "ssl_ca_certs": settings.redis_ca_file or None}


def connect_redis(url: str, *, connections: int = FEW_CONNECTIONS, **tls: Any) -> redis_client.Redis:
    """A client that gives up early and tries nothing twice; `tls` is `tls_options`."""
    pool = TakingTurns.from_url(
        url,
        max_connections=connections,
        timeout=TURN_SECONDS,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        retry=None,
        decode_responses=True,
        **tls,
    )
    return redis_client.Redis.from_pool(pool)


def _is_open(connection: Any) -> bool:
    return connection is not None and connection._sock is not None


class OpenFirst:
    """The free places of a pool: those with an open connection are taken first, the last used of them before all.

    The library's own queue puts a connection that could not connect on top, so that everybody is handed that one, and
    fails, while good ones lie below it. This is as much of `queue.Queue` as the pool uses, written anew because what an
    event loop puts in the place of that module has other insides.
    """

    def __init__(self, places: int) -> None:
        self.queue: list[Any] = []
        self._places = places
        self._changed = threading.Condition()

    def put_nowait(self, connection: Any) -> None:
        """Give a place back; raises Full beyond their number."""
        with self._changed:
            if len(self.queue) >= self._places:
                raise Full
            if _is_open(connection):
                connection.free_since = time.monotonic()
                self.queue.append(connection)
            else:
                self.queue.insert(0, connection)
            self._changed.notify()

    def get(self, block: bool, timeout: float) -> Any:  # noqa: ARG002 - what the pool calls it with
        """Take a place, waiting for it as long as that; raises Empty."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.queue, timeout):
                raise Empty
            return self.queue.pop()

    def take_idle(self) -> Any:
        """Take the open connection that was not used for the longest time, if that is too long; else None."""
        with self._changed:
            longest = next(filter(_is_open, self.queue), None)
            if longest is None or time.monotonic() - longest.free_since <= IDLE_SECONDS:
                return None
            self.queue.remove(longest)
            return longest


class TakingTurns(redis_client.BlockingConnectionPool):
    """A pool whose users wait their turn where Redis takes no further connection, instead of failing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queue_class=OpenFirst, **options)  # type: ignore[no-untyped-call]

    def get_connection(self, *arguments: Any, **named: Any) -> Any:
        """A connection that is open; raises redis' ConnectionError where there is none in time."""
        deadline = time.monotonic() + TURN_SECONDS
        while True:
            try:
                return super().get_connection(*arguments, **named)  # type: ignore[no-untyped-call]
            except redis_client.ConnectionError:
                # Where others are open Redis is there, and has no more room: one of them will be free.
                if time.monotonic() > deadline or not any(map(_is_open, self._connections)):
                    raise
            time.sleep(RETRY_SECONDS)

    def release(self, connection: Any) -> None:
        """Give a connection back, and close one that has not been needed for long."""
        super().release(connection)  # type: ignore[no-untyped-call]
        idle = self.pool.take_idle()
        if idle is not None:
            idle.disconnect()
            self.pool.put_nowait(idle)
