"""Health, status, statistics and metrics: what an operator sees of all web processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .conftest import Connect
from .javascript import JsClient
from .raw import RawConnection
from .rest import call
from .system import System, wait_until

# It measures seconds.
pytestmark = pytest.mark.alone

# What status and stats say beside the fields of the first document.
POSITIONS = {"position", "epoch", "processes"}


def assert_is_now(timestamp: str) -> None:
    """An instant as the wire writes it, of this moment."""
    assert timestamp.endswith("Z")
    assert len(timestamp) == len("2025-11-11T12:00:00.000Z")
    assert abs(datetime.fromisoformat(timestamp) - datetime.now(UTC)) < timedelta(seconds=10)


def wait_until_nobody_listens(system: System) -> None:
    """Clients of earlier tests have left, and every process has noticed."""
    stats = lambda: system.account("admin").get("/sync/stats")  # noqa: E731
    wait_until(lambda: stats()["activeConnections"] == 0, 10, lambda: f"still there: {stats()}")
    assert stats()["stats"]["total"] == 0


def listeners(system: System, connect: Connect) -> tuple[list[JsClient], list[dict[str, Any]]]:
    """Five subscriptions of three accounts on both processes, as in the project's first document."""
    patient, dentist = system.account("patient1"), system.account("dentist1")
    wanted = [
        ("patient1", 0, [f"appointments:patient:{patient.patient_id}", f"availability:{dentist.dentist_id}"]),
        ("dentist1", 1, [f"appointments:dentist:{dentist.dentist_id}"]),
        ("admin", 0, ["appointments:all"]),
        ("chatbot", 1, ["availability:all"]),
    ]
    clients, subscriptions = [], []
    for name, web, channels in wanted:
        client = connect(system, name, web)
        clients.append(client)
        subscriptions += [client.subscribe(channel)["subscription"] for channel in channels]
    return clients, subscriptions


