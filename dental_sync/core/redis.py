"""The client of Redis, which gives up early: Redis is for speed and for watching, and may be away."""

from __future__ import annotations

import redis as redis_client

from dental_sync.core import services

# No call may hold up its caller for longer.
REDIS_TIMEOUT_SECONDS = 0.5
# Connections of one process to it; who finds none free waits, as when two hundred clients leave at once.
REDIS_CONNECTIONS = 20


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
