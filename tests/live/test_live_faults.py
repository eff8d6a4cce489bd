"""Whatever is killed or paused, nothing that was accepted is lost or done twice, and everybody is told in the end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest

from dental_sync.embedded.temporary import TemporaryServers, temporary_servers

from ..practice import make_template
from .conftest import Connect, StartSystem, assert_no_complaints, running_system
from .javascript import JsClient
from .rest import Account, Answer
from .system import System, wait_until

# What a person in front of a screen is promised, with every message queue dead.
TOLD_WITHIN_SECONDS = 5.0

Payload = dict[str, Any]


@pytest.fixture(scope="module")
def sturdy_system(
    servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """One system for the faults that it survives; each test finds it with the faults before in its bones."""
    logs = tmp_path_factory.mktemp("sturdy")
    with running_system(servers, template, logs, {"LOG_RETENTION_DAYS": "1"}) as running:
        yield running


@pytest.fixture
def sturdy(sturdy_system: System) -> Iterator[System]:
    """It runs and is healthy before each test, whatever the last one left, and has logged no traceback after it."""
    sturdy_system.mend()
    yield sturdy_system
    assert_no_complaints(sturdy_system)


def booking(system: System) -> dict[str, str]:
    """The body of a booking with dentist 1 at a time that is free."""
    return system.opening().with_dentist(system.account("dentist1").dentist_id)


def rows_at(system: System, body: dict[str, str]) -> int:
    """How many appointments there are at the time of a booking."""
    return int(system.ask("SELECT count(*) FROM appointments WHERE starts_at = %s", body["startsAt"]))


def write_of(account: Account, answer: Answer) -> Payload:
    """What has become of a write that was answered with 202."""
    assert answer.status == 202, answer
    found: Payload = account.get(answer.headers["Location"].removeprefix("/api"))
    return found


def wait_applied(account: Account, answer: Answer) -> Payload:
    """Wait until a write that was answered with 202 is applied."""
    wait_until(lambda: write_of(account, answer)["status"] != "pending", 20, lambda: "the write stayed pending")
    write = write_of(account, answer)
    assert write["status"] == "applied", write
    return write


def told_of(client: JsClient) -> list[str]:
    """The starts of the appointments of which a client was told that they were made, in order."""
    return [payload["appointment"]["startsAt"] for payload in client.events("appointment:created")]


def assert_whole(client: JsClient, since: int) -> None:
    """What an admin got after a position has neither holes nor repetitions: they follow everything."""
    positions = [payload["position"] for _, payload in client.log() if payload["position"] > since]
    assert positions == list(range(since + 1, since + 1 + len(positions)))


def follow_everything(system: System, connect: Connect, web: int) -> tuple[JsClient, int]:
    """An admin in the rooms through which every message of a diary goes, and the position from which on."""
    client = connect(system, "admin", web)
    client.subscribe("appointments:all")
    client.subscribe("availability:all")
    since = system.settled_head()
    client.catch_up_with(since)
    return client, since


def test_a_booking_accepted_while_no_worker_works_survives_the_death_of_everything(
    start_system: StartSystem, connect: Connect
) -> None:
    """202 and no row while the workers are stopped; everything killed and started again: applied once, and told."""
    system = start_system(WRITE_WAIT_SECONDS="1")
    patient, body = system.account("patient1"), booking(system)
    channel = f"appointments:patient:{patient.patient_id}"
    clients = [connect(system, "patient1", web) for web in (0, 1)]
    acknowledged = [client.subscribe(channel) for client in clients]
    for process in (system.worker, system.housekeeper):
        process.pause()
    accepted = patient.call("POST", "/appointments", body, web=1)
    assert accepted.status == 202
    assert accepted.headers["Location"] == f"/api/writes/{accepted.body['id']}"
    assert write_of(patient, accepted) == {"id": accepted.body["id"], "status": "pending"}
    assert rows_at(system, body) == 0
    for process in system.processes:
        process.kill()
    system.redis.kill()
    for client in clients:
        client.wait_disconnected()
    assert rows_at(system, body) == 0
    system.redis.start()
    system.start()
    write = wait_applied(patient, accepted)
    assert rows_at(system, body) == 1
    for client, before in zip(clients, acknowledged, strict=True):
        client.reconnect()
        client.wait_connected()
        answer = client.subscribe(channel, since=before["position"], epoch=before["epoch"])
        assert answer["resync"] is False
        client.catch_up_with(system.settled_head())
        [created] = client.events("appointment:created")
        assert created["appointment"]["id"] == write["appointmentId"]
    # Not applied again by any later sweep.
    wait_applied(patient, patient.call("POST", "/appointments", booking(system), Prefer="respond-async"))
    assert rows_at(system, body) == 1


def test_with_redis_stopped_plain_sql_is_told_and_bookings_wait(sturdy: System, connect: Connect) -> None:
    """An update reaches its subscribers within 5 s, nobody is disconnected, and what was accepted is applied later."""
    system = sturdy
    patient = system.account("patient1")
    booked = patient.done("POST", "/appointments", booking(system))
    followers = [follow_everything(system, connect, web) for web in (0, 1)]
    other = connect(system, "patient2", 1)
    other.subscribe(f"appointments:patient:{system.account('patient2').patient_id}")
    system.redis.kill()
    with system.owner() as cursor:
        cursor.execute("UPDATE appointments SET reason = 'Without Redis' WHERE id = %s", [booked["id"]])
    for client, _ in followers:
        updated = client.wait_for_event("appointment:updated", seconds=TOLD_WITHIN_SECONDS)
        assert updated["appointment"]["reason"] == "Without Redis"
    connection = psycopg2.connect(system.urls.owner)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE appointments SET reason = 'Never said' WHERE id = %s", [booked["id"]])
    connection.rollback()
    connection.close()
    late = booking(system)
    answer = patient.call("POST", "/appointments", late, web=1, Prefer="respond-async")
    assert answer.status == 202
    # A newcomer is let in, and the processes say what is amiss.
    newcomer = connect(system, "chatbot", 1)
    assert newcomer.subscribe("availability:all")["ok"] is True
    health = patient.call("GET", "/sync/health")
    assert (health.status, health.body["status"]) == (200, "degraded")
    system.redis.start()
    wait_applied(patient, answer)
    head = system.settled_head()
    for client, since in followers:
        client.catch_up_with(head)
        assert_whole(client, since)
        assert told_of(client)[-1] == late["startsAt"]
        assert "Never said" not in str(client.records)
    other.catch_up_with(head)
    assert other.log() == []
    system.wait_until_healthy()
    for client in (newcomer, other, *(client for client, _ in followers)):
        assert [record for record in client.records if record["kind"] == "disconnect"] == []
    # The fast path works again: the heartbeat comes through Redis.
    newcomer.forget()
    newcomer.wait_for_event("heartbeat")


def test_a_redis_that_comes_back_empty_loses_nothing(sturdy: System, connect: Connect) -> None:
    """Everything that Redis knew is gone: the queues, the rings, the registry; all of it is made again."""
    system = sturdy
    client, since = follow_everything(system, connect, 1)
    system.redis.kill()
    for file in system.redis.data.rglob("*"):
        if file.is_file():
            file.unlink()
    system.redis.start()
    system.wait_until_healthy()
    bodies = [booking(system) for _ in range(3)]
    for body in bodies:
        answer = system.account("patient1").call("POST", "/appointments", body)
        assert answer.status == 201, answer
    client.catch_up_with(system.settled_head())
    assert_whole(client, since)
    assert told_of(client) == [body["startsAt"] for body in bodies]
    client.forget()
    client.wait_for_event("heartbeat")
    admin = system.account("admin")
    wait_until(
        lambda: admin.get("/sync/stats")["stats"]["total"] == 2, 40, lambda: f"not again: {admin.get('/sync/stats')}"
    )


def test_what_was_pending_when_the_worker_was_killed_is_applied_once(sturdy: System, connect: Connect) -> None:
    """Killed between two requests, and killed while it holds one half done; nothing is lost and nothing is doubled."""
    system = sturdy
    patient = system.account("patient1")
    client, since = follow_everything(system, connect, 0)
    before = booking(system)
    patient.done("POST", "/appointments", before)
    system.worker.kill()
    bodies = [booking(system) for _ in range(5)]
    pending = [
        patient.call("POST", "/appointments", body, web=number % 2, Prefer="respond-async")
        for number, body in enumerate(bodies)
    ]
    assert [write_of(patient, answer)["status"] for answer in pending] == ["pending"] * 5
    system.start()
    for answer in pending:
        wait_applied(patient, answer)
    # While the head of the log is locked the lane can apply and cannot commit: there it is killed.
    half_done = booking(system)
    with log_head_locked(system):
        answer = patient.call("POST", "/appointments", half_done, Prefer="respond-async")
        wait_until(lambda: lane_waits_for_a_lock(system), 10, lambda: "the lane does not wait for the head")
        system.worker.kill()
    assert write_of(patient, answer)["status"] == "pending"
    assert rows_at(system, half_done) == 0
    system.start()
    wait_applied(patient, answer)
    for body in (before, *bodies, half_done):
        assert rows_at(system, body) == 1
    client.catch_up_with(system.settled_head())
    assert_whole(client, since)
    assert told_of(client) == [body["startsAt"] for body in (before, *bodies, half_done)]


@contextmanager
def log_head_locked(system: System) -> Iterator[None]:
    """Somebody holds the head of the log, so that nothing can be published."""
    with system.owner() as cursor:
        cursor.execute("SELECT FROM log_head FOR UPDATE")
        yield


def lane_waits_for_a_lock(system: System) -> bool:
    """Whether the worker's session waits for another one's lock."""
    waiting = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'dental-sync worker' AND wait_event_type = 'Lock'
    """
    with system.session(system.postgres.superuser_url(system.database)) as cursor:
        cursor.execute(waiting)
        row = cursor.fetchone()
        return row is not None and row[0] > 0


