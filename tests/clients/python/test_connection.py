"""How the Python client comes and goes: tokens, losses, silence, and the state that tells of it."""

from __future__ import annotations

import threading

import pytest
from dental_sync_client import RealtimeSync, SyncError, connection
from dental_sync_client.transport import CLOSED, CONNECTED, LOST, REFUSED

from .heard import Heard, follow, live
from .made_up_server import CHANGED, CHANNEL, WAIT_SECONDS, Payload, Server, acknowledgement, message, refusal


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
    sync = RealtimeSync("http://nobody.test", lambda _fresh: "t", on_error=heard.error, new_socket=server.new_socket)
    try:
        follow(sync, Heard())
        server.asked(2)
        assert sync.state.status == "offline"
        assert sync.state.error is not None
        assert sync.state.error.code == "connection-lost"
        assert [error.code for error in heard.errors] == ["connection-lost"]
    finally:
        sync.close()
