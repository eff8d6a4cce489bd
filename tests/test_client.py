"""The Python client without a server: how it waits, what it keeps, and what it says to a socket that is made up."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dental_sync.client import RealtimeSync, SyncError
from dental_sync.client.backoff import LONGEST_SECONDS, seconds_before
from dental_sync.client.following import Following
from dental_sync.client.transport import CLOSED, CONNECTED, LOST, REFUSED

WAIT_SECONDS = 5.0
CHANNEL = "availability:all"
Payload = dict[str, Any]


def test_each_wait_is_longer_up_to_a_limit_and_no_two_are_alike() -> None:
    """Twice as long each time, never more than ten seconds, and at least half of it for the unluckiest."""
    assert [seconds_before(attempt, 0.0) for attempt in range(4)] == [0.2, 0.4, 0.8, 1.6]
    assert seconds_before(10_000, 0.0) == LONGEST_SECONDS
    assert seconds_before(3, 1.0) == pytest.approx(0.8)
    assert len({seconds_before(3, chance / 10) for chance in range(10)}) == 10


def message(position: int, *, epoch: str = "one", channels: tuple[str, ...] = (CHANNEL,)) -> Payload:
    availability = {"change": "busy", "from": str(position), "to": None, "timeZone": "Europe/Berlin"}
    return {
        "position": position,
        "epoch": epoch,
        "occurredAt": "2030-01-07T09:00:00.000Z",
        "channels": list(channels),
        "dentistId": "d",
        "availability": availability,
    }


def acknowledgement(position: int, *, epoch: str = "one", resync: bool = False) -> Payload:
    subscription = {"id": f"{CHANNEL}-1", "channelName": CHANNEL, "active": True, "createdAt": "now"}
    return {"ok": True, "subscription": subscription, "position": position, "epoch": epoch, "resync": resync}


def positions(told: list[tuple[str, Payload]]) -> list[int]:
    return [message["position"] for _, message in told]


def live(position: int) -> Following:
    following = Following(CHANNEL)
    following.ask()
    following.acknowledge(acknowledgement(position))
    return following


def test_a_message_is_told_once_and_a_heartbeat_moves_the_position_on() -> None:
    """What is not beyond the last position is dropped, and a subscription resumes from wherever it came to."""
    following = live(10)
    assert positions(following.hear("x", message(11))) == [11]
    assert following.hear("x", message(11)) == []
    following.beat(40, "one")
    following.beat(30, "one")
    assert following.hear("x", message(39)) == []
    following.lose()
    assert following.ask() == {"channel": CHANNEL, "since": 40, "epoch": "one"}


def test_what_comes_before_the_acknowledgement_is_told_in_order() -> None:
    """A live message of another channel, in the middle of a replay, does not hide the older ones that follow it."""
    following = live(10)
    following.lose()
    following.ask()
    for position in (11, 15, 12, 13, 15):
        assert following.hear("x", message(position)) == []
    assert positions(following.acknowledge(acknowledgement(14))) == [11, 12, 13, 15]
    assert positions(following.hear("x", message(16))) == [16]


def test_a_connection_that_is_lost_before_the_acknowledgement_takes_nothing_along() -> None:
    """What was kept back comes again, and the position stays where it was."""
    following = live(10)
    following.lose()
    following.ask()
    following.hear("x", message(11))
    following.lose()
    assert following.ask()["since"] == 10
    assert positions(following.acknowledge(acknowledgement(11))) == []


def test_a_heartbeat_of_another_log_counts_only_after_resync() -> None:
    """Until whoever follows was told, the old position must stay: the server answers it with `resync`."""
    following = live(10)
    following.beat(1_000_000_000, "two")
    assert (following.position, following.epoch) == (10, "one")
    following.void()
    following.beat(1_000_000_000, "two")
    assert (following.position, following.epoch) == (1_000_000_000, "two")


class FakeSocket:
    """One connection of a server that the test plays."""

    def __init__(self, receive: Callable[[str, Any], None]) -> None:
        self.receive = receive
        self.token = ""
        self.is_closed = False
        self._asked: list[tuple[str, Payload, Callable[[Any], None]]] = []
        self._change = threading.Condition()

    def open(self, url: str, token: str) -> None:
        if url == "nobody":
            raise OSError("nobody is there")
        self.token = token

    def ask(self, event: str, payload: Payload, answered: Callable[[Any], None]) -> None:
        with self._change:
            self._asked.append((event, payload, answered))
            self._change.notify_all()

    def close(self) -> None:
        self.is_closed = True

    def next(self) -> tuple[str, Payload, Callable[[Any], None]]:
        """What the client asked next."""
        with self._change:
            assert self._change.wait_for(lambda: self._asked, WAIT_SECONDS), "nothing was asked"
            return self._asked.pop(0)


class Server:
    """Every socket that the client made, one after the other."""

    def __init__(self) -> None:
        self._sockets: list[FakeSocket] = []
        self._change = threading.Condition()

    def new_socket(self, receive: Callable[[str, Any], None]) -> FakeSocket:
        with self._change:
            self._sockets.append(FakeSocket(receive))
            self._change.notify_all()
            return self._sockets[-1]

    def connected(self, number: int) -> FakeSocket:
        with self._change:
            assert self._change.wait_for(lambda: len(self._sockets) > number, WAIT_SECONDS), "no connection was made"
        self._sockets[number].receive(CONNECTED, None)
        return self._sockets[number]


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def errors() -> list[SyncError]:
    return []


@pytest.fixture
def sync(server: Server, errors: list[SyncError]) -> Iterator[RealtimeSync]:
    tokens = iter(f"token-{number}" for number in range(100))
    client = RealtimeSync("somewhere", tokens.__next__, on_error=errors.append, new_socket=server.new_socket)
    yield client
    client.close()


def test_it_resumes_on_the_next_connection_with_a_fresh_token(sync: RealtimeSync, server: Server) -> None:
    """One subscription to the server for two here; after a loss it goes on from the last position."""
    told: list[str] = []
    for _ in range(2):
        sync.subscribe_to_global_availability(on_availability_changed=lambda _, what: told.append(what["from"]))
    first = server.connected(0)
    event, payload, answered = first.next()
    assert (event, payload, first.token) == ("subscribe", {"channel": CHANNEL}, "token-0")
    answered(acknowledgement(10))
    first.receive("availability:changed", message(11, channels=(CHANNEL, "availability:d")))
    first.receive(LOST, "transport error")
    second = server.connected(1)
    # Nothing that the lost connection still has to say is heard.
    first.receive("availability:changed", message(12))
    event, payload, answered = second.next()
    assert (payload, second.token) == ({"channel": CHANNEL, "since": 11, "epoch": "one"}, "token-1")
    second.receive("availability:changed", message(11))
    second.receive("availability:changed", message(12))
    answered(acknowledgement(12))
    second.receive("token:expiring", {"expiresAt": "soon"})
    # It is answered in its turn, after what came before.
    assert second.next()[0] == "authenticate"
    sync.close()
    assert told == ["11", "11", "12", "12"]
    assert first.is_closed
    assert second.is_closed


def test_the_last_to_leave_a_channel_leaves_it_on_the_server(sync: RealtimeSync, server: Server) -> None:
    """The count is that of the callers; the server's subscription ends with the last of them."""
    first, second = sync.subscribe_to_global_availability(), sync.subscribe_to_global_availability()
    socket = server.connected(0)
    socket.next()[2](acknowledgement(10))
    assert first.wait_until_live(WAIT_SECONDS)
    assert sync.get_active_subscriptions_count() == 2
    sync.unsubscribe(first)
    assert sync.get_active_subscriptions() == [second]
    assert (first.active, second.active, second.id) == (False, True, f"{CHANNEL}-1")
    sync.unsubscribe_all()
    assert socket.next()[:2] == ("unsubscribe", {"id": f"{CHANNEL}-1"})
    assert sync.get_active_subscriptions_count() == 0


