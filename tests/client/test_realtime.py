"""The Python client as an application calls it, and what it says to a socket that is made up."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dental_sync.client import Place, RealtimeSync, Subscription, SyncError, connection
from dental_sync.client.account import Account
from dental_sync.client.transport import CLOSED, CONNECTED, LOST, REFUSED

from .made_up_server import CHANNEL, WAIT_SECONDS, FakeSocket, Payload, Server, acknowledgement, message, refusal

CHANGED = "availability:changed"
UNAUTHORIZED = {"message": "unauthorized", "data": {"code": "unauthorized"}}


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def errors() -> list[SyncError]:
    return []


@pytest.fixture
def tokens() -> list[bool]:
    """For each token that was fetched, whether it had to be fresh."""
    return []


Make = Callable[..., RealtimeSync]


@pytest.fixture
def make(server: Server, errors: list[SyncError], tokens: list[bool]) -> Iterator[Make]:
    """Make a client of the server; all are closed at the end."""
    made: list[RealtimeSync] = []

    def get_token(fresh: bool) -> str:
        tokens.append(fresh)
        return f"token-{len(tokens) - 1}"

    def make(**options: Any) -> RealtimeSync:
        made.append(
            RealtimeSync("somewhere", get_token, on_error=errors.append, new_socket=server.new_socket, **options)
        )
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def sync(make: Make) -> RealtimeSync:
    return make()


class Heard:
    """What one subscription was told, and its errors."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.errors: list[SyncError] = []
        self._change = threading.Condition()

    def change(self, _dentist_id: str | None, availability: Payload) -> None:
        self.note(availability["from"])

    def note(self, *what: Any) -> None:
        with self._change:
            self.told.append(what[0] if len(what) == 1 else what)
            self._change.notify_all()

    def error(self, error: SyncError) -> None:
        with self._change:
            self.errors.append(error)
            self._change.notify_all()

    def wait(self, told: int = 0, errors: int = 0) -> None:
        with self._change:
            assert self._change.wait_for(lambda: len(self.told) >= told and len(self.errors) >= errors, WAIT_SECONDS), (
                f"only {self.told} and {self.errors}"
            )


@pytest.fixture
def heard() -> Heard:
    return Heard()


def follow(sync: RealtimeSync, heard: Heard, **options: Any) -> Subscription:
    return sync.subscribe_to_global_availability(on_availability_changed=heard.change, on_error=heard.error, **options)


def live(server: Server, position: int = 10) -> FakeSocket:
    """The first connection, with one channel acknowledged."""
    socket = server.connected(0)
    socket.next_subscribe()[1](acknowledgement(position))
    return socket


def test_it_resumes_on_the_next_connection(sync: RealtimeSync, server: Server, heard: Heard) -> None:
    """One subscription to the server for two here; after a loss it goes on from the last place, with another token."""
    for _ in range(2):
        follow(sync, heard)
    first = server.connected(0)
    payload, answered = first.next_subscribe()
    assert (payload, first.token) == ({"channel": CHANNEL}, "token-0")
    answered(acknowledgement(10))
    first.receive(CHANGED, message(11, channels=(CHANNEL, "availability:d")))
    first.receive(LOST, "transport error")
    second = server.connected(1)
    # Nothing that the lost connection still has to say is heard.
    first.receive(CHANGED, message(12))
    payload, answered = second.next_subscribe()
    assert (payload, second.token) == ({"channel": CHANNEL, "since": 11, "epoch": "one"}, "token-1")
    second.receive(CHANGED, message(11))
    second.receive(CHANGED, message(12))
    answered(acknowledgement(12))
    heard.wait(told=4)
    sync.close()
    assert heard.told == ["11", "11", "12", "12"]
    assert first.is_closed
    assert second.is_closed


def test_the_last_to_leave_a_channel_leaves_it_on_the_server(sync: RealtimeSync, server: Server) -> None:
    """The count is that of the callers; the server's subscription ends with the last of them."""
    first, second = sync.subscribe_to_global_availability(), sync.subscribe_to_global_availability()
    socket = live(server)
    assert first.wait_until_live(WAIT_SECONDS)
    assert sync.get_active_subscriptions_count() == 2
    sync.unsubscribe(first)
    assert sync.get_active_subscriptions() == [second]
    assert (first.active, second.active, second.id) == (False, True, f"{CHANNEL}-1")
    sync.unsubscribe_all()
    assert socket.next()[:2] == ("unsubscribe", {"id": f"{CHANNEL}-1"})
    assert sync.get_active_subscriptions_count() == 0