def by_id(subscriptions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In an order of their own."""
    return sorted(subscriptions, key=lambda subscription: str(subscription["id"]))


def test_health_is_open_to_anyone_and_counts_over_all_processes(system: System, connect: Connect) -> None:
    """The fields of the project's first document, without a token; every process answers the same number."""
    wait_until_nobody_listens(system)
    listeners(system, connect)
    for port in system.ports:
        health = lambda port=port: call(port, "GET", "/api/sync/health")  # noqa: E731
        # It may be a second old.
        wait_until(
            lambda health=health: health().body["activeSubscriptions"] == 5, 5, lambda health=health: str(health())
        )
        answer = health()
        assert answer.status == 200
        assert answer.body["status"] == "healthy"
        assert answer.body["service"] == "realtime-sync"
        assert set(answer.body["checks"].values()) == {"ok"}
        assert answer.body["activeSubscriptions"] == 5
        assert_is_now(answer.body["timestamp"])


def test_status_shows_the_callers_own_and_an_admin_all(system: System, connect: Connect) -> None:
    """Each sees what they follow themselves, wherever it is connected; nobody without a token sees anything."""
    wait_until_nobody_listens(system)
    _, all_of_them = listeners(system, connect)
    expected = {"patient1": all_of_them[:2], "dentist1": all_of_them[2:3], "admin": all_of_them, "patient2": []}
    for web in (0, 1):
        for name, subscriptions in expected.items():
            status = system.account(name).get("/sync/status", web=web)
            assert set(status) == {"status", "activeSubscriptions", "subscriptions", "timestamp", *POSITIONS}
            assert (status["status"], status["activeSubscriptions"]) == ("active", len(subscriptions))
            assert by_id(status["subscriptions"]) == by_id(subscriptions)
            assert_is_now(status["timestamp"])
        assert call(system.ports[web], "GET", "/api/sync/status").code == "unauthorized"


def test_stats_are_for_admins_and_count_each_kind(system: System, connect: Connect) -> None:
    """The counts of the first document, the roles, the connections and the last heartbeat, everywhere alike."""
    wait_until_nobody_listens(system)
    clients, subscriptions = listeners(system, connect)
    idle = connect(system, "patient2", 1)
    for client in clients:
        client.wait_for_event("heartbeat")
    for web in (0, 1):
        stats = system.account("admin").get("/sync/stats", web=web)
        seed = {"stats", "subscriptions", "timestamp"}
        assert set(stats) == {*seed, "byRole", "roles", "activeConnections", "lastHeartbeat", *POSITIONS}
        assert stats["stats"] == {"appointments": 3, "availability": 1, "global": 1, "total": 5}
        assert by_id(stats["subscriptions"]) == by_id(subscriptions)
        assert stats["byRole"] == {"patient": 2, "dentist": 1, "admin": 1, "chatbot": 1}
        assert stats["activeConnections"] == 5
        assert_is_now(stats["lastHeartbeat"])
        assert_is_now(stats["timestamp"])
        for name in ("patient1", "dentist1", "chatbot"):
            assert system.account(name).call("GET", "/sync/stats", web=web).code == "forbidden"
        assert call(system.ports[web], "GET", "/api/sync/stats").code == "unauthorized"
    clients[0].disconnect()
    clients[3].emit("unsubscribe_all")
    idle.cut()
    admin = system.account("admin")
    wait_until(lambda: admin.get("/sync/stats")["activeConnections"] == 3, 10, lambda: str(admin.get("/sync/stats")))
    assert admin.get("/sync/stats", web=1)["stats"] == {"appointments": 2, "availability": 0, "global": 0, "total": 2}


def test_each_web_process_tells_prometheus_of_itself(system: System, connect: Connect, stranger: JsClient) -> None:
    """A booking is seen where it was asked for, its messages wherever they were delivered, once; a stranger too."""
    wait_until_nobody_listens(system)
    client = connect(system, "patient1", 1)
    channel = f"appointments:patient:{system.account('patient1').patient_id}"
    since = client.subscribe(channel)["position"]
    before = [system.scrape(web) for web in (0, 1)]
    body = system.opening().with_dentist(system.account("dentist1").dentist_id)
    booked = system.account("patient1").done("POST", "/appointments", body)
    head = system.settled_head()
    client.wait_for_event("appointment:created", lambda payload: payload["appointment"]["id"] == booked["id"])
    stranger.connect(system.url(1), "no token")
    stranger.wait_refused()
    wait_until(
        lambda: all(system.scrape(web)("delivered_position") == head for web in (0, 1)), 10, lambda: "not delivered"
    )
    after = [system.scrape(web) for web in (0, 1)]

    def rose(name: str, **labels: str) -> list[float]:
        return [
            (now(name, **labels) or 0) - (then(name, **labels) or 0) for then, now in zip(before, after, strict=True)
        ]

    assert rose("http_requests_total", method="POST", route="/api/appointments", status="201") == [1, 0]
    by_queue, by_log = (rose("messages_delivered_total", source=source) for source in ("queue", "log"))
    new = head - (before[0]("delivered_position") or 0)
    assert [fast + slow for fast, slow in zip(by_queue, by_log, strict=True)] == [new, new]
    assert sum(by_queue) > 0
    assert rose("socketio_connects_refused_total", code="unauthorized") == [0, 1]
    for web, said in enumerate(after):
        assert said("delivery_lag_messages") == said("writes_pending") == said("changes_unpublished") == 0
        assert said("log_head_position") == head
        assert set(said.values("dental_sync_check_ok").values()) == {1}
        assert said("socketio_connections") == web
        assert said.values("dental_sync_socketio_subscriptions") == {
            "appointments": web,
            "availability": 0,
            "global": 0,
        }
        assert "process_cpu_seconds" in said.families
        assert booked["patientName"] not in said.text
        assert booked["id"] not in said.text
    client.emit("subscribe", {"channel": channel, "since": since})
    again = system.scrape(1)
    assert (again("replays_total") or 0) - (after[1]("replays_total") or 0) == 1
    assert call(system.ports[0], "GET", "/metrics").code == "unauthorized"


def test_five_hundred_who_come_at_once_are_counted_at_once_and_no_log_complains(system: System) -> None:
    """As when a web process was restarted: right after the last acknowledgement every process shows all of them."""
    wait_until_nobody_listens(system)
    names = [f"patient{number}" for number in range(1, 13)]
    tokens = [system.account(name).token for name in names]
    said_before = [len(system.log_of(process)) for process in system.web]
    connections: list[RawConnection] = []

    def come(first: int) -> None:
        for number in range(first, 500, 20):
            connection = RawConnection(system.ports[number % 2])
            connections.append(connection)
            connection.sign_in(tokens[number % 12])
            assert connection.call("subscribe", {"channel": "availability:all"})["ok"]

    with ThreadPoolExecutor(20) as callers:
        list(callers.map(come, range(20)))
    try:
        for web in (0, 1):
            stats = system.account("admin").get("/sync/stats", web=web)
            assert stats["activeConnections"] == 500
            assert stats["stats"]["total"] == len(stats["subscriptions"]) == 500
        said = [system.log_of(process)[before:] for process, before in zip(system.web, said_before, strict=True)]
        assert not [line for log in said for line in log.splitlines() if "WARNING" in line or "ERROR" in line]
    finally:
        for connection in connections:
            connection.close()
    wait_until_nobody_listens(system)