def test_a_worker_that_is_frozen_half_way_does_not_stop_the_log(sturdy: System, connect: Connect) -> None:
    """Frozen with locks in its hands, it loses its transaction after a while; the log goes on, and so does it later."""
    system = sturdy
    patient = system.account("patient1")
    client, since = follow_everything(system, connect, 1)
    booked = patient.done("POST", "/appointments", booking(system))
    half_done = booking(system)
    with log_head_locked(system):
        answer = patient.call("POST", "/appointments", half_done, Prefer="respond-async")
        wait_until(lambda: lane_waits_for_a_lock(system), 10, lambda: "the lane does not wait for the head")
        system.worker.pause()
    with system.owner() as cursor:
        cursor.execute("UPDATE appointments SET reason = 'Meanwhile' WHERE id = %s", [booked["id"]])
    updated = client.wait_for_event("appointment:updated", seconds=15)
    assert updated["appointment"]["reason"] == "Meanwhile"
    assert write_of(patient, answer)["status"] == "pending"
    system.worker.resume()
    wait_applied(patient, answer)
    assert rows_at(system, half_done) == 1
    client.catch_up_with(system.settled_head())
    assert_whole(client, since)


def test_a_web_process_that_was_frozen_catches_up(sturdy: System, connect: Connect) -> None:
    """Meanwhile the other one serves; thawed, it delivers what it missed, in order, to sockets that stayed open."""
    system = sturdy
    patient = system.account("patient1")
    client, since = follow_everything(system, connect, 1)
    witness, _ = follow_everything(system, connect, 0)
    system.web[1].pause()
    bodies = [booking(system) for _ in range(5)]
    for body in bodies:
        patient.done("POST", "/appointments", body)
    head = system.settled_head()
    witness.catch_up_with(head)
    assert told_of(client) == []
    system.web[1].resume()
    client.catch_up_with(head)
    assert told_of(client) == told_of(witness) == [body["startsAt"] for body in bodies]
    assert_whole(client, since)
    assert [record for record in client.records if record["kind"] == "disconnect"] == []


