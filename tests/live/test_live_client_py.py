"""The Python client follows through everything that the protocol says may happen."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from dental_sync_client import RealtimeSync, Subscription, SyncError
from dental_sync_client.transport import CLOSED, CONNECTED, LOST, REFUSED, Answered, Receive, SocketIO
from jsonschema import Draft202012Validator
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from dental_sync.core.config import sqlalchemy_url
from dental_sync.local.run import PROJECT_FOLDER
from dental_sync.sockets import asyncapi
from dental_sync.sync import log

from .conftest import StartSystem
from .rest import Account
from .system import System, wait_until
from .test_live_readme import block_with
from .witnesses import somebody_new

LIVE_SECONDS = 15.0


class Tapped(SocketIO):
    """The real socket, and a note of whatever came through it."""

    def __init__(self, receive: Receive, wire: list[tuple[str, Any]]) -> None:
        self._wire = wire

        def noted(event: str, payload: Any) -> None:
            wire.append((event, payload))
            receive(event, payload)

        super().__init__(noted)

    def ask(self, event: str, payload: dict[str, Any], answered: Answered) -> None:
        def noted(answer: Any) -> None:
            self._wire.append((f"{event} (acknowledgement)", answer))
            answered(answer)

        super().ask(event, payload, noted)

    def cut(self) -> None:
        """The network is gone, in the middle of whatever it is."""
        self._client.eio.ws.sock.shutdown(socket.SHUT_RDWR)


def assert_described(wire: list[tuple[str, Any]]) -> None:
    """Whatever came is as the AsyncAPI document says."""
    document = asyncapi.document()
    payloads = {message["name"]: message["payload"] for message in document["components"]["messages"].values()}
    payloads |= {message["name"]: message["payload"] for message in sent_by_the_server(document)}
    for event, payload in wire:
        if event not in (CONNECTED, REFUSED, CLOSED, LOST):
            name = "refused" if event.endswith("(acknowledgement)") and not payload["ok"] else event
            Draft202012Validator({**payloads[name], "components": document["components"]}).validate(payload)


def sent_by_the_server(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages of its own, where a client has an event of the same name."""
    sent = [each["messages"][0]["$ref"] for each in document["operations"].values() if each["action"] == "send"]
    return [document["components"]["messages"][reference.rpartition("/")[2]] for reference in sent]


class Follower:
    """A client, and what it was told."""

    def __init__(self, url: str, get_token: Callable[[], str], **options: Any) -> None:
        self.told: list[tuple[str, Any]] = []
        self.threads: set[int] = set()
        self.resyncs: list[tuple[Any, ...]] = []
        self.errors: list[SyncError] = []
        # For each token that was fetched, whether it had to be fresh.
        self.fresh: list[bool] = []
        self._get_token = get_token
        self.wire: list[tuple[str, Any]] = []
        self.sync = RealtimeSync(
            url,
            self._token,
            on_resync=lambda *resync: self.resyncs.append(resync),
            on_error=self.errors.append,
            new_socket=self._new_socket,
            **options,
        )

    def _new_socket(self, receive: Receive) -> Tapped:
        self.socket = Tapped(receive, self.wire)
        return self.socket

    @property
    def connections(self) -> int:
        """How often it was let in."""
        return [event for event, _ in self.wire].count(CONNECTED)

    def _token(self, fresh: bool) -> str:
        self.fresh.append(fresh)
        return self._get_token()

    def appointments(self, patient_id: str) -> None:
        """Follow a patient's."""
        subscription = self.sync.subscribe_to_appointments(
            patient_id,
            "patient",
            on_appointment_created=lambda appointment: self._tell("created", appointment["id"]),
            on_appointment_updated=lambda appointment, previous: self._tell("updated", (appointment["id"], previous)),
            on_appointment_deleted=lambda appointment_id: self._tell("deleted", appointment_id),
        )
        assert subscription.wait_until_live(LIVE_SECONDS)

    def availability(self) -> None:
        """Follow everybody's."""
        subscription = self.sync.subscribe_to_global_availability(
            on_availability_changed=lambda dentist_id, availability: self._tell(
                availability["change"], (dentist_id, availability["from"])
            )
        )
        assert subscription.wait_until_live(LIVE_SECONDS)

    def of(self, kind: str) -> list[Any]:
        return [what for told, what in self.told if told == kind]

    def _tell(self, kind: str, what: Any) -> None:
        self.threads.add(threading.get_ident())
        self.told.append((kind, what))


