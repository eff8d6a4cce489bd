"""The rooms of one connection: which were asked for and not left since, and which are being left."""

from __future__ import annotations

from dental_sync_client.runtime import Work


class Rooms:
    """By the names of their channels."""

    def __init__(self) -> None:
        self._asked: set[str] = set()
        # What is to be done when the server has answered that a room was left.
        self._leaving: dict[str, Work] = {}

    @property
    def are_left(self) -> bool:
        """Whether any is being left."""
        return bool(self._leaving)

    def is_left(self, name: str) -> bool:
        """Whether this one is being left."""
        return name in self._leaving

    def ask(self, name: str) -> bool:
        """It is asked for; returns whether it was before."""
        is_again = name in self._asked
        self._asked.add(name)
        return is_again

    def begin_to_leave(self, name: str) -> None:
        """The server is told so."""
        self._leaving[name] = lambda: None

    def left(self, name: str) -> None:
        """The server has answered."""
        self._asked.discard(name)
        self._leaving.pop(name)()

    def once_left(self, name: str, work: Work) -> bool:
        """Do something once a room is left; returns whether that is to be waited for."""
        if not self.is_left(name):
            return False
        self._leaving[name] = work
        return True

    def clear(self) -> None:
        """The connection is gone."""
        self._asked.clear()
        self._leaving.clear()
