"""The registry of subscriptions, in real Redis with a clock of paper: no ghosts, and no help where Redis is away."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from redis import Redis

from dental_sync.core.redis import connect_redis
from dental_sync.local.embedded.server import free_port
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.sockets import subscriptions as registry_module
from dental_sync.sockets.subscriptions import Registry, Subscription, statistics

MIA, NOAH = uuid.uuid4(), uuid.uuid4()
TTL_SECONDS = 30.0


@dataclass
class Clock:
    """Shows what it is set to."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@dataclass
class Processes:
    """Web processes that share a Redis and a clock."""

    redis: Redis
    clock: Clock = field(default_factory=Clock)

    def start(self) -> Registry:
        """One more."""
        return Registry(self.redis, ttl_seconds=TTL_SECONDS, clock=self.clock)


@pytest.fixture
def processes(servers: TemporaryServers) -> Iterator[Processes]:
    """On an empty Redis."""
    redis = connect_redis(servers.redis.url)
    redis.flushdb()
    yield Processes(redis)
    redis.flushdb()
    redis.close()


def a_subscription(channel: str = "availability:all", *, user: uuid.UUID = MIA, connection: str = "c1") -> Subscription:
    """One of its own."""
    return Subscription(
        f"{channel}-{uuid.uuid4().int % 10**13}", channel, "2025-11-11T12:00:00.000Z", str(user), "patient", connection
    )


def test_what_one_process_adds_all_see(processes: Processes) -> None:
    """Subscriptions and connections are counted over all processes."""
    one, two = processes.start(), processes.start()
    one.connected("c1")
    two.connected("c2")
    first, second = a_subscription(), a_subscription(connection="c2")
    one.add(first)
    two.add(second)
    for registry in (one, two):
        assert {entry.id for entry in registry.subscriptions()} == {first.id, second.id}
        assert (registry.count(), registry.connection_count()) == (2, 2)


def test_an_account_sees_its_own(processes: Processes) -> None:
    """Whichever process holds them."""
    one, two = processes.start(), processes.start()
    mine, noahs = a_subscription(user=MIA), a_subscription(user=NOAH)
    one.add(mine)
    one.add(noahs)
    assert two.subscriptions(MIA) == [mine]
    assert two.subscriptions(NOAH) == [noahs]
    assert two.subscriptions(uuid.uuid4()) == []


def test_they_are_listed_oldest_first(processes: Processes) -> None:
    """By when they were made."""
    registry = processes.start()
    made = [
        Subscription(str(n), "availability:all", f"2025-11-11T12:00:0{n}.000Z", str(MIA), "patient", "c")
        for n in (3, 1, 2)
    ]
    for entry in made:
        registry.add(entry)
    assert [entry.id for entry in registry.subscriptions()] == ["1", "2", "3"]


def test_what_was_left_is_gone_at_once(processes: Processes) -> None:
    """One subscription, or a socket with all of its own; others' stay."""
    registry = processes.start()
    for connection in ("c1", "c2"):
        registry.connected(connection)
    one, two, others = a_subscription(), a_subscription("appointments:all"), a_subscription(connection="c2")
    for entry in (one, two, others):
        registry.add(entry)
    registry.remove([one])
    assert {entry.id for entry in registry.subscriptions()} == {two.id, others.id}
    registry.disconnected("c1")
    assert [entry.id for entry in registry.subscriptions()] == [others.id]
    assert registry.connection_count() == 1


def test_a_dead_process_leaves_no_ghosts(processes: Processes) -> None:
    """What nobody renews is gone after its time to live, to the second; what is renewed stays."""
    dead, alive = processes.start(), processes.start()
    dead.connected("c1")
    dead.add(a_subscription())
    alive.connected("c2")
    kept = a_subscription(connection="c2")
    alive.add(kept)
    processes.clock.now += TTL_SECONDS - 1
    assert alive.count() == 2
    alive.renew()
    processes.clock.now += 1
    assert alive.subscriptions() == [kept]
    assert (alive.count(), alive.connection_count()) == (1, 1)
    alive.renew()
    assert processes.redis.zcard(registry_module.SUBSCRIPTIONS) == 1
    assert processes.redis.zcard(registry_module.CONNECTIONS) == 1


def test_a_process_that_renews_in_time_is_never_missed(processes: Processes) -> None:
    """Every third of the time to live, for a long time; one renewal may be lost."""
    registry, watcher = processes.start(), processes.start()
    registry.add(a_subscription())
    assert registry.renewal_seconds * 3 == pytest.approx(TTL_SECONDS)
    for turn in range(12):
        processes.clock.now += registry.renewal_seconds
        assert watcher.count() == 1
        if turn % 2:
            registry.renew()


