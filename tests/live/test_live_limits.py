"""Web processes that stop or die, and clients that ask for too much: with limits low enough to meet them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dental_sync.local.embedded.temporary import TemporaryServers

from .conftest import Connect, assert_no_complaints, running_system
from .javascript import JsClient
from .rest import Answer
from .system import System, wait_until

SETTINGS = {
    "REGISTRY_TTL_SECONDS": "2",
    "DRAIN_SECONDS": "4",
    "CONNECTIONS_PER_ACCOUNT": "3",
    "SOCKET_EVENTS_PER_SECOND": "20",
}


@pytest.fixture(scope="module")
def strict_system(
    servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """A system of this module's own."""
    with running_system(servers, template, tmp_path_factory.mktemp("strict"), SETTINGS) as running:
        yield running


@pytest.fixture
def strict(strict_system: System) -> Iterator[System]:
    """It runs before each test, and has logged no traceback after it."""
    strict_system.mend()
    yield strict_system
    assert_no_complaints(strict_system)


def test_a_killed_web_process_leaves_no_ghosts(strict: System, connect: Connect) -> None:
    """What it had registered expires: the counts drop to what is alive, and rise again when the clients come back."""
    admin = strict.account("admin")
    here, there = connect(strict, "patient1", 0), connect(strict, "chatbot", 1)
    kept = [here.subscribe(name)["subscription"]["id"] for name in ("availability:all", own_channel(strict))]
    there.subscribe("availability:all")
    assert admin.get("/sync/stats", web=1)["stats"]["total"] == 3
    strict.web[1].kill()
    there.wait_disconnected()
    wait_until(lambda: admin.get("/sync/health")["activeSubscriptions"] == 2, 15, lambda: str(admin.get("/sync/stats")))
    stats = admin.get("/sync/stats")
    assert stats["stats"] == {"appointments": 1, "availability": 0, "global": 1, "total": 2}
    assert sorted(entry["id"] for entry in stats["subscriptions"]) == sorted(kept)
    wait_until(lambda: admin.get("/sync/stats")["activeConnections"] == 1, 5, lambda: str(admin.get("/sync/stats")))
    strict.start()
    there.reconnect()
    there.wait_connected()
    there.subscribe("availability:all")
    # Who lives renews itself for longer than the dead are kept.
    kept_until = datetime.now(UTC) + timedelta(seconds=3)
    wait_until(lambda: datetime.now(UTC) > kept_until, 5, lambda: "time stands still")
    assert admin.get("/sync/stats")["stats"]["total"] == 3


def own_channel(system: System) -> str:
    """Patient 1's room."""
    return f"appointments:patient:{system.account('patient1').patient_id}"


def test_a_web_process_that_is_asked_to_stop_finishes_what_it_has_begun(strict: System, connect: Connect) -> None:
    """Clients are told to move, a call that waits gets its answer, the process ends well, and nothing is missed."""
    patient = strict.account("patient1")
    client = connect(strict, "patient1", 1, reconnection=True, reconnectionDelay=100, reconnectionDelayMax=200)
    since = client.subscribe(own_channel(strict))["position"]
    body = strict.opening().with_dentist(strict.account("dentist1").dentist_id)
    answers: list[Answer] = []
    strict.worker.pause()
    waits = threading.Thread(target=lambda: answers.append(patient.call("POST", "/appointments", body, web=1)))
    waits.start()
    pending = "SELECT count(*) FROM write_requests WHERE status = 'pending'"
    wait_until(lambda: strict.ask(pending) == 1, 10, lambda: "the call was not stored")
    strict.web[1].ask_to_stop()
    draining = client.wait_for_event("draining")
    assert set(draining) == {"reconnectAfterMs"}
    assert 0 <= draining["reconnectAfterMs"] <= 1000
    strict.worker.resume()
    waits.join()
    [answer] = answers
    assert answer.status == 201, answer
    assert strict.web[1].has_stopped_within(10)
    assert strict.web[1].exit_status == 0
    # Not a disconnection by the server, after which the library would not come back.
    assert client.wait_disconnected() in ("transport close", "transport error")
    strict.start()
    client.wait_connected()
    client.subscribe(own_channel(strict), since=since)
    heard = {payload["appointment"]["id"] for payload in client.events("appointment:created")}
    assert heard == {answer.body["id"]}


def test_a_repeat_of_a_call_that_died_with_its_process_books_once(strict: System) -> None:
    """The caller cannot know whether it was booked, sends it again with the same key elsewhere, and is told."""
    patient = strict.account("patient1")
    body = strict.opening().with_dentist(strict.account("dentist1").dentist_id)
    failures: list[Exception] = []

    def call() -> None:
        try:
            patient.call("POST", "/appointments", body, web=1, Idempotency_Key="sent-twice")
        except OSError as failure:
            failures.append(failure)

    strict.worker.pause()
    dies = threading.Thread(target=call)
    dies.start()
    stored = "SELECT count(*) FROM write_requests WHERE idempotency_key = 'sent-twice'"
    wait_until(lambda: strict.ask(stored) == 1, 10, lambda: "the call was not stored")
    strict.web[1].kill()
    dies.join()
    assert failures
    strict.worker.resume()
    again = patient.call("POST", "/appointments", body, web=0, Idempotency_Key="sent-twice")
    assert again.status == 201
    assert strict.ask("SELECT count(*) FROM appointments WHERE starts_at = %s", body["startsAt"]) == 1


def test_an_account_may_have_so_many_connections(strict: System, connect: Connect, stranger: JsClient) -> None:
    """One more is refused, other accounts are let in, and whoever leaves makes room."""
    clients = [connect(strict, "patient2") for _ in range(3)]
    stranger.connect(strict.url(), strict.account("patient2").token)
    assert stranger.wait_refused()["data"] == {"code": "too-many-connections"}
    connect(strict, "patient3")
    clients[0].disconnect()
    clients[0].wait_disconnected()

    def is_admitted() -> bool:
        stranger.forget()
        stranger.reconnect()
        outcome = stranger.wait_for_record(lambda record: record["kind"] in ("connect", "connect_error"), "an outcome")
        return bool(outcome["kind"] == "connect")

    wait_until(is_admitted, 5, lambda: "there was no room after one had left")


def test_a_client_that_asks_too_much_is_told_so(strict: System, connect: Connect) -> None:
    """Events beyond the limit are refused, not done and not unanswered; the connection stays and is heard later."""
    client, other = connect(strict, "patient4"), connect(strict, "patient4")
    answers = [answer() for answer in [client.begin("subscriptions") for _ in range(200)]]
    refused = [answer["error"]["code"] for answer in answers if not answer["ok"]]
    assert set(refused) == {"rate-limited"}
    assert 20 <= 200 - len(refused) <= 150
    assert other.emit("subscriptions")["ok"] is True
    wait_until(lambda: client.emit("subscriptions")["ok"] is True, 5, lambda: "never heard again")
