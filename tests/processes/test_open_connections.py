"""When a process is full, connections without a sign-in go first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dental_sync.processes.open_connections import OpenConnection, OpenConnections

Enter = Callable[[str], OpenConnection]


class Door:
    """A process with room for five, and the addresses of those that it hung up on."""

    def __init__(self) -> None:
        self.connections = OpenConnections(5)
        self.gone: list[OpenConnection] = []

    def enter(self, address: str) -> OpenConnection:
        """Somebody connects."""
        entered = self.connections.enter(address, lambda: self.gone.append(entered))
        return entered


@pytest.fixture
def door() -> Door:
    """A process with room for five."""
    return Door()


def test_while_there_is_room_nobody_goes(door: Door) -> None:
    """However silent they are."""
    for _ in range(5):
        door.enter("203.0.113.1")
    assert door.gone == []


def test_one_too_many_closes_the_oldest_stranger(door: Door) -> None:
    """It has had its time to sign in."""
    first, second, *_ = [door.enter("203.0.113.1") for _ in range(5)]
    door.enter("203.0.113.1")
    assert door.gone == [first]
    door.connections.left(first)
    door.enter("203.0.113.1")
    assert door.gone == [first, second]


def test_who_has_signed_in_stays(door: Door) -> None:
    """Also when all others are newer."""
    kept = [door.enter("203.0.113.1") for _ in range(4)]
    for connection in kept:
        connection.keep()
    stranger = door.enter("203.0.113.1")
    door.enter("203.0.113.1")
    assert door.gone == [stranger]


def test_where_everybody_has_signed_in_the_newcomer_waits(door: Door) -> None:
    """Nobody is closed, and nothing breaks."""
    for _ in range(5):
        door.enter("203.0.113.1").keep()
    door.enter("203.0.113.2")
    assert door.gone == []


def test_a_flood_from_one_address_closes_its_own(door: Door) -> None:
    """The patient was there before the flood, and still is."""
    patient = door.enter("203.0.113.1")
    flood = [door.enter("198.51.100.1") for _ in range(4)]
    door.enter("198.51.100.1")
    assert door.gone == [flood[0]]
    assert patient not in door.gone


def test_a_flood_within_one_ipv6_network_is_one(door: Door) -> None:
    """Each connection of it may come from another address."""
    patient = door.enter("2001:db8:1::1")
    flood = [door.enter(f"2001:db8:2::{number}") for number in range(1, 5)]
    door.enter("2001:db8:3::1")
    assert door.gone == [flood[0]]
    assert patient not in door.gone


def test_behind_a_proxy_the_callers_address_counts(door: Door) -> None:
    """All connections are the proxy's."""
    patient = door.enter("10.0.0.1")
    patient.said_to_be("203.0.113.1")
    flood = [door.enter("10.0.0.1") for _ in range(4)]
    for connection in flood:
        connection.said_to_be("198.51.100.1")
    door.enter("10.0.0.1")
    assert door.gone == [flood[0]]


def test_a_connection_that_waits_for_its_next_request_is_a_stranger_again(door: Door) -> None:
    """And the newest of them: it was used just now."""
    served = door.enter("203.0.113.1")
    others = [door.enter("203.0.113.1") for _ in range(4)]
    served.keep()
    served.release()
    door.enter("203.0.113.1")
    assert door.gone == [others[0]]
    for connection in others:
        door.connections.left(connection)
    for _ in range(4):
        door.enter("203.0.113.1")
    assert door.gone == [others[0], served]


def test_what_is_closed_is_not_remembered(door: Door) -> None:
    """Its place is free, and a release that comes late does not bring it back."""
    first = door.enter("203.0.113.1")
    door.connections.left(first)
    first.release()
    first.keep()
    for _ in range(5):
        door.enter("203.0.113.1")
    assert door.gone == []
