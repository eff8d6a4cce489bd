"""How many connections all processes of a practice may have to PostgreSQL and to Redis, all together.

Plans are sold by this number, and who exceeds it is refused at the busiest moment. The numbers of each process are
bounds: those of the pools are set, the others were counted on processes under load.
"""

from __future__ import annotations

from dataclasses import dataclass

from dental_sync.core.config import Settings
from dental_sync.core.engines import CONNECTIONS_APART, WORKER_CONNECTIONS

# To Redis: a web process listens to the message queue by one, and rings for the lane by two.
WEB_REDIS_APART = 3
# Worker and housekeeper: the task queue (four), the message queue, and one of the pool, for one task runs at a time.
WORKER_REDIS = 6
BEAT_REDIS = 2
# To PostgreSQL: the release step or a command, while everything runs.
COMMAND_DATABASE = 1
# Worker and housekeeper.
WORKERS = 2


@dataclass(frozen=True, slots=True)
class ConnectionSum:
    """The most that there can be, with so many web processes."""

    web_processes: int
    database: int
    redis: int


def connection_sum(settings: Settings, web_processes: int) -> ConnectionSum:
    """With one worker, one housekeeper and one beat; each further process adds its own."""
    web_database = settings.database_pool_size + CONNECTIONS_APART
    web_redis = settings.redis_pool_size + WEB_REDIS_APART
    return ConnectionSum(
        web_processes,
        database=web_processes * web_database + WORKERS * WORKER_CONNECTIONS + COMMAND_DATABASE,
        redis=web_processes * web_redis + WORKERS * WORKER_REDIS + BEAT_REDIS,
    )
