"""Open sockets, where a race decides: the processes of tests/live are too quick to be met in the act."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from dental_sync.core.actor import Actor, OwnPatient
from dental_sync.core.config import Settings
from dental_sync.core.errors import Forbidden, RateLimited, Unavailable
from dental_sync.core.extensions import socketio
from dental_sync.core.ids import new_id
from dental_sync.records.tokens import SignedIn
from dental_sync.sockets import connections
from dental_sync.sockets.buckets import Bucket
from dental_sync.sockets.connection import Connection
from dental_sync.sockets.connections import CONNECTIONS_AT_FULL_RATE, Connections
from dental_sync.sockets.protocol import AccountChanged

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MIA = Actor(new_id(), "patient", "Mia", "mia@demo.test", patient_id=new_id(), session_id=new_id())


def connection(sid: str = "sid", actor: Actor = MIA, bucket: int = 50) -> Connection:
    """A socket whose token is about to expire."""
    return Connection(sid, actor, NOW, str(actor.user_id), Bucket(bucket), told_of_expiry=True)


def test_a_fresh_token_of_any_visitor_goes_on_for_a_visitor_and_for_nobody_else() -> None:
    """They are nobody in particular; the socket stays who it was, and is counted as it was."""
    visitor, another = (Actor(new_id(), "visitor", "", "") for _ in range(2))
    socket = connection(actor=visitor)
    socket.go_on_as(SignedIn(another, NOW + timedelta(minutes=15)))
    assert (socket.actor, socket.expires_at, socket.told_of_expiry) == (visitor, NOW + timedelta(minutes=15), False)
    for one, other in ((MIA, visitor), (visitor, MIA)):
        with pytest.raises(Forbidden):
            connection(actor=one).go_on_as(SignedIn(other, NOW + timedelta(minutes=15)))


def test_a_fresh_token_of_the_same_account_goes_on() -> None:
    """Later expiry, another session of the same person: the socket stays."""
    socket = connection()
    again = SignedIn(dataclasses.replace(MIA, session_id=new_id()), NOW + timedelta(minutes=15))
    socket.go_on_as(again)
    assert (socket.actor, socket.expires_at, socket.told_of_expiry) == (again.actor, again.expires_at, False)


@pytest.mark.parametrize(
    "other",
    [dataclasses.replace(MIA, user_id=new_id()), dataclasses.replace(MIA, role="chatbot")],
    ids=["another account", "another role"],
)
def test_a_token_of_somebody_else_does_not_go_on_with_these_channels(other: Actor) -> None:
    """Whoever's role has changed connects again, even before the log has closed the socket."""
    socket = connection()
    with pytest.raises(Forbidden):
        socket.go_on_as(SignedIn(other, NOW + timedelta(minutes=15)))
    assert (socket.actor, socket.expires_at) == (MIA, NOW)


@pytest.fixture
def all_of_them() -> Connections:
    """A process without clients; it reads nothing but its settings here."""
    environment = {"DATABASE_URL": "postgresql://a@b/c", "REDIS_URL": "redis://localhost", "DEMO_MODE": "1"}
    settings = dataclasses.replace(Settings.from_environment(environment), socket_events_per_second=10)
    return Connections(None, None, settings)  # type: ignore[arg-type]


def test_the_events_of_an_account_are_counted_over_all_its_connections(all_of_them: Connections) -> None:
    """Each connection stays below its own limit; and the next account is not concerned."""
    sockets = [connection(str(number), bucket=10) for number in range(2 * CONNECTIONS_AT_FULL_RATE)]
    taken = 0
    refused: RateLimited | None = None
    for socket in sockets * 15:
        try:
            all_of_them.count_event(socket)
            taken += 1
        except RateLimited as refusal:
            refused = refusal
            break
    assert "all connections of this account" in str(refused)
    # A burst of two seconds at full rate, and what came back while it was taken.
    assert 2 * 10 * CONNECTIONS_AT_FULL_RATE <= taken < 2 * 10 * CONNECTIONS_AT_FULL_RATE + 50
    other = dataclasses.replace(MIA, user_id=new_id())
    all_of_them.count_event(connection("other", other, bucket=10))


def test_one_connection_has_a_limit_of_its_own(all_of_them: Connections) -> None:
    """A burst of two seconds."""
    socket = connection(bucket=10)
    for _ in range(20):
        all_of_them.count_event(socket)
    with pytest.raises(RateLimited, match="on this connection"):
        all_of_them.count_event(socket)


def test_a_change_that_a_subscription_has_found_before_its_message_is_told_all_the_same(
    all_of_them: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once: for whom the account acts is compared with what the client was told, not with what the process knows."""
    told: list[object] = []
    monkeypatch.setattr(connections, "emit", lambda *event: told.append(event))
    monkeypatch.setattr(Connections, "check_signed_in", lambda *_: None)
    socket = connection()
    all_of_them.open[socket.sid] = socket
    # As a subscription finds it that is made after the commit, and before the message.
    socket.actor = dataclasses.replace(MIA, patients=(OwnPatient(new_id(), "Tim", "mother"),))
    for _ in range(2):
        all_of_them.withdraw(str(MIA.user_id))
    assert told == [(AccountChanged(), socket.sid)]


@pytest.mark.parametrize("withdrawn", [True, False])
def test_who_loses_a_right_while_a_subscription_is_made_does_not_enter(
    all_of_them: Connections, monkeypatch: pytest.MonkeyPatch, withdrawn: bool
) -> None:
    """Its rights were looked up before they were withdrawn: it asks again, and is refused then."""
    rooms: list[tuple[str, str]] = []
    server = SimpleNamespace(
        enter_room=lambda sid, room: rooms.append((sid, room)),
        leave_room=lambda sid, room: rooms.remove((sid, room)),
        manager=SimpleNamespace(is_connected=lambda _sid, _namespace: True),
    )
    monkeypatch.setattr(socketio, "server", server)
    told: list[object] = []
    monkeypatch.setattr(socketio, "start_background_task", lambda task, *given: told.append((task, given)))
    removed = all_of_them.registry = SimpleNamespace(remove=object())  # type: ignore[assignment]
    socket = all_of_them.open["sid"] = connection()
    subscription = all_of_them.new_subscription(socket, "appointments:patient:x", NOW)
    looked_up_at = socket.withdrawals
    if withdrawn:
        # As `withdraw` begins, before it looks at what is followed.
        socket.withdrawals += 1
        with pytest.raises(Unavailable):
            all_of_them.enter(socket, subscription, looked_up_at)
        assert (rooms, socket.subscriptions) == ([], {})
        assert told == [(removed.remove, ([subscription],))]
    else:
        all_of_them.enter(socket, subscription, looked_up_at)
        assert len(rooms) == 2
        assert list(socket.subscriptions.values()) == [subscription]
