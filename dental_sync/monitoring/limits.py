"""The sum of all processes' connections against what the servers take: said by `check`, and by each web process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from redis import Redis, RedisError, ResponseError
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from dental_sync.core.config import Settings, role_of
from dental_sync.core.connection_sum import WORKERS, connection_sum
from dental_sync.core.engines import CONNECTIONS_APART, WORKER_CONNECTIONS
from dental_sync.monitoring.health import HealthDatabase

# -1 is without a limit. Some places are kept for superusers, since PostgreSQL 16 for other roles too.
_SERVER = text("""
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true), '0')::int
""")
_DATABASE = text("SELECT datconnlimit FROM pg_database WHERE datname = current_database()")
_ROLE = text("SELECT rolconnlimit FROM pg_roles WHERE rolname = :role")


def too_many_for_postgresql(connection: Connection, settings: Settings, web_processes: int) -> Iterator[str]:
    """A sentence for each limit that the sum exceeds; raises SQLAlchemyError."""
    needed = connection_sum(settings, web_processes).database
    counted = f"with {web_processes} web {'process' if web_processes == 1 else 'processes'}"
    taken = int(connection.execute(_SERVER).scalar_one())
    if needed > taken:
        yield f"{counted} there can be {needed} connections to PostgreSQL, which takes {taken}"
    limit = int(connection.execute(_DATABASE).scalar_one())
    if 0 <= limit < needed:
        yield f"{counted} there can be {needed} connections to the database, which takes {limit}"
    if settings.has_one_database_role:
        shares = {role_of(settings.database_url): needed}
    else:
        web = web_processes * (settings.database_pool_size + CONNECTIONS_APART)
        shares = {
            role_of(settings.web_database_url): web,
            role_of(settings.worker_database_url): WORKERS * WORKER_CONNECTIONS,
        }
    for role, share in shares.items():
        of_role = connection.execute(_ROLE, {"role": role}).scalar_one_or_none()
        if of_role is not None and 0 <= of_role < share:
            yield f"{counted} there can be {share} connections of {role}, which may have {of_role}"


def too_many_for_redis(redis: Redis, settings: Settings, web_processes: int) -> Iterator[str]:
    """The same for Redis, where it says how many it takes; raises RedisError."""
    needed = connection_sum(settings, web_processes).redis
    taken = most_clients(redis)
    if taken is not None and needed > taken:
        counted = f"with {web_processes} web {'process' if web_processes == 1 else 'processes'}"
        yield f"{counted} there can be {needed} connections to Redis, which takes {taken}"


def most_clients(redis: Redis) -> int | None:
    """How many connections Redis takes; None where it does not say. Raises RedisError when it is away."""
    told = redis.info("clients").get("maxclients")
    if told is None:
        try:
            told = redis.config_get("maxclients").get("maxclients")
        except ResponseError:
            # Hosting plans forbid the command.
            return None
    return None if told is None else int(told)


def too_many(database: HealthDatabase, redis: Redis, settings: Settings, web_processes: int) -> list[str]:
    """All of them, for a web process that has started; empty for a server that does not answer."""
    sentences: list[str] = []
    with suppress(SQLAlchemyError), database.engine.connect() as connection:
        sentences += too_many_for_postgresql(connection, settings, web_processes)
    with suppress(RedisError):
        sentences += too_many_for_redis(redis, settings, web_processes)
    return sentences
