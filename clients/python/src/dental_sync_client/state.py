"""How complete the whole client, or one subscription, is. Pure: the time is passed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from dental_sync_client.errors import SyncError

Status = Literal["connecting", "live", "catching-up", "offline", "closed"]


@dataclass(frozen=True, slots=True)
class SyncState:
    """`connecting` for the first time, `catching-up` until everything missed is here, then `live`.

    `offline` while it tries to come back, with the reason in `error`; `closed` before anything is subscribed to and at
    the end, with an `error` when it ended by itself. `as_of` is when everything subscribed to was last known to be
    complete, in UTC by this machine's clock; None before the first time.
    """

    status: Status
    as_of: datetime | None
    error: SyncError | None


CLOSED = SyncState("closed", None, None)
StateListener = Callable[[SyncState], object]


class StateKeeper:
    """A state, and the listeners for changes of its status and error."""

    def __init__(self, call: Callable[..., None], initial: SyncState = CLOSED) -> None:
        # Replaced as a whole, so that other threads may read it at any time.
        self.current = initial
        self._told = initial
        self._call = call
        self._listeners: list[StateListener] = []

    def listen(self, listener: StateListener) -> Callable[[], None]:
        """Tell of every change; returns what ends that, and may be called twice."""
        # One entry for each call, though a listener be added twice.
        entry: StateListener = lambda state: listener(state)  # noqa: E731, PLW0108
        self._listeners.append(entry)

        def end() -> None:
            if entry in self._listeners:
                self._listeners.remove(entry)

        return end

    def complete_at(self, now: datetime) -> None:
        """Nothing is missing at this time. A change of the time alone is not told."""
        self.current = replace(self.current, as_of=now)

    def set(self, status: Status, error: SyncError | None = None) -> None:
        """Take a status without telling: states that change together are all set before a listener hears of one."""
        if (status, error) != (self.current.status, self.current.error):
            self.current = replace(self.current, status=status, error=error)

    def notify(self) -> None:
        """Call the listeners, unless they were called for this status and error already."""
        told = self.current
        if (told.status, told.error) != (self._told.status, self._told.error):
            self._told = told
            for listener in list(self._listeners):
                self._call(listener, told)