Follow = Callable[..., Follower]


@pytest.fixture
def follow() -> Iterator[Follow]:
    """Follow as a demo account; all clients are closed at the end."""
    followers: list[Follower] = []

    def follow(system: System, name: str, get_token: Callable[[], str] | None = None, **options: Any) -> Follower:
        follower = Follower(system.url(), get_token or (lambda: system.account(name).token), **options)
        followers.append(follower)
        return follower

    yield follow
    for follower in followers:
        follower.sync.close()
    for follower in followers:
        assert_described(follower.wire)


def book(system: System, count: int, web: int = 0) -> tuple[list[str], list[tuple[str, str]]]:
    """Book for patient 1: the ids, and what availability says of them, both in order."""
    ids, taken = [], []
    for _ in range(count):
        dentist = system.account("dentist1").dentist_id
        body = system.opening().with_dentist(dentist)
        ids.append(system.account("patient1").done("POST", "/appointments", body, web=web)["id"])
        taken.append((dentist, body["startsAt"]))
    return ids, taken


def assert_told(patient: Follower, chatbot: Follower, ids: list[str], taken: list[tuple[str, str]]) -> None:
    """Each was told once, in order, and each client in one thread."""
    wait_until(
        lambda: len(patient.of("created")) >= len(ids) and len(chatbot.of("busy")) >= len(taken),
        20,
        lambda: f"told of {len(patient.of('created'))} and {len(chatbot.of('busy'))} of {len(ids)}",
    )
    assert patient.of("created") == ids
    assert chatbot.of("busy") == taken
    assert len(patient.threads) == len(chatbot.threads) == 1


def test_the_python_client_misses_nothing_while_the_web_process_is_killed(sturdy: System, follow: Follow) -> None:
    """What is booked while its process is dead is told after the restart, once and in order."""
    patient, chatbot = follow(sturdy, "patient1"), follow(sturdy, "chatbot")
    patient.appointments(sturdy.account("patient1").patient_id)
    # Two channels that carry the same messages: the same change is told once to each subscription.
    chatbot.availability()
    chatbot.sync.subscribe_to_availability(sturdy.account("dentist1").dentist_id).wait_until_live(LIVE_SECONDS)
    ids, taken = book(sturdy, 3)
    sturdy.web[0].kill()
    more = book(sturdy, 3, web=1)
    sturdy.web[0].start()
    sturdy.wait_until_healthy()
    and_more = book(sturdy, 2)
    ids += more[0] + and_more[0]
    taken += more[1] + and_more[1]
    assert_told(patient, chatbot, ids, taken)
    assert patient.connections == chatbot.connections == 2
    assert {error.code for error in patient.errors} <= {"connection-lost", "unavailable"}
    assert patient.resyncs == chatbot.resyncs == []


def test_the_python_client_misses_nothing_when_it_is_cut_off_again_and_again(system: System, follow: Follow) -> None:
    """Three cuts while others book."""
    patient, chatbot = follow(system, "patient1"), follow(system, "chatbot")
    patient.appointments(system.account("patient1").patient_id)
    chatbot.availability()
    ids: list[str] = []
    taken: list[tuple[str, str]] = []
    for round_ in range(1, 4):
        for follower in (patient, chatbot):
            follower.socket.cut()
        more = book(system, 2)
        ids += more[0]
        taken += more[1]
        wait_until(lambda n=round_: patient.connections > n < chatbot.connections, 15, lambda: "it did not come back")
    assert_told(patient, chatbot, ids, taken)
    assert patient.resyncs == chatbot.resyncs == []


