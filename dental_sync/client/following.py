"""One channel as its follower knows it: how far it has come, and which messages are new. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Payload = dict[str, Any]


@dataclass(slots=True)
class Following:
    """A channel, on one connection after the other."""

    channel: str
    state: Literal["idle", "asked", "live"] = "idle"
    server_id: str | None = None
    created_at: str | None = None
    position: int | None = None
    epoch: str | None = None
    # The position is of a log that has ended, and whoever follows was told so.
    is_void: bool = False
    # What came before the acknowledgement, with the type of each.
    _held: list[tuple[str, Payload]] = field(default_factory=list)

    def ask(self) -> Payload:
        """The payload of `subscribe`: from the last position on, where there is one."""
        self.state = "asked"
        self._held = []
        if self.position is None:
            return {"channel": self.channel}
        return {"channel": self.channel, "since": self.position, "epoch": self.epoch}

    def lose(self) -> None:
        """The connection is gone. What was not acknowledged comes again."""
        self.state = "idle"
        self.server_id = None
        self._held = []

    def hear(self, kind: str, message: Payload) -> list[tuple[str, Payload]]:
        """What is to be told now of a message that names this channel: itself, once, or nothing.

        Until the acknowledgement all is kept back: while this channel is replayed, another one that carries the same
        messages may be live already, and its newer message must not hide the older ones that are still to come.
        """
        if self.state == "asked":
            self._held.append((kind, message))
            return []
        if self.state == "idle" or not self._is_new(message):
            return []
        self.position, self.epoch, self.is_void = message["position"], message["epoch"], False
        return [(kind, message)]

    def acknowledge(self, answer: Payload) -> list[tuple[str, Payload]]:
        """Go live; what was kept back is told now, in order."""
        held, self._held = self._held, []
        self.state = "live"
        self.server_id = answer["subscription"]["id"]
        self.created_at = answer["subscription"]["createdAt"]
        if answer["resync"] or self.position is None:
            # What is older is in the snapshot that is to be fetched, or was before the beginning.
            self.position, self.epoch, self.is_void = answer["position"], answer["epoch"], False
        told = [each for kind, message in sorted(held, key=_position) for each in self.hear(kind, message)]
        self.beat(answer["position"], answer["epoch"])
        return told

    def beat(self, position: int, epoch: str) -> None:
        """Everything of this channel up to here has been sent."""
        if self.state == "live" and self.position is not None:
            if epoch == self.epoch:
                self.position = max(self.position, position)
            elif self.is_void:
                self.position, self.epoch, self.is_void = position, epoch, False

    def void(self) -> None:
        """The server says `resync`: what comes next may be of another log."""
        self.is_void = True

    def _is_new(self, message: Payload) -> bool:
        return self.position is None or message["epoch"] != self.epoch or message["position"] > self.position


def _position(each: tuple[str, Payload]) -> int:
    position: int = each[1]["position"]
    return position
