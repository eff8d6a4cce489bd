"""How many transports an address may open, before anybody signs in on them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import Client

from dental_sync.core.errors import RateLimited
from dental_sync.core.rate_limits import RateLimits
from dental_sync.sockets.admission import Admission

NEW_WEBSOCKET = "/socket.io/?EIO=4&transport=websocket"
NEW_POLLING = "/socket.io/?EIO=4&transport=polling"
SESSION = NEW_POLLING + "&sid=abc"


@pytest.fixture
def admission() -> Admission:
    """Three transports an address, two new polling sessions a minute."""
    return Admission(RateLimits(), transports_per_address=3, sessions_per_minute=2)


def knock(admission: Admission, path: str, address: str = "203.0.113.7") -> Any:
    """Ask for it, as a request of that address."""

    def app(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"let in"]

    return Client(admission.before(app)).get(path, environ_overrides={"REMOTE_ADDR": address})


def test_an_address_with_enough_transports_opens_no_more(admission: Admission) -> None:
    """It is told when to try again, and another address is let in; so is it, when one of its own is closed."""
    for _ in range(3):
        assert knock(admission, NEW_WEBSOCKET).status_code == 200
        admission.opened("203.0.113.7")
    refused = knock(admission, NEW_WEBSOCKET)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.mimetype == "application/problem+json"
    assert json.loads(refused.data)["code"] == "rate-limited"
    assert knock(admission, NEW_WEBSOCKET, "203.0.113.8").status_code == 200
    admission.closed("203.0.113.7")
    assert knock(admission, NEW_WEBSOCKET).status_code == 200


def test_a_transport_that_is_open_goes_on(admission: Admission) -> None:
    """Polls, and the change to a WebSocket, name their session."""
    for _ in range(3):
        admission.opened("203.0.113.7")
    assert knock(admission, SESSION).status_code == 200
    assert knock(admission, NEW_WEBSOCKET + "&sid=abc").status_code == 200


def test_polling_sessions_are_begun_only_so_often(admission: Admission) -> None:
    """Each costs its beginner one request; WebSockets, which cost a connection, are not counted with them."""
    assert [knock(admission, NEW_POLLING).status_code for _ in range(3)] == [200, 200, 429]
    assert knock(admission, "/socket.io/?EIO=4").status_code == 429
    assert knock(admission, NEW_WEBSOCKET).status_code == 200
    assert knock(admission, NEW_POLLING, "203.0.113.8").status_code == 200


def test_an_ipv6_network_is_one_address(admission: Admission) -> None:
    """Whoever has one address of a /64 has all of them."""
    knock(admission, NEW_POLLING, "2001:db8::1")
    knock(admission, NEW_POLLING, "2001:db8::2")
    assert knock(admission, NEW_POLLING, "2001:db8::3").status_code == 429


def test_other_addresses_of_the_server_are_not_concerned(admission: Admission) -> None:
    """REST has limits of its own."""
    for _ in range(3):
        admission.opened("203.0.113.7")
    assert knock(admission, "/api/sync/health").status_code == 200


def test_a_process_with_less_room_allows_an_address_less(admission: Admission) -> None:
    """Where its limit of open files is low; never more than the settings say."""
    admission.at_most(100)
    admission.opened("203.0.113.7")
    admission.check("203.0.113.7", polling=False)
    admission.at_most(1)
    with pytest.raises(RateLimited):
        admission.check("203.0.113.7", polling=False)
