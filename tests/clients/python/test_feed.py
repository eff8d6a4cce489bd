"""How the Python client keeps channels complete: whose they are, from where on, and what when messages are missing."""

from __future__ import annotations

import time

import pytest
from dental_sync_client import Place, RealtimeSync, SyncError
from dental_sync_client.account import Account

from .conftest import Make
from .heard import Heard, follow, live
from .made_up_server import CHANGED, CHANNEL, WAIT_SECONDS, Payload, Server, acknowledgement, message, refusal


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
    assert asked == [("http://somewhere.test", "token-0")] * 2
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
    sync.subscribe_to_appointments("u", "receptionist")
    assert socket.next_subscribe()[0] == {"channel": "appointments:all"}
    assert sync.subscribe_to_appointments("u", "admin").channel_name == "appointments:all"
    with pytest.raises(ValueError, match="the role is"):
        sync.subscribe_to_appointments("u", "chatbot")  # type: ignore[arg-type]  # as an application without types does


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
