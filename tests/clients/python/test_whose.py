"""Which channels are one's own, when what answers that is slow, away, or behind a redirect."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from dental_sync_client import SyncError
from dental_sync_client.account import Account, fetch_account, fetch_patient
from dental_sync_client.transport import LOST

from .conftest import Make
from .heard import Heard
from .made_up_server import WAIT_SECONDS, Server, acknowledgement, refusal
from .test_aio import client, live, run, until

CHANNEL = "appointments:patient:"


def account(*patients: str) -> Account:
    return {"id": "u", "role": "patient", "patients": [{"id": each, "relation": "self"} for each in patients]}


def test_an_answer_that_was_on_its_way_when_the_account_changed_does_not_count(server: Server) -> None:
    """It may say who it was before; the last question is the one that is answered."""
    answers: list[asyncio.Future[Account]] = []

    async def fetch_account(_url: str, _token: str) -> Account:
        answers.append(asyncio.get_running_loop().create_future())
        return await answers[-1]

    async def test() -> None:
        async with client(server, fetch_account=fetch_account, on_resync=print) as sync:
            subscription = sync.subscribe_to_own_appointments()
            connecting = asyncio.create_task(live(server))
            await until(lambda: answers)
            answers[0].set_result(account("p"))
            socket = await connecting
            assert await subscription.wait_until_live(WAIT_SECONDS)
            for number in (1, 2):
                socket.receive("account:changed", {})
                await until(lambda number=number: len(answers) > number)
            answers[1].set_result(account("p", "too-early"))
            await asyncio.sleep(0.02)
            assert subscription.state.status == "catching-up"
            answers[2].set_result(account("p", "c"))
            payload, answered = await asyncio.to_thread(socket.next_subscribe)
            assert payload == {"channel": f"{CHANNEL}c"}
            answered(acknowledgement(12, channel=f"{CHANNEL}c"))
            await until(lambda: subscription.state.status == "live")
            assert subscription.channel_names == (f"{CHANNEL}p", f"{CHANNEL}c")

    run(test)


def test_where_a_merged_record_has_gone_is_asked_until_it_is_known(make: Make, server: Server, heard: Heard) -> None:
    """While REST is away it is asked again; and where the connection breaks meanwhile, on the next one."""
    asked: list[str] = []
    away = [OSError("nobody is there")] * 2

    def fetch_patient(_url: str, _token: str, patient_id: str) -> str:
        asked.append(patient_id)
        if away:
            raise away.pop()
        return "d"

    sync = make(fetch_account=lambda _url, _token: account("p"), fetch_patient=fetch_patient, on_resync=heard.note)
    subscription = sync.subscribe_to_own_appointments(patient_id="c", on_error=heard.error)
    socket = server.connected(0)
    socket.next_subscribe()[1](acknowledgement(10, channel=f"{CHANNEL}c"))
    assert subscription.wait_until_live(WAIT_SECONDS)
    closed = {"id": "x", "channelName": f"{CHANNEL}c", "reason": "merged"}
    socket.receive("subscription:closed", closed)
    socket.receive(LOST, "transport error")
    socket = server.connected(1)
    payload, answered = socket.next_subscribe()
    # From now on: what was before is to be fetched.
    assert payload == {"channel": f"{CHANNEL}c"}
    answered(refusal("forbidden"))
    payload, answered = socket.next_subscribe()
    assert payload == {"channel": f"{CHANNEL}d"}
    answered(acknowledgement(20, channel=f"{CHANNEL}d"))
    heard.wait(told=1)
    assert heard.told == [(f"{CHANNEL}d", "merged", None)]
    assert (subscription.channel_name, asked, heard.errors) == (f"{CHANNEL}d", ["c"] * 3, [])


def test_a_visitor_has_no_appointments_and_what_is_free_goes_on(make: Make, server: Server, heard: Heard) -> None:
    """It is not asked again."""
    asked: list[str] = []

    def fetch_nobody(_url: str, token: str) -> Account:
        asked.append(token)
        raise SyncError("forbidden", "This token is no account's.", retryable=False)

    sync = make(fetch_account=fetch_nobody)
    own = sync.subscribe_to_own_appointments(on_error=heard.error)
    free = sync.subscribe_to_global_availability()
    socket = server.connected(0)
    socket.next_subscribe()[1](acknowledgement(10))
    heard.wait(errors=1)
    assert [error.code for error in heard.errors] == ["forbidden"]
    assert free.wait_until_live(WAIT_SECONDS)
    assert (own.active, free.active, asked) == (False, True, ["token-0"])


class Records(BaseHTTPRequestHandler):
    """`old` was merged into `new`, `gone` is not to be seen, a visitor is nobody, and the rest is broken."""

    def do_GET(self) -> None:
        answers = {"/api/patients/old": 308, "/api/patients/new": 200, "/api/patients/gone": 404, "/api/auth/me": 403}
        status = answers.get(self.path, 500) if self.headers["Authorization"] == "Bearer token" else 401
        self.send_response(status)
        if status == 308:
            self.send_header("Location", "/api/patients/new")
        self.end_headers()
        if status == 200:
            self.wfile.write(b'{"id": "new"}')
        if status == 403:
            self.wfile.write(b'{"code": "forbidden"}')

    def log_message(self, format: str, *values: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Records) as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


def test_a_record_is_found_where_it_was_merged_into(url: str) -> None:
    """The redirect is followed with the token; what is not to be seen is none, and a failure is no answer."""
    assert [fetch_patient(url, "token", patient_id) for patient_id in ("old", "new", "gone")] == ["new", "new", None]
    with pytest.raises(SyncError, match="forbidden"):
        fetch_account(url, "token")
    for token, patient_id in (("token", "broken"), ("another", "new")):
        with pytest.raises(OSError, match="HTTP Error"):
            fetch_patient(url, token, patient_id)
