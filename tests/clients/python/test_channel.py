"""What the Python client keeps of a channel: which messages are new, and for whom."""

from __future__ import annotations

import pytest
from dental_sync_client import Place, Subscription
from dental_sync_client.channel import Channel, ServerSubscription, Typed

from .made_up_server import CHANNEL, Payload, message

SERVER = ServerSubscription(f"{CHANNEL}-1", "now")


def positions(told: list[Typed]) -> list[int]:
    return [message["position"] for _, message in told]


def joined(position: int) -> Channel:
    channel = Channel(CHANNEL)
    channel.join()
    channel.acknowledge(Place(position, "one"), SERVER)
    return channel


def since(position: int) -> Payload:
    return {"channel": CHANNEL, "since": position, "epoch": "one"}


def hears(channel: Channel, subscription: Subscription, *numbers: int) -> list[int]:
    """Which of some messages it would be told."""
    return [number for number in numbers if subscription in channel.hearers(message(number))]


def test_a_message_is_told_once_and_a_heartbeat_moves_the_place_on() -> None:
    """What is not beyond the last position is dropped, and a channel resumes from wherever it came to."""
    channel = joined(10)
    assert positions(channel.take("x", message(11))) == [11]
    assert channel.take("x", message(11)) == []
    channel.beat(Place(40, "one"))
    channel.beat(Place(30, "one"))
    assert channel.take("x", message(39)) == []
    channel.leave()
    assert channel.join() == since(40)


def test_what_overtakes_a_replay_is_told_after_it() -> None:
    """A live message that another room gets too does not hide the older ones that follow it."""
    channel = joined(10)
    channel.leave()
    channel.join()
    assert positions(channel.take("x", message(11))) == [11]
    assert channel.take("x", message(15), is_shared=True) == []
    for position in (12, 13, 15):
        assert channel.take("x", message(position)) == []
    assert positions(channel.acknowledge(Place(14, "one"), SERVER)) == [12, 13, 15]
    assert positions(channel.take("x", message(16))) == [16]


def test_whoever_asks_again_on_one_connection_hears_nothing_before_the_acknowledgement() -> None:
    """It is in the room already, so that any message may be a live one."""
    channel = joined(10)
    channel.join(is_again=True)
    assert channel.take("x", message(15)) == []
    assert channel.take("x", message(11)) == []
    assert positions(channel.acknowledge(Place(15, "one"), SERVER)) == [11, 15]


def test_a_connection_that_is_lost_before_the_acknowledgement_takes_nothing_along() -> None:
    """What waited comes again, and the place stays where it was."""
    channel = joined(10)
    channel.leave()
    channel.join()
    channel.take("x", message(11), is_shared=True)
    channel.leave()
    assert channel.take("x", message(12)) == []
    assert channel.join() == since(10)
    assert positions(channel.acknowledge(Place(11, "one"), SERVER)) == []


def test_a_heartbeat_of_another_log_says_nothing() -> None:
    """Until whoever follows was told, the old place must stay: the server answers it with `resync`."""
    channel = joined(10)
    channel.beat(Place(1_000_000_000, "two"))
    assert channel.place == Place(10, "one")
    channel.restart(None)
    assert channel.join() == {"channel": CHANNEL}
    channel.acknowledge(Place(1_000_000_000, "two"), SERVER)
    channel.beat(Place(1_000_000_001, "two"))
    assert channel.place == Place(1_000_000_001, "two")


def test_nothing_is_heard_before_a_snapshot_and_all_that_follows_it_is_heard_once() -> None:
    """What comes while the snapshot is fetched is in it, or comes again; whoever follows begins at its place."""
    channel = joined(10)
    subscription = Subscription(CHANNEL)
    channel.add(subscription)
    joins = channel.joins
    channel.await_snapshot("why")
    assert channel.joins > joins, "an answer to what was asked before would still count"
    assert channel.take("x", message(20)) == []
    channel.take_snapshot(Place(15, "one"))
    assert channel.join(is_again=True) == since(15)
    channel.take("x", message(16))
    assert positions(channel.acknowledge(Place(16, "one"), SERVER)) == [16]
    assert hears(channel, subscription, 15, 16) == [16]


def test_a_subscription_begins_with_the_acknowledgement_or_where_the_channel_is() -> None:
    """Without `since` nothing that was before is told."""
    channel = Channel(CHANNEL)
    first, second = Subscription(CHANNEL), Subscription(CHANNEL)
    assert channel.add(first)
    channel.join()
    assert hears(channel, first, 1, 99) == []
    channel.acknowledge(Place(10, "one"), SERVER)
    channel.take("x", message(12))
    assert not channel.add(second)
    assert hears(channel, first, 10, 11) == [11]
    assert hears(channel, second, 12, 13) == [13]


def test_a_subscription_from_an_earlier_place_asks_again_and_the_others_hear_nothing_twice() -> None:
    """The channel goes back; each of the others has a floor, where it has been."""
    channel = joined(10)
    other, early, late = Subscription(CHANNEL), Subscription(CHANNEL), Subscription(CHANNEL)
    channel.add(other)
    channel.take("x", message(12))
    assert not channel.add(late, Place(14, "one"))
    assert channel.add(early, Place(8, "one"))
    assert channel.join(is_again=True) == since(8)
    for position in (9, 12, 13, 14, 15):
        channel.take("x", message(position))
    assert positions(channel.acknowledge(Place(15, "one"), SERVER)) == [9, 12, 13, 14, 15]
    assert hears(channel, early, 8, 9, 12, 13, 14, 15) == [9, 12, 13, 14, 15]
    assert hears(channel, other, 8, 9, 12, 13, 14, 15) == [13, 14, 15]
    assert hears(channel, late, 8, 9, 12, 13, 14, 15) == [15]


def test_a_subscription_from_a_place_does_not_bring_its_past_to_those_who_begin_now() -> None:
    """The one that asked for nothing older begins with the acknowledgement."""
    channel = Channel(CHANNEL)
    now, early = Subscription(CHANNEL), Subscription(CHANNEL)
    channel.add(now)
    channel.join()
    assert channel.add(early, Place(8, "one"))
    assert channel.join(is_again=True) == since(8)
    for position in (9, 11):
        channel.take("x", message(position))
    channel.acknowledge(Place(10, "one"), SERVER)
    assert hears(channel, early, 8, 9, 11) == [9, 11]
    assert hears(channel, now, 8, 9, 10, 11) == [11]


def test_a_place_of_another_log_is_a_gap_for_everybody() -> None:
    """What lies between two logs nobody can say, so that it must not go on in silence."""
    channel = joined(10)
    channel.add(Subscription(CHANNEL))
    assert channel.add(Subscription(CHANNEL), Place(1_000_000_000, "two"))
    assert channel.gap is not None


@pytest.mark.parametrize("given", [{}, {"position": "1", "epoch": "one"}, {"position": 1}])
def test_what_is_no_place_is_refused(given: Payload) -> None:
    """At once, and not when it is needed."""
    with pytest.raises(ValueError, match="place"):
        Place.of(given)
