"""The registry of live subscriptions, over all web processes, in Redis: for watching, never for permission.

Members expire unless their process renews them, so a process that was killed leaves no ghosts. While Redis is away
each process knows its own.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis, RedisError
from redis.client import Pipeline

from dental_sync.sockets.protocol import SubscriptionAnswer
from dental_sync.sync.channels import statistic_of

logger = logging.getLogger(__name__)

SUBSCRIPTIONS = "dental_sync:subscriptions"
CONNECTIONS = "dental_sync:connections"
LAST_HEARTBEAT = "dental_sync:last-heartbeat"
PROCESS = "dental_sync:process:"
# A process reports every second; one that has been silent for this long is not among the living.
PROCESS_SECONDS = 5

# Adds its commands to those that are sent together.
Change = Callable[[Pipeline], object]


@dataclass(frozen=True, slots=True)
class Subscription:
    """One socket listening to one channel."""

    id: str
    channel: str
    created_at: str
    user_id: str
    role: str
    connection_id: str

    def answer(self) -> SubscriptionAnswer:
        """The contract's subscription."""
        return SubscriptionAnswer(id=self.id, channel_name=self.channel, active=True, created_at=self.created_at)

    def member(self) -> str:
        """How the registry stores it."""
        return json.dumps([self.id, self.channel, self.created_at, self.user_id, self.role, self.connection_id])