def test_a_passing_refusal_is_tried_again_and_another_ends_the_subscription(
    sync: RealtimeSync, server: Server, errors: list[SyncError]
) -> None:
    """`unavailable` passes; `forbidden` does not, and concerns nobody else."""
    heard: list[SyncError] = []
    told = threading.Event()
    sync.subscribe_to_global_availability(on_error=lambda error: (heard.append(error), told.set()))
    socket = server.connected(0)
    socket.next()[2]({"ok": False, "error": {"code": "unavailable", "detail": "Later."}})
    socket.next()[2]({"ok": False, "error": {"code": "forbidden", "detail": "No."}})
    assert told.wait(WAIT_SECONDS)
    assert [(error.code, error.retryable) for error in heard] == [("forbidden", False)]
    assert (sync.get_active_subscriptions(), errors) == ([], [])


@pytest.mark.parametrize(
    ("event", "payload", "code"),
    [
        (CLOSED, None, "revoked"),
        (REFUSED, {"message": "unauthorized", "data": {"code": "unauthorized"}}, "unauthorized"),
        (REFUSED, {"message": "account-disabled", "data": {"code": "account-disabled"}}, "account-disabled"),
    ],
)
def test_what_no_attempt_can_mend_closes_it(server: Server, event: str, payload: Payload | None, code: str) -> None:
    """With a typed error, for the whole and for each subscription."""
    heard: list[SyncError] = []
    done = threading.Event()
    sync = RealtimeSync("somewhere", lambda: "t", on_error=lambda _: done.set(), new_socket=server.new_socket)
    sync.subscribe_to_global_availability(on_error=heard.append)
    server.connected(0).receive(event, payload)
    assert done.wait(WAIT_SECONDS)
    assert [(error.code, error.retryable) for error in heard] == [(code, False)]
    with pytest.raises(SyncError, match=code):
        sync.subscribe_to_global_availability()