def test_who_follows_again_waits_until_the_server_has_let_go(sync: RealtimeSync, server: Server) -> None:
    """Or the end of the old subscription might take the new one along."""
    subscription = sync.subscribe_to_global_availability()
    socket = live(server)
    sync.unsubscribe(subscription)
    sync.subscribe_to_global_availability()
    _, _, left = socket.next("unsubscribe")
    sync.subscribe_to_availability("d")
    assert socket.next_subscribe()[0] == {"channel": "availability:d"}
    left({"ok": True})
    assert socket.next_subscribe()[0] == {"channel": CHANNEL}


def test_who_leaves_before_the_acknowledgement_leaves_when_it_comes(sync: RealtimeSync, server: Server) -> None:
    """Once, however often it was asked for; unless somebody follows again, who shares the server's subscription."""
    subscription = sync.subscribe_to_global_availability()
    socket = server.connected(0)
    answers = [socket.next_subscribe()[1]]
    for _ in range(2):
        sync.unsubscribe(subscription)
        subscription = sync.subscribe_to_global_availability()
        answers.append(socket.next_subscribe()[1])
    answers[0](acknowledgement(10))
    assert socket.is_asked_nothing_for(0.1)
    sync.unsubscribe(subscription)
    answers[1](acknowledgement(10))
    _, payload, left = socket.next("unsubscribe")
    assert payload == {"id": f"{CHANNEL}-1"}
    answers[2](acknowledgement(10))
    assert socket.is_asked_nothing_for(0.1)
    left({"ok": True})
    sync.subscribe_to_global_availability()
    assert socket.next_subscribe()[0] == {"channel": CHANNEL}


def test_a_passing_refusal_is_tried_again_and_another_ends_the_subscription(
    sync: RealtimeSync, server: Server, heard: Heard, errors: list[SyncError]
) -> None:
    """`unavailable` passes; `forbidden` does not, and concerns nobody else."""
    follow(sync, heard)
    socket = server.connected(0)
    socket.next_subscribe()[1](refusal("unavailable"))
    socket.next_subscribe()[1](refusal("forbidden"))
    heard.wait(errors=1)
    assert [(error.code, error.retryable) for error in heard.errors] == [("forbidden", False)]
    assert (sync.get_active_subscriptions(), errors) == ([], [])


def test_a_subscription_that_the_server_closes_ends_and_says_so(
    sync: RealtimeSync, server: Server, heard: Heard
) -> None:
    """The others go on."""
    subscription = follow(sync, heard)
    other = sync.subscribe_to_availability("d")
    socket = server.connected(0)
    socket.receive("subscription:closed", {"id": "x", "channelName": CHANNEL, "reason": "It is not yours any more."})
    heard.wait(errors=1)
    assert [error.code for error in heard.errors] == ["subscription-closed"]
    assert (subscription.active, sync.get_active_subscriptions()) == (False, [other])


@pytest.mark.parametrize(
    ("event", "payload", "code"),
    [
        (CLOSED, None, "revoked"),
        (REFUSED, {"message": "account-disabled", "data": {"code": "account-disabled"}}, "account-disabled"),
    ],
)
def test_what_no_attempt_can_mend_closes_it(
    sync: RealtimeSync, server: Server, heard: Heard, event: str, payload: Payload | None, code: str
) -> None:
    """With a typed error, for the whole and for each subscription."""
    follow(sync, heard)
    server.connected(0).receive(event, payload)
    heard.wait(errors=1)
    assert [(error.code, error.retryable) for error in heard.errors] == [(code, False)]
    assert (sync.state.status, sync.state.error) == ("closed", sync.error)
    with pytest.raises(SyncError, match=code):
        sync.subscribe_to_global_availability()


