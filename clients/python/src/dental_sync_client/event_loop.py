"""What runs the state machine in asyncio: the runtime, and a socket with threads of its own."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from dental_sync_client.runtime import Work
from dental_sync_client.transport import Answered, NewSocket, Receive, Socket, SocketIO

logger = logging.getLogger(__name__)

T = TypeVar("T")
_Callback = tuple[Callable[..., Any], tuple[object, ...]]


class EventLoop:
    """The runtime in asyncio's loop. One task calls back, so that a callback may wait and holds up callbacks only."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failed: Work = lambda: None
        self._early: list[Work] = []
        self._is_stopped = False
        self._callbacks: asyncio.Queue[_Callback | None] = asyncio.Queue()
        self._teller: asyncio.Task[None] | None = None
        # The callback that is being awaited.
        self._calling: asyncio.Future[Any] | None = None
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
        else:
            # The event loop may end while a socket's thread still has something to say.
            with contextlib.suppress(RuntimeError):
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
            except asyncio.CancelledError:
                # Perhaps only what it waited for was cancelled, and not this.
                self._do(lambda: failed(OSError("It was cancelled.")))
                raise
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
        if self._teller is not None and asyncio.current_task() not in (self._teller, self._calling):
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
                    await self._wait_for(returned)
            except Exception:
                logger.exception("a callback failed")

    async def _wait_for(self, returned: Awaitable[Any]) -> None:
        # In a task of its own: when that is cancelled, the later callbacks are still to be called.
        self._calling = calling = asyncio.ensure_future(returned)
        try:
            await asyncio.wait([calling])
        finally:
            calling.cancel()
        if not calling.cancelled():
            calling.result()


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
