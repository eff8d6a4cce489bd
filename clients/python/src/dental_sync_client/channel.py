"""One channel: how far it has come, which messages are new, and for which subscriptions. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

from dental_sync_client.place import Place
from dental_sync_client.subscription import AnySubscription, Payload

# A message, with its type before it.
Typed = tuple[str, Payload]
Phase = Literal["away", "joining", "snapshot", "joined"]


@dataclass(frozen=True, slots=True)
class ServerSubscription:
    """What the server calls the subscription on this connection; `created_at` is RFC 3339 in UTC."""

    id: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Away:
    """Not asked for on this connection."""

    phase: ClassVar[Phase] = "away"
    gap: str | None = None
    server: ClassVar[None] = None


@dataclass(frozen=True, slots=True)
class Joining:
    """Asked for; the acknowledgement is still to come. `server`: from an earlier acknowledgement on this connection."""

    phase: ClassVar[Phase] = "joining"
    gap: str | None
    server: ServerSubscription | None
    # Whether live messages can come before the acknowledgement.
    must_wait: bool
    waiting: dict[tuple[str, int], Typed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AwaitingSnapshot:
    """Hears nothing before it goes on from a snapshot's place."""

    phase: ClassVar[Phase] = "snapshot"
    gap: str
    server: ServerSubscription | None


@dataclass(frozen=True, slots=True)
class Joined:
    """Acknowledged, and complete up to its place."""

    phase: ClassVar[Phase] = "joined"
    gap: ClassVar[None] = None
    server: ServerSubscription


State = Away | Joining | AwaitingSnapshot | Joined


class Channel:
    """A channel and its subscriptions, on one connection after the other.

              join            acknowledge
       away --------> joining ------------> joined
        |             ^  |  ^                 |  |
        |   snapshot  |  |  +-----------------+  |  join, to replay from further back, or with a gap
        |   is here   |  | the log does not      |
        |             |  v reach back            |
        +----------> snapshot <------------------+
         with a gap

    `leave` goes from each of them to `away`; a gap is kept there.

    While it is replayed a live message can overtake the older ones: one that another of this connection's rooms gets
    too, or any when this connection was in the room before. Such a message waits for the acknowledgement, or it would
    hide what is still to come.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        # Up to where everything was told.
        self.place: Place | None = None
        # Attempts to join, or to get a snapshot, that went wrong since the last acknowledgement.
        self.failures = 0
        # Rises with every question and every wait for a snapshot: only the answer to the last one counts.
        self.joins = 0
        self._state: State = Away()
        # Each with the place up to which it wants to hear nothing; None until the acknowledgement, where it begins.
        self._floors: dict[AnySubscription, Place | None] = {}

    @property
    def phase(self) -> Phase:
        return self._state.phase

    @property
    def gap(self) -> str | None:
        """Why something is missing before its place, until the application was told or given a snapshot."""
        return self._state.gap

    @property
    def server(self) -> ServerSubscription | None:
        """The server's subscription on this connection; None before its first acknowledgement."""
        return self._state.server

    # Who follows.

    @property
    def subscriptions(self) -> list[AnySubscription]:
        return list(self._floors)

    def add(self, subscription: AnySubscription, since: Place | None = None) -> bool:
        """Add a subscription, from a place or from now on; returns whether the server is to be asked (again)."""
        self._floors[subscription] = since or self.place
        if since is None or self.gap is not None:
            # With a gap all of them start anew.
            return self.phase == "away"
        if self.place is not None and self.place.epoch != since.epoch:
            # What lies between two logs is unknown.
            self.note_gap("two places of different logs")
            return True
        if self.place is not None and self.place.position <= since.position:
            return self.phase == "away"
        for other, floor in self._floors.items():
            # It has been told this already.
            if other is not subscription and floor is not None and self.place is not None:
                self._floors[other] = max(floor, self.place, key=lambda place: place.position)
        self.place = since
        return True

    def remove(self, subscription: AnySubscription) -> None:
        self._floors.pop(subscription, None)

    def hearers(self, message: Mapping[str, Any]) -> list[AnySubscription]:
        """Which subscriptions are to be told of a message that is new here."""
        return [each for each, floor in self._floors.items() if floor is not None and not floor.is_reached_by(message)]

    # On the server.

    def join(self, *, is_again: bool = False) -> Payload:
        """The payload of `subscribe`. `is_again`: this connection has asked before, and may be in the room."""
        must_wait = is_again or self.place is None
        waiting = self._state.waiting if isinstance(self._state, Joining) else {}
        self._state = Joining(self.gap, self.server, must_wait, waiting)
        self.joins += 1
        if self.place is None:
            return {"channel": self.name}
        return {"channel": self.name, "since": self.place.position, "epoch": self.place.epoch}

    def note_gap(self, reason: str) -> None:
        """Messages are missing before its place; it is to be joined again."""
        match self._state:
            case Away():
                self._state = Away(reason)
            case Joined(server):
                self._state = Joining(reason, server, must_wait=True)
            case _:
                self._state = replace(self._state, gap=reason)

    def note_server(self, server: ServerSubscription) -> None:
        """The server has acknowledged one of the questions of this connection, perhaps not the last."""
        if not isinstance(self._state, Away):
            self._state = replace(self._state, server=server)

    def await_snapshot(self, reason: str) -> None:
        """Hear nothing, not even the answers to what was asked, before it goes on from a snapshot's place."""
        self._state = AwaitingSnapshot(reason, self.server)
        self.joins += 1

    def take_snapshot(self, place: Place) -> None:
        """The snapshot is here; to be joined from its place."""
        self.restart(place)
        self._state = Joining(None, self.server, must_wait=True)

    def leave(self) -> None:
        """The connection is gone. What waited comes again with the replay."""
        self._state = Away(self.gap)

    def take(self, kind: str, message: Payload, *, is_shared: bool = False) -> list[Typed]:
        """What is to be told now: the message itself, once, or nothing.

        `is_shared`: another room of this connection gets it too.
        """
        match self._state:
            case Away() | AwaitingSnapshot():
                # It comes again after the place from which this goes on.
                return []
            case Joining(must_wait=must_wait, waiting=waiting) if must_wait or is_shared or waiting:
                waiting[message["epoch"], message["position"]] = (kind, message)
                return []
        return self._new([(kind, message)])

    def acknowledge(self, place: Place, server: ServerSubscription) -> list[Typed]:
        """The server has sent everything up to a place; returns what waited for that, in order."""
        kept = self._state.waiting.values() if isinstance(self._state, Joining) else ()
        self._state = Joined(server)
        self.failures = 0
        for subscription, floor in self._floors.items():
            self._floors[subscription] = floor or place
        if self.place is None:
            self.place = place
        told = self._new(sorted(kept, key=lambda each: each[1]["position"]))
        if place.epoch != self.place.epoch or place.position > self.place.position:
            self.place = place
        return told

    def restart(self, place: Place | None) -> None:
        """Go on from another place, a snapshot's, or from wherever the server will say that it is; with all of them."""
        self.place = place
        if isinstance(self._state, Joining):
            self._state.waiting.clear()
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
