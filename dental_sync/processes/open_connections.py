"""The TCP connections of a web process, and which one is closed when there is no room for another.

A connection that carries a signed-in account's transport, or a request that is being answered to one, is kept. All
others go first: silent ones, half requests, transports without a sign-in, and those that wait for their next request.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable

from dental_sync.core import callers

# How many of the oldest are compared, so that a flood costs the same for each connection that it opens.
_COMPARED = 64


class OpenConnection:
    """One TCP connection. Implements core.callers.TrackedConnection."""

    def __init__(self, everybody: OpenConnections, address: str, hang_up: Callable[[], None]) -> None:
        self._everybody = everybody
        self.network = callers.network(address)
        self.hang_up = hang_up

    def keep(self) -> None:
        """It is a signed-in account's, until it is released."""
        self._everybody.forget_stranger(self)

    def said_to_be(self, address: str) -> None:
        """A proxy's connection counts as its caller's."""
        self._everybody.rename(self, callers.network(address))

    def release(self) -> None:
        """A request has been answered: whose the next one is, is not known."""
        self._everybody.release(self)


class OpenConnections:
    """All of them. There is room for so many; one more, and the oldest of the network with the most strangers goes."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._open: set[OpenConnection] = set()
        self._strangers: OrderedDict[OpenConnection, None] = OrderedDict()
        self._of_network: Counter[str] = Counter()
        # How many were closed to make room.
        self.closed_for_room = 0

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, address: str, hang_up: Callable[[], None]) -> OpenConnection:
        """One more is there; where there is no room, another one is hung up on, if any may be."""
        connection = OpenConnection(self, address, hang_up)
        if len(self._open) >= self._room:
            self._make_room()
        self._open.add(connection)
        self._add_stranger(connection)
        return connection

    def left(self, connection: OpenConnection) -> None:
        """It is closed."""
        self._open.discard(connection)
        self.forget_stranger(connection)

    def release(self, connection: OpenConnection) -> None:
        """It waits for its next request, as the newest of the strangers."""
        self.forget_stranger(connection)
        if connection in self._open:
            self._add_stranger(connection)

    def rename(self, connection: OpenConnection, network: str) -> None:
        """It counts for another network."""
        if connection.network == network:
            return
        is_stranger = connection in self._strangers
        if is_stranger:
            self._count(connection.network, -1)
            self._count(network, 1)
        connection.network = network

    def forget_stranger(self, connection: OpenConnection) -> None:
        """It is not one of those that may be closed."""
        if connection in self._strangers:
            del self._strangers[connection]
            self._count(connection.network, -1)

    def _add_stranger(self, connection: OpenConnection) -> None:
        self._strangers[connection] = None
        self._count(connection.network, 1)

    def _count(self, network: str, change: int) -> None:
        self._of_network[network] += change
        if not self._of_network[network]:
            del self._of_network[network]

    def _make_room(self) -> None:
        oldest = [connection for connection, _ in zip(self._strangers, range(_COMPARED), strict=False)]
        if oldest:
            # Of equals the first, which is the oldest.
            chosen = max(oldest, key=lambda connection: self._of_network[connection.network])
            self.forget_stranger(chosen)
            self.closed_for_room += 1
            chosen.hang_up()