def test_what_redis_forgot_is_told_again(processes: Processes) -> None:
    """Redis was emptied: after the next renewal everything is there."""
    registry = processes.start()
    registry.connected("c1")
    entry = a_subscription()
    registry.add(entry)
    processes.redis.flushdb()
    assert registry.count() == 0
    registry.renew()
    assert registry.subscriptions() == [entry]
    assert registry.connection_count() == 1


def test_a_paused_process_that_comes_back_is_counted_again(processes: Processes) -> None:
    """Others swept it out; it was not dead."""
    paused, other = processes.start(), processes.start()
    paused.add(a_subscription())
    processes.clock.now += TTL_SECONDS + 1
    other.renew()
    assert other.count() == 0
    paused.renew()
    assert other.count() == 1


def test_the_last_heartbeat_is_known_everywhere(processes: Processes) -> None:
    """By when it was; none at first."""
    one, two = processes.start(), processes.start()
    assert two.last_heartbeat() is None
    one.heartbeat_passed("2025-11-11T12:00:00.000Z")
    assert two.last_heartbeat() == "2025-11-11T12:00:00.000Z"


def test_each_process_says_how_far_it_has_delivered(processes: Processes) -> None:
    """The latest word of each, by name; it is not kept for ever."""
    one, two = processes.start(), processes.start()
    one.process_id, two.process_id = "a-1", "b-2"
    one.add(a_subscription())
    two.report(position=3, epoch="e", timestamp="t1", delivered=0, refusals={})
    one.report(position=5, epoch="e", timestamp="t1", delivered=2, refusals={})
    one.report(position=7, epoch="e", timestamp="t2", delivered=4, refusals={"slot-taken": 3})
    found = two.processes()
    assert [(process["id"], process["position"], process["timestamp"]) for process in found] == [
        ("a-1", 7, "t2"),
        ("b-2", 3, "t1"),
    ]
    assert [process["subscriptions"] for process in found] == [1, 0]
    assert [(process["delivered"], process["refusals"]) for process in found] == [(4, {"slot-taken": 3}), (0, {})]
    assert all(processes.redis.ttl(registry_module.PROCESS + name) > 0 for name in ("a-1", "b-2"))


def test_while_redis_is_away_a_process_knows_its_own(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing raises; what is told is what this process holds, and the log says why."""
    registry = Registry(connect_redis(f"redis://127.0.0.1:{free_port()}"), ttl_seconds=TTL_SECONDS)
    mine, noahs = a_subscription(), a_subscription(user=NOAH, connection="c2")
    writes: list[Callable[[], None]] = [
        lambda: registry.connected("c1"),
        lambda: registry.add(mine),
        lambda: registry.add(noahs),
        registry.renew,
        lambda: registry.heartbeat_passed("now"),
        lambda: registry.report(position=1, epoch="e", timestamp="t", delivered=0, refusals={}),
    ]
    for write in writes:
        write()
    assert registry.subscriptions() == sorted([mine, noahs], key=lambda entry: entry.id)
    assert registry.subscriptions(MIA) == [mine]
    assert (registry.count(), registry.connection_count()) == (2, 1)
    assert registry.last_heartbeat() is None
    assert registry.processes() == []
    registry.disconnected("c1")
    assert (registry.count(), registry.connection_count()) == (1, 0)
    assert caplog.text.count("the registry is not reachable") >= len(writes)


def test_what_was_held_while_redis_was_away_is_told_when_it_is_back(processes: Processes) -> None:
    """The next renewal mends it."""
    registry = processes.start()
    away = connect_redis(f"redis://127.0.0.1:{free_port()}")
    registry._redis, there = away, registry._redis
    entry = a_subscription()
    registry.add(entry)
    registry._redis = there
    assert registry.subscriptions() == []
    registry.renew()
    assert registry.subscriptions() == [entry]


def test_statistics_count_by_kind_of_channel() -> None:
    """As the contract has it; the total is their sum."""
    channels = ["appointments:all", f"appointments:patient:{MIA}", f"availability:{MIA}", *["availability:all"] * 3]
    assert statistics([a_subscription(channel) for channel in channels]) == {
        "appointments": 2,
        "availability": 1,
        "global": 3,
        "total": 6,
    }
    assert statistics([]) == {"appointments": 0, "availability": 0, "global": 0, "total": 0}


def test_a_subscription_on_the_wire_is_the_contracts() -> None:
    """Four fields; whose it is and where stays inside."""
    entry = a_subscription()
    assert entry.answer().wire() == {
        "id": entry.id,
        "channelName": "availability:all",
        "active": True,
        "createdAt": "2025-11-11T12:00:00.000Z",
    }


def test_two_hundred_callers_at_once_wait_for_a_connection(servers: TemporaryServers) -> None:
    """Two hundred clients that leave together are two hundred calls: none is refused for want of a connection."""
    redis = connect_redis(servers.redis.url)
    together = threading.Barrier(200)

    def call(_: int) -> object:
        together.wait()
        return redis.ping()

    with ThreadPoolExecutor(200) as callers:
        assert all(callers.map(call, range(200)))
