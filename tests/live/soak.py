"""The oracle under fire: people write, screens follow, a nemesis kills what it likes; then everything must agree.

`make soak SECONDS=600 SEED=1` runs it for long; a short round is among the tests.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from dental_sync.local.embedded.temporary import temporary_servers

from ..practice import make_template
from . import assisting, chairs
from .conftest import running_system
from .javascript import Node
from .oracle import Desk, Follower, Listener
from .system import Process, System
from .workload import Caller, Promise, broken_promises

ROUND_SECONDS = 20.0
# In one round of so many PostgreSQL is spared, and somebody holds a transaction open all the while.
LONG_ROUND_SECONDS = 140.0
ROUNDS_PER_LONG_ROUND = 5
CALLERS = 6
SETTLE_SECONDS = 60.0
# Tokens that expire while somebody is looking, and every other limit out of the way.
SETTINGS = {"ACCESS_TOKEN_SECONDS": "45", "WRITE_WAIT_SECONDS": "3", "CONNECTIONS_PER_ACCOUNT": "10000"}

KILL_POSTGRES = "kill PostgreSQL"
HOLD = """
    UPDATE appointments SET reason = reason || '!'
    WHERE id IN (SELECT id FROM appointments ORDER BY updated_at DESC LIMIT 3 FOR UPDATE SKIP LOCKED)
"""


@dataclass
class Report:
    """What happened, and what went wrong."""

    seed: int
    writes: int = 0
    messages: int = 0
    repeated: int = 0
    reconnections: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    def text(self) -> str:
        """For whoever started the run."""
        faults = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        verdict = "nothing was lost, doubled, out of order or leaked"
        if self.complaints:
            verdict = "\n".join(["BROKEN:", *self.complaints])
        return (
            f"seed {self.seed}: {self.writes} writes, {self.messages} messages to screens,"
            f" {self.reconnections} connections, {self.repeated} repeated after a reconnection\n"
            f"faults: {faults}\n{verdict}"
        )


class Nemesis:
    """Does harm, seeded; runs in the main thread, with which the servers that it starts live and die."""

    def __init__(self, system: System, followers: list[Follower], seed: int) -> None:
        self._system = system
        self._followers = followers
        self._random = random.Random(seed)
        self.faults: Counter[str] = Counter()
        self._harms: dict[str, Callable[[], None]] = {
            "kill worker": lambda: self._kill(system.worker),
            "pause worker": lambda: self._pause(system.worker),
            "kill housekeeper": lambda: self._kill(system.housekeeper),
            "kill beat": lambda: self._kill(system.beat),
            "kill web": lambda: self._kill(self._random.choice(system.web)),
            "pause web": lambda: self._pause(self._random.choice(system.web)),
            "restart worker": lambda: self._restart(system.worker),
            "pause housekeeper": lambda: self._pause(system.housekeeper),
            "pause beat": lambda: self._pause(system.beat),
            "restart web": lambda: self._restart(self._random.choice(system.web)),
            "kill Redis": self._kill_redis,
            "pause Redis": self._pause_redis,
            KILL_POSTGRES: self._kill_postgres,
            "cut a client": lambda: self._random.choice(followers).cut(),
            "log out": lambda: self._random.choice(followers).log_out(),
            "open transaction": self._hold_transaction_briefly,
        }

    def rage(self, seconds: float, *, sparing: Collection[str] = ()) -> None:
        """Do one harm after another for so long; `mend` puts everything right again."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(self._random.uniform(0.2, 1.5))
            name = self._random.choice(sorted(self._harms.keys() - sparing))
            self.faults[name] += 1
            try:
                self._harms[name]()
            except (OSError, AssertionError, psycopg2.Error):
                # What it wanted to harm was away already.
                self.faults[f"{name} (missed)"] += 1

    def mend(self) -> None:
        """Put everything right again. What waits for somebody's lock is rightly no good health: it is gone by now."""
        self._system.start()

    def _kill(self, process: Process) -> None:
        process.kill()
        time.sleep(self._random.uniform(0.0, 2.0))
        process.start()

    def _restart(self, process: Process) -> None:
        process.ask_to_stop()
        process.has_stopped_within(30)
        process.start()

    def _pause(self, process: Process) -> None:
        process.pause()
        time.sleep(self._random.uniform(0.5, 4.0))
        process.resume()

    def _kill_redis(self) -> None:
        self._system.redis.kill()
        time.sleep(self._random.uniform(0.0, 5.0))
        self._system.redis.start()

    def _pause_redis(self) -> None:
        self._system.redis.pause()
        time.sleep(self._random.uniform(0.5, 3.0))
        self._system.redis.resume()

    def _kill_postgres(self) -> None:
        self._system.postgres.kill()
        time.sleep(self._random.uniform(0.0, 2.0))
        self._system.postgres.start()

    @contextmanager
    def open_transaction(self) -> Iterator[None]:
        """Somebody in psql has changed a few rows, and has gone for coffee."""
        connection = psycopg2.connect(self._system.urls.owner)
        try:
            with connection.cursor() as cursor:
                cursor.execute(HOLD)
            yield
            connection.rollback()
        finally:
            connection.close()

    def _hold_transaction_briefly(self) -> None:
        with self.open_transaction():
            time.sleep(self._random.uniform(1.0, 6.0))


