"""A request that a proxy might read differently is refused, and nothing after it is taken for a request."""

from __future__ import annotations

import json

import pytest

from ..raw import RawConnection
from ..system import System
from .harm import raw

PATH = "/api/live"
POST = "/api/auth/login"
BODY = b'{"email": "x@y.test", "password": "demo-password-1"}'
LENGTH = str(len(BODY))
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)


def head(first: str, *lines: str) -> bytes:
    """A request without a body, as it is written here."""
    return "\r\n".join([first, *lines, "", ""]).encode("latin-1")


def get(*lines: str) -> bytes:
    """A GET with these headers beside a good Host."""
    return head(f"GET {PATH} HTTP/1.1", "Host: localhost", *lines)


def post(*lines: str, body: bytes = BODY) -> bytes:
    """A POST of JSON with these headers."""
    return head(f"POST {POST} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *lines) + body


UPGRADE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")

# What is refused with 400, and the connection closed.
MALFORMED = {
    "lengths that contradict": post(f"Content-Length: {LENGTH}", "Content-Length: 1"),
    "a length that is repeated": post(f"Content-Length: {LENGTH}", f"Content-Length: {LENGTH}"),
    "a length that is a list": post(f"Content-Length: {LENGTH}, {LENGTH}"),
    "a length with a sign": post(f"Content-Length: +{LENGTH}"),
    "a negative length": post("Content-Length: -1"),
    "a length with an underscore": post(f"Content-Length: {LENGTH[0]}_{LENGTH[1:]}"),
    "a length in other digits": post("Content-Length: \xb2\xb3"),
    "a length in hexadecimal digits": post("Content-Length: 0x34"),
    "a length with a fraction": post(f"Content-Length: {LENGTH}.0"),
    "a length of blanks within": post("Content-Length: 5 2"),
    "an empty length": post("Content-Length:"),
    "a length beyond all numbers": post(f"Content-Length: {'9' * 21}"),
    "a word as a length": post("Content-Length: ten"),
    "a length and chunks": post(f"Content-Length: {LENGTH}", "Transfer-Encoding: chunked", body=CHUNKS),
    "chunks that are repeated": post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=CHUNKS),
    "chunks and another line": post("Transfer-Encoding: chunked", "Transfer-Encoding: identity", body=CHUNKS),
    "chunks twice in a list": post("Transfer-Encoding: chunked, chunked", body=CHUNKS),
    "chunks that do not come last": post("Transfer-Encoding: chunked, gzip", body=CHUNKS),
    "no chunks": post("Transfer-Encoding: identity"),
    "something like chunks": post("Transfer-Encoding: xchunked", body=CHUNKS),
    "quoted chunks": post('Transfer-Encoding: "chunked"', body=CHUNKS),
    "chunks with a parameter": post("Transfer-Encoding: chunked;q=1", body=CHUNKS),
    "chunks behind a control character": post("Transfer-Encoding: \x0bchunked", body=CHUNKS),
    "an empty encoding": post("Transfer-Encoding:", body=CHUNKS),
    "chunks in HTTP/1.0": head(f"POST {POST} HTTP/1.0", "Transfer-Encoding: chunked") + CHUNKS,
    "a blank before the colon of the length": post(f"Content-Length : {LENGTH}"),
    "a tab before the colon of the encoding": post("Transfer-Encoding\t: chunked", body=CHUNKS),
    "a Host that is repeated": get("Host: localhost"),
    "another Host": get("Host: elsewhere.test"),
    "no Host": head(f"GET {PATH} HTTP/1.1", "Accept: */*"),
    "an empty Host": head(f"GET {PATH} HTTP/1.1", "Host:"),
    "a Host with a blank": head(f"GET {PATH} HTTP/1.1", "Host: local host"),
    "a Host with a path": head(f"GET {PATH} HTTP/1.1", "Host: localhost/x"),
    "a Host with an account": head(f"GET {PATH} HTTP/1.1", "Host: me@localhost"),
    "two Hosts in one": head(f"GET {PATH} HTTP/1.1", "Host: localhost, elsewhere.test"),
    "a Host with a word as its port": head(f"GET {PATH} HTTP/1.1", "Host: localhost:http"),
    "a header without a colon": get("Accept"),
    "a header without a name": get(": x"),
    "a name with a blank": get("My Header: x"),
    "a name in brackets": get("(X): y"),
    "a blank before the first header": head(f"GET {PATH} HTTP/1.1", " Host: localhost"),
    "a blank before a header": get(" X: y"),
    "a header that goes on in the next line": get("X: y", "\tContent-Length: 5"),
    "a NUL in a header": get("X: y\0z"),
    "a carriage return in a header": get("X: y\rContent-Length: 5"),
    "two blanks in the first line": head(f"GET  {PATH} HTTP/1.1", "Host: localhost"),
    "a tab in the first line": head(f"GET\t{PATH} HTTP/1.1", "Host: localhost"),
    "a blank in the address": head(f"GET {PATH} x HTTP/1.1", "Host: localhost"),
    "no version": head(f"GET {PATH}"),
    "a version of the future": head(f"GET {PATH} HTTP/2.0", "Host: localhost"),
    "a version with zeros": head(f"GET {PATH} HTTP/01.1", "Host: localhost"),
    "a method that is none": head(f"G@T {PATH} HTTP/1.1", "Host: localhost"),
    "an upgrade without a version": head(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", "Host: localhost", *UPGRADE
    ),
    "an upgrade of something else": get(*UPGRADE),
}

