"""Whose address a request counts for, with and without proxies."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client

from dental_sync.processes.caller_address import CallerAddress


def seen(headers: dict[str, str], *, trusted_proxies: int, peer: str = "10.0.0.1") -> str:
    """The address that the app sees."""
    addresses: list[str] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        addresses.append(environ["REMOTE_ADDR"])
        start_response("200 OK", [])
        return []

    serve = ProxyFix(CallerAddress(app, trusted_proxies), trusted_proxies)
    Client(serve).get("/", headers=headers, environ_overrides={"REMOTE_ADDR": peer})
    return addresses[0]


def test_behind_a_trusted_proxy_it_is_the_callers_without_its_port() -> None:
    """Some proxies write 203.0.113.7:52100, and each connection would have limits of its own."""
    assert seen({"X-Forwarded-For": "198.51.100.1, 203.0.113.7:52100"}, trusted_proxies=1) == "203.0.113.7"
    assert seen({"X-Forwarded-For": "[2001:db8::7]:52100"}, trusted_proxies=1) == "2001:db8::7"


def test_what_a_caller_says_without_a_proxy_counts_for_nothing() -> None:
    """Or it could have limits of its own for each call."""
    assert seen({"X-Forwarded-For": "203.0.113.7"}, trusted_proxies=0) == "10.0.0.1"


def test_where_a_proxy_names_no_address_its_own_counts() -> None:
    """RFC 7239 allows `unknown`."""
    assert seen({"X-Forwarded-For": "unknown"}, trusted_proxies=1) == "10.0.0.1"


def test_a_forgotten_proxy_is_said_once_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """All callers would share the proxy's limits; and the log names nobody's address."""
    notice = CallerAddress(lambda _environ, _start: [], 0)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            notice({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}, lambda *_: None)  # type: ignore[arg-type,return-value]
    [line] = [record.getMessage() for record in caplog.records]
    assert "TRUSTED_PROXIES" in line
    assert "203.0.113.7" not in line
    assert notice.unknown_proxy


@pytest.mark.parametrize(
    ("headers", "trusted_proxies"), [({}, 0), ({}, 1), ({"HTTP_X_FORWARDED_FOR": "203.0.113.7"}, 1)]
)
def test_nothing_is_said_where_all_is_as_the_settings_say(
    headers: dict[str, str], trusted_proxies: int, caplog: pytest.LogCaptureFixture
) -> None:
    """No proxy, or one that is known."""
    with caplog.at_level(logging.WARNING):
        CallerAddress(lambda _environ, _start: [], trusted_proxies)(
            {"REMOTE_ADDR": "10.0.0.1", **headers}, lambda *_: None
        )  # type: ignore[arg-type,return-value]
    assert not caplog.records