def test_a_refusal_that_passes_brings_another_attempt(
    sync: RealtimeSync, server: Server, errors: list[SyncError]
) -> None:
    """An expired token is fetched anew; it is said once that the connection is gone."""
    subscription = sync.subscribe_to_global_availability()
    server.connected(0).receive(REFUSED, {"message": "token-expired", "data": {"code": "token-expired"}})
    socket = server.connected(1)
    socket.next()[2](acknowledgement(10))
    assert subscription.wait_until_live(WAIT_SECONDS)
    assert socket.token == "token-1"
    assert [(error.code, error.retryable) for error in errors] == [("token-expired", True)]


def test_an_expiring_token_is_renewed_and_a_callback_that_fails_harms_nobody(
    sync: RealtimeSync, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """On the open socket; what a callback raises is in the log."""
    sync.subscribe_to_global_availability(on_availability_changed=lambda *_: 1 / 0)
    socket = server.connected(0)
    socket.next()[2](acknowledgement(10))
    socket.receive("availability:changed", message(11))
    socket.receive("token:expiring", {"expiresAt": "soon"})
    assert socket.next()[:2] == ("authenticate", {"token": "token-1"})
    assert "ZeroDivisionError" in caplog.text


def test_a_process_that_is_about_to_stop_is_left(sync: RealtimeSync, server: Server) -> None:
    """After the time that it names; nobody is told, for nothing is amiss."""
    sync.subscribe_to_global_availability()
    socket = server.connected(0)
    socket.receive("draining", {"reconnectAfterMs": 10})
    server.connected(1)
    assert socket.is_closed


def test_the_client_brings_nothing_of_the_server_along() -> None:
    """A back end that follows needs neither Flask nor a database driver."""
    script = (
        "import sys, dental_sync.client\n"
        "print(*{'flask', 'apiflask', 'sqlalchemy', 'pydantic', 'celery', 'psycopg2'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == ""