def test_the_python_client_renews_its_token_on_the_open_socket(start_system: StartSystem, follow: Follow) -> None:
    """Tokens of three seconds, and a connection that outlives the first by far."""
    system = start_system(ACCESS_TOKEN_SECONDS="3")

    def fresh() -> str:
        return Account.sign_in(system.ports, "chatbot@demo.test", "demo-password-1").token

    chatbot = follow(system, "chatbot", fresh)
    chatbot.availability()
    wait_until(lambda: len(chatbot.fresh) >= 5, 20, lambda: f"only {len(chatbot.fresh)} tokens were fetched")
    assert chatbot.connections == 1
    assert chatbot.fresh[:3] == [False, True, True]
    assert chatbot.errors == []


def test_the_python_client_goes_on_from_a_snapshot(sturdy: System, follow: Follow) -> None:
    """`new-epoch` while it is connected is told once; it goes on from there as before, after a cut too."""
    system = sturdy
    account = system.account("patient1")
    patient = follow(system, "patient1", fetch_snapshot=lambda _channel: snapshot(account))
    chatbot = follow(system, "chatbot")
    patient.appointments(account.patient_id)
    chatbot.availability()
    ids, taken = book(system, 1)
    new_epoch(system)
    wait_until(
        lambda: len(chatbot.resyncs) == len(patient.resyncs) == 1,
        15,
        lambda: f"told of {chatbot.resyncs} and {patient.resyncs}",
    )
    more = book(system, 1)
    assert_told(patient, chatbot, ids + more[0], taken + more[1])
    system.web[0].kill()
    and_more = book(system, 1, web=1)
    system.web[0].start()
    system.wait_until_healthy()
    assert_told(patient, chatbot, ids + more[0] + and_more[0], taken + more[1] + and_more[1])
    [(channel, _reason, given)] = patient.resyncs
    assert channel == f"appointments:patient:{account.patient_id}"
    assert ids[0] in {appointment["id"] for appointment in given["items"]}
    assert [(resync[0], resync[2]) for resync in chatbot.resyncs] == [("availability:all", None)]


def test_the_python_client_begins_where_a_list_ends(system: System, follow: Follow) -> None:
    """Each subscription hears what came after its own list, once; the account's id stands for the patient's."""
    account = system.account("patient1")
    patient = follow(system, "patient1")
    lists = [snapshot(account)]
    first = [*book(system, 2)[0]]
    lists.append(snapshot(account))
    second = [*book(system, 1)[0]]
    heard: list[list[str]] = [[], []]

    def begin(number: int) -> Subscription:
        return patient.sync.subscribe_to_appointments(
            account.user["id"],
            "patient",
            on_appointment_created=lambda appointment: heard[number].append(appointment["id"]),
            since=lists[number],
        )

    # The one from the later place comes first, so that the other has to ask for what is older.
    assert begin(1).wait_until_live(LIVE_SECONDS)
    subscription = begin(0)
    assert subscription.wait_until_live(LIVE_SECONDS)
    third = [*book(system, 1)[0]]
    wait_until(lambda: third[0] in heard[0] and third[0] in heard[1], 10, lambda: f"told only {heard}")
    assert heard == [first + second + third, second + third]
    assert subscription.channel_name == f"appointments:patient:{account.patient_id}"
    assert patient.connections == 1


