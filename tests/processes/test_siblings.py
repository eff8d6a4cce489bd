"""Whose transport a request is about, by its first line alone."""

from __future__ import annotations

import pytest

from dental_sync.processes.siblings import owner_of


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        (b"GET /socket.io/?EIO=4&transport=polling&t=x&sid=J2abc_-.1 HTTP/1.1\r\nHost: a\r\n", 1),
        (b"POST /dental/socket.io/?EIO=4&transport=polling&sid=J2abc_-.12&t=x HTTP/1.1\r\n", 12),
        (b"GET /socket.io/?sid=J2abc_-.0&EIO=4&transport=websocket HTTP/1.1\r\n", 0),
    ],
)
def test_a_transport_is_its_processes(line: bytes, owner: int) -> None:
    """Polling, or the way from polling to WebSocket; also behind a path that the proxy leaves in."""
    assert owner_of(line) == owner


@pytest.mark.parametrize(
    "line",
    [
        # A new client's, whoever accepted it.
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n",
        # No ids of ours.
        b"GET /socket.io/?EIO=4&transport=polling&sid=abc HTTP/1.1\r\n",
        b"GET /socket.io/?EIO=4&transport=polling&sid=abc.1x HTTP/1.1\r\n",
        b"GET /socket.io/?EIO=4&transport=polling&sid=abc.1234 HTTP/1.1\r\n",
        b"GET /socket.io/?EIO=4&residual=abc.1 HTTP/1.1\r\n",
        # Elsewhere than in the first line, or not Socket.IO's.
        b"GET /socket.io/?EIO=4 HTTP/1.1\r\nReferer: /socket.io/?sid=abc.1 \r\n",
        b"GET /api/appointments?sid=abc.1 HTTP/1.1\r\n",
        b"",
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_what_names_no_transport_of_a_sibling_is_answered_where_it_came_in(line: bytes) -> None:
    """By the rule for requests that are wrong, where it is one."""
    assert owner_of(line) is None
