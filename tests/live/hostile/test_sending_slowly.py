"""A client that sends a byte at a time is ended, and the others do not notice."""

from __future__ import annotations

import time
from typing import Any

from ..javascript import JsClient
from ..system import System
from .harm import IDLE_SECONDS, IN_TIME_SECONDS, TRIES, is_served_in_time, raw


def test_who_sends_a_byte_at_a_time_holds_nobody_up_and_is_ended(wary: System, witness: JsClient) -> None:
    """More half bodies than there are connections to the database: others are served, and each has only so long."""
    token = wary.account("patient2").token
    ended: list[Any] = []
    with raw(wary, 40) as connections:
        began = time.monotonic()
        for connection in connections:
            headers = {"Content_Type": "application/json", "Content_Length": "1000", "Authorization": f"Bearer {token}"}
            connection.send_request("POST", "/api/appointments", b"{", **headers)
        is_served_in_time(wary, witness)
        while len(ended) < len(connections):
            assert time.monotonic() - began < IDLE_SECONDS + TRIES * IN_TIME_SECONDS, f"only {len(ended)} were ended"
            for connection in connections:
                if connection not in ended and connection.is_closed_within(0.001):
                    ended.append(connection)
                elif connection not in ended:
                    connection.send(b" ")
        assert time.monotonic() - began > IDLE_SECONDS - 1
