"""How the client is doing as a whole, for whoever shows it to people or to a monitor. Pure: the time is passed in."""

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


StateListener = Callable[[SyncState], object]


class StateKeeper:
    """The state, and whoever wants to know when its status or error changes."""

    def __init__(self, call: Callable[..., None]) -> None:
        # Replaced as a whole, so that other threads may read it at any time.
        self.current = SyncState("closed", None, None)
        self._told = self.current
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

    def begin(self) -> None:
        """The first subscription was made, in a thread that may not call back; `become` tells of it."""
        self.current = replace(self.current, status="connecting")

    def complete_at(self, now: datetime) -> None:
        """Nothing is missing at this time. A change of the time alone is not told."""
        self.current = replace(self.current, as_of=now)

    def become(self, status: Status, error: SyncError | None = None) -> None:
        """Take a status, and tell when it or the error is another than was told last."""
        self.current = replace(self.current, status=status, error=error)
        if (status, error) != (self._told.status, self._told.error):
            self._told = told = self.current
            for listener in list(self._listeners):
                self._call(listener, told)
