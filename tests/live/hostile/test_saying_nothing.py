"""Connections that say nothing are let go, and the others do not notice."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from contextlib import ExitStack

import psutil
import pytest

from ..javascript import JsClient
from ..raw import RawConnection
from ..rest import call
from ..system import System, wait_until
from .harm import is_served_in_time, raw

# It measures seconds.
pytestmark = pytest.mark.alone


def test_a_thousand_silent_connections_hurt_nobody_and_are_let_go(wary: System, witness: JsClient) -> None:
    """Nothing, half a request, half a body, an upgrade and no more, a session that is never polled: 200 of each."""
    process = psutil.Process(wary.web[0].pid)
    before = process.num_fds()
    token = wary.account("patient1").token

    def half_a_request(connection: RawConnection) -> None:
        connection.send(b"GET /api/auth/me HTTP/1.1\r\nHost: loc")

    def half_a_body(connection: RawConnection) -> None:
        headers = {"Content_Type": "application/json", "Content_Length": "100", "Authorization": f"Bearer {token}"}
        connection.send_request("POST", "/api/appointments", b'{"dentistId"', **headers)

    def no_sign_in(connection: RawConnection) -> None:
        connection.send_upgrade()

    def no_poll(connection: RawConnection) -> None:
        connection.send_request("GET", "/socket.io/?EIO=4&transport=polling")

    acts: list[Callable[[RawConnection], None]] = [lambda _: None, half_a_request, half_a_body, no_sign_in, no_poll]
    with raw(wary, 1000) as connections:
        for connection, act in zip(connections, itertools.cycle(acts), strict=False):
            act(connection)
        wait_until(lambda: process.num_fds() > before + 900, 10, lambda: f"only {process.num_fds()} are there")
        is_served_in_time(wary, witness)
        # The longest is the time to sign in, ten seconds.
        wait_until(lambda: process.num_fds() <= before + 20, 25, lambda: f"{process.num_fds()} are still there")
        is_served_in_time(wary, witness)


def test_a_process_without_files_left_goes_on(wary: System) -> None:
    """It lets in no more clients than it can hold; the others wait at the door, and the first to go makes room."""
    limited = wary.web[1]
    limited.kill()
    limited.open_files = 160
    limited.start()
    wary.wait_until_healthy()
    with ExitStack() as closing:
        for _ in range(200):
            closing.enter_context(RawConnection(wary.ports[1]))
        seen_until = time.monotonic() + 1
        wait_until(lambda: time.monotonic() > seen_until or not limited.is_running, 3, lambda: "time stands still")
        assert limited.is_running
        assert psutil.Process(limited.pid).num_fds() < 160
    assert call(wary.ports[1], "GET", "/api/sync/health").status == 200
