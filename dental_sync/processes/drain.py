"""Stopping a web process: clients are asked to reconnect to another one, requests in flight are finished."""

from __future__ import annotations

import random
import time

from dental_sync.monitoring.in_flight import RequestsInFlight
from dental_sync.sockets.connections import Connections

# How often the stop looks whether everybody is gone.
LOOK_SECONDS = 0.05


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
