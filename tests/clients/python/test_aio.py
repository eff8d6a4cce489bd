"""The asyncio client: what its event loop adds to the state machine that both clients share."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from dental_sync_client import AsyncRealtimeSync, SyncError
from dental_sync_client.event_loop import EventLoop, SocketInThreads
from dental_sync_client.transport import CLOSED, CONNECTED, LOST

from .made_up_server import CHANGED, CHANNEL, WAIT_SECONDS, Payload, Server, acknowledgement, message


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not is_so():
            await asyncio.sleep(0.005)


async def get_token(fresh: bool) -> str:
    await asyncio.sleep(0)
    return "fresh" if fresh else "token"


def client(server: Server, **options: Any) -> AsyncRealtimeSync:
    return AsyncRealtimeSync("http://somewhere.test", get_token, new_socket=server.new_socket, **options)


async def live(server: Server, number: int = 0, position: int = 10) -> Any:
    """A connection with one channel acknowledged."""
    socket = await asyncio.to_thread(server.asked, number)
    socket.receive(CONNECTED, None)
    payload, answered = await asyncio.to_thread(socket.next_subscribe)
    answered(acknowledgement(position, channel=payload["channel"]))
    return socket


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def test_callbacks_wait_for_each_other_and_hold_up_nothing_else(server: Server) -> None:
    """A coroutine function is awaited before the next message is told; heartbeats are read meanwhile."""
    told: list[Any] = []
    go_on: list[asyncio.Event] = []

    async def changed(_dentist_id: str | None, availability: Payload) -> None:
        told.append(("begin", availability["from"], threading.current_thread()))
        await go_on[0].wait()
        told.append(("end", availability["from"], threading.current_thread()))

    async def test() -> None:
        go_on.append(asyncio.Event())
        async with client(server) as sync:
            subscription = sync.subscribe_to_global_availability(on_availability_changed=changed)
            sync.subscribe_to_global_availability(on_availability_changed=lambda _, a: told.append(a["from"]))
            socket = await live(server)
            assert await subscription.wait_until_live(WAIT_SECONDS)
            for position in (11, 12):
                socket.receive(CHANGED, message(position))
            await until(lambda: told)
            socket.receive("heartbeat", {"timestamp": "now", "position": 40, "epoch": "one"})
            socket.receive(LOST, "transport error")
            second = await asyncio.to_thread(server.asked, 1)
            second.receive(CONNECTED, None)
            assert (await asyncio.to_thread(second.next_subscribe))[0]["since"] == 40
            here = threading.current_thread()
            assert told == [("begin", "11", here)]
            go_on[0].set()
            await until(lambda: len(told) == 6)
        assert told == [
            *(("begin", "11", here), ("end", "11", here), "11"),
            *(("begin", "12", here), ("end", "12", here), "12"),
        ]

    run(test)


def test_an_ended_subscription_hears_nothing_of_what_waited_for_its_turn(server: Server) -> None:
    """Though the message came before the end."""
    told: list[str] = []

    async def test() -> None:
        async with client(server) as sync:

            def changed(_dentist_id: str | None, availability: Payload) -> None:
                told.append(availability["from"])
                subscription.unsubscribe()

            with sync.subscribe_to_global_availability(on_availability_changed=changed) as subscription:
                socket = await live(server)
                assert await subscription.wait_until_live(WAIT_SECONDS)
                for position in (11, 12):
                    socket.receive(CHANGED, message(position))
                assert (await asyncio.to_thread(socket.next, "unsubscribe"))[1] == {"id": f"{CHANNEL}-1"}
            assert subscription.state.status == "closed"
        assert told == ["11"]

    run(test)


def test_a_snapshot_may_be_waited_for(server: Server) -> None:
    """What comes meanwhile is in it, or comes again; a connection that is lost takes the wait along."""
    told: list[Any] = []
    waits: list[asyncio.Future[Payload]] = []

    async def fetch_snapshot(_channel_name: str) -> Payload:
        waits.append(asyncio.get_running_loop().create_future())
        return await waits[-1]

    async def test() -> None:
        async with client(server, fetch_snapshot=fetch_snapshot, on_resync=lambda *what: told.append(what[2])) as sync:
            sync.subscribe_to_global_availability(on_availability_changed=lambda _, a: told.append(a["from"]))
            socket = await live(server)
            socket.receive("resync", {"channel": CHANNEL, "reason": "new-epoch"})
            await until(lambda: len(waits) == 1)
            socket.receive(CHANGED, message(99, epoch="two"))
            socket.receive(LOST, "transport error")
            second = await asyncio.to_thread(server.asked, 1)
            second.receive(CONNECTED, None)
            await until(lambda: len(waits) == 2)
            waits[0].set_result({"position": 1, "epoch": "one"})
            waits[1].set_result({"position": 100, "epoch": "two"})
            payload, answered = await asyncio.to_thread(second.next_subscribe)
            assert payload == {"channel": CHANNEL, "since": 100, "epoch": "two"}
            second.receive(CHANGED, message(101, epoch="two"))
            answered(acknowledgement(101, epoch="two"))
            await until(lambda: len(told) == 2)
        assert told == [{"position": 100, "epoch": "two"}, "101"]

    run(test)


def test_what_fails_is_told_and_tried_again(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """A token that is not to be had, a callback that raises, and a message that is none."""
    errors: list[SyncError] = []
    tokens = iter([OSError("there is no server"), "token", "another"])

    async def get_token(_fresh: bool) -> str:
        token = next(tokens)
        if isinstance(token, OSError):
            raise token
        return token

    async def changed(_dentist_id: str | None, _availability: Payload) -> None:
        await asyncio.sleep(0)
        raise KeyError("a callback's")

    async def test() -> None:
        sync = AsyncRealtimeSync(
            "http://somewhere.test", get_token, new_socket=server.new_socket, on_error=errors.append
        )
        async with sync:
            subscription = sync.subscribe_to_global_availability(on_availability_changed=changed)
            assert not await subscription.wait_until_live(0)
            socket = await live(server)
            socket.receive(CHANGED, message(11))
            socket.receive("heartbeat", {})
            second = await live(server, 1, 11)
            second.receive(CLOSED, None)
            await until(lambda: sync.state.status == "closed")
        assert [error.code for error in errors] == ["token-unavailable", "revoked"]
        assert sync.error is errors[-1] is subscription.state.error
        with pytest.raises(SyncError, match="revoked"):
            sync.subscribe_to_global_availability()

    run(test)
    assert "a callback's" in caplog.text
    assert "the connection is given up" in caplog.text


def test_it_may_be_closed_at_any_time(server: Server) -> None:
    """Before anything was followed, while a token is waited for, and from within a callback; again is no mistake."""

    async def never(_fresh: bool) -> str:
        await asyncio.sleep(3600)
        raise AssertionError

    async def test() -> None:
        async with client(server):
            pass
        async with AsyncRealtimeSync("http://somewhere.test", never) as waiting:
            subscription = waiting.subscribe_to_global_availability()
            await asyncio.sleep(0.01)
        assert (subscription.active, waiting.state.status) == (False, "closed")
        sync = client(server)
        states: list[str] = []

        async def state_changed(state: Any) -> None:
            states.append(state.status)
            if state.status == "live":
                await sync.close()

        sync.on_state_change(state_changed)
        sync.subscribe_to_global_availability()
        socket = await live(server)
        await until(lambda: "closed" in states)
        await sync.close()
        assert states == ["connecting", "catching-up", "live", "closed"]
        assert socket.is_closed
        with pytest.raises(SyncError, match="closed"):
            sync.subscribe_to_global_availability()

    run(test)


def test_what_is_cancelled_stops_nothing_else(server: Server) -> None:
    """A token is fetched again, and the callbacks that follow are called."""
    told: list[str] = []
    fetched: list[bool] = []

    async def get_token(fresh: bool) -> str:
        fetched.append(fresh)
        if len(fetched) == 1:
            raise asyncio.CancelledError
        return "token"

    async def changed(_dentist_id: str | None, availability: Payload) -> None:
        told.append(availability["from"])
        raise asyncio.CancelledError

    async def test() -> None:
        async with AsyncRealtimeSync("http://somewhere.test", get_token, new_socket=server.new_socket) as sync:
            sync.subscribe_to_global_availability(on_availability_changed=changed)
            socket = await live(server)
            for position in (11, 12):
                socket.receive(CHANGED, message(position))
            await until(lambda: len(told) == 2)
        assert told == ["11", "12"]

    run(test)


def test_a_thread_that_speaks_after_the_event_loop_has_ended_is_not_heard(server: Server) -> None:
    """The socket's own threads may live a little longer."""

    async def test() -> None:
        client(server).subscribe_to_global_availability()
        await live(server)

    run(test)
    server.sockets[0].receive(CHANGED, message(11))