@pytest.mark.parametrize("code", ["unauthorized", "token-expired"])
def test_a_refused_token_is_replaced_by_a_fresh_one_and_a_second_refusal_closes_it(
    sync: RealtimeSync, server: Server, heard: Heard, tokens: list[bool], errors: list[SyncError], code: str
) -> None:
    """Once let in, the next refusal is again the first."""
    follow(sync, heard)
    refused = {"message": code, "data": {"code": code}}
    server.asked(0).receive(REFUSED, refused)
    server.connected(1).receive(LOST, "transport close")
    server.asked(2).receive(REFUSED, refused)
    server.asked(3).receive(REFUSED, refused)
    heard.wait(errors=1)
    sync.close()
    assert tokens == [False, True, False, True]
    assert [(error.code, error.retryable) for error in errors] == [(code, True), (code, True), (code, False)]
    assert heard.errors == errors[-1:] == [sync.error]


def test_a_refusal_that_passes_brings_another_attempt(
    sync: RealtimeSync, server: Server, heard: Heard, tokens: list[bool], errors: list[SyncError]
) -> None:
    """The token was not at fault; of a row of failures the first is told, and a loss before it is none."""
    follow(sync, heard)
    server.connected(0).receive(LOST, "transport close")
    server.asked(1).receive(REFUSED, {"message": "unavailable"})
    server.asked(2).receive(REFUSED, {"message": "unavailable"})
    server.connected(3).next_subscribe()
    assert tokens == [False] * 4
    assert [(error.code, error.retryable) for error in errors] == [("unavailable", True)]


def test_an_expiring_token_is_renewed_on_the_open_socket(
    sync: RealtimeSync, server: Server, heard: Heard, tokens: list[bool]
) -> None:
    """With a fresh one, again when that cannot be judged just now; a refusal leaves it to another connection."""
    follow(sync, heard)
    socket = live(server)
    socket.receive("token:expiring", {"expiresAt": "soon"})
    for number, answer in enumerate([refusal("unavailable"), {"ok": True, "expiresAt": "later"}], start=1):
        _, payload, answered = socket.next("authenticate")
        assert payload == {"token": f"token-{number}"}
        answered(answer)
    socket.receive("token:expiring", {"expiresAt": "soon"})
    socket.next("authenticate")[2](refusal("forbidden"))
    assert server.asked(1).token == "token-4"
    assert tokens == [False, True, True, True, False]


