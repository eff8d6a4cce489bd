"""Clients that send garbage are answered or closed, and nothing is compressed for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ..javascript import JsClient
from ..raw import RawConnection
from ..system import System, wait_until
from .harm import is_served_in_time, raw

LOGIN = b'{"email": "admin@demo.test", "password": "demo-password-1"}'

# Who sends garbage.


def test_a_chunked_body_is_read_and_bounded(wary: System) -> None:
    """Without a Content-Length too a body is a body; beyond 64 KiB it is 413, and a chunk that is none is 400."""
    chunked = {"Content_Type": "application/json", "Transfer_Encoding": "chunked"}
    good = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (LOGIN[:7], LOGIN[7:])) + b"0\r\n\r\n"
    large = b"10000\r\n" + b" " * 65536 + b"\r\n"
    bodies = {200: good, 413: large * 2 + b"0\r\n\r\n", 400: b"nonsense\r\n"}
    for status, body in bodies.items():
        with raw(wary) as [connection]:
            connection.send_request("POST", "/api/auth/login", body, **chunked)
            assert connection.read_answer()[0] == status


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content_Length": "65537"}, b" " * 65537, 413),
        ({"Content_Length": "99999999999999999999"}, LOGIN, 413),
        ({"Content_Length": "-1"}, LOGIN, 400),
        ({"Content_Length": "ten"}, LOGIN, 400),
        ({"Content_Length": "10"}, LOGIN, 400),
        ({}, LOGIN, 422),
        ({"Content_Length": str(len(LOGIN)), "Transfer_Encoding": "chunked"}, LOGIN, 400),
        ({"Transfer_Encoding": "gzip, chunked"}, LOGIN, 501),
        ({"X": "x" * 9000}, b"", 400),
        ({f"X{number}": "x" * 8000 for number in range(9)}, b"", 400),
        ({"Content_Length": "60000"}, b"[" * 60000, 400),
        ({"Content_Length": "60000"}, b'{"email":' + b"1" * 59990 + b"}", 400),
    ],
)
def test_a_request_that_is_none_is_answered(wary: System, headers: dict[str, str], body: bytes, status: int) -> None:
    """A lying length, a length that is none, encodings that are unknown, headers and numbers without an end."""
    with raw(wary) as [connection]:
        connection.send_request("POST", "/api/auth/login", body, Content_Type="application/json", **headers)
        assert connection.read_answer()[0] == status


DEEP = "[" * 100_000
# By what becomes of it: whether the connection is closed, or goes on.
CLOSING = [
    *("4", "abc", "", "b!!!", "4abc", "42", '42["x"', "42{}", "42[]", "42[[]]", "42[{}]", "42[1]", f"4{DEEP}"),
    *(f"42[{DEEP}", f'42["x",{"1" * 5000}]', f'42{"1" * 101}["x"]', '42²["x"]', "44{}", "47", "4{}", "4é"),
    *('42["disconnect"]', '42["connect",{"token":"x"}]', '42["connect_error"]'),
    *('451-["subscribe",{"_placeholder":true,"num":0}]', '4599999-["subscribe",{}]', '459999999999-["x"]', "461-[]"),
]
HARMLESS = ["2", "6", "9", "43", "431", "431[]", '42["heartbeat"]', '42/other,["x"]', "41/other,", '40{"token":"x"}']


@pytest.mark.parametrize("is_signed_in", [True, False], ids=["signed in", "a stranger"])
def test_a_packet_that_is_none_closes_the_connection_and_no_other(
    wary: System, witness: JsClient, is_signed_in: bool
) -> None:
    """Garbage, depth, binary and reserved events, from anybody: closed at once, and not a word in the log."""
    for packet in [*CLOSING, b"\x00\xff"]:
        with open_websocket(wary, is_signed_in) as connection:
            connection.say(packet)
            if packet not in ("4", "b!!!"):
                # Attachments may follow; nobody waits for them.
                assert connection.is_closed_within(2), str(packet)[:50]
    for packet in HARMLESS:
        with open_websocket(wary, is_signed_in) as connection:
            connection.say(packet)
            connection.say("40/other,")
            connection.wait_for('44/other,"Unable to connect"')
    is_served_in_time(wary, witness)
    admin = wary.account("admin")
    wait_until(lambda: admin.get("/sync/stats")["activeConnections"] == 1, 5, lambda: str(admin.get("/sync/stats")))


@contextmanager
def open_websocket(system: System, is_signed_in: bool) -> Iterator[RawConnection]:
    """A WebSocket of patient 1, or of nobody."""
    with raw(system) as [connection]:
        if is_signed_in:
            connection.sign_in(system.account("patient1").token)
        else:
            assert " 101 " in connection.upgrade()
            connection.hear()
        yield connection


def test_a_polling_client_that_sends_garbage_is_answered_and_closed(wary: System) -> None:
    """Every post has an answer at once, also one that is too large, and the session is gone afterwards."""
    posts: list[tuple[bytes, int]] = [(packet.encode(), len(packet.encode())) for packet in CLOSING]
    posts += [(b"2", 1), (b"9", 1), (b"\x1e" * 30, 30), (b"d=x", 3), (b"\xff", 1), (b"", 2_000_000)]
    for body, length in posts:
        with raw(wary, 3) as [opening, posting, polling]:
            opening.send_request("GET", "/socket.io/?EIO=4&transport=polling")
            session = json.loads(opening.read_answer()[2][1:])["sid"]
            address = f"/socket.io/?EIO=4&transport=polling&sid={session}"
            posting.send_request("POST", address, body, Content_Length=str(length))
            assert posting.read_answer()[0] in (200, 400), body[:50]
            if body:
                polling.send_request("GET", address)
                status, _, answer = polling.read_answer()
                assert status == 400 or answer == b"", body[:50]


# Compression.


def test_nothing_is_compressed(wary: System) -> None:
    """Frame compression that a client offers is not taken up, and long polling answers as it is."""
    with raw(wary, 2) as [socket, polling]:
        head = socket.upgrade(Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits")
        assert " 101 " in head
        assert "extensions" not in head.lower()
        polling.send_request("GET", "/socket.io/?EIO=4&transport=polling", Accept_Encoding="gzip, deflate")
        session = json.loads(polling.read_answer()[2][1:])["sid"]
        address = f"/socket.io/?EIO=4&transport=polling&sid={session}"
        body = "40" + json.dumps({"token": wary.account("patient1").token})
        polling.send_request("POST", address, body.encode(), Content_Length=str(len(body)))
        assert polling.read_answer()[0] == 200
        body = "\x1e".join(["421" + json.dumps(["x" * 2000])] * 12)
        polling.send_request("POST", address, body.encode(), Content_Length=str(len(body)))
        assert polling.read_answer()[0] == 200
        answers = b""
        while answers.count(b"431[") < 12:
            polling.send_request("GET", address, Accept_Encoding="gzip, deflate")
            status, head, answer = polling.read_answer()
            assert status == 200
            assert "content-encoding" not in head.lower()
            answers += answer