def soak(
    system: System, node: Node, *, seconds: float, seed: int, say: Callable[[str], None] = lambda _text: None
) -> Report:
    """Rounds of load under fire, each ended by a reckoning; stops at the first that finds something."""
    report = Report(seed)
    promises: list[Promise] = []
    chairs.let_a_treatment_need_one(system)
    assisting.prepare(system)
    followers = _followers(system, node, seed)
    nemesis = Nemesis(system, followers, seed)
    nemesis.faults = report.faults
    for follower in followers:
        follower.start()
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end and not report.complaints:
        number += 1
        callers = [Caller(system, n + CALLERS * number, seed * 1_000 + n + CALLERS * number) for n in range(CALLERS)]
        for caller in callers:
            caller.start()
        left = max(1.0, end - time.monotonic())
        if number % ROUNDS_PER_LONG_ROUND == 0 and left > LONG_ROUND_SECONDS:
            report.faults["transaction of minutes"] += 1
            with nemesis.open_transaction():
                nemesis.rage(LONG_ROUND_SECONDS, sparing={KILL_POSTGRES})
        else:
            nemesis.rage(min(ROUND_SECONDS, left))
        nemesis.mend()
        for caller in callers:
            caller.stop()
        for caller in callers:
            caller.join()
            promises += caller.promises
            report.complaints += caller.complaints
            report.writes += caller.writes
        report.complaints += _reckon(system, followers, promises)
        report.messages = sum(follower.messages for follower in followers)
        report.repeated = sum(follower.repeated for follower in followers)
        report.reconnections = sum(follower.reconnections for follower in followers)
        say(f"round {number}: {report.writes} writes, {report.messages} messages, {len(report.complaints)} complaints")
    for follower in followers:
        follower.stop()
    return report


def _followers(system: System, node: Node, seed: int) -> list[Follower]:
    wanted = [("admin", "appointments:all"), ("admin", "appointments:all")]
    for name in ("dentist1", "dentist2", "dentist3", *assisting.ASSISTANTS):
        wanted.append((name, f"appointments:dentist:{system.account(name).dentist_id}"))
    for number in range(1, 7):
        name = f"patient{number}"
        wanted.append((name, f"appointments:patient:{system.account(name).patient_id}"))
    followers = [Follower(system, node, *who, seed * 100 + number) for number, who in enumerate(wanted)]
    listeners = [Listener(system, node, "chatbot", "availability:all", seed * 100 + n) for n in (98, 99)]
    desks = [
        Desk(system, node, name, "practice", seed * 100 + n)
        for n, name in ((95, "desk"), (96, "dentist1"), (97, "admin"))
    ]
    return [*followers, *listeners, *desks]


def _reckon(system: System, followers: list[Follower], promises: list[Promise]) -> list[str]:
    """Everything is well again: what does not agree now was lost."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while system.ask("SELECT count(*) FROM write_requests WHERE status = 'pending'"):
        if time.monotonic() > deadline:
            return ["writes stay pending"]
        time.sleep(0.1)
    head = system.settled_head()
    while any(follower.reached < head for follower in followers):
        if time.monotonic() > deadline:
            return [f"{f.name} reached {f.reached} of {head}" for f in followers if f.reached < head]
        time.sleep(0.1)
    found = broken_promises(system, promises)
    for follower in followers:
        found += [f"{follower.name}: {difference}" for difference in follower.differences()]
        found += follower.complaints
    positions = system.ask("SELECT count(*) = max(position) - min(position) + 1 FROM sync_events")
    if positions is False:
        found.append("the log has a hole")
    return found


def main() -> None:
    """Run for as long as asked, on servers and processes of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with ExitStack() as last_to_stop:
        servers = last_to_stop.enter_context(temporary_servers())
        folder = Path(last_to_stop.enter_context(tempfile.TemporaryDirectory()))
        node = last_to_stop.enter_context(Node())
        system = last_to_stop.enter_context(running_system(servers, make_template(servers.postgres), folder, SETTINGS))
        report = soak(
            system,
            node,
            seconds=wanted.seconds,
            seed=wanted.seed,
            say=lambda text: print(text, flush=True),  # noqa: T201
        )
        complaints = system.complaints()
        print(report.text(), *complaints, sep="\n")  # noqa: T201
    sys.exit(1 if report.complaints or complaints else 0)


if __name__ == "__main__":
    main()