def test_a_new_epoch_tells_everybody_to_fetch_a_snapshot(sturdy: System, connect: Connect) -> None:
    """After a dump was restored an operator says so; every subscription hears `resync`, and old positions are void."""
    system = sturdy
    clients = [connect(system, "admin", web) for web in (0, 1)]
    for client in clients:
        client.subscribe("appointments:all")
    before = clients[0].subscribe("availability:all")
    system.account("patient1").done("POST", "/appointments", booking(system))
    head = system.settled_head()
    for client in clients:
        client.catch_up_with(head)
        client.forget()
    subprocess.run(
        [sys.executable, "-m", "dental_sync.cli", "new-epoch"],
        env={**os.environ, "DATABASE_URL": system.urls.owner, "REDIS_URL": system.redis.url, "DEMO_MODE": "1"},
        check=True,
        capture_output=True,
    )
    epoch = system.ask("SELECT epoch::text FROM log_head")
    assert epoch != before["epoch"]
    for client in clients:
        resync = client.wait_for_event("resync", lambda payload: payload["channel"] == "appointments:all")
        assert set(resync) == {"channel", "reason"}
    resumed = clients[0].subscribe("availability:all", since=head, epoch=before["epoch"])
    assert (resumed["resync"], resumed["replayed"], resumed["epoch"]) == (True, 0, epoch)
    body = booking(system)
    system.account("patient1").done("POST", "/appointments", body)
    for client in clients:
        created = client.wait_for_event("appointment:created")
        assert (created["epoch"], created["appointment"]["startsAt"]) == (epoch, body["startsAt"])


