"""Whoever opens as many connections as there may be keeps nobody out who signs in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from dental_sync.local.embedded.temporary import TemporaryServers

from ..conftest import assert_no_complaints, running_system
from ..raw import RawConnection
from ..rest import call
from ..system import System, wait_until

ROOM = 40


@pytest.fixture(scope="module")
def small_system(
    servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """A system whose web processes have room for few."""
    logs = tmp_path_factory.mktemp("small")
    with running_system(servers, template, logs, {"MAX_CONNECTIONS": str(ROOM)}) as running:
        yield running


@pytest.fixture
def small(small_system: System) -> Iterator[System]:
    """It has logged no traceback after a test."""
    yield small_system
    assert_no_complaints(small_system)


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """Closes a test's connections at its end."""
    with ExitStack() as closing:
        yield closing


def knock(system: System, closing: ExitStack) -> RawConnection:
    """A connection to the first web process."""
    return closing.enter_context(RawConnection(system.ports[0]))


def test_where_there_is_no_room_connections_without_a_sign_in_go_first(small: System, closing: ExitStack) -> None:
    """Silent ones, half requests and transports on which nobody signs in: whoever has signed in stays, others come."""
    patient = small.account("patient1")
    signed_in = knock(small, closing)
    signed_in.sign_in(patient.token)
    subscribed = signed_in.call("subscribe", {"channel": f"appointments:patient:{patient.patient_id}"})
    assert subscribed["ok"]
    silent = [knock(small, closing) for _ in range(2 * ROOM)]
    for number, connection in enumerate(silent):
        if number % 3 == 1 and not connection.is_closed_within(0.01):
            connection.send(b"GET /api/auth/me HTTP/1.1\r\nHost: loc")
    # A call, and a sign-in, on connections of their own.
    body = small.opening().with_dentist(small.account("dentist1").dentist_id)
    made = patient.done("POST", "/appointments", body)
    assert made["id"] in signed_in.wait_for('42["appointment:created"')
    later = knock(small, closing)
    later.sign_in(small.account("patient2").token)
    assert later.call("heartbeat", {})["ok"]
    assert signed_in.call("heartbeat", {}, number=2)["ok"]
    # The oldest made room.
    assert sum(connection.is_closed_within(0.05) for connection in silent) > ROOM


def test_a_visitor_makes_room_as_those_do_on_which_nobody_has_signed_in(small: System, closing: ExitStack) -> None:
    """A token that anybody gets keeps nobody out who has an account."""
    signed_in = knock(small, closing)
    signed_in.sign_in(small.account("patient1").token)
    visitors = []
    for _ in range(5):
        token = call(small.ports[0], "POST", "/api/public/token", {}).body["accessToken"]
        visitor = knock(small, closing)
        visitor.sign_in(token)
        assert visitor.call("subscribe", {"channel": "availability:all"})["ok"]
        visitors.append(visitor)
    _later = [knock(small, closing) for _ in range(ROOM)]
    for visitor in visitors:
        assert visitor.is_closed_within(10.0)
    assert signed_in.call("heartbeat", {})["ok"]


def test_one_address_has_half_of_the_transports(small: System, closing: ExitStack) -> None:
    """The others are told to wait; calls are answered, and who leaves makes room for another."""
    signed_in = []
    for number in range(ROOM // 2):
        connection = knock(small, closing)
        connection.sign_in(small.account(f"patient{number % 12 + 1}").token)
        signed_in.append(connection)
    head = knock(small, closing).upgrade()
    assert head.startswith("HTTP/1.1 429 ")
    assert "Retry-After: " in head
    assert call(small.ports[0], "GET", "/api/sync/health").status == 200
    assert signed_in[0].call("heartbeat", {})["ok"]
    signed_in.pop().hang_up()
    wait_until(lambda: " 101 " in knock(small, closing).upgrade(), 10, lambda: "no other transport is let in")


def test_a_session_of_long_polling_is_a_transport(small: System) -> None:
    """It costs its beginner one request, and waits here for a sign-in: of one address there are no more at once."""
    new = "/socket.io/?EIO=4&transport=polling"
    statuses = [call(small.ports[1], "GET", new).status for _ in range(ROOM // 2 + 3)]
    assert statuses == [200] * (ROOM // 2) + [429] * 3
    assert call(small.ports[1], "GET", "/api/sync/health").status == 200