def test_the_python_client_knows_whose_appointments_are_its_own(system: System, follow: Follow) -> None:
    """A patient's and a dentist's own, an admin's all; a chatbot has none, and hears that for good."""
    heard: list[SyncError] = []
    channels = []
    updates: list[tuple[Any, Any]] = []
    for name in ("patient1", "dentist1", "admin"):
        subscription = follow(system, name).sync.subscribe_to_own_appointments(
            on_appointment_updated=lambda appointment, previous: updates.append((appointment, previous))
        )
        assert subscription.wait_until_live(LIVE_SECONDS)
        channels.append(subscription.channel_name)
    assert channels == [
        f"appointments:patient:{system.account('patient1').patient_id}",
        f"appointments:dentist:{system.account('dentist1').dentist_id}",
        "appointments:all",
    ]
    [booked], _ = book(system, 1)
    system.account("patient1").done("POST", f"/appointments/{booked}/confirm", {})
    wait_until(lambda: len(updates) == 3, 10, lambda: f"only {updates}")
    for appointment, previous in updates:
        assert (appointment["id"], appointment["confirmation"]) == (booked, "confirmed")
        assert previous["confirmation"] == "unconfirmed"
    chatbot = follow(system, "chatbot").sync
    chatbot.subscribe_to_own_appointments(on_error=heard.append)
    chatbot.subscribe_to_appointments(system.account("chatbot").user["id"], "patient", on_error=heard.append)
    wait_until(lambda: len(heard) == 2, 10, lambda: f"only {heard}")
    assert [(error.code, error.retryable) for error in heard] == [("forbidden", False)] * 2
    assert chatbot.get_active_subscriptions() == []


def test_the_python_client_leaves_a_server_that_has_fallen_silent(sturdy: System, follow: Follow) -> None:
    """A process that hangs keeps its connections; the state says that nothing is complete, until it is again."""
    chatbot = follow(sturdy, "chatbot")
    states: list[str] = []
    chatbot.sync.on_state_change(lambda state: states.append(state.status))
    chatbot.availability()
    before = chatbot.sync.state.as_of
    sturdy.web[0].pause()
    try:
        wait_until(lambda: chatbot.sync.state.status == "offline", 10, lambda: "it noticed nothing")
    finally:
        sturdy.web[0].resume()
    assert chatbot.sync.state.error is not None
    wait_until(lambda: chatbot.sync.state.status == "live", 20, lambda: f"it came to {states}")
    after = chatbot.sync.state.as_of
    assert before is not None
    assert after is not None
    assert before < after <= datetime.now(UTC)
    assert states[:4] == ["connecting", "catching-up", "live", "offline"]


def test_the_python_client_replaces_a_token_that_is_refused(system: System, follow: Follow) -> None:
    """By a fresh one, once; and it asks for signs of life when it is told to."""
    chatbot = follow(system, "chatbot", lambda: system.account("chatbot").token if chatbot.fresh[-1] else "stale")
    chatbot.sync.start_heartbeat(0.1)
    chatbot.availability()
    assert chatbot.fresh == [False, True]
    assert [error.code for error in chatbot.errors] == ["unauthorized"]
    wait_until(
        lambda: [event for event, _ in chatbot.wire].count("heartbeat (acknowledgement)") >= 2,
        10,
        lambda: "no heartbeat was answered",
    )
    hopeless = follow(system, "chatbot", lambda: "stale")
    hopeless.sync.subscribe_to_global_availability()
    wait_until(lambda: hopeless.sync.state.status == "closed", 10, lambda: "it goes on trying")
    assert hopeless.fresh == [False, True]
    assert [(error.code, error.retryable) for error in hopeless.errors] == [
        ("unauthorized", True),
        ("unauthorized", False),
    ]


def test_the_python_client_closes_when_its_rights_are_gone(system: System, follow: Follow) -> None:
    """A typed error, to every subscription and once to the whole; no attempt follows, and nothing can be added."""
    user, account = somebody_new(system, "chatbot")
    chatbot = follow(system, "chatbot", lambda: account.token)
    chatbot.availability()
    heard: list[SyncError] = []
    chatbot.sync.subscribe_to_global_availability(on_error=heard.append)
    system.account("admin").done("PATCH", f"/users/{user['id']}", {"active": False})
    wait_until(lambda: bool(chatbot.errors), 10, lambda: "it did not hear of it")
    assert [(error.code, error.retryable) for error in chatbot.errors] == [("revoked", False)]
    assert chatbot.errors == [chatbot.sync.error]
    # The server ends each subscription before the connection.
    assert [(error.code, error.retryable) for error in heard] == [("subscription-closed", False)]
    assert chatbot.sync.get_active_subscriptions() == []
    with pytest.raises(SyncError, match="revoked"):
        chatbot.sync.subscribe_to_global_availability()
    again = follow(system, "chatbot", lambda: account.token)
    again.sync.subscribe_to_global_availability()
    wait_until(lambda: bool(again.errors), 10, lambda: "it was let in")
    assert [(error.code, error.retryable) for error in again.errors] == [("account-disabled", False)]


