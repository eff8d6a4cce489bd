"""Somebody who follows, and what was said."""

from __future__ import annotations

import threading
from typing import Any

from dental_sync_client import RealtimeSync, Subscription, SyncError

from .made_up_server import WAIT_SECONDS, FakeSocket, Payload, Server, acknowledgement


class Heard:
    """What one subscription was told, and its errors."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.errors: list[SyncError] = []
        self._change = threading.Condition()

    def change(self, _dentist_id: str | None, availability: Payload) -> None:
        self.note(availability["from"])

    def note(self, *what: Any) -> None:
        with self._change:
            self.told.append(what[0] if len(what) == 1 else what)
            self._change.notify_all()

    def error(self, error: SyncError) -> None:
        with self._change:
            self.errors.append(error)
            self._change.notify_all()

    def wait(self, told: int = 0, errors: int = 0) -> None:
        with self._change:
            assert self._change.wait_for(lambda: len(self.told) >= told and len(self.errors) >= errors, WAIT_SECONDS), (
                f"only {self.told} and {self.errors}"
            )


def follow(sync: RealtimeSync, heard: Heard, **options: Any) -> Subscription:
    return sync.subscribe_to_global_availability(on_availability_changed=heard.change, on_error=heard.error, **options)


def live(server: Server, position: int = 10) -> FakeSocket:
    """The first connection, with one channel acknowledged."""
    socket = server.connected(0)
    socket.next_subscribe()[1](acknowledgement(position))
    return socket
