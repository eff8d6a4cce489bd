"""How a program that follows ends: when it is to, and not without a word."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from dental_sync_client import AsyncRealtimeSync, RealtimeSync, SyncError
from dental_sync_client.address import Address

from .conftest import Make
from .made_up_server import WAIT_SECONDS, Server

FOLLOW = """
from dental_sync_client import RealtimeSync
sync = RealtimeSync("http://127.0.0.1:9", lambda fresh: "token")
sync.subscribe_to_global_availability()
"""


def ran(program: str) -> subprocess.CompletedProcess[str]:
    """A program of its own, to its end."""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)


def test_a_program_that_ends_while_it_follows_says_so() -> None:
    """A thread of ours does not keep it running: what would, is named."""
    ended = ran(FOLLOW)
    assert ended.returncode == 0
    assert "1 subscription(s) were open" in ended.stderr
    assert "wait_until_closed()" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "ending", ["sync.close()", "sync.unsubscribe_all()", "raise SystemExit(sync.wait_until_closed(0.01))"]
)
def test_one_that_has_ended_it_says_nothing(ending: str) -> None:
    """Whoever closes, or stops to follow, knows; so does whoever had waited."""
    said = ran(FOLLOW + ending).stderr
    assert ("were open" in said) is ("wait" in ending)


def test_one_that_fails_has_said_enough() -> None:
    """Its traceback is the last word."""
    said = ran(FOLLOW + "1 / 0").stderr
    assert "ZeroDivisionError" in said
    assert "were open" not in said


def test_waiting_ends_when_it_is_closed(sync: RealtimeSync, server: Server) -> None:
    """By another thread; and before that it takes no longer than it may."""
    sync.subscribe_to_global_availability()
    server.connected(0)
    assert not sync.wait_until_closed(0.05)
    threading.Timer(0.1, sync.close).start()
    started = time.monotonic()
    assert sync.wait_until_closed(WAIT_SECONDS)
    assert time.monotonic() - started < WAIT_SECONDS / 2


def test_waiting_raises_what_closed_it(sync: RealtimeSync, server: Server) -> None:
    """A program that only waits ends with the reason."""
    sync.subscribe_to_global_availability()
    server.connected(0).receive("closed by the server", None)
    with pytest.raises(SyncError, match="revoked"):
        sync.wait_until_closed(WAIT_SECONDS)


def test_a_server_that_is_away_is_one_line_in_the_log(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """Of a row of failures; a traceback of sixty lines says no more."""
    asked: list[bool] = []

    def get_token(fresh: bool) -> str:
        asked.append(fresh)
        raise ConnectionRefusedError("nobody is there")

    sync = make(get_token=get_token)
    sync.subscribe_to_global_availability()
    deadline = time.monotonic() + WAIT_SECONDS
    while len(asked) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    sync.close()
    [line] = [record for record in caplog.records if "get_token" in record.message]
    assert (line.levelname, line.exc_info) == ("WARNING", None)
    assert "nobody is there" in line.message


def test_a_mistake_in_get_token_is_told_with_its_place(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """It is the program's own, and to be found."""
    done = threading.Event()

    def get_token(_fresh: bool) -> str:
        done.set()
        return str({}["accessToken"])

    sync = make(get_token=get_token)
    sync.subscribe_to_global_availability()
    assert done.wait(WAIT_SECONDS)
    sync.close()
    [told] = [record for record in caplog.records if record.message == "get_token failed"]
    assert told.exc_info is not None
    assert isinstance(told.exc_info[1], KeyError)


@pytest.mark.parametrize("url", ["dental.test", "127.0.0.1:3000", "ftp://dental.test", ""])
@pytest.mark.parametrize("client", [RealtimeSync, AsyncRealtimeSync])
def test_what_is_no_address_is_refused_at_once(client: Any, url: str) -> None:
    """In words, and not at the first connection."""
    with pytest.raises(ValueError, match="url says where Dental Sync is"):
        client(url, lambda _: "token")


def test_an_address_may_have_a_path() -> None:
    """Behind which REST and Socket.IO are; a slash at its end changes nothing."""
    for url in ("https://practice.example/dental", "https://practice.example/dental/"):
        address = Address.of(url)
        assert (address.origin, address.root) == ("https://practice.example", "https://practice.example/dental")
        assert address.socket_path == "/dental/socket.io"
    assert Address.of("http://127.0.0.1:3000/").root == "http://127.0.0.1:3000"
    assert Address.of("http://127.0.0.1:3000").socket_path == "/socket.io"
