"""The pool of Redis connections on a small plan: it waits its turn, heals by itself, keeps no more than it needs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from dental_sync.core import redis as core_redis
from dental_sync.core.redis import connect_redis
from dental_sync.local.embedded.redis import Redis
from dental_sync.local.embedded.server import free_port
from dental_sync.local.embedded.temporary import TemporaryServers
from tests.live.system import redis_of_its_own, wait_until


@pytest.fixture(scope="module")
def server(servers: TemporaryServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis whose limits a test may set."""
    running = redis_of_its_own(servers.redis, "small_plan", Path(tmp_path_factory.mktemp("small_plan")))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def operator(server: Redis) -> Iterator[redis.Redis]:
    """One connection of an operator, which is there before Redis is full."""
    with redis.Redis.from_url(server.url, single_connection_client=True) as client:
        yield client
        client.config_set("maxclients", 10_000)


def clients(operator: redis.Redis) -> int:
    """How many Redis serves, the operator among them."""
    return int(operator.info("clients")["connected_clients"])


def test_more_callers_than_connections_take_turns(server: Redis, operator: redis.Redis) -> None:
    """Fifty at once over five connections: nobody fails, and there are never more than five."""
    before = clients(operator)
    client = connect_redis(server.url, connections=5)
    with ThreadPoolExecutor(50) as callers:
        done = list(callers.map(lambda number: client.set(f"k{number}", number), range(1_000)))
        assert all(done)
    assert clients(operator) <= before + 5
    client.close()


def test_where_redis_takes_no_more_connections_callers_take_turns(server: Redis, operator: redis.Redis) -> None:
    """A plan with room for two of the pool's ten: the others wait for those two instead of failing."""
    client = connect_redis(server.url, connections=10)
    client.ping()
    operator.config_set("maxclients", clients(operator) + 1)
    with ThreadPoolExecutor(20) as callers:
        done = list(callers.map(lambda number: client.set(f"k{number}", number), range(400)))
    assert all(done)
    client.close()


def test_a_connection_that_could_not_connect_is_not_handed_out_before_a_good_one(
    server: Redis, operator: redis.Redis
) -> None:
    """It lay on top of the pool: everybody failed as long as Redis was full, although good ones lay below it."""
    client = connect_redis(server.url, connections=5)
    pool = client.connection_pool
    good = pool.get_connection()
    operator.config_set("maxclients", clients(operator))
    refused = ThreadPoolExecutor(1).submit(pool.get_connection)
    with pytest.raises(redis.ConnectionError):
        refused.result()
    pool.release(good)
    began = time.monotonic()
    assert all(client.ping() for _ in range(50))
    assert time.monotonic() - began < core_redis.TURN_SECONDS
    client.close()


def test_after_a_redis_that_was_full_everything_is_well_by_itself(server: Redis, operator: redis.Redis) -> None:
    """Others held every connection; as soon as they are gone the first call succeeds."""
    client = connect_redis(server.url, connections=5)
    others = [redis.Redis.from_url(server.url, single_connection_client=True) for _ in range(20)]
    operator.config_set("maxclients", clients(operator))
    with pytest.raises(redis.RedisError):
        client.ping()
    for other in others:
        other.close()
    wait_until(lambda: clients(operator) < 10, 5, lambda: "they do not leave")
    assert client.ping()
    client.close()


def test_after_a_restart_the_first_call_succeeds(server: Redis) -> None:
    """Connections that died with it are noticed before a caller is handed one."""
    client = connect_redis(server.url, connections=5)
    with ThreadPoolExecutor(5) as callers:
        list(callers.map(lambda _: client.ping(), range(50)))
    server.kill()
    with pytest.raises(redis.RedisError):
        client.ping()
    server.start()
    assert client.ping()
    client.close()


def test_what_is_not_needed_is_closed(server: Redis, operator: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a rush its connections make room for another process's, and one is enough again."""
    monkeypatch.setattr(core_redis, "IDLE_SECONDS", 0.1)
    before = clients(operator)
    client = connect_redis(server.url, connections=5)
    pool = client.connection_pool
    taken = [pool.get_connection() for _ in range(5)]
    for connection in taken:
        pool.release(connection)
    assert clients(operator) == before + 5

    def is_one() -> bool:
        client.ping()
        return clients(operator) == before + 1

    wait_until(is_one, 5, lambda: f"{clients(operator) - before} are left")
    client.close()


def test_a_redis_that_is_away_is_an_error_at_once() -> None:
    """Nothing waits for a turn where nothing is open."""
    client = connect_redis(f"redis://127.0.0.1:{free_port()}")
    began = time.monotonic()
    with pytest.raises(redis.RedisError):
        client.ping()
    assert time.monotonic() - began < core_redis.TURN_SECONDS
    client.close()