def test_positions_that_were_pruned_ask_for_a_snapshot(sturdy: System, connect: Connect) -> None:
    """Who was away for longer than the log is kept is told so, and gets nothing that is only half of it."""
    system = sturdy
    patient = system.account("patient1")
    since = system.settled_head()
    for _ in range(3):
        patient.done("POST", "/appointments", booking(system))
    with system.owner() as cursor:
        cursor.execute(
            "UPDATE sync_events SET occurred_at = occurred_at - interval '2 days' WHERE position <= %s", [since + 2]
        )
    subprocess.run(
        [sys.executable, "-m", "celery", "-q", "-A", "celery_worker", "call", "prune", "--queue", "housekeeping"],
        env={**os.environ, "DATABASE_URL": system.urls.owner, "REDIS_URL": system.redis.url, "DEMO_MODE": "1"},
        check=True,
        capture_output=True,
    )
    wait_until(lambda: system.ask("SELECT pruned_through FROM log_head") == since + 2, 15, lambda: "not pruned")
    client = connect(system, "admin")
    assert client.subscribe("appointments:all", since=since)["resync"] is True
    assert client.log() == []
    assert client.subscribe("appointments:all", since=since + 2)["resync"] is False
    gone = system.account("admin").call("GET", f"/sync/events?since={since}")
    assert (gone.status, gone.code) == (410, "resync-required")


def test_a_database_that_is_killed_and_comes_back_loses_nothing(connect: Connect, tmp_path: Any) -> None:
    """PostgreSQL dies like a power cut: nobody is disconnected, what was answered stands, and everything goes on."""
    with temporary_servers() as servers:
        template = make_template(servers.postgres)
        with running_system(servers, template, tmp_path, {}) as system:
            patient = system.account("patient1")
            client, since = follow_everything(system, connect, 1)
            before = booking(system)
            patient.done("POST", "/appointments", before)
            wanderer = connect(system, "patient1", 1, reconnection=True, reconnectionDelay=50, reconnectionDelayMax=100)
            servers.postgres.kill()
            wanderer.cut()
            wanderer.wait_for(lambda: len(ends_of(wanderer)) >= 3, "two attempts in vain")
            refused = patient.call("POST", "/appointments", booking(system), web=1)
            assert (refused.status, refused.code) == (503, "unavailable")
            health = patient.call("GET", "/sync/health")
            assert (health.status, health.body["status"]) == (503, "unhealthy")
            servers.postgres.start()
            system.wait_until_healthy()
            # It comes back by itself, as the library does unless it was refused.
            wanderer.wait_connected()
            after = booking(system)
            patient.done("POST", "/appointments", after)
            client.catch_up_with(system.settled_head())
            assert_whole(client, since)
            assert told_of(client) == [before["startsAt"], after["startsAt"]]
            assert [record for record in client.records if record["kind"] == "disconnect"] == []
            assert_no_complaints(system)


def ends_of(client: JsClient) -> list[Payload]:
    """How often a client's connection, or its attempt at one, has ended."""
    return [record for record in client.records if record["kind"] in ("disconnect", "connect_error")]
