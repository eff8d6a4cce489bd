"""The asyncio client against the real system: what the threaded one is tested for and the event loop has a part in.

What both decide in the same module is in the files beside this one.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any

from dental_sync_client import AsyncRealtimeSync, SyncError
from dental_sync_client.event_loop import SocketInThreads
from dental_sync_client.transport import CONNECTED, Receive, SocketIO

from ..rest import Account
from ..system import System
from ..witnesses import somebody_new
from .follower import book, new_epoch, snapshot

LIVE_SECONDS = 15.0


async def until(is_so: Callable[[], object], seconds: float = LIVE_SECONDS) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():
            await asyncio.sleep(0.02)


class Follower:
    """A client, and what it was told."""

    def __init__(self, url: str, get_token: Callable[[], str], **options: Any) -> None:
        self.told: list[Any] = []
        self.resyncs: list[Any] = []
        self.errors: list[SyncError] = []
        self.fresh: list[bool] = []
        self.connections = 0
        self._get_token = get_token
        self.sync = AsyncRealtimeSync(
            url,
            self._token,
            on_resync=lambda *resync: self.resyncs.append(resync),
            on_error=self.errors.append,
            new_socket=self._new_socket,
            **options,
        )

    async def _token(self, fresh: bool) -> str:
        self.fresh.append(fresh)
        return await asyncio.to_thread(self._get_token)

    def _new_socket(self, receive: Receive) -> SocketInThreads:
        def noted(event: str, payload: Any) -> None:
            self.connections += event == CONNECTED
            receive(event, payload)

        def new_socket(receive: Receive) -> SocketIO:
            self._socket = SocketIO(receive)
            return self._socket

        return SocketInThreads(self.sync._event_loop, noted, new_socket)

    def cut(self) -> None:
        """The network is gone, in the middle of whatever it is."""
        self._socket._client.eio.ws.sock.shutdown(socket.SHUT_RDWR)

    async def tell(self, what: Any) -> None:
        await asyncio.sleep(0)
        self.told.append(what)


def as_account(system: System, name: str, **options: Any) -> Follower:
    return Follower(system.url(), lambda: system.account(name).token, **options)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def test_the_asyncio_client_misses_nothing_when_it_is_cut_off_again_and_again(system: System) -> None:
    """Three cuts while others book: each message once and in order, from where a list ends."""

    async def test() -> None:
        patient = as_account(system, "patient1")
        ids: list[str] = []
        async with patient.sync as sync:
            subscription = sync.subscribe_to_own_appointments(
                on_appointment_created=lambda appointment: patient.tell(appointment["id"]),
                since=await asyncio.to_thread(snapshot, system.account("patient1")),
            )
            assert await subscription.wait_until_live(LIVE_SECONDS)
            assert subscription.channel_name == f"appointments:patient:{system.account('patient1').patient_id}"
            for round_ in range(1, 4):
                patient.cut()
                ids += (await asyncio.to_thread(book, system, 2))[0]
                await until(lambda n=round_: patient.connections > n)
            await until(lambda: len(patient.told) >= len(ids))
            # The acknowledgement follows what was replayed.
            await until(lambda: (subscription.state.status, sync.state.status) == ("live", "live"))
        assert patient.told == ids
        assert patient.resyncs == []

    run(test)


def test_the_asyncio_client_outlives_a_killed_process_and_another_log(sturdy: System) -> None:
    """It goes on from a snapshot that was waited for, without holding up the event loop meanwhile."""
    account = sturdy.account("patient1")

    async def test() -> None:
        async def fetch_snapshot(_channel: str) -> Any:
            return await asyncio.to_thread(snapshot, account)

        patient = as_account(sturdy, "patient1", fetch_snapshot=fetch_snapshot)
        async with patient.sync as sync:
            subscription = sync.subscribe_to_appointments(
                account.patient_id,
                "patient",
                on_appointment_created=lambda appointment: patient.tell(appointment["id"]),
            )
            assert await subscription.wait_until_live(LIVE_SECONDS)
            ids, _ = await asyncio.to_thread(book, sturdy, 1)
            await asyncio.to_thread(new_epoch, sturdy)
            await until(lambda: patient.resyncs)
            ids += (await asyncio.to_thread(book, sturdy, 1))[0]
            await until(lambda: len(patient.told) == 2)
            sturdy.web[0].kill()
            ids += (await asyncio.to_thread(book, sturdy, 1, web=1))[0]
            sturdy.web[0].start()
            await asyncio.to_thread(sturdy.wait_until_healthy)
            await until(lambda: len(patient.told) == 3, 30)
        assert patient.told == ids
        [(channel, _reason, given)] = patient.resyncs
        assert channel == subscription.channel_name
        assert ids[0] in {appointment["id"] for appointment in given["items"]}

    run(test)


def test_the_asyncio_client_renews_its_token_on_the_open_socket(hasty: System) -> None:
    """Tokens of three seconds, and a connection that outlives the first by far."""

    def fresh() -> str:
        return Account.sign_in(hasty.ports, "chatbot@demo.test", "demo-password-1").token

    async def test() -> None:
        chatbot = Follower(hasty.url(), fresh)
        async with chatbot.sync as sync:
            assert await sync.subscribe_to_global_availability().wait_until_live(LIVE_SECONDS)
            await until(lambda: len(chatbot.fresh) >= 4)
            assert (chatbot.connections, chatbot.fresh[:3], chatbot.errors) == (1, [False, True, True], [])

    run(test)


def test_the_asyncio_client_closes_when_its_rights_are_gone(system: System) -> None:
    """With a typed error, for the whole and for each subscription."""
    user, account = somebody_new(system, "chatbot")

    async def test() -> None:
        chatbot = Follower(system.url(), lambda: account.token)
        async with chatbot.sync as sync:
            subscription = sync.subscribe_to_global_availability()
            assert await subscription.wait_until_live(LIVE_SECONDS)
            admin = system.account("admin")
            await asyncio.to_thread(admin.done, "PATCH", f"/users/{user['id']}", {"active": False})
            await until(lambda: chatbot.errors)
            assert [(error.code, error.retryable) for error in chatbot.errors] == [("revoked", False)]
            assert sync.state.status == "closed"
            # The server ends each subscription before the connection.
            assert subscription.state.error is not None
            assert subscription.state.error.code == "subscription-closed"

    run(test)
