"""Stopping a web process: clients are asked to reconnect to another one, requests in flight are finished."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from dental_sync.monitoring.in_flight import RequestsInFlight
from dental_sync.sockets.connections import Connections

# For the calls that came in while the process was about to end.
LAST_CALLS_SECONDS = 5.0
# How often the stop looks whether everybody is gone.
LOOK_SECONDS = 0.05


# How long a request that was let in may take until it is counted as in flight.
ARRIVAL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Door:
    """Where callers come in, as far as the server of this process can close it."""

    close: Callable[[], None]


def close_and_finish(door: Door, in_flight: RequestsInFlight, *, seconds: float) -> None:
    """Let nobody in any more, and return once those who were let in have their answers, or after `seconds`.

    A caller who is let in while the process ends would lose the answer, and a proxy may not ask again for it.
    """
    door.close()
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        if time.monotonic() > began + ARRIVAL_SECONDS and not in_flight.count:
            return
        time.sleep(LOOK_SECONDS)


def drain(connections: Connections, in_flight: RequestsInFlight, *, seconds: float) -> None:
    """Return once clients have left and requests are answered, or after `seconds`.

    Each client is told to reconnect after a random time within the first quarter, so that they do not all reach the
    next process at once. One that is still connected a second after that is disconnected, and reconnects by itself.
    """
    deadline = time.monotonic() + seconds
    window = seconds / 4
    connections.ask_to_leave(lambda: random.uniform(0, window))  # noqa: S311 - to spread load, not a secret
    cut_off_at = time.monotonic() + window + 1.0
    while time.monotonic() < min(cut_off_at, deadline) and connections.open:
        time.sleep(LOOK_SECONDS)
    connections.cut_off()
    while time.monotonic() < deadline and (in_flight.count or connections.open):
        time.sleep(LOOK_SECONDS)
