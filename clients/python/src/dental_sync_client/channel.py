"""One channel: how far it has come, which messages are new, and for whom. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from dental_sync_client.place import Place
from dental_sync_client.subscription import Payload, Subscription

# A message, with its type before it.
Typed = tuple[str, Payload]


class Channel:
    """A channel and its subscriptions, on one connection after the other.

    While it is replayed a live message can overtake the older ones: one that another of this connection's rooms gets
    too, or any when this connection was in the room before. Such a message waits for the acknowledgement, or it would
    hide what is still to come.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        # `away` from the server, `joining`, in need of a `snapshot`, or `joined`.
        self.phase: Literal["away", "joining", "snapshot", "joined"] = "away"
        # Up to where everything was told.
        self.place: Place | None = None
        # Why something is missing before its place, until the application was told or given a snapshot.
        self.gap: str | None = None
        # Attempts to join, or to get a snapshot, that went wrong since the last acknowledgement.
        self.failures = 0
        # Rises with every wish: only the answer to the last one counts.
        self.joins = 0
        # The server's subscription on this connection.
        self.server_id: str | None = None
        self.created_at: str | None = None
        # Each with the place up to which it wants to hear nothing; None until the acknowledgement, where it begins.
        self._floors: dict[Subscription, Place | None] = {}
        self._waiting: dict[tuple[str, int], Typed] = {}
        self._must_wait = False

    # Who follows.

    @property
    def subscriptions(self) -> list[Subscription]:
        return list(self._floors)

    def add(self, subscription: Subscription, since: Place | None = None) -> bool:
        """Let somebody else follow, from a place or from now on; returns whether the server is to be asked (again)."""
        self._floors[subscription] = since or self.place
        if since is None or self.gap is not None:
            # With a gap everybody starts anew.
            return self.phase == "away"
        if self.place is not None and self.place.epoch != since.epoch:
            # Of two logs nobody can say what lies between.
            self.gap = "two places of different logs"
            return True
        if self.place is not None and self.place.position <= since.position:
            return self.phase == "away"
        for other, floor in self._floors.items():
            # It has been told this already.
            if other is not subscription and floor is not None and self.place is not None:
                self._floors[other] = max(floor, self.place, key=lambda place: place.position)
        self.place = since
        return True

    def remove(self, subscription: Subscription) -> None:
        self._floors.pop(subscription, None)

    def hearers(self, message: Mapping[str, Any]) -> list[Subscription]:
        """Who is to be told of a message that is new here."""
        return [each for each, floor in self._floors.items() if floor is not None and not floor.is_reached_by(message)]

    # On the server.

    def join(self, *, is_again: bool = False) -> Payload:
        """The payload of `subscribe`. `is_again`: this connection has asked before, and may be in the room."""
        self.phase = "joining"
        self.joins += 1
        self._must_wait = is_again or self.place is None
        if self.place is None:
            return {"channel": self.name}
        return {"channel": self.name, "since": self.place.position, "epoch": self.place.epoch}

    def await_snapshot(self) -> None:
        """Hear nothing, not even the answers to what was asked, before it goes on from a snapshot's place."""
        self.phase = "snapshot"
        self.joins += 1
        self._waiting.clear()

    def leave(self) -> None:
        """The connection is gone. What waited comes again with the replay."""
        self.phase = "away"
        self.server_id = None
        self._waiting.clear()

    def take(self, kind: str, message: Payload, *, is_shared: bool = False) -> list[Typed]:
        """What is to be told now: the message itself, once, or nothing.

        `is_shared`: another room of this connection gets it too.
        """
        if self.phase in ("away", "snapshot"):
            # It comes again after the place from which this goes on.
            return []
        if self.phase == "joining" and (self._must_wait or is_shared or self._waiting):
            self._waiting[message["epoch"], message["position"]] = (kind, message)
            return []
        return self._new([(kind, message)])

    def acknowledge(self, place: Place) -> list[Typed]:
        """The server has sent everything up to a place; returns what waited for that, in order."""
        self.phase = "joined"
        self.failures = 0
        waiting = sorted(self._waiting.values(), key=lambda each: each[1]["position"])
        self._waiting.clear()
        for subscription, floor in self._floors.items():
            self._floors[subscription] = floor or place
        if self.place is None:
            self.place = place
        told = self._new(waiting)
        if place.epoch != self.place.epoch or place.position > self.place.position:
            self.place = place
        return told

    def restart(self, place: Place | None) -> None:
        """Go on from another place, a snapshot's, or from wherever the server will say that it is; with everybody."""
        self.place = place
        self._waiting.clear()
        for subscription in self._floors:
            self._floors[subscription] = place

    def beat(self, place: Place) -> None:
        """Everything up to here was sent. Of another log that says nothing: what was told of it must come first."""
        if self.phase == "joined" and self.place is not None and self.place.epoch == place.epoch:
            self.place = max(self.place, place, key=lambda each: each.position)

    def _new(self, messages: list[Typed]) -> list[Typed]:
        told = []
        for kind, message in messages:
            if self.place is None or not self.place.is_reached_by(message):
                # First the place, then the telling: what a callback does, even to raise, is not done again.
                self.place = Place.of(message)
                told.append((kind, message))
        return told
