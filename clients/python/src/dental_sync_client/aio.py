"""AsyncRealtimeSync: the client for programs with asyncio. What it does, and when, is decided by the same `feed`."""

from __future__ import annotations

import asyncio
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any

from dental_sync_client import account
from dental_sync_client.account import FetchAccount, FetchPatient
from dental_sync_client.client import Client
from dental_sync_client.errors import SyncError
from dental_sync_client.event_loop import EventLoop, SocketInThreads
from dental_sync_client.options import FetchSnapshot, GetToken, OnResync, Options
from dental_sync_client.subscription import AnySubscription, OnError
from dental_sync_client.transport import NewSocket

if TYPE_CHECKING:
    from typing_extensions import Self


class AsyncSubscription(AnySubscription):
    """What AsyncRealtimeSync follows; see AnySubscription for the rest."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._live = asyncio.Event()

    async def wait_until_live(self, seconds: float) -> bool:
        """Wait until the server has acknowledged it for the first time, returns whether."""
        if not self._live.is_set():
            try:
                await asyncio.wait_for(self._live.wait(), seconds)
            except asyncio.TimeoutError:
                return False
        return True

    def go_live(self, server_id: str, created_at: str, now: datetime) -> None:
        super().go_live(server_id, created_at, now)
        self._live.set()


async def fetch_account(url: str, token: str) -> Any:
    """Ask who is signed in, in a thread; raises what `account.fetch_account` does."""
    return await asyncio.to_thread(account.fetch_account, url, token)


async def fetch_patient(url: str, token: str, patient_id: str) -> str | None:
    """Ask for a patient, in a thread; raises what `account.fetch_patient` does."""
    return await asyncio.to_thread(account.fetch_patient, url, token, patient_id)


class AsyncRealtimeSync(Client[AsyncSubscription]):
    """The client for programs with asyncio; see Client for what it follows.

        async with AsyncRealtimeSync("https://practice.example", get_token) as sync:
            subscription = sync.subscribe_to_global_availability(on_availability_changed=changed)
            await subscription.wait_until_live(10)

    Every callback, and `get_token` and `fetch_snapshot`, may be a function or a coroutine function; a function must not
    block, for all of them run in the event loop. Callbacks are called one after the other: the next message is told
    when the callback for the last has returned. Subscriptions are made in a running loop, and all in the same.
    """

    def __init__(
        self,
        url: str,
        get_token: GetToken,
        *,
        fetch_snapshot: FetchSnapshot | None = None,
        on_resync: OnResync | None = None,
        on_error: OnError | None = None,
        new_socket: NewSocket | None = None,
        fetch_account: FetchAccount = fetch_account,
        fetch_patient: FetchPatient = fetch_patient,
    ) -> None:
        """The options are those of Client; `new_socket`, `fetch_account` and `fetch_patient` are there for tests."""
        self._event_loop = EventLoop()
        self._has_ended = asyncio.Event()
        if new_socket is None:
            new_socket = lambda receive: SocketInThreads(self._event_loop, receive)  # noqa: E731
        options = Options(url, get_token, fetch_snapshot, on_resync, on_error, new_socket, fetch_account, fetch_patient)
        super().__init__(options, self._event_loop, AsyncSubscription)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def wait_until_closed(self, seconds: float | None = None) -> bool:
        """Wait until it is closed, at most so many seconds (default: for as long as it takes), and return whether.

        What keeps a program running that does nothing else. Raises the SyncError that closed it.
        """
        try:
            await asyncio.wait_for(self._has_ended.wait(), seconds)
        except asyncio.TimeoutError:
            return False
        if self.error is not None:
            raise self.error
        return True

    async def close(self) -> None:
        """Hang up, and wait until the last callback has returned (unless from within one)."""
        self._finish()
        self._forget_all()
        await self._event_loop.join()

    def _forget_all(self, error: SyncError | None = None) -> list[AsyncSubscription]:
        ended = super()._forget_all(error)
        self._has_ended.set()
        return ended
