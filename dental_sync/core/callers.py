"""Who is at the other end of an HTTP request: its address, under what it is counted, and its TCP connection."""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Mapping
from typing import Any, Protocol

from flask import has_request_context, request

# Under this key a server that tracks its TCP connections puts the request's own into the WSGI environment.
CONNECTION = "dental_sync.connection"

# And under this one whether it came by the port of this process alone.
OWN_PORT = "dental_sync.own_port"

# A subscriber's usual share of IPv6: who has one address of it has 2**64.
_IPV6_SHARE = 64
# Of how many it is remembered how they are written; reading one takes as long as a hundred look-ups.
LATEST_ADDRESSES = 4_096
# How much is kept of what a program says of itself.
LONGEST_USER_AGENT = 200
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::\d+)?|(?P<v4>[0-9.]+):\d+", re.ASCII)


class TrackedConnection(Protocol):
    """A TCP connection of a server that closes some of them when it is full."""

    def keep(self) -> None:
        """What is being answered, or the transport that it carries, is of a signed-in account."""

    def said_to_be(self, address: str) -> None:
        """A trusted proxy names this address as the caller's."""


@functools.lru_cache(maxsize=LATEST_ADDRESSES)
def plain(address: str | None) -> str:
    """An address as it is written without a port, brackets or a zone; empty where there is none in it."""
    text = (address or "").strip()
    with_port = _WITH_PORT.fullmatch(text)
    if with_port is not None:
        text = with_port["v6"] or with_port["v4"] or ""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


@functools.lru_cache(maxsize=LATEST_ADDRESSES)
def network(address: str | None) -> str:
    """Under what an address is counted: an IPv4 address by itself, an IPv6 address with all of its /64."""
    text = plain(address)
    return str(ipaddress.ip_network((text, _IPV6_SHARE), strict=False)) if ":" in text else text


def current() -> tuple[str | None, str | None]:
    """The address and the user agent of the request that is being answered; None for each outside of one."""
    if not has_request_context():
        return None, None
    user_agent = request.headers.get("User-Agent", "")[:LONGEST_USER_AGENT]
    # What PostgreSQL could not store is not worth an error.
    return request.remote_addr or None, user_agent.replace("\x00", "") or None


def connection(environ: Mapping[str, Any]) -> TrackedConnection | None:
    """The TCP connection of a request; None where the server tracks none."""
    found: TrackedConnection | None = environ.get(CONNECTION)
    return found


def came_by_own_port(environ: Mapping[str, Any]) -> bool:
    """Whether the caller meant this process, and not whichever of several is there."""
    return bool(environ.get(OWN_PORT))


def keep(environ: Mapping[str, Any]) -> None:
    """This request is a signed-in account's: its connection is not closed to make room."""
    found = connection(environ)
    if found is not None:
        found.keep()
