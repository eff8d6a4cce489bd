"""What a request of HTTP/1.1 must look like (RFC 9112), to the letter where a proxy might read it differently.

Where two readers disagree about the end of a request, what one takes for a body the other takes for a request. Pure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(_TOKEN + rb" [^\x00-\x20\x7f]+ HTTP/(?P<version>1\.[01])\r?\n")
_HEADER_LINE = re.compile(rb"(?P<name>" + _TOKEN + rb"):[ \t]*(?P<value>[^\x00-\x08\x0a-\x1f\x7f]*)\r?\n")
_DIGITS = re.compile(rb"[0-9]{1,20}")
_CODINGS = re.compile(_TOKEN + rb"(?:[ \t]*,[ \t]*" + _TOKEN + rb")*")
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::[0-9]{1,5})?")
_CHUNK_LINE = re.compile(rb"(?P<size>[0-9A-Fa-f]{1,8})[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?\r?\n")

END_OF_LINE = (b"\r\n", b"\n")
# What may come once only, because a second one contradicts the first or is overlooked.
_ONCE = (b"host", b"content-length", b"transfer-encoding")


class Malformed(ValueError):
    """The request is refused, and nothing that comes after it can be trusted to be one; the text says why."""


class UnknownCoding(ValueError):
    """Where the body ends is said in a way that this server does not know (RFC 9112, 6.1)."""


def check_request_line(line: bytes) -> str:
    """The version, 1.0 or 1.1, that the first line of a request names; raises Malformed."""
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise Malformed("The first line is not a method, an address and HTTP/1.1 with one blank between them.")
    return found["version"].decode()


def check_headers(lines: Sequence[bytes], version: str) -> None:
    """Raise Malformed or UnknownCoding for the lines between the first and the empty one, as they came."""
    headers = _headers(lines)
    for name in _ONCE:
        if len(headers[name]) > 1:
            raise Malformed(f"{name.decode().title()} is given more than once.")
    if not headers[b"host"] and version == "1.1":
        raise Malformed("Host is missing, which HTTP/1.1 requires.")
    if headers[b"host"] and not _HOST.fullmatch(headers[b"host"][0]):
        raise Malformed("Host is not a name, or an address, with or without a port.")
    if headers[b"content-length"] and not _DIGITS.fullmatch(headers[b"content-length"][0]):
        raise Malformed("Content-Length is not a number in plain digits.")
    if headers[b"transfer-encoding"]:
        if headers[b"content-length"]:
            raise Malformed("Content-Length and Transfer-Encoding are not allowed together.")
        if version != "1.1":
            raise Malformed("HTTP/1.0 has no Transfer-Encoding.")
        _check_codings(headers[b"transfer-encoding"][0])
    if any(b"websocket" in value.lower() for value in headers[b"upgrade"]) and not headers[b"sec-websocket-version"]:
        raise Malformed("An upgrade to a WebSocket says which version: Sec-WebSocket-Version is missing.")


def _headers(lines: Sequence[bytes]) -> defaultdict[bytes, list[bytes]]:
    headers: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for line in lines:
        found = _HEADER_LINE.fullmatch(line)
        if found is None:
            raise Malformed("A header is not a name, a colon and a value in one line.")
        headers[found["name"].lower()].append(found["value"].rstrip(b" \t"))
    return headers


def _check_codings(value: bytes) -> None:
    codings = [coding.strip() for coding in value.lower().split(b",")]
    if not _CODINGS.fullmatch(value) or codings[-1] != b"chunked" or codings.count(b"chunked") > 1:
        raise Malformed("Transfer-Encoding does not say that the body comes in chunks.")
    if len(codings) > 1:
        raise UnknownCoding("No Transfer-Encoding but chunked is known here.")


def chunk_size(line: bytes) -> int:
    """How long the chunk is that a line announces; raises Malformed."""
    found = _CHUNK_LINE.fullmatch(line)
    if found is None:
        raise Malformed("A chunk does not begin with its length in plain hexadecimal digits.")
    return int(found["size"], 16)


def check_trailer(line: bytes) -> None:
    """Raise Malformed for a line after the last chunk that is no header."""
    if _HEADER_LINE.fullmatch(line) is None:
        raise Malformed("A trailer is not a name, a colon and a value in one line.")