# What is a body in chunks and is not one: refused by the same code, from within the body.
MALFORMED_CHUNKS = {
    "a size with a sign": b"+34" + CHUNKS[2:],
    "a size that says what digits it has": b"0x34" + CHUNKS[2:],
    "a size with an underscore": b"3_4" + CHUNKS[2:],
    "a negative size": b"-1" + CHUNKS[2:],
    "a blank before the size": b" 34" + CHUNKS[2:],
    "no size": b"\r\n" + CHUNKS[2:],
    "a size beyond all numbers": b"fffffffff" + CHUNKS[2:],
    "more than the size says": b"%x\r\n%sxx\r\n0\r\n\r\n" % (len(BODY), BODY),
    "a trailer without a colon": b"%x\r\n%s\r\n0\r\nX\r\n\r\n" % (len(BODY), BODY),
}

# What is served although it looks odd: proxies and small clients send it.
SERVED = {
    "a port": head(f"GET {PATH} HTTP/1.1", "Host: localhost:3000"),
    "an address of IPv6": head(f"GET {PATH} HTTP/1.1", "Host: [::1]:3000"),
    "HTTP/1.0 without a Host": head(f"GET {PATH} HTTP/1.0"),
    "lines that end without a carriage return": f"GET {PATH} HTTP/1.1\nHost: localhost\n\n".encode(),
    "no blank after the colon": head(f"GET {PATH} HTTP/1.1", "Host:localhost"),
    "blanks and tabs around a value": head(f"GET {PATH} HTTP/1.1", "Host: \t localhost \t"),
    "an empty value": get("X:"),
    "letters beyond ASCII in a value": get("X: Z\xe4hne"),
    "a length of nothing": get("Content-Length: 0"),
    "an upgrade to HTTP/2, which is declined": get("Connection: Upgrade", "Upgrade: h2c"),
}


def is_refused(connection: RawConnection, request: bytes) -> dict[str, object]:
    """The refusal; after it the connection is closed, and the request that follows in the same breath not answered."""
    connection.send(request + get())
    status, answer, body = connection.read_answer()
    assert status == 400, answer
    assert "application/problem+json" in answer
    assert "x-request-id" in answer.lower()
    assert connection.read_head() == ""
    problem: dict[str, object] = json.loads(body)
    return problem


@pytest.mark.parametrize("request_", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_request_that_could_be_read_differently_is_refused(wary: System, request_: bytes) -> None:
    """With 400, a code and words; the connection is closed, so that nothing is smuggled behind it."""
    with raw(wary) as [connection]:
        problem = is_refused(connection, request_)
        assert problem["code"] == "bad-request"
        assert len(str(problem["detail"])) > 20


@pytest.mark.parametrize("chunks", MALFORMED_CHUNKS.values(), ids=MALFORMED_CHUNKS.keys())
def test_a_body_in_chunks_that_could_be_read_differently_is_refused(wary: System, chunks: bytes) -> None:
    """Its end is not where the next request begins."""
    with raw(wary) as [connection]:
        assert is_refused(connection, post("Transfer-Encoding: chunked", body=chunks))["code"] == "bad-request"


@pytest.mark.parametrize("request_", SERVED.values(), ids=SERVED.keys())
def test_a_request_that_is_only_unusual_is_served(wary: System, request_: bytes) -> None:
    """Twice, on one connection where it stays open."""
    with raw(wary) as [connection]:
        connection.send(request_)
        assert connection.read_answer()[0] == 200
        if b"HTTP/1.1" in request_:
            connection.send(request_)
            assert connection.read_answer()[0] == 200


def test_a_head_that_ends_in_the_middle_is_no_request(wary: System) -> None:
    """Who leaves before the empty line is answered nothing, and nothing is done."""
    with raw(wary) as [connection]:
        connection.send(get()[:-2])
        connection.end_sending()
        assert connection.read_head() == ""


def test_a_good_body_in_chunks_is_read_as_before(wary: System) -> None:
    """With an extension of a chunk and a trailer, and the next request after it."""
    extended = b"%x;name=value\r\n%s\r\n0\r\nX-Sum: 1\r\n\r\n" % (len(BODY), BODY)
    with raw(wary) as [connection]:
        for chunks in (CHUNKS, extended):
            connection.send(post("Transfer-Encoding: chunked", body=chunks))
            assert connection.read_answer()[0] == 401
