"""Whatever is killed or paused, nothing that was accepted is lost or done twice, and everybody is told in the end."""

from __future__ import annotations

import time
from typing import Any

import psycopg2
import pytest

from dental_sync.local.embedded.temporary import temporary_servers
from dental_sync.records.remembered_sign_ins import LOG_KNOWN_SECONDS

from ..practice import make_template
from .conftest import Connect, StartSystem, assert_no_complaints, running_system
from .javascript import JsClient, Node
from .overheard import close_what_publishes, told_through, what_goes_through_redis
from .rest import Account, call
from .system import System, wait_until
from .witnesses import (
    assert_stayed_connected,
    assert_whole,
    book_by_plain_sql,
    booking,
    follow_everything,
    lane_waits_for_a_lock,
    log_head_locked,
    rows_at,
    somebody_new,
    told_of,
    wait_applied,
    write_of,
)

# What a person in front of a screen is promised, with every message queue dead.
TOLD_WITHIN_SECONDS = 5.0

Payload = dict[str, Any]


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
    # Health may be a second old.
    health = lambda: patient.call("GET", "/sync/health")  # noqa: E731
    wait_until(lambda: health().body["status"] == "degraded", 5, lambda: str(health()))
    assert health().status == 200
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
    assert_stayed_connected(newcomer, other, *(client for client, _ in followers))
    # The fast path works again: the heartbeat comes through Redis.
    newcomer.forget()
    newcomer.wait_for_event("heartbeat")


def test_a_system_that_is_started_without_redis_serves_and_catches_up(
    start_system: StartSystem, connect: Connect
) -> None:
    """It says what is amiss, lets people in, tells of plain SQL and accepts bookings; with Redis it applies them."""
    system = start_system(WRITE_WAIT_SECONDS="1")
    system.stop()
    system.redis.stop()
    for process in system.processes:
        process.start()
    for port in system.ports:
        wait_until(lambda port=port: health(port) == (200, "degraded"), 30, lambda port=port: str(health(port)))
    patient = Account.sign_in(system.ports, "patient1@demo.test", "demo-password-1")
    followers = [follow_everything(system, connect, web) for web in (0, 1)]
    with system.owner() as cursor:
        cursor.execute("UPDATE appointments SET reason = 'Never with Redis' WHERE status = 'fulfilled'")
    for client, _ in followers:
        client.wait_for_event("appointment:updated", seconds=TOLD_WITHIN_SECONDS)
    body = booking(system)
    accepted = patient.call("POST", "/appointments", body, web=1)
    assert write_of(patient, accepted)["status"] == "pending"
    system.redis.start()
    wait_applied(patient, accepted)
    assert rows_at(system, body) == 1
    system.wait_until_healthy()
    head = system.settled_head()
    for client, since in followers:
        client.catch_up_with(head)
        assert_whole(client, since)
        assert told_of(client) == [body["startsAt"]]
        assert_stayed_connected(client)


def health(port: int) -> tuple[int, str]:
    """The status and the word with which a web process says how it is; (0, "") while it does not answer."""
    try:
        answer = call(port, "GET", "/api/sync/health")
    except OSError:
        return 0, ""
    return answer.status, answer.body["status"]


@pytest.mark.parametrize("change", ["signs out", "is deactivated"])
def test_who_loses_the_right_to_listen_hears_nothing_more_without_redis(
    sturdy: System, connect: Connect, node: Node, change: str
) -> None:
    """A process that Redis tells nothing learns it from the log, before anything that was committed later."""
    system = sturdy
    user, account = somebody_new(system, "chatbot")
    ended = [node.client() for _ in system.web]
    for web, client in enumerate(ended):
        client.connect(system.url(web), account.token)
        client.wait_connected()
        client.subscribe("availability:all")
    others = [connect(system, "chatbot", web) for web in (0, 1)]
    for client in others:
        client.subscribe("availability:all")
    system.redis.pause()
    if change == "signs out":
        account.done("POST", "/auth/logout")
    else:
        system.account("admin").done("PATCH", f"/users/{user['id']}", {"active": False})
    book_by_plain_sql(system)
    for client in ended:
        assert client.wait_disconnected(TOLD_WITHIN_SECONDS) == "io server disconnect"
        assert client.log() == []
    for client in others:
        client.wait_for_event("availability:changed", seconds=TOLD_WITHIN_SECONDS)
    system.redis.resume()
    head = system.settled_head()
    for client in others:
        client.catch_up_with(head)
        assert_stayed_connected(client)
    for client in ended:
        assert client.log() == []


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
        lambda: admin.get("/sync/stats")["stats"]["total"] == 3, 40, lambda: f"not again: {admin.get('/sync/stats')}"
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


def test_a_worker_killed_between_commit_and_emit_leaves_the_telling_to_the_log(
    sturdy: System, connect: Connect
) -> None:
    """What it has committed and told nobody is told from the log, without it, and not again when it is back."""
    system = sturdy
    patient = system.account("patient1")
    followers = [follow_everything(system, connect, web) for web in (0, 1)]
    body = booking(system)
    with what_goes_through_redis(system) as went_through:
        with log_head_locked(system):
            answer = patient.call("POST", "/appointments", body, Prefer="respond-async")
            wait_until(lambda: lane_waits_for_a_lock(system), 10, lambda: "the lane does not wait for the head")
            # From here on it can commit, and then hangs for a second at its attempt to connect and tell anybody.
            close_what_publishes(system)
            system.redis.pause()
        wait_until(lambda: rows_at(system, body) == 1, 5, lambda: "the booking was not committed")
        system.worker.kill()
        system.redis.resume()
        for client, _ in followers:
            client.wait_for_event("appointment:created", seconds=TOLD_WITHIN_SECONDS)
        assert not system.worker.is_running
        assert write_of(patient, answer)["status"] == "applied"
        system.start()
        after = booking(system)
        patient.done("POST", "/appointments", after)
        wait_until(lambda: told_through(went_through(), after), 10, lambda: "nothing went through Redis")
        assert not told_through(went_through(), body)
    head = system.settled_head()
    for client, since in followers:
        client.catch_up_with(head)
        assert_whole(client, since)
        assert told_of(client) == [body["startsAt"], after["startsAt"]]
    assert [rows_at(system, wanted) for wanted in (body, after)] == [1, 1]


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
    assert_stayed_connected(client)


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
            refused = patient.call("POST", "/appointments", booking(system), web=1)
            assert (refused.status, refused.code) == (503, "unavailable")
            # Health may be a second old.
            health = lambda: patient.call("GET", "/sync/health")  # noqa: E731
            wait_until(lambda: health().status == 503, 5, lambda: str(health()))
            assert health().body["status"] == "unhealthy"
            # Until then its sign-in may be remembered, and it would be let in.
            time.sleep(LOG_KNOWN_SECONDS)
            wanderer.cut()
            wanderer.wait_for(lambda: len(ends_of(wanderer)) >= 3, "two attempts in vain")
            servers.postgres.start()
            system.wait_until_healthy()
            # It comes back by itself, as the library does unless it was refused.
            wanderer.wait_connected()
            after = booking(system)
            patient.done("POST", "/appointments", after)
            client.catch_up_with(system.settled_head())
            assert_whole(client, since)
            assert told_of(client) == [before["startsAt"], after["startsAt"]]
            assert_stayed_connected(client)
            assert_no_complaints(system)


def ends_of(client: JsClient) -> list[Payload]:
    """How often a client's connection, or its attempt at one, has ended."""
    return [record for record in client.records if record["kind"] in ("disconnect", "connect_error")]
