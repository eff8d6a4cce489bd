"""Clients that send without an end keep no other client waiting."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from ..conftest import Connect
from ..javascript import JsClient
from ..raw import RawConnection, frame
from ..system import System
from .harm import (
    EVERYWHERE,
    IN_TIME_SECONDS,
    QUEUE_MESSAGES,
    close_the_practice,
    flood,
    is_served_in_time,
    raw,
)

# It measures seconds.
pytestmark = pytest.mark.alone


def headed(method: str, path: str, **headers: str) -> Callable[[RawConnection], object]:
    """Begin a request."""
    return lambda connection: connection.send_request(method, path, Content_Type="application/json", **headers)


def fragmented(connection: RawConnection) -> None:
    """Begin a message of many fragments."""
    connection.upgrade()
    connection.say("4[", final=False)


ENDLESS: dict[str, tuple[Callable[[RawConnection], object], bytes]] = {
    "a body": (headed("POST", "/api/auth/login", Content_Length=str(10**12)), b"x" * 1_000_000),
    "a chunked body": (
        headed("POST", "/api/auth/login", Transfer_Encoding="chunked"),
        b"10000\r\n" + b"x" * 65536 + b"\r\n",
    ),
    "the length of a chunk": (headed("POST", "/api/auth/login", Transfer_Encoding="chunked"), b"1" * 1_000_000),
    "headers": (lambda connection: connection.send(b"GET / HTTP/1.1\r\n"), b"X: " + b"x" * 8000 + b"\r\n"),
    "one header": (lambda connection: connection.send(b"GET / HTTP/1.1\r\nX: "), b"x" * 1_000_000),
    "an address": (lambda connection: connection.send(b"GET /"), b"x" * 1_000_000),
    "large messages": (lambda connection: connection.upgrade(), frame(b"4" + b"x" * 990_000)),
    "fragments": (fragmented, frame(b"x" * 990_000, final=False, opcode=0)),
    "empty fragments": (fragmented, frame(b"", final=False, opcode=0) * 100_000),
    "connects": (lambda connection: connection.upgrade(), frame(b'40{"token":"x"}') * 10_000),
    "events": (lambda connection: connection.upgrade(), frame(b'42["subscribe",{}]') * 10_000),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_who_sends_without_an_end_keeps_nobody_waiting(wary: System, witness: JsClient, what: str) -> None:
    """As fast as it can: others get their turns, the memory does not grow, and most are hung up on."""
    begin, data = ENDLESS[what]
    with raw(wary, 2) as connections:
        for connection in connections:
            begin(connection)
        floods = [threading.Thread(target=flood, args=(it, data), kwargs={"seconds": 1.5}) for it in connections]
        for thread in floods:
            thread.start()
        is_served_in_time(wary, witness)
        is_served_in_time(wary, witness)
        for connection in connections:
            connection.hang_up()
        for thread in floods:
            thread.join()


def test_a_bulk_change_does_not_outrun_those_who_read(wary: System, witness: JsClient) -> None:
    """Many more messages in one breath than may be queued: whoever reads them as fast as they can gets all of them."""
    close_the_practice(wary, 4 * QUEUE_MESSAGES)
    witness.catch_up_with(wary.settled_head())
    assert len(witness.log()) == 4 * QUEUE_MESSAGES
    assert [record for record in witness.records if record["kind"] == "disconnect"] == []
    with wary.owner() as cursor:
        cursor.execute("TRUNCATE closures")


def test_replays_without_end_keep_nobody_waiting(wary: System, witness: JsClient, connect: Connect) -> None:
    """Clients that ask for everything again and again, reading or not: live messages and others' replays arrive."""
    since = wary.settled_head()
    close_the_practice(wary, 6000)
    witness.catch_up_with(wary.settled_head())
    ask = {"channel": EVERYWHERE, "since": since}
    greedy = [connect(wary, "patient2") for _ in range(3)]
    with ExitStack() as closing:
        for _ in range(12):
            deaf = closing.enter_context(RawConnection(wary.ports[0], receive_buffer=4096))
            deaf.sign_in(wary.account("patient1").token)
            deaf.say(f"421{json.dumps(['subscribe', ask])}")
        for client in greedy:
            for _ in range(10):
                client.ask("subscribe", ask)
        resuming = connect(wary, "patient3")
        began = time.monotonic()
        assert resuming.subscribe(EVERYWHERE, since=since + 3000)["replayed"] >= 500
        assert time.monotonic() - began < 2 * IN_TIME_SECONDS
        is_served_in_time(wary, witness)
        for client in greedy:
            client.disconnect()
    with wary.owner() as cursor:
        cursor.execute("TRUNCATE closures")
