"""The libraries' objects: made here, bound to the app in create_app, imported by whoever needs them."""

from __future__ import annotations

import math
import time
from typing import Any

import redis as redis_client
from celery import Celery
from flask_jwt_extended import JWTManager
from flask_socketio import SocketIO
from flask_sqlalchemy import SQLAlchemy
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import Engine, event
from sqlalchemy.exc import DatabaseError, DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from dental_sync.core import services
from dental_sync.core.errors import RateLimited

# Rows that were read stay readable after the commit that gave the connection back.
db = SQLAlchemy(session_options={"expire_on_commit": False})
jwt = JWTManager()
socketio = SocketIO()
celery = Celery("dental_sync", amqp="dental_sync.core.broker:PromptAMQP")

# Redis is for speed and for watching, so no call to it may hold up a caller for long.
REDIS_TIMEOUT_SECONDS = 0.5
# Connections of one process to it; who finds none free waits, as when two hundred clients leave at once.
REDIS_CONNECTIONS = 20


# A connection to the database that was not used for so long is asked whether it is alive.
IDLE_SECONDS = 1.0

# SQLSTATE of what may go well a little later: deadlock, serialization, lock time-out, cancelled by a time-out.
_PASSING = frozenset({"40P01", "40001", "55P03", "57014"})


class RateLimits:
    """Counts calls in this process's memory: no Redis to wait for, and N processes let N times as many through."""

    def __init__(self) -> None:
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    def check(self, per_minute: int, *key: str) -> None:
        """Count one call under a key; raises RateLimited with `Retry-After` once there were too many."""
        limit = RateLimitItemPerMinute(per_minute)
        if not self._windows.hit(limit, *key):
            reset_at = self._windows.get_window_stats(limit, *key).reset_time
            raise RateLimited(headers={"Retry-After": str(max(1, math.ceil(reset_at - time.time())))})


def redis() -> redis_client.Redis:
    """The Redis client of the current app; every call raises RedisError within a second when Redis is away."""
    return services.current(redis_client.Redis)


def connect_redis(url: str) -> redis_client.Redis:
    """A client that gives up early and tries nothing twice."""
    pool = redis_client.BlockingConnectionPool.from_url(
        url,
        max_connections=REDIS_CONNECTIONS,
        timeout=REDIS_TIMEOUT_SECONDS,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        retry=None,
        decode_responses=True,
    )
    return redis_client.Redis.from_pool(pool)


def sqlstate(failure: DBAPIError) -> str | None:
    """The SQLSTATE that PostgreSQL gave, or None when it gave none."""
    state: str | None = getattr(failure.orig, "pgcode", None)
    return state


def is_disconnection(failure: DBAPIError) -> bool:
    """Whether the connection or the server went away, and the same may go well on the next one."""
    state = sqlstate(failure)
    if state is None:
        # A bare DatabaseError is what psycopg2 says where the answer stops in the middle.
        is_bare = type(failure) is DatabaseError
        return failure.connection_invalidated or is_bare or isinstance(failure, OperationalError | InterfaceError)
    # Class 08 and 57P: connection and server; 25P03: the session was idle in a transaction for too long.
    return failure.connection_invalidated or state.startswith(("08", "57P", "25P03"))


def ping_what_was_idle(engine: Engine) -> None:
    """Let a connection that lay in the pool for a while prove that it is alive, before anybody relies on it.

    SQLAlchemy's own `pool_pre_ping` asks every time, which is two round trips more for each of the many short
    transactions; what was in use a moment ago is as likely to break after a ping as without one.
    """

    def remember(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["returned_at"] = time.monotonic()

    def ping(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("returned_at", -IDLE_SECONDS) < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as failure:
            # The pool makes another connection then.
            raise DisconnectionError from failure

    event.listen(engine, "checkin", remember)
    event.listen(engine, "checkout", ping)


def is_passing(failure: DBAPIError) -> bool:
    """Whether somebody else's transaction was in the way, and the same may go well a little later."""
    return sqlstate(failure) in _PASSING


def rate_limits() -> RateLimits:
    """The rate limits of the current app."""
    return services.current(RateLimits)