def test_a_callback_that_fails_harms_nobody(
    sync: RealtimeSync, server: Server, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    """What it raises is in the log."""
    sync.subscribe_to_global_availability(on_availability_changed=lambda *_: 1 / 0)
    follow(sync, heard)
    live(server).receive(CHANGED, message(11))
    heard.wait(told=1)
    assert "ZeroDivisionError" in caplog.text


def test_an_update_comes_with_the_old_values(sync: RealtimeSync, server: Server, heard: Heard) -> None:
    """As `previous` has them."""
    sync.subscribe_to_all_appointments(on_appointment_updated=heard.note)
    socket = server.connected(0)
    socket.next_subscribe()[1](acknowledgement(10, channel="appointments:all"))
    update = {"position": 11, "epoch": "one", "channels": ["appointments:all"]}
    socket.receive("appointment:updated", {**update, "appointment": {"id": "a"}, "previous": {"status": "booked"}})
    heard.wait(told=1)
    assert heard.told == [({"id": "a"}, {"status": "booked"})]


def test_a_process_that_is_about_to_stop_is_left(
    sync: RealtimeSync, server: Server, heard: Heard, errors: list[SyncError]
) -> None:
    """After the time that it names; nobody is told, for nothing is amiss."""
    follow(sync, heard)
    socket = server.connected(0)
    socket.receive("draining", {"reconnectAfterMs": 10})
    server.connected(1).next_subscribe()
    assert socket.is_closed
    assert errors == []


# Whose appointments.


def test_the_own_channel_is_found_out_once_and_others_do_not_wait_for_it(
    make: Make, server: Server, heard: Heard
) -> None:
    """With the connection's token; a failure is told and tried again."""
    asked: list[tuple[str, str]] = []
    at: list[float] = []

    def fetch_account(url: str, token: str) -> Account:
        asked.append((url, token))
        at.append(time.monotonic())
        if len(asked) == 1:
            raise OSError("nobody is there")
        return {"id": "u", "role": "patient", "patientId": "p"}

    sync = make(fetch_account=fetch_account)
    by_account = sync.subscribe_to_appointments("u", "patient", on_error=heard.error)
    sync.subscribe_to_global_availability()
    socket = server.connected(0)
    assert socket.next_subscribe()[0] == {"channel": CHANNEL}
    heard.wait(errors=1)
    own = sync.subscribe_to_own_appointments(since=Place(7, "one"))
    payloads = [socket.next_subscribe() for _ in range(2)]
    assert payloads[-1][0] == {"channel": "appointments:patient:p", "since": 7, "epoch": "one"}
    payloads[-1][1](acknowledgement(10, channel="appointments:patient:p"))
    assert by_account.wait_until_live(WAIT_SECONDS)
    assert by_account.channel_name == own.channel_name == "appointments:patient:p"
    sync.subscribe_to_appointments("another", "dentist")
    assert socket.next_subscribe()[0] == {"channel": "appointments:dentist:another"}
    assert asked == [("somewhere", "token-0")] * 2
    assert at[1] - at[0] >= 0.1
    assert [(error.code, error.retryable) for error in heard.errors] == [("unavailable", True)]


def test_an_account_without_appointments_hears_that_it_is_forbidden(make: Make, server: Server, heard: Heard) -> None:
    """The subscription ends, and nothing is asked of the server."""
    sync = make(fetch_account=lambda _url, _token: {"id": "u", "role": "chatbot"})
    subscriptions = [
        sync.subscribe_to_appointments("u", "dentist", on_error=heard.error),
        sync.subscribe_to_own_appointments(on_error=heard.error),
    ]
    socket = server.connected(0)
    heard.wait(errors=2)
    assert [(error.code, error.retryable) for error in heard.errors] == [("forbidden", False)] * 2
    assert [each.active for each in subscriptions] == [False, False]
    sync.subscribe_to_appointments("u", "admin")
    assert socket.next_subscribe()[0] == {"channel": "appointments:all"}


# From a place on.


def test_a_subscription_from_a_place_hears_all_that_follows_and_the_others_nothing_twice(
    sync: RealtimeSync, server: Server, heard: Heard
) -> None:
    """The channel is asked for again; what the first asks brings is held back until then."""
    follow(sync, heard)
    socket = live(server)
    socket.receive(CHANGED, message(11))
    heard.wait(told=1)
    early = Heard()
    subscription = follow(sync, early, since={"position": 9, "epoch": "one", "items": []})
    payload, answered = socket.next_subscribe()
    assert payload == {"channel": CHANNEL, "since": 9, "epoch": "one"}
    assert not subscription.wait_until_live(0)
    for position in (12, 10, 11):
        socket.receive(CHANGED, message(position))
    answered(acknowledgement(12))
    socket.receive(CHANGED, message(13))
    early.wait(told=4)
    assert early.told == ["10", "11", "12", "13"]
    assert heard.told == ["11", "12", "13"]
    assert subscription.wait_until_live(WAIT_SECONDS)


def test_the_answer_to_a_wish_that_another_has_overtaken_does_not_count(
    sync: RealtimeSync, server: Server, heard: Heard
) -> None:
    """What the later wish brings is older, and must not be taken for old news."""
    follow(sync, Heard())
    socket = server.connected(0)
    _, first = socket.next_subscribe()
    follow(sync, heard, since=Place(8, "one"))
    payload, second = socket.next_subscribe()
    assert payload["since"] == 8
    first(acknowledgement(10))
    for position in (11, 9):
        socket.receive(CHANGED, message(position))
    second(acknowledgement(11))
    heard.wait(told=2)
    assert heard.told == ["9", "11"]


def test_a_place_must_be_one(sync: RealtimeSync) -> None:
    """A list without a position is found out at once."""
    with pytest.raises(ValueError, match="place"):
        sync.subscribe_to_global_availability(since={"items": []})
    assert sync.get_active_subscriptions() == []


# When messages are missing.


def test_it_goes_on_from_a_snapshot(make: Make, server: Server, heard: Heard) -> None:
    """One that fails is told and fetched again; what comes meanwhile is in it or comes after it."""
    fetched = iter([{}, {"position": 100, "epoch": "two", "items": ["x"]}])
    channels: list[str] = []

    def fetch_snapshot(channel_name: str) -> Payload:
        channels.append(channel_name)
        server.sockets[0].receive(CHANGED, message(99, epoch="two"))
        return next(fetched)

    sync = make(fetch_snapshot=fetch_snapshot, on_resync=heard.note)
    subscription = follow(sync, heard)
    socket = server.connected(0)
    socket.next_subscribe()[1](acknowledgement(10, epoch="two", resync=True))
    payload, answered = socket.next_subscribe()
    assert payload == {"channel": CHANNEL, "since": 100, "epoch": "two"}
    assert not subscription.wait_until_live(0)
    socket.receive(CHANGED, message(101, epoch="two"))
    answered(acknowledgement(101, epoch="two"))
    heard.wait(told=2)
    reason = "the log does not reach back"
    assert heard.told == [(CHANNEL, reason, {"position": 100, "epoch": "two", "items": ["x"]}), "101"]
    assert [(error.code, error.retryable) for error in heard.errors] == [("snapshot-failed", True)]
    assert channels == [CHANNEL] * 2


@pytest.mark.parametrize("has_snapshots", [True, False])
def test_the_server_may_say_at_any_time_that_messages_are_missing(
    make: Make, server: Server, heard: Heard, *, has_snapshots: bool
) -> None:
    """Whoever follows is told once, before what comes then; without snapshots it goes on wherever the server is."""
    snapshot = {"position": 50, "epoch": "two"}
    options = {"fetch_snapshot": lambda _channel: snapshot} if has_snapshots else {}
    sync = make(on_resync=heard.note, **options)
    follow(sync, heard)
    socket = live(server)
    socket.receive("resync", {"channel": CHANNEL, "reason": "new-epoch"})
    payload, answered = socket.next_subscribe()
    assert payload == {"channel": CHANNEL, **({"since": 50, "epoch": "two"} if has_snapshots else {})}
    socket.receive(CHANGED, message(51, epoch="two"))
    socket.receive(CHANGED, message(53, epoch="two"))
    answered(acknowledgement(52, epoch="two"))
    heard.wait(told=3 if has_snapshots else 2)
    told = (CHANNEL, "new-epoch", snapshot if has_snapshots else None)
    assert heard.told == [told, *(["51", "53"] if has_snapshots else ["53"])]


def test_a_snapshot_of_a_log_that_the_server_does_not_know_is_not_fetched_without_a_pause(
    make: Make, server: Server, heard: Heard
) -> None:
    """Each time it waits, and nothing that comes in between hides what is missing."""
    at: list[float] = []

    def fetch_snapshot(_channel: str) -> Place:
        at.append(time.monotonic())
        return Place(50, "three")

    sync = make(fetch_snapshot=fetch_snapshot, on_resync=heard.note)
    follow(sync, heard)
    socket = server.connected(0)
    for _ in range(2):
        socket.next_subscribe()[1](acknowledgement(10, epoch="two", resync=True))
        socket.receive(CHANGED, message(11, epoch="two"))
    payload, _ = socket.next_subscribe()
    assert at[1] - at[0] >= 0.1
    assert payload == {"channel": CHANNEL, "since": 50, "epoch": "three"}
    assert [each[0] for each in heard.told] == [CHANNEL, CHANNEL]


def test_whoever_takes_no_snapshots_hears_an_error(sync: RealtimeSync, server: Server, heard: Heard) -> None:
    """It is never silent, and the subscription goes on."""
    subscription = follow(sync, heard)
    socket = server.connected(0)
    socket.next_subscribe()[1](acknowledgement(10, resync=True))
    socket.receive(CHANGED, message(11))
    heard.wait(told=1, errors=1)
    assert [(error.code, error.retryable) for error in heard.errors] == [("resync-required", False)]
    assert subscription.active


def test_a_place_of_another_log_is_told_to_whoever_was_there_before(make: Make, server: Server, heard: Heard) -> None:
    """They may have missed what lies between the logs."""
    sync = make(on_resync=heard.note)
    follow(sync, heard)
    socket = live(server)
    follow(sync, Heard(), since=Place(1_000_000_000, "two"))
    payload, answered = socket.next_subscribe()
    assert payload == {"channel": CHANNEL}
    answered(acknowledgement(1_000_000_005, epoch="two"))
    heard.wait(told=1)
    assert heard.told[0][0] == CHANNEL


# Signs of life.


def test_silence_brings_another_connection(sync: RealtimeSync, server: Server, heard: Heard) -> None:
    """Twice the time between two heartbeats, while something is followed; a heartbeat is a sign of life."""
    subscription = follow(sync, heard)
    socket = server.asked(0)
    socket.receive("ready", {"heartbeatSeconds": 0.2})
    socket.receive(CONNECTED, None)
    _, answered = socket.next_subscribe()
    # Nothing is followed yet.
    pause = threading.Event()
    pause.wait(0.6)
    answered(acknowledgement(10))
    assert subscription.wait_until_live(WAIT_SECONDS)
    for _ in range(4):
        pause.wait(0.15)
        socket.receive("heartbeat", {"timestamp": "now", "position": 20, "epoch": "one"})
    assert len(server.sockets) == 1
    assert server.connected(1).next_subscribe()[0]["since"] == 20
    assert socket.is_closed


def test_what_is_not_answered_in_time_brings_another_connection(
    sync: RealtimeSync, server: Server, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been lost on the way."""
    assert connection.ANSWER_SECONDS == 60
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 0.1)
    follow(sync, heard)
    server.connected(0).next_subscribe()
    server.connected(1).next_subscribe()


def test_it_asks_for_a_heartbeat_until_it_is_told_not_to(sync: RealtimeSync, server: Server, heard: Heard) -> None:
    """The answer moves the place on."""

    def until_it_has_heard(channel: str) -> None:
        sync.subscribe_to_availability(channel)
        while socket.next()[0] == "heartbeat":
            pass

    sync.start_heartbeat(0.05)
    follow(sync, heard)
    socket = live(server)
    for _ in range(2):
        socket.next("heartbeat")[2]({"ok": True, "timestamp": "now", "position": 30, "epoch": "one"})
    # Another time takes the place of the first.
    sync.start_heartbeat(60)
    until_it_has_heard("d")
    assert socket.is_asked_nothing_for(0.2)
    sync.start_heartbeat(0.05)
    socket.next("heartbeat")
    sync.stop_heartbeat()
    until_it_has_heard("e")
    assert socket.is_asked_nothing_for(0.2)
    socket.receive(LOST, "transport error")
    assert server.connected(1).next_subscribe()[0]["since"] == 30
    with pytest.raises(ValueError, match="seconds"):
        sync.start_heartbeat(0)


# How it is doing.


def test_the_state_says_how_complete_everything_is(sync: RealtimeSync, server: Server, heard: Heard) -> None:
    """From the first attempt to the end; `as_of` stays where it was while something is missing."""
    assert (sync.state.status, sync.state.as_of) == ("closed", None)
    end = sync.on_state_change(lambda state: heard.note(state.status))
    follow(sync, Heard())
    assert sync.state.status in ("connecting", "catching-up")
    socket = server.connected(0)
    _, answered = socket.next_subscribe()
    assert (sync.state.status, sync.state.as_of) == ("catching-up", None)
    answered(acknowledgement(10))
    heard.wait(told=3)
    as_of = sync.state.as_of
    assert as_of is not None
    socket.receive(LOST, "transport error")
    server.connected(1).next_subscribe()[1](acknowledgement(10))
    heard.wait(told=6)
    assert sync.state.as_of is not None
    assert as_of.utcoffset() is not None
    assert sync.state.as_of > as_of
    sync.close()
    end()
    assert heard.told == ["connecting", "catching-up", "live", "offline", "catching-up", "live", "closed"]
    assert sync.state.error is None


def test_what_is_amiss_is_in_the_state(server: Server, heard: Heard) -> None:
    """An address where nobody is, and the error that is told once."""
    sync = RealtimeSync("nobody", lambda _fresh: "t", on_error=heard.error, new_socket=server.new_socket)
    try:
        follow(sync, Heard())
        server.asked(2)
        assert sync.state.status == "offline"
        assert sync.state.error is not None
        assert sync.state.error.code == "connection-lost"
        assert [error.code for error in heard.errors] == ["connection-lost"]
    finally:
        sync.close()


def test_the_client_brings_nothing_of_the_server_along() -> None:
    """A back end that follows needs neither Flask nor a database driver."""
    script = (
        "import sys, dental_sync.client\n"
        "print(*{'flask', 'apiflask', 'sqlalchemy', 'pydantic', 'celery', 'psycopg2'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == ""
