"""Clients that mean harm, or are broken beyond telling: slow, silent, endless, garbage. The others do not notice."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psutil
import pytest

from dental_sync.local.embedded.temporary import TemporaryServers

from .conftest import Connect, assert_no_complaints, running_system
from .javascript import JsClient
from .raw import RawConnection, frame
from .rest import call
from .system import System, wait_until

IDLE_SECONDS = 3
# More than are delivered in one breath, so that only who does not read ever has so many.
QUEUE_MESSAGES = 1000
SETTINGS = {"IDLE_SECONDS": str(IDLE_SECONDS), "CLIENT_QUEUE_MESSAGES": str(QUEUE_MESSAGES)}
# On a machine of its own it takes a tenth of that; before the limits were there it took eleven.
IN_TIME_SECONDS = 5.0
EVERYWHERE = "availability:all"
LOGIN = b'{"email": "admin@demo.test", "password": "demo-password-1"}'


@pytest.fixture(scope="module")
def wary_system(servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of this module's own."""
    with running_system(servers, template, tmp_path_factory.mktemp("wary"), SETTINGS) as running:
        yield running


@pytest.fixture
def wary(wary_system: System) -> Iterator[System]:
    """It has logged no traceback after a test, and its first web process is as small as before."""
    process = psutil.Process(wary_system.web[0].pid)
    call(wary_system.ports[0], "GET", "/api/sync/health")
    files, megabytes = process.num_fds(), process.memory_info().rss >> 20
    yield wary_system
    # A few are connections to the database, which are kept.
    wait_until(lambda: process.num_fds() <= files + 20, 20, lambda: f"{process.num_fds()} files are open, not {files}")
    assert process.memory_info().rss >> 20 < megabytes + 100
    assert_no_complaints(wary_system)


@pytest.fixture
def witness(wary: System, connect: Connect) -> JsClient:
    """A well-behaved client of the first web process, which hears of every booking."""
    client = connect(wary, "admin")
    client.subscribe(EVERYWHERE)
    return client


@contextmanager
def raw(system: System, count: int = 1) -> Iterator[list[RawConnection]]:
    """So many connections to the first web process, closed at the end."""
    with ExitStack() as closing:
        yield [closing.enter_context(RawConnection(system.ports[0])) for _ in range(count)]


def is_served_in_time(system: System, witness: JsClient) -> None:
    """A booking over the first web process is answered, and heard there, within the time."""
    began = time.monotonic()
    body = system.opening().with_dentist(system.account("dentist1").dentist_id)
    made = system.account("patient1").done("POST", "/appointments", body)
    witness.wait_for_event("availability:changed", lambda event: event["availability"]["from"] == made["startsAt"])
    took = time.monotonic() - began
    assert took < IN_TIME_SECONDS, f"it took {took:.1f} s"


def close_the_practice(system: System, times: int) -> None:
    """So many messages for everybody at once, of days long past."""
    with system.owner() as cursor:
        cursor.execute(
            "INSERT INTO closures (starts_at, ends_at) SELECT day, day + interval '1 hour' FROM generate_series("
            "timestamptz '2001-01-01', timestamptz '2001-01-01' + (%s - 1) * interval '1 hour', interval '1 hour') day",
            [times],
        )


# Who does not read.


def test_a_client_that_does_not_read_is_cut_off_and_resumes(wary: System, witness: JsClient, connect: Connect) -> None:
    """Its queue ends and everything of it is freed; others hear all in time; its next connection misses nothing."""
    admin = wary.account("admin")
    with RawConnection(wary.ports[0], receive_buffer=4096) as slow:
        slow.sign_in(wary.account("patient1").token)
        position = slow.call("subscribe", {"channel": EVERYWHERE})["position"]
        assert admin.get("/sync/stats")["activeConnections"] == 2
        for _ in range(8):
            close_the_practice(wary, 2500)
        head = wary.settled_head()
        witness.catch_up_with(head)
        is_served_in_time(wary, witness)
        wait_until(
            lambda: (stats := admin.get("/sync/stats"))["activeConnections"] == 1 and stats["stats"]["total"] == 1,
            5,
            lambda: str(admin.get("/sync/stats")),
        )
        assert wary.log_of(wary.web[0]).count("does not read; it is cut off") == 1
        assert wary.scrape()("socketio_clients_cut_off_total") == 1
        # Not only forgotten: the connection itself is gone, although nobody has read what it holds.
        assert slow.is_closed_within(2)
    heard = [event["position"] for event in witness.events("availability:changed")]
    again = connect(wary, "patient1")
    assert again.subscribe(EVERYWHERE, since=position)["replayed"] >= len(heard)
    assert [event["position"] for event in again.events("availability:changed")][: len(heard)] == heard
    with wary.owner() as cursor:
        cursor.execute("TRUNCATE closures")


