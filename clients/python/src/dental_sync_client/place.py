"""A place in the log of messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """Up to where something is known: a position, and the epoch, the log in which it counts."""

    position: int
    epoch: str

    @classmethod
    def of(cls, given: Place | Mapping[str, Any]) -> Place:
        """The place of whatever has `position` and `epoch`, as a REST list has; ValueError where they are missing."""
        if isinstance(given, Place):
            return given
        position, epoch = given.get("position"), given.get("epoch")
        if not isinstance(position, int) or not isinstance(epoch, str):
            raise ValueError("a place in the log has a position, which is a whole number, and an epoch")
        return cls(position, epoch)

    def is_reached_by(self, message: Mapping[str, Any]) -> bool:
        """Whether a message is no further than this. Of another log nothing is known, so that it counts as further."""
        return bool(message["epoch"] == self.epoch and message["position"] <= self.position)