def test_the_python_client_hears_of_a_channel_that_is_not_its_own(system: System, follow: Follow) -> None:
    """A refused subscription ends with its code; the others go on."""
    chatbot = follow(system, "chatbot")
    chatbot.availability()
    heard: list[SyncError] = []
    chatbot.sync.subscribe_to_all_appointments(on_error=heard.append)
    wait_until(lambda: bool(heard), 10, lambda: "it was not refused")
    assert [(error.code, error.retryable) for error in heard] == [("forbidden", False)]
    assert [each.channel_name for each in chatbot.sync.get_active_subscriptions()] == ["availability:all"]
    assert chatbot.errors == []


def test_the_readmes_python_works_as_written(system: System, capfd: pytest.CaptureFixture[str]) -> None:
    """It prints that everything is there, and an appointment that is booked then."""
    said = ""

    def has_printed(words: str) -> bool:
        nonlocal said
        said += capfd.readouterr().out
        return words in said

    there: dict[str, Any] = {}
    exec(block_with("python", "RealtimeSync", system), there)  # noqa: S102 - it is ours
    try:
        wait_until(lambda: has_printed("live 20"), LIVE_SECONDS, lambda: f"it printed only {said}")
        [booked], _ = book(system, 1)
        wait_until(lambda: has_printed(f"New appointment: {{'id': '{booked}'"), 10, lambda: f"it printed only {said}")
    finally:
        there["sync"].close()
    assert there["subscription"].channel_name == f"appointments:patient:{system.account('patient1').patient_id}"


def test_the_chatbot_of_the_examples_answers_anew_when_somebody_books(system: System) -> None:
    """It prints three times, and others as soon as the first of them is taken."""
    said: list[str] = []
    command = [sys.executable, "-u", "examples/chatbot.py", "--url", system.url()]
    with subprocess.Popen(command, cwd=PROJECT_FOLDER, stdout=subprocess.PIPE, text=True) as chatbot:
        assert chatbot.stdout is not None
        reader = threading.Thread(target=said.extend, args=[chatbot.stdout], daemon=True)
        reader.start()
        try:
            wait_until(lambda: len(said) >= 4, 20, lambda: f"it said only {said}")
            patient = system.account("patient1")
            [filling] = [each for each in patient.get("/treatments")["items"] if each["name"] == "Filling"]
            now = datetime.now(UTC)
            times = {
                "from": now.isoformat(),
                "to": (now + timedelta(days=14)).isoformat(),
                "treatmentId": filling["id"],
            }
            first = patient.get(f"/availability?{urlencode(times)}")["slots"][0]
            body = {"dentistId": first["dentistId"], "startsAt": first["startsAt"], "treatmentId": filling["id"]}
            # A new patient: those of the demo may have another appointment at that time.
            admin = system.account("admin")
            somebody = {"patientId": admin.done("POST", "/patients", {"name": "Sam Somebody"})["id"]}
            admin.done("POST", "/appointments", {**body, **somebody})
            wait_until(lambda: len(said) >= 8, 10, lambda: f"it said only {said}")
        finally:
            chatbot.kill()
            reader.join(10)
    assert said[0] == said[4] == "The next free times for: Filling (60 minutes)\n"
    assert said[1:4] != said[5:8]


def snapshot(account: Account) -> Any:
    """The coming appointments, with the place in the log at which the list was made."""
    now = datetime.now(UTC)
    times = {"from": now.isoformat(), "to": (now + timedelta(days=3000)).isoformat(), "limit": 200}
    return account.get(f"/appointments?{urlencode(times)}")


def new_epoch(system: System) -> None:
    """As `dental-sync new-epoch` does."""
    engine = create_engine(sqlalchemy_url(system.urls.owner))
    with Session(engine) as session:
        log.begin_epoch(session)
        session.commit()
    engine.dispose()
