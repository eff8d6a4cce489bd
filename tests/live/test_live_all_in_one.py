"""One worker for everything, as the smallest machine has it: a lane that is held up holds nothing else up."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2
import pytest
from redis import Redis

from dental_sync.core.redis import connect_redis
from dental_sync.core.seen import BEAT_SEEN_KEY, LANE_SEEN_KEY
from dental_sync.local.embedded.server import free_port, plain_environment
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.local.run import PROJECT_FOLDER, child_environment
from dental_sync.local.supervisor import read_procfile
from dental_sync.sync.message_queue import HEARTBEAT, QUEUE_CHANNEL

from .conftest import begin_log
from .system import STOP_SECONDS, Process, redis_of_its_own, wait_until

# It measures seconds.
pytestmark = pytest.mark.alone

HEARTBEATS = 3
# Longer than their intervals, and shorter than what a lane waits for a lock.
WITHIN_SECONDS = 4.0


@dataclass
class AllInOne:
    """The worker with everything in it, its database and its Redis."""

    process: Process
    owner_url: str
    redis: Redis

    def words(self) -> str:
        """What it has said."""
        return self.process.log.read_text(errors="replace")


@pytest.fixture
def all_in_one(servers: TemporaryServers, template: str, tmp_path: Path) -> Iterator[AllInOne]:
    """It runs, and lane and beat have been seen; no web process is there."""
    name = "live_all_in_one"
    with ExitStack() as last_to_stop:
        urls = servers.postgres.create_database(name, template)
        last_to_stop.callback(servers.postgres.drop_database, name)
        begin_log(urls.owner)
        redis = redis_of_its_own(servers.redis, name, tmp_path)
        redis.start()
        last_to_stop.callback(redis.stop)
        environment = {
            **child_environment(plain_environment(), servers.passwords, free_port()),
            "DATABASE_URL": urls.owner,
            "WEB_DATABASE_URL": urls.web,
            "WORKER_DATABASE_URL": urls.worker,
            "REDIS_URL": redis.url,
            "HEARTBEAT_SECONDS": "1",
        }
        command = read_procfile(PROJECT_FOLDER / "Procfile")["worker"]
        assert "-Q writes -c 1" in command
        command = command.replace("-Q writes -c 1", "-Q writes,housekeeping -c 2 -B")
        process = Process(name, command, environment, tmp_path / "said.log")
        found = AllInOne(process, urls.owner, connect_redis(redis.url))
        # What the test before has left.
        found.redis.flushdb()
        found.process.start()
        last_to_stop.callback(found.process.has_stopped_within, STOP_SECONDS)
        last_to_stop.callback(found.process.ask_to_stop)
        wait_until(lambda: found.redis.exists(LANE_SEEN_KEY, BEAT_SEEN_KEY) == 2, 60, found.words)
        yield found


def seconds_between_heartbeats(all_in_one: AllInOne) -> Iterator[float]:
    """How long the last few heartbeats took, again with each that comes."""
    listening = all_in_one.redis.pubsub(ignore_subscribe_messages=True)
    listening.subscribe(QUEUE_CHANNEL)
    came: deque[float] = deque(maxlen=HEARTBEATS + 1)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        message = listening.get_message(timeout=0.3)
        if message is not None and json.loads(message["data"])["event"] == HEARTBEAT:
            came.append(time.monotonic())
            if len(came) == HEARTBEATS + 1:
                yield came[-1] - came[0]
    pytest.fail(f"the heartbeat waits for the lane:\n{all_in_one.words()}")


def test_a_lane_that_waits_for_a_lock_keeps_no_heartbeat_waiting(all_in_one: AllInOne) -> None:
    """It would wait five seconds at a time, and each heartbeat is dropped that was not begun within one."""
    holding, looking = psycopg2.connect(all_in_one.owner_url), psycopg2.connect(all_in_one.owner_url)
    looking.autocommit = True
    with holding.cursor() as first, looking.cursor() as second:
        first.execute("LOCK TABLE write_requests IN EXCLUSIVE MODE")
        second.execute("UPDATE practice SET name = name || ' and sons'")

        def waits() -> bool:
            second.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'write_requests'::regclass")
            return second.fetchone() == (1,)

        wait_until(waits, 30, all_in_one.words)
        assert any(seconds < WITHIN_SECONDS for seconds in seconds_between_heartbeats(all_in_one))
        holding.rollback()

        def is_published() -> bool:
            second.execute("SELECT count(*) FROM changes")
            return second.fetchone() == (0,)

        wait_until(is_published, 30, all_in_one.words)
    holding.close()
    looking.close()
    assert "Traceback" not in all_in_one.words()


def test_beat_does_not_outlive_the_worker_that_it_is_a_part_of(all_in_one: AllInOne) -> None:
    """However that ends: the one that is started in its place brings its own."""
    worker = psutil.Process(all_in_one.process.pid)
    [beat] = worker.children()
    # Alone, without its group: as the kernel does it where memory is short.
    worker.kill()
    wait_until(lambda: not beat.is_running() or beat.status() == psutil.STATUS_ZOMBIE, 20, all_in_one.words)
