"""A subscription of the Python client as an object: its state, and its end."""

from __future__ import annotations

from dental_sync_client import RealtimeSync

from .heard import Heard, follow, live
from .made_up_server import CHANNEL, WAIT_SECONDS, Server, acknowledgement, refusal


def test_a_subscription_is_live_as_soon_as_its_own_channel_is(sync: RealtimeSync, server: Server, heard: Heard) -> None:
    """While another one still catches up the whole is not; a loss is told to both."""
    first, second = follow(sync, Heard()), sync.subscribe_to_availability("d")
    first.on_state_change(lambda state: heard.note("first", state.status))
    second.on_state_change(lambda state: heard.note("second", state.status))
    assert (first.state.status, first.state.as_of) == ("connecting", None)
    socket = live(server)
    heard.wait(told=3)
    assert heard.told == [("first", "catching-up"), ("second", "catching-up"), ("first", "live")]
    assert (sync.state.status, second.state.status) == ("catching-up", "catching-up")
    assert first.state.as_of is not None
    socket.receive("transport lost", "transport error")
    heard.wait(told=5)
    assert heard.told[3:5] == [("first", "offline"), ("second", "offline")]


def test_a_subscription_ends_itself_once_and_tells_it(sync: RealtimeSync, server: Server, heard: Heard) -> None:
    """At once to who asks, in its turn to who listens; the server is told once."""
    subscription = follow(sync, Heard())
    socket = live(server)
    assert subscription.wait_until_live(WAIT_SECONDS)
    end = subscription.on_state_change(lambda state: heard.note(state.status))
    for _ in range(2):
        subscription.unsubscribe()
        assert (subscription.active, subscription.state.status) == (False, "closed")
    assert socket.next()[:2] == ("unsubscribe", {"id": f"{CHANNEL}-1"})
    assert socket.is_asked_nothing_for(0.1)
    heard.wait(told=1)
    sync.close()
    end()
    assert heard.told[-1:] == ["closed"]
    assert heard.told.count("closed") == 1
    assert subscription.state.error is None


def test_a_with_block_ends_its_subscription(sync: RealtimeSync, server: Server, heard: Heard) -> None:
    """By an error too, and the client goes on."""
    try:
        with follow(sync, heard) as subscription:
            socket = live(server)
            assert subscription.wait_until_live(WAIT_SECONDS)
            assert sync.get_active_subscriptions() == [subscription]
            raise KeyError
    except KeyError:
        assert sync.get_active_subscriptions() == []
    assert socket.next()[0] == "unsubscribe"
    with sync.subscribe_to_availability("d"):
        assert socket.next_subscribe()[0] == {"channel": "availability:d"}


def test_what_ended_a_subscription_stays_in_its_state(sync: RealtimeSync, server: Server, heard: Heard) -> None:
    """The state is told before the error, and nothing follows it."""
    subscription = follow(sync, heard)
    subscription.on_state_change(lambda state: heard.note(state.status))
    other = sync.subscribe_to_availability("d")
    socket = server.connected(0)
    socket.next_subscribe()[1](refusal("forbidden"))
    heard.wait(errors=1)
    assert heard.told == ["catching-up", "closed"]
    assert subscription.state.error is heard.errors[0]
    socket.next_subscribe()[1](acknowledgement(10, channel="availability:d"))
    assert other.wait_until_live(WAIT_SECONDS)
    subscription.unsubscribe()
    assert subscription.state.error is heard.errors[0]


def test_a_client_that_closes_ends_its_subscriptions(sync: RealtimeSync, server: Server, heard: Heard) -> None:
    """As a context manager too."""
    with sync:
        subscription = follow(sync, heard)
        live(server)
        assert subscription.wait_until_live(WAIT_SECONDS)
        subscription.on_state_change(lambda state: heard.note(state.status))
    assert (subscription.state.status, subscription.state.error, sync.state.status) == ("closed", None, "closed")
    assert heard.told[-1:] == ["closed"]
