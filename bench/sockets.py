"""What open sockets cost a web process: the delivery of an event, a connect with a subscribe, and one that is idle.

Processor time is that of the web process alone, so that other work on the machine hardly shows.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import selectors
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from bench.parts import Figure, tell
from dental_sync.core.config import sqlalchemy_url
from dental_sync.core.late_begin import LateBegin
from dental_sync.local.embedded.temporary import temporary_servers
from dental_sync.sync import log
from dental_sync.sync.message_queue import WritingEnd
from tests.live.conftest import running_system
from tests.live.raw import RawConnection
from tests.live.system import System, wait_until
from tests.practice import make_template

CHANNEL = "appointments:all"
EVENT = b'42["appointment:updated"'
PING = b"\x81\x012"
# As many changes as a lane commits at once under little, some and much load; and how many of these may be on their way.
AT_ONCE = (1, 4, 16)
AHEAD = 8
CONNECTING_AT_ONCE = 32
WARM_UP, SOCKETS, IDLE = 50, 500, 2000
# Until memory that is let go on the way has been let go.
SETTLING_SECONDS = 2.0
SETTINGS = {"CONNECTIONS_PER_ACCOUNT": "10000", "HEARTBEAT_SECONDS": "30", "SOCKET_EVENTS_PER_SECOND": "1000"}
CHANGE = text("""
    UPDATE appointments SET reason = :reason WHERE id IN (SELECT id FROM appointments ORDER BY id LIMIT :at_once)
""")


def main() -> None:
    """Print what each is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=SOCKETS)
    parser.add_argument("--idle", type=int, default=IDLE)
    parser.add_argument("--seconds", type=float, default=5.0)
    tell(figures(**vars(parser.parse_args())))


def figures(sockets: int = SOCKETS, idle: int = IDLE, seconds: float = 5.0) -> list[Figure]:
    """Measure each in one system."""
    with temporary_servers() as servers, tempfile.TemporaryDirectory() as logs:
        template = make_template(servers.postgres)
        with running_system(servers, template, Path(logs), SETTINGS) as system:
            web = psutil.Process(system.web[0].pid)
            # The first connections load what all others use.
            with clients(system, WARM_UP):
                pass
            # First, for what is let go of later connections would be used again.
            found = [measure_connections(system, web, idle)]
            with clients(system, sockets) as listeners:
                found += [
                    measure_events(system, web, listeners, sockets=sockets, at_once=at_once, seconds=seconds)
                    for at_once in AT_ONCE
                ]
            return found


@contextmanager
def clients(system: System, number: int) -> Iterator[Connection]:
    """So many sockets that follow every appointment, in a process of their own, which counts what they get."""
    here, there = multiprocessing.Pipe()
    token = system.account("admin").token
    listening = multiprocessing.Process(target=listen, args=(there, system.ports[0], token, number), daemon=True)
    listening.start()
    assert here.recv() == "connected"
    yield here
    here.send("leave")
    listening.join()
    admin = system.account("admin")
    wait_until(lambda: admin.get("/sync/stats")["activeConnections"] == 0, 30, lambda: "sockets stay open")


def listen(parent: Connection, port: int, token: str, number: int) -> None:
    """Connect, tell the parent, and answer each `count` with the number of events until it says `leave`."""
    events, tails = 0, dict[RawConnection, bytes]()
    with selectors.DefaultSelector() as selector:
        for connection in connect_all(port, token, number):
            selector.register(connection, selectors.EVENT_READ, connection)
        selector.register(parent, selectors.EVENT_READ)
        parent.send("connected")
        while True:
            for key, _ in selector.select():
                if key.data is None:
                    if parent.recv() == "leave":
                        return
                    parent.send(events)
                    continue
                data = tails.get(key.data, b"") + key.data.receive()
                events += data.count(EVENT)
                # The beginning of an event may be the end of what has come.
                tails[key.data] = data[-len(EVENT) + 1 :]
                if data.endswith(PING):
                    key.data.say("3")


def connect_all(port: int, token: str, number: int) -> list[RawConnection]:
    """Connect and subscribe, some at once: each step of all of them before the next step of any."""
    connections: list[RawConnection] = []
    while len(connections) < number:
        some = [RawConnection(port) for _ in range(min(CONNECTING_AT_ONCE, number - len(connections)))]
        for connection in some:
            connection.send_upgrade()
        for connection in some:
            assert " 101 " in connection.read_head()
            connection.say("40" + json.dumps({"token": token}))
        for connection in some:
            connection.wait_for("40{")
            connection.say("420" + json.dumps(["subscribe", {"channel": CHANNEL}]))
        for connection in some:
            assert '"ok":true' in connection.wait_for("430[")
        connections += some
    return connections


def measure_events(
    system: System, web: psutil.Process, listeners: Connection, *, sockets: int, at_once: int, seconds: float
) -> Figure:
    """Change appointments, so many in each transaction, as fast as they are delivered: what a delivery costs."""
    engine, queue = (
        create_engine(sqlalchemy_url(system.urls.owner), connect_args={"connection_factory": LateBegin}),
        WritingEnd(system.redis.url),
    )
    before, used, began = count(listeners), processor_seconds(web), time.perf_counter()
    expected = 0
    with Session(engine) as session:
        while time.perf_counter() < began + seconds:
            session.execute(CHANGE, {"reason": f"{at_once} at {time.time()}", "at_once": at_once})
            messages = log.publish(session, wait=True)
            session.commit()
            with queue.together():
                for message in messages:
                    queue.emit(message.type, message.wire(), to=list(message.channels))
            expected += at_once * sockets
            while expected - (count(listeners) - before) > AHEAD * at_once * sockets:
                time.sleep(0.001)
    wait_until(lambda: count(listeners) - before >= expected, 30, lambda: f"{count(listeners) - before} of {expected}")
    took, used = time.perf_counter() - began, processor_seconds(web) - used
    engine.dispose()
    return (
        f"messages to {sockets} sockets, {at_once} change{'s' if at_once > 1 else ''} at once",
        f"{expected / took:,.0f}/s, {1e6 * used / expected:.2f} µs of the web process' processor each, "
        f"{100 * used / took:.0f} % of a core",
    )


def measure_connections(system: System, web: psutil.Process, idle: int) -> Figure:
    """Open idle sockets: what a connect and what an open one costs."""
    time.sleep(SETTLING_SECONDS)
    size, used, began = proportional_kib(web), processor_seconds(web), time.perf_counter()
    with clients(system, idle):
        took, used = time.perf_counter() - began, processor_seconds(web) - used
        time.sleep(SETTLING_SECONDS)
        size = proportional_kib(web) - size
    return (
        f"{idle:,} connects with a subscribe",
        f"{idle / took:.0f}/s, {1000 * used / idle:.2f} ms of the web process' processor each; "
        f"{size / idle:.1f} KiB for each that is open",
    )


def count(listeners: Connection) -> int:
    """How many events all sockets have got."""
    listeners.send("count")
    return int(listeners.recv())


def processor_seconds(process: psutil.Process) -> float:
    """What it has used."""
    return sum(process.cpu_times()[:2])


def proportional_kib(process: psutil.Process) -> int:
    """Its memory, with its share of what it has in common with others (proportional set size)."""
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process.pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    main()
