"""What the workers tell the web processes through Redis, heard by a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis import Redis

from dental_sync.sync.message_queue import QUEUE_CHANNEL

from .system import System


def close_what_publishes(system: System) -> None:
    """What is written to an open connection waits there for a Redis that is paused, and arrives after all."""
    with Redis.from_url(system.redis.url) as redis:
        for client in redis.client_list():
            if client["cmd"] == "publish":
                redis.client_kill_filter(_id=client["id"])


@contextmanager
def what_goes_through_redis(system: System) -> Iterator[Callable[[], list[bytes]]]:
    """Listen beside the web processes to what the workers emit; gives a function that says what was heard so far."""
    heard: list[bytes] = []
    with Redis.from_url(system.redis.url) as redis, redis.pubsub(ignore_subscribe_messages=True) as pubsub:
        pubsub.subscribe(QUEUE_CHANNEL)

        def so_far() -> list[bytes]:
            while (message := pubsub.get_message(timeout=0.01)) is not None:
                heard.append(message["data"])
            return heard

        # The subscription stands once its confirmation has been read.
        so_far()
        yield so_far


def told_through(heard: list[bytes], body: dict[str, str]) -> bool:
    """Whether the rooms were told of a booking; its caller may have been."""
    return any(b"appointment:created" in message and body["startsAt"].encode() in message for message in heard)