class Registry:
    """This process's entries, and the view over everybody's."""

    def __init__(self, redis: Redis, *, ttl_seconds: float, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._ttl_seconds = ttl_seconds
        self.renewal_seconds = ttl_seconds / 3
        self._clock = clock
        self.process_id = f"{socket.gethostname()}-{os.getpid()}"
        self._own: dict[str, Subscription] = {}
        self._connections: set[str] = set()
        # What is to be written, in order, and who writes: see `_write`.
        self._changes: deque[Change] = deque()
        self._writing = threading.Lock()

    def connected(self, connection_id: str) -> None:
        """A socket was opened here; Redis hears of it with what is written next, at the latest with the next report."""
        self._connections.add(connection_id)
        expiry = self._expiry()
        self._changes.append(lambda pipeline: pipeline.zadd(CONNECTIONS, {connection_id: expiry}))

    def disconnected(self, connection_id: str) -> None:
        """A socket was closed here; its subscriptions go with it."""
        self._connections.discard(connection_id)
        gone = [entry for entry in self._own.values() if entry.connection_id == connection_id]
        for entry in gone:
            self._own.pop(entry.id, None)
        members = [entry.member() for entry in gone]
        self._write(
            lambda pipeline: pipeline.zrem(CONNECTIONS, connection_id),
            *([lambda pipeline: pipeline.zrem(SUBSCRIPTIONS, *members)] if members else []),
        )

    def add(self, subscription: Subscription) -> None:
        """A socket listens."""
        self._own[subscription.id] = subscription
        member, expiry = subscription.member(), self._expiry()
        self._write(lambda pipeline: pipeline.zadd(SUBSCRIPTIONS, {member: expiry}))

    def remove(self, subscriptions: Iterable[Subscription]) -> None:
        """A socket no longer listens."""
        members = []
        for subscription in subscriptions:
            self._own.pop(subscription.id, None)
            members.append(subscription.member())
        if members:
            self._write(lambda pipeline: pipeline.zrem(SUBSCRIPTIONS, *members))

    def renew(self) -> None:
        """Say that this process is alive; due every third of the time to live. Also sweeps out the dead."""

        def renewal(pipeline: Pipeline) -> None:
            expiry = self._expiry()
            if self._own:
                pipeline.zadd(SUBSCRIPTIONS, {entry.member(): expiry for entry in self._own.values()})
            if self._connections:
                pipeline.zadd(CONNECTIONS, dict.fromkeys(self._connections, expiry))
            for key in (SUBSCRIPTIONS, CONNECTIONS):
                pipeline.zremrangebyscore(key, "-inf", self._clock())

        self._write(renewal)

    def report(self, *, position: int, epoch: str, timestamp: str, delivered: int, refusals: Mapping[str, int]) -> None:
        """Say how far this process has delivered, and how many messages it has passed on and what it has refused, by
        code, since it started."""
        facts = {
            "id": self.process_id,
            "position": position,
            "epoch": epoch,
            "connections": len(self._connections),
            "subscriptions": len(self._own),
            "timestamp": timestamp,
            "delivered": delivered,
            "refusals": dict(refusals),
        }
        self._write(lambda pipeline: pipeline.set(PROCESS + self.process_id, json.dumps(facts), ex=PROCESS_SECONDS))

    def processes(self) -> list[dict[str, Any]]:
        """What each live web process last said of itself."""
        try:
            keys = list(self._redis.scan_iter(match=PROCESS + "*", count=1000))
            found = [json.loads(str(facts)) for facts in (self._redis.mget(keys) if keys else []) if facts is not None]
        except RedisError:
            return []
        return sorted(found, key=lambda facts: str(facts["id"]))

    def heartbeat_passed(self, timestamp: str) -> None:
        """Sockets of this process were pinged."""
        self._write(lambda pipeline: pipeline.set(LAST_HEARTBEAT, timestamp))

    def subscriptions(self, user_id: uuid.UUID | None = None) -> list[Subscription]:
        """Live subscriptions over all processes, oldest first; those of one account, or everybody's."""
        try:
            members = self._redis.zrangebyscore(SUBSCRIPTIONS, f"({self._clock()}", "+inf")
            found = [Subscription(*json.loads(str(member))) for member in members]
        except RedisError:
            found = list(self._own.values())
        if user_id is not None:
            found = [entry for entry in found if entry.user_id == str(user_id)]
        return sorted(found, key=lambda entry: (entry.created_at, entry.id))

    def count(self) -> int:
        """How many subscriptions live over all processes."""
        try:
            return int(self._redis.zcount(SUBSCRIPTIONS, f"({self._clock()}", "+inf"))
        except RedisError:
            return len(self._own)

    def connection_count(self) -> int:
        """How many sockets are open over all processes; of other processes those of a second ago."""
        self._write()
        try:
            return int(self._redis.zcount(CONNECTIONS, f"({self._clock()}", "+inf"))
        except RedisError:
            return len(self._connections)

    def last_heartbeat(self) -> str | None:
        """When a process last pinged its sockets."""
        try:
            found = self._redis.get(LAST_HEARTBEAT)
        except RedisError:
            return None
        return None if found is None else str(found)

    def _expiry(self) -> float:
        return self._clock() + self._ttl_seconds

    def _write(self, *changes: Change) -> None:
        """Return when the changes are in Redis, or Redis is away: the next renewal repairs that.

        One caller writes at a time, everything that has come meanwhile together: five hundred sockets that come back
        at once need one connection to Redis and a few round trips.
        """
        self._changes.extend(changes)
        with self._writing:
            pipeline = self._redis.pipeline(transaction=False)
            while self._changes:
                self._changes.popleft()(pipeline)
            if not len(pipeline):
                # Who wrote before has written these too.
                return
            try:
                pipeline.execute()
            except RedisError as failure:
                logger.warning("the registry is not reachable: %s", failure)


def statistics(subscriptions: Iterable[Subscription]) -> dict[str, int]:
    """The contract's `stats`: how many listen to appointments, to one dentist's availability, to everybody's."""
    counts = Counter(statistic_of(entry.channel) for entry in subscriptions)
    return {
        "appointments": counts["appointments"],
        "availability": counts["availability"],
        "global": counts["global"],
        "total": counts.total(),
    }


def statistics_by_role(subscriptions: Iterable[Subscription]) -> dict[str, dict[str, int]]:
    """The same for each role, and on how many sockets."""
    of_role: defaultdict[str, list[Subscription]] = defaultdict(list)
    for entry in subscriptions:
        of_role[entry.role].append(entry)
    return {
        role: {"connections": len({entry.connection_id for entry in entries}), **statistics(entries)}
        for role, entries in sorted(of_role.items())
    }
