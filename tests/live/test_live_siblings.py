"""Several web processes on one port: any of them takes any request, and each can end without the others."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator

import psutil
import pytest

from dental_sync.local.embedded.server import free_port
from dental_sync.local.embedded.temporary import TemporaryServers
from tests.scraped import Scraped

from .conftest import Connect, assert_no_complaints, running_system
from .javascript import JsClient
from .rest import call
from .system import System, wait_until
from .witnesses import booking

SIBLINGS = 2
# So many that both have some, and few enough to be quick.
CLIENTS = 12
DRAIN_SECONDS = 4
METRICS_TOKEN = "a-token-for-these-tests"
# At once for whom the proxy tells, as the library does it by itself but for the pauses.
COMES_BACK = {"reconnection": True, "reconnectionDelay": 100, "reconnectionDelayMax": 300}
TRANSPORTS = {"polling": ["polling"], "WebSocket": ["websocket"], "polling at first": ["polling", "websocket"]}


def free_ports(count: int) -> int:
    """The first of so many ports that are free, one after the other."""
    while True:
        first = free_port()
        try:
            for port in range(first, first + count):
                with socket.socket() as tried:
                    tried.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            continue
        return first


@pytest.fixture(scope="module")
def of_this_module(
    servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """One port with two web processes behind it."""
    settings = {
        "WEB_PROCESSES": str(SIBLINGS),
        "METRICS_PORT": str(free_ports(SIBLINGS)),
        "METRICS_TOKEN": METRICS_TOKEN,
        "DRAIN_SECONDS": str(DRAIN_SECONDS),
    }
    logs = tmp_path_factory.mktemp("siblings")
    with running_system(servers, template, logs, settings, web_processes=1) as running:
        running.metrics_port = int(settings["METRICS_PORT"])  # type: ignore[attr-defined]  # for these tests
        yield running


@pytest.fixture
def system(of_this_module: System) -> Iterator[System]:
    """Both run before each test, and have logged no traceback after it."""
    of_this_module.mend()
    yield of_this_module
    assert_no_complaints(of_this_module)


def running(system: System) -> list[psutil.Process]:
    """The web processes that there are, without their parent."""
    return [child for child in psutil.Process(system.web[0].pid).children() if child.status() != psutil.STATUS_ZOMBIE]


def connections(system: System, number: int) -> int:
    """How many clients one of them has, as it says on its own port."""
    answer = call(
        system.metrics_port + number,  # type: ignore[attr-defined]
        "GET",
        "/metrics",
        headers={"Authorization": f"Bearer {METRICS_TOKEN}"},
    )
    assert answer.status == 200, answer
    return int(Scraped(answer.body)("socketio_connections") or 0)


def clients_of(system: System, connect: Connect, how: str) -> list[JsClient]:
    """So many screens that follow everything, and come back by themselves; those of the test before have left."""
    wait_until(lambda: sum(connections(system, number) for number in range(SIBLINGS)) == 0, 20, lambda: "some stay")
    clients = [connect(system, "admin", wait=False, transports=TRANSPORTS[how], **COMES_BACK) for _ in range(CLIENTS)]
    for client in clients:
        client.wait_connected()
        client.follow("appointments:all")
    for client in clients:
        client.wait_for(lambda client=client: bool(client.resumptions("appointments:all")), "the subscription")  # type: ignore[misc]
    return clients


def assert_all_hear(system: System, clients: list[JsClient]) -> None:
    """What is booked reaches everybody, wherever they are."""
    made = system.account("patient1").done("POST", "/appointments", booking(system))
    for client in clients:
        client.wait_for_event("appointment:created", lambda told: bool(told["appointment"]["id"] == made["id"]))


@pytest.mark.parametrize("how", TRANSPORTS)
def test_clients_of_both_processes_are_served_whatever_process_takes_their_requests(
    system: System, connect: Connect, how: str
) -> None:
    """Each poll is a request of its own; half of them come to the process that does not know their transport."""
    clients = clients_of(system, connect, how)
    each = [connections(system, number) for number in range(SIBLINGS)]
    assert sum(each) == CLIENTS
    assert min(each) > 0
    assert_all_hear(system, clients)
    for client in clients:
        assert client.emit("heartbeat", {})["ok"]
        assert [record for record in client.records if record["kind"] in ("disconnect", "connect_error")] == []


def test_metrics_are_asked_of_one_process(system: System) -> None:
    """By the port of all the numbers would be now of one process and now of the other."""
    headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    assert call(system.ports[0], "GET", "/metrics", headers=headers).code == "not-found"
    for number in range(SIBLINGS):
        port = system.metrics_port + number  # type: ignore[attr-defined]
        assert call(port, "GET", "/metrics").status == 401
        assert call(port, "GET", "/api/ready").body == {"status": "ready", "reasons": []}
        assert call(port, "GET", "/api/dentists").code == "not-found"


def test_a_process_that_is_killed_is_started_again_and_costs_nobody_a_message(system: System, connect: Connect) -> None:
    """Its clients are back at once, with the sibling or with the one in its place; the port never stops answering."""
    clients = clients_of(system, connect, "WebSocket")
    killed, left = running(system)
    killed.send_signal(signal.SIGKILL)
    # What it is asked until then is lost, as anywhere.
    killed.wait(20)
    assert_all_hear(system, clients)
    wait_until(lambda: len(running(system)) == SIBLINGS, 30, system.last_words)
    assert left in running(system)
    assert killed not in running(system)
    assert call(system.ports[0], "GET", "/api/live").status == 200


def test_they_stop_one_after_the_other(system: System, connect: Connect) -> None:
    """While one lets its clients go the other one serves; all of it takes no longer than one alone may take."""
    clients = clients_of(system, connect, "WebSocket")
    answered: dict[int, set[int]] = {}
    system.web[0].ask_to_stop()

    def has_stopped() -> bool:
        count = len(running(system)) if system.web[0].is_running else 0
        if count:
            answered.setdefault(count, set()).add(status_of_live(system))
        return not system.web[0].is_running

    wait_until(has_stopped, DRAIN_SECONDS + 10, system.last_words)
    assert system.web[0].exit_status == 0
    # While there were two each call was answered; when the last one has closed its door none is.
    assert answered[2] == {200}
    assert 200 in answered[1]
    system.start()
    for client in clients:
        client.wait_connected()
    assert_all_hear(system, clients)


def status_of_live(system: System) -> int:
    """What the port answers; 0 where nobody is there any more."""
    try:
        return call(system.ports[0], "GET", "/api/live").status
    except OSError:
        return 0


def test_they_end_with_their_parent(system: System) -> None:
    """Killed, it cannot ask them to; whoever starts it again would find the port taken."""
    children = running(system)
    os.kill(system.web[0].pid, signal.SIGKILL)
    gone, alive = psutil.wait_procs(children, timeout=DRAIN_SECONDS + 10)
    assert alive == []
    assert len(gone) == SIBLINGS


def test_where_one_cannot_start_all_end(system: System) -> None:
    """Its own port is taken: to try again and again would hide it."""
    web = system.web[0]
    web.ask_to_stop()
    assert web.has_stopped_within(DRAIN_SECONDS + 10)
    port = system.metrics_port + 1  # type: ignore[attr-defined]
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        web.start()
        wait_until(lambda: not web.is_running, 60, system.last_words)
    assert web.exit_status == 1
    assert f"cannot listen on 127.0.0.1:{port}" in system.log_of(web)
