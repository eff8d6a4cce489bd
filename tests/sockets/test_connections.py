"""Open sockets, where a race decides: the processes of tests/live are too quick to be met in the act."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from dental_sync.core.actor import Actor
from dental_sync.core.errors import Forbidden
from dental_sync.core.ids import new_id
from dental_sync.records.tokens import SignedIn
from dental_sync.sockets.connections import Connection

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MIA = Actor(new_id(), "patient", "Mia", "mia@demo.test", patient_id=new_id(), session_id=new_id())


def connection() -> Connection:
    """A socket whose token is about to expire."""
    return Connection("sid", MIA, NOW, told_of_expiry=True)


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
