"""What a Prometheus reads of Socket.IO and the log: connections, messages, lag, replays and resyncs, as they happen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.actor import Actor
from dental_sync.core.ids import new_id
from dental_sync.sockets.connections import Connections
from dental_sync.sync import channels, log
from dental_sync.sync.delivery import Delivery
from dental_sync.sync.events import Message
from tests import plain_sql
from tests.conftest import Practice
from tests.monitoring.asked import MONDAY, scrape


@pytest.fixture
def publish(owner: Session, practice: Practice) -> Callable[[], list[Message]]:
    """Book by plain SQL, and number what there is to tell, which nobody delivers yet."""
    starts = iter(MONDAY + timedelta(minutes=30 * n) for n in range(6))

    def book() -> list[Message]:
        plain_sql.book(owner, practice.patients[0], practice.dentists[0], next(starts))
        messages = log.publish(owner, wait=True)
        owner.commit()
        assert messages
        return messages

    return book


# Socket.IO.


def test_connections_and_what_they_follow_are_counted_by_kind(app: APIFlask, practice: Practice) -> None:
    """Of this process; whoever leaves is not counted any more."""
    connections = services.of(app, Connections)
    now = datetime.now(UTC)
    followed = [
        [channels.ALL_APPOINTMENTS, channels.of_patient(practice.patients[0]), channels.ALL_AVAILABILITY],
        [channels.of_dentist(practice.dentists[0]), channels.of_availability(practice.dentists[0])],
        [],
    ]
    for number, names in enumerate(followed):
        connections.admit(f"sid-{number}", Actor(new_id(), "admin", "x", "x@demo.test"), now, "127.0.0.0/24")
        connection = connections.open[f"sid-{number}"]
        for name in names:
            connection.subscriptions[name] = connections.new_subscription(connection, name, now)
    kinds = "dental_sync_socketio_subscriptions"
    said = scrape(app)
    assert said("socketio_connections") == 3
    assert said.values(kinds) == {"appointments": 3, "availability": 1, "global": 1}
    del connections.open["sid-0"]
    said = scrape(app)
    assert said("socketio_connections") == 2
    assert said.values(kinds) == {"appointments": 1, "availability": 1, "global": 0}


# The log.


def test_messages_are_counted_by_how_they_came(
    app: APIFlask, delivery: Delivery, publish: Callable[[], list[Message]]
) -> None:
    """Through Redis, or from the log: what Redis lost is seen as repairs; nothing is counted twice."""
    source = "dental_sync_messages_delivered_total"
    assert scrape(app).values(source) == {"queue": 0, "log": 0}
    by_redis = publish()
    for message in by_redis:
        delivery.take(message)
    assert scrape(app).values(source) == {"queue": len(by_redis), "log": 0}
    lost, late = publish(), publish()
    delivery.take(late[-1])
    assert scrape(app).values(source) == {"queue": len(by_redis), "log": len(lost + late)}
    for message in lost + late:
        delivery.take(message)
    assert scrape(app).values(source) == {"queue": len(by_redis), "log": len(lost + late)}


def test_the_lag_is_what_is_not_delivered_yet(
    app: APIFlask, delivery: Delivery, publish: Callable[[], list[Message]]
) -> None:
    """Position, head, and the messages between them; none once the process has looked."""
    began = delivery.position
    messages = publish()
    said = scrape(app)
    head = messages[-1].position
    assert said("delivered_position") == began
    assert said("log_head_position") == head
    assert said("delivery_lag_messages") == head - began == len(messages)
    delivery.look()
    said = scrape(app)
    assert (said("delivered_position"), said("delivery_lag_messages")) == (head, 0)


def test_a_process_that_has_not_begun_has_no_position(app: APIFlask) -> None:
    """Nobody is to be woken by the lag of a process that was just born."""
    said = scrape(app)
    assert said("delivered_position") is said("delivery_lag_messages") is None
    assert said("log_head_position") is not None
    assert said("check_ok", check="delivery") == 0


def test_replays_and_resyncs_are_counted(
    app: APIFlask, owner: Session, delivery: Delivery, publish: Callable[[], list[Message]]
) -> None:
    """Who comes back is sent what was missed, or for a snapshot; another log sends everybody."""

    def join(since: int | None, epoch: str | None = None) -> None:
        delivery.join(
            channels.ALL_APPOINTMENTS,
            since=since,
            epoch=epoch,
            authorize=lambda: None,
            send=lambda _message: None,
            enter_room=lambda: None,
        )

    def counted() -> list[float | None]:
        names = ("replays_total", "messages_replayed_total", "resyncs_total", "log_restarts_total")
        said = scrape(app)
        return [said(name) for name in names]

    began = delivery.position
    missed = [message for message in publish() + publish() if channels.ALL_APPOINTMENTS in message.channels]
    delivery.look()
    join(None)
    assert counted() == [0, 0, 0, 0]
    join(began)
    assert counted() == [1, len(missed), 0, 0]
    join(delivery.position + 1000)
    join(began, "00000000-0000-0000-0000-000000000000")
    assert counted() == [1, len(missed), 2, 0]
    log.begin_epoch(owner)
    owner.commit()
    delivery.look()
    assert counted() == [1, len(missed), 2, 1]