def test_a_client_that_does_not_read_its_answers_is_cut_off(wary: System, witness: JsClient) -> None:
    """Also where it follows nothing: what it asks for would be queued for it without an end."""
    before = wary.scrape()("socketio_clients_cut_off_total") or 0
    with RawConnection(wary.ports[0], receive_buffer=4096) as deaf:
        deaf.sign_in(wary.account("patient1").token)
        question = frame(b'421["' + b"x" * 60 + b'",{}]') * 1000
        asked = flood(deaf, question, seconds=40)
        assert asked < 40, "it was never cut off"
    assert "sends and does not read; it is cut off" in wary.log_of(wary.web[0])
    assert wary.scrape()("socketio_clients_cut_off_total") == before + 1
    is_served_in_time(wary, witness)


def flood(connection: RawConnection, data: bytes, *, seconds: float) -> float:
    """Send the same again and again until the other side hangs up; returns after how many seconds that was."""
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        try:
            connection.send(data)
        except TimeoutError:
            continue
        except OSError:
            break
    return passed


# Who says nothing.


def test_a_thousand_silent_connections_hurt_nobody_and_are_let_go(wary: System, witness: JsClient) -> None:
    """Nothing, half a request, half a body, an upgrade and no more, a session that is never polled: 200 of each."""
    process = psutil.Process(wary.web[0].pid)
    before = process.num_fds()
    token = wary.account("patient1").token

    def half_a_request(connection: RawConnection) -> None:
        connection.send(b"GET /api/auth/me HTTP/1.1\r\nHost: loc")

    def half_a_body(connection: RawConnection) -> None:
        headers = {"Content_Type": "application/json", "Content_Length": "100", "Authorization": f"Bearer {token}"}
        connection.send_request("POST", "/api/appointments", b'{"dentistId"', **headers)

    def no_sign_in(connection: RawConnection) -> None:
        connection.send_upgrade()

    def no_poll(connection: RawConnection) -> None:
        connection.send_request("GET", "/socket.io/?EIO=4&transport=polling")

    acts: list[Callable[[RawConnection], None]] = [lambda _: None, half_a_request, half_a_body, no_sign_in, no_poll]
    with raw(wary, 1000) as connections:
        for connection, act in zip(connections, itertools.cycle(acts), strict=False):
            act(connection)
        wait_until(lambda: process.num_fds() > before + 900, 10, lambda: f"only {process.num_fds()} are there")
        is_served_in_time(wary, witness)
        # The longest is the time to sign in, ten seconds.
        wait_until(lambda: process.num_fds() <= before + 20, 25, lambda: f"{process.num_fds()} are still there")
        is_served_in_time(wary, witness)


def test_a_process_without_files_left_goes_on(wary: System) -> None:
    """It lets in no more clients than it can hold; the others wait at the door, and the first to go makes room."""
    limited = wary.web[1]
    limited.kill()
    limited.open_files = 160
    limited.start()
    wary.wait_until_healthy()
    with ExitStack() as closing:
        for _ in range(200):
            closing.enter_context(RawConnection(wary.ports[1]))
        seen_until = time.monotonic() + 1
        wait_until(lambda: time.monotonic() > seen_until or not limited.is_running, 3, lambda: "time stands still")
        assert limited.is_running
        assert psutil.Process(limited.pid).num_fds() < 160
    assert call(wary.ports[1], "GET", "/api/sync/health").status == 200


# Who sends without an end.


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
    close_the_practice(wary, 6000)
    witness.catch_up_with(wary.settled_head())
    since = wary.settled_head() - 6000
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
        assert resuming.subscribe(EVERYWHERE, since=since + 5500)["replayed"] >= 500
        assert time.monotonic() - began < 2 * IN_TIME_SECONDS
        is_served_in_time(wary, witness)
        for client in greedy:
            client.disconnect()
    with wary.owner() as cursor:
        cursor.execute("TRUNCATE closures")


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


# Who sends slowly.


def test_who_sends_a_byte_at_a_time_holds_nobody_up_and_is_ended(wary: System, witness: JsClient) -> None:
    """More half bodies than there are connections to the database: others are served, and each has only so long."""
    token = wary.account("patient2").token
    ended: list[Any] = []
    with raw(wary, 40) as connections:
        began = time.monotonic()
        for connection in connections:
            headers = {"Content_Type": "application/json", "Content_Length": "1000", "Authorization": f"Bearer {token}"}
            connection.send_request("POST", "/api/appointments", b"{", **headers)
        is_served_in_time(wary, witness)
        while len(ended) < len(connections):
            assert time.monotonic() - began < IDLE_SECONDS + 3, f"only {len(ended)} were ended"
            for connection in connections:
                if connection not in ended and connection.is_closed_within(0.001):
                    ended.append(connection)
                elif connection not in ended:
                    connection.send(b" ")
        assert time.monotonic() - began > IDLE_SECONDS - 1
