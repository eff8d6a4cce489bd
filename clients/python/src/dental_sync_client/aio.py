"""AsyncRealtimeSync: the client for programs with asyncio. What it does, and when, is decided by the same `feed`."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from dental_sync_client.account import FetchAccount
from dental_sync_client.account import fetch_account as fetch_account_blocking
from dental_sync_client.client import Client
from dental_sync_client.options import FetchSnapshot, GetToken, OnResync, Options
from dental_sync_client.runtime import Work
from dental_sync_client.subscription import AnySubscription, OnError
from dental_sync_client.transport import Answered, NewSocket, Receive, Socket, SocketIO

if TYPE_CHECKING:
    from typing_extensions import Self

logger = logging.getLogger(__name__)

T = TypeVar("T")
_Callback = tuple[Callable[..., Any], tuple[object, ...]]


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


class EventLoop:
    """The runtime in asyncio's loop. One task calls back, so that a callback may wait and holds up callbacks only."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failed: Work = lambda: None
        self._early: list[Work] = []
        self._is_stopped = False
        self._callbacks: asyncio.Queue[_Callback | None] = asyncio.Queue()
        self._teller: asyncio.Task[None] | None = None
        self._fetches: set[asyncio.Task[None]] = set()
        self._endings: set[asyncio.Task[None]] = set()

    def start(self, failed: Work, finish: Work) -> None:  # noqa: ARG002 - `close` does what is to be done at the end
        """Begin in the loop that is running; RuntimeError when none is. `failed` follows work that has raised."""
        self._loop = asyncio.get_running_loop()
        self._failed = failed
        self._teller = self._loop.create_task(self._call_back())
        early, self._early = self._early, []
        for work in early:
            self.put(work)

    @property
    def is_started(self) -> bool:
        return self._loop is not None

    def put(self, work: Work) -> None:
        if self._loop is None:
            self._early.append(work)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._do, work)

    def later(self, seconds: float, work: Work) -> Work:
        return self._running.call_later(seconds, self._do, work).cancel

    def fetch(
        self, ask: Callable[[], T | Awaitable[T]], then: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        async def fetch() -> None:
            try:
                asked = ask()
                found = await asked if inspect.isawaitable(asked) else asked
            except Exception as failure:
                why = failure
                self._do(lambda: failed(why))
            else:
                self._do(lambda: then(found))

        self._keep(fetch(), self._fetches)

    def call(self, callback: Callable[..., Any] | None, *arguments: object) -> None:
        if callback is not None:
            self._callbacks.put_nowait((callback, arguments))

    def end(self, ending: Coroutine[Any, Any, None]) -> None:
        """Have something done at the end of a connection, for which `join` waits."""
        self._keep(ending, self._endings)

    def stop(self) -> None:
        """Do nothing more, but for the callbacks that wait for their turn."""
        if not self._is_stopped:
            self._is_stopped = True
            self._callbacks.put_nowait(None)
            for fetch in self._fetches:
                fetch.cancel()

    async def join(self) -> None:
        """Wait for the last callback, unless from within one, and until every socket is closed."""
        while self._endings:
            await asyncio.wait(self._endings)
        if self._teller is not None and self._teller is not asyncio.current_task():
            await self._teller

    @property
    def _running(self) -> asyncio.AbstractEventLoop:
        return self._loop or asyncio.get_running_loop()

    def _keep(self, work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
        # The loop itself keeps no task from the garbage collector.
        task = self._running.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def _do(self, work: Work) -> None:
        if not self._is_stopped:
            try:
                work()
            except Exception:
                logger.exception("unexpected: the connection is given up")
                self._failed()

    async def _call_back(self) -> None:
        while (due := await self._callbacks.get()) is not None:
            callback, arguments = due
            try:
                returned = callback(*arguments)
                if inspect.isawaitable(returned):
                    await returned
            except Exception:
                logger.exception("a callback failed")


class SocketInThreads:
    """A Socket whose own threads read and write, so that the event loop never waits for it.

    Messages and answers are handed over in the order in which they came, and none before it is open.
    """

    def __init__(self, runtime: EventLoop, receive: Receive, new_socket: NewSocket = SocketIO) -> None:
        self._runtime = runtime
        self._opening: asyncio.Future[Any] | None = None
        # What came before it was open; None from then on.
        self._early: list[Work] | None = []
        self._socket: Socket = new_socket(lambda event, payload: self._hand_over(lambda: receive(event, payload)))

    async def open(self, url: str, token: str) -> None:
        """Connect; raises OSError when there is no server."""
        # To give up waiting is not to give up connecting, which cannot be interrupted.
        self._opening = opening = asyncio.ensure_future(asyncio.to_thread(self._socket.open, url, token))
        await asyncio.shield(opening)
        early, self._early = self._early or [], None
        for work in early:
            work()

    def ask(self, event: str, payload: dict[str, Any], answered: Answered) -> None:
        """Emit an event; the answer comes in its turn."""
        self._socket.ask(event, payload, lambda answer: self._hand_over(lambda: answered(answer)))

    def close(self) -> None:
        """Hang up, once it is open."""
        self._runtime.end(self._close())

    async def _close(self) -> None:
        if self._opening is not None:
            await asyncio.wait([self._opening])
        await asyncio.to_thread(self._socket.close)

    def _hand_over(self, work: Work) -> None:
        """Called in the socket's thread."""
        self._runtime.put(lambda: work() if self._early is None else self._early.append(work))


async def fetch_account(url: str, token: str) -> Any:
    """Ask who is signed in, in a thread; raises what `account.fetch_account` does."""
    return await asyncio.to_thread(fetch_account_blocking, url, token)


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
    ) -> None:
        """The options are those of Client; `new_socket` and `fetch_account` are there for tests."""
        self._event_loop = EventLoop()
        if new_socket is None:
            new_socket = lambda receive: SocketInThreads(self._event_loop, receive)  # noqa: E731
        options = Options(url, get_token, fetch_snapshot, on_resync, on_error, new_socket, fetch_account)
        super().__init__(options, self._event_loop, AsyncSubscription)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up, and wait until the last callback has returned (unless from within one)."""
        self._finish()
        self._forget_all()
        await self._event_loop.join()
