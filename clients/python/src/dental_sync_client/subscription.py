"""What somebody follows, and whom to call."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from dental_sync_client.account import Owner
from dental_sync_client.errors import SyncError
from dental_sync_client.place import Place

logger = logging.getLogger(__name__)

Payload = dict[str, Any]
OnAppointment = Callable[[Payload], object]
OnAppointmentUpdated = Callable[[Payload, Payload], object]
OnDeleted = Callable[[str], object]
OnAvailability = Callable[[str | None, Payload], object]
OnError = Callable[[SyncError], object]
# Whom to call with a message, by its type.
Tell = Mapping[str, Callable[[Payload], object]]


class Subscription:
    """What somebody follows.

    `channel_name` is final once it is live: whose appointments they are may have to be found out first. `id` and
    `created_at` (RFC 3339, UTC) are the server's, None before it is live for the first time. `active` until it ends.
    """

    def __init__(
        self,
        channel_name: str,
        tell: Tell | None = None,
        on_error: OnError | None = None,
        *,
        owner: Owner | None = None,
        since: Place | None = None,
    ) -> None:
        self.channel_name = channel_name
        self.id: str | None = None
        self.created_at: str | None = None
        self.active = True
        self._tell = tell or {}
        self._on_error = on_error
        self._owner = owner
        self._since = since
        self._live = threading.Event()

    def __repr__(self) -> str:
        return f"<Subscription {self.id or self.channel_name}{'' if self.active else ', ended'}>"

    def wait_until_live(self, seconds: float) -> bool:
        """Wait until the server has acknowledged it for the first time; not from within a callback."""
        return self._live.wait(seconds)

    # The rest is for the client itself.

    @property
    def owner(self) -> Owner | None:
        return self._owner

    @property
    def since(self) -> Place | None:
        return self._since

    def go_live(self, server_id: str | None, created_at: str | None) -> None:
        self.id, self.created_at = server_id, created_at
        self._live.set()

    def deliver(self, kind: str, message: Payload) -> None:
        if self.active:
            call(self._tell.get(kind), message)

    def fail(self, error: SyncError) -> None:
        call(self._on_error, error)


def call(callback: Callable[..., object] | None, *arguments: object) -> None:
    """Call back; what it raises is logged, for it is no reason to keep a message from the others."""
    if callback is not None:
        try:
            callback(*arguments)
        except Exception:
            logger.exception("a callback failed")


def appointment_callbacks(
    created: OnAppointment | None, updated: OnAppointmentUpdated | None, deleted: OnDeleted | None
) -> Tell:
    """Each with what it is to be told of a message."""
    found: dict[str, Callable[[Payload], object]] = {}
    if created is not None:
        found["appointment:created"] = lambda message: created(message["appointment"])
    if updated is not None:
        found["appointment:updated"] = lambda message: updated(message["appointment"], message["previous"])
    if deleted is not None:
        found["appointment:deleted"] = lambda message: deleted(message["appointmentId"])
    return found


def availability_callbacks(changed: OnAvailability | None) -> Tell:
    """The one, with what it is to be told of a message."""
    if changed is None:
        return {}
    return {"availability:changed": lambda message: changed(message["dentistId"], message["availability"])}
