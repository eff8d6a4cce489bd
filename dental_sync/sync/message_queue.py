"""The Socket.IO message queue in Redis: workers write to it, web processes read it, and either may find it gone."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from redis import Redis, RedisError
from socketio import RedisManager

from dental_sync.core.redis import REDIS_TIMEOUT_SECONDS
from dental_sync.core.wire_types import Outcome
from dental_sync.sync.delivery import Arrived, Delivery, Ping
from dental_sync.sync.events import Message

logger = logging.getLogger(__name__)

# The Redis channel between worker and web processes, and what travels there beside the events of the log.
QUEUE_CHANNEL = "dental_sync"
HEARTBEAT = "heartbeat"
# Every subscribed socket is in this room: the heartbeat reaches it once, however many channels it follows.
HEARTBEAT_ROOM = "heartbeat"
WRITES_DECIDED = "writes:decided"
# Several of these, as they arrive.
TOGETHER = "together"

LONGEST_BACK_OFF_SECONDS = 1.0


class WritingEnd(RedisManager):  # type: ignore[misc]  # python-socketio has no types
    """The workers' end: emits to the rooms of every web process, and gives up early where Redis is away."""

    def __init__(self, url: str, **tls: Any) -> None:
        options = {
            **tls,
            "socket_timeout": REDIS_TIMEOUT_SECONDS,
            "socket_connect_timeout": REDIS_TIMEOUT_SECONDS,
            "retry": None,
        }
        super().__init__(url, channel=QUEUE_CHANNEL, write_only=True, redis_options=options)
        self.connected: bool
        self._kept: list[dict[str, Any]] | None = None
        # A worker may do two tasks at a time.
        self._turn = threading.RLock()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Send what is emitted within it at its end, in its order and in one message to Redis."""
        with self._turn:
            kept = self._kept = []
            try:
                yield
            finally:
                self._kept = None
            if kept:
                self._send(kept)

    def _handle_emit(self, message: dict[str, Any]) -> None:
        """A worker has no sockets."""

    def _publish(self, message: dict[str, Any]) -> None:
        with self._turn:
            if self._kept is None:
                self._send([message])
            else:
                self._kept.append(message)

    def _send(self, messages: Sequence[dict[str, Any]]) -> None:
        # A connection that broke at rest is noticed by the first try. What is sent twice for it is told once: messages
        # have positions, and an outcome stays what it is.
        for is_last_try in (False, True):
            try:
                if not self.connected:
                    self._redis_connect()
                self.redis.publish(self.channel, orjson.dumps(messages[0] if len(messages) == 1 else messages))
                return
            except (RedisError, OSError) as failure:
                self.connected = False
                if is_last_try:
                    logger.warning(
                        "Redis is not reachable, %d messages are left to the log: %s", len(messages), failure
                    )


def _read(data: bytes) -> dict[str, Any]:
    """What was sent, as the library takes it; nothing where it is not ours. The release before ignores what was sent
    together, and finds it in the log."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    if isinstance(found, list):
        return {"method": "emit", "event": TOGETHER, "data": found}
    return found if isinstance(found, dict) else {}


class QueueManager(RedisManager):  # type: ignore[misc]  # python-socketio has no types
    """The web processes' end: nothing goes to a socket from here but through delivery."""

    def __init__(self, url: str, on_decided: Callable[[dict[str, Outcome]], None], **tls: Any) -> None:
        super().__init__(url, channel=QUEUE_CHANNEL, redis_options=tls)
        self._on_decided = on_decided
        self.delivery: Delivery | None = None

    def _handle_emit(self, message: dict[str, Any]) -> None:
        arrived: list[Arrived] = []
        for one in message["data"] if message["event"] == TOGETHER else [message]:
            event, data = one["event"], one["data"][0]
            if event == WRITES_DECIDED:
                self._on_decided(data)
            else:
                arrived.append(Ping(data["timestamp"]) if event == HEARTBEAT else Message.from_wire(event, data))
        if arrived and self.delivery is not None:
            self.delivery.receive(*arrived)

    def _listen(self) -> Any:
        """Yield what arrives, for ever; back-off is capped at 1 s so that a restarted Redis is used again at once."""
        pause = 0.1
        while True:
            try:
                redis = Redis.from_url(
                    self.redis_url, socket_connect_timeout=1.0, socket_timeout=5.0, retry=None, **self.redis_options
                )
                with (
                    redis,
                    redis.pubsub(  # type: ignore[no-untyped-call]
                        ignore_subscribe_messages=True
                    ) as pubsub,
                ):
                    pubsub.subscribe(self.channel)
                    # What was sent while this process was not subscribed is in the log.
                    if self.delivery is not None:
                        self.delivery.receive(None)
                    while True:
                        message = pubsub.get_message(timeout=1.0)
                        pause = 0.1
                        if message is not None:
                            yield _read(message["data"])
            except (RedisError, OSError) as failure:
                logger.warning("Redis is not reachable, trying again in %s s: %s", pause, failure)
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_BACK_OFF_SECONDS)