class Blocking:
    """A socket that speaks while it opens, as one whose threads are at work already, and opens when it is let."""

    def __init__(self, receive: Callable[[str, Any], None]) -> None:
        self.receive = receive
        self.may_open = threading.Event()
        self.done: list[str] = []

    def open(self, _url: str, token: str) -> None:
        self.receive("early", token)
        assert self.may_open.wait(WAIT_SECONDS)
        self.done.append("open")

    def ask(self, event: str, _payload: Payload, answered: Callable[[Any], None]) -> None:
        self.receive("message", 1)
        answered(event)
        self.receive("message", 2)

    def close(self) -> None:
        self.done.append("close")


def test_a_socket_in_threads_speaks_in_order_and_not_before_it_is_open() -> None:
    """An answer does not overtake the message before it; to hang up waits until it can be."""
    heard: list[Any] = []

    async def test() -> None:
        runtime = EventLoop()
        runtime.start(lambda: None, lambda: None)
        made: list[Blocking] = []
        socket = SocketInThreads(
            runtime, lambda *what: heard.append(what), lambda receive: made.append(Blocking(receive)) or made[0]
        )
        opening = asyncio.create_task(socket.open("http://somewhere.test", "t"))
        await asyncio.sleep(0.02)
        assert heard == []
        made[0].may_open.set()
        await opening
        assert heard == [("early", "t")]
        socket.ask("subscribe", {}, heard.append)
        await until(lambda: len(heard) == 4)
        assert heard[1:] == [("message", 1), "subscribe", ("message", 2)]
        given_up = SocketInThreads(runtime, lambda *_: None, lambda receive: made.append(Blocking(receive)) or made[1])
        opening = asyncio.create_task(given_up.open("http://somewhere.test", "t"))
        await asyncio.sleep(0.02)
        opening.cancel()
        given_up.close()
        await asyncio.sleep(0.02)
        assert made[1].done == []
        made[1].may_open.set()
        socket.close()
        runtime.stop()
        await runtime.join()
        assert (made[0].done, made[1].done) == (["open", "close"], ["open", "close"])

    run(test)
