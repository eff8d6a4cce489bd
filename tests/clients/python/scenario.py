"""One scenario of clients/scenarios, played to a client of Python; the format is in the README there."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from dental_sync_client import AsyncRealtimeSync, RealtimeSync, aio
from dental_sync_client.loop import Loop
from dental_sync_client.runtime import Work
from dental_sync_client.subscription import AnySubscription
from dental_sync_client.transport import CLOSED, CONNECTED, LOST, REFUSED

from .made_up_server import Payload, refusal

NOW = "2030-01-07T09:00:00.000Z"
ACCOUNT = {"id": "u", "role": "patient", "name": "Somebody", "email": "u@demo.test", "patientId": "p"}
TURNS = 30


class Time:
    """It passes when the scenario says so."""

    def __init__(self) -> None:
        self._now = 0.0
        self._due: list[tuple[float, int, Work]] = []
        self._numbers = itertools.count()

    def later(self, seconds: float, work: Work) -> Work:
        entry = (self._now + seconds, next(self._numbers), work)
        heapq.heappush(self._due, entry)

        def call_off() -> None:
            if entry in self._due:
                self._due.remove(entry)
                heapq.heapify(self._due)

        return call_off

    def run(self, seconds: float, do: Callable[[Work], None]) -> None:
        end = self._now + seconds
        while self._due and self._due[0][0] <= end:
            self._now, _, work = heapq.heappop(self._due)
            do(work)
        self._now = end


class Threaded:
    """RealtimeSync, with what its thread would do done at once."""

    def __init__(self, **options: Any) -> None:
        self.time = Time()
        self.sync = RealtimeSync("http://somewhere.test", **options)
        self._runtime = Here(self.time)
        self.sync._runtime = self.sync._loop = self.sync._feed._runtime = self._runtime
        self.sync._feed._connection._runtime = self._runtime

    def do(self, work: Work) -> None:
        work()
        self._runtime.drain()

    def end(self) -> None:
        self.do(self.sync._finish)


class Here(Loop):
    """The runtime of a thread, without the thread."""

    def __init__(self, time: Time) -> None:
        super().__init__()
        self._time = time
        self._work: deque[Work] = deque()
        self._started = False

    @property
    def is_started(self) -> bool:
        return self._started

    def start(self, failed: Work, finish: Work) -> None:  # noqa: ARG002
        self._started = True

    def put(self, work: Work) -> None:
        self._work.append(work)

    def later(self, seconds: float, work: Work) -> Work:
        return self._time.later(seconds, work)

    def drain(self) -> None:
        while self._work:
            self._work.popleft()()


class InEventLoop:
    """AsyncRealtimeSync in an event loop of its own, in which no time passes by itself."""

    def __init__(self, **options: Any) -> None:
        self.time = time = Time()
        self._runner = asyncio.Runner()

        class EventLoop(aio.EventLoop):
            def later(self, seconds: float, work: Work) -> Work:
                return time.later(seconds, lambda: self._do(work))

        real, aio.EventLoop = aio.EventLoop, EventLoop  # type: ignore[misc]
        try:
            self.sync = AsyncRealtimeSync("http://somewhere.test", **options)
        finally:
            aio.EventLoop = real  # type: ignore[misc]

    def do(self, work: Work) -> None:
        async def done() -> None:
            work()
            for _ in range(TURNS):
                await asyncio.sleep(0)

        self._runner.run(done())

    def end(self) -> None:
        self._runner.run(self.sync.close())
        self._runner.close()


class FakeSocket:
    """One connection; what was asked is answered when the scenario says so."""

    def __init__(self, receive: Callable[[str, Any], None], sent: list[Any]) -> None:
        self.receive = receive
        self.unanswered: list[tuple[str, Payload, Callable[[Any], None]]] = []
        self._sent = sent

    def open(self, _url: str, _token: str) -> None:
        pass

    def ask(self, event: str, payload: Payload, answered: Callable[[Any], None]) -> None:
        self._sent.append([event, payload])
        self.unanswered.append((event, payload, answered))

    def close(self) -> None:
        pass

    def answer(self, step: Payload, answer: Payload) -> None:
        """Answer the oldest question of this kind."""
        [first, *_] = [
            asked
            for asked in self.unanswered
            if asked[0] == step["event"] and asked[1].get("channel") == step.get("channel")
        ]
        self.unanswered.remove(first)
        first[2](answer)


class Player:
    """A client, what came of each step, and what was expected."""

    def __init__(self, scenario: Payload, make: type[Threaded | InEventLoop]) -> None:
        self._scenario = scenario
        self._subscriptions: dict[str, AnySubscription] = {}
        self._sockets: list[FakeSocket] = []
        self._tokens = 0
        self._patients = ["p"]
        self._merged: dict[str, str] = {}
        self._forget()
        self._snapshots = iter(scenario.get("snapshots", []))
        self._client = make(
            get_token=self._get_token,
            new_socket=self._new_socket,
            fetch_account=self._fetch_account,
            fetch_patient=self._fetch_patient,
            fetch_snapshot=self._fetch_snapshot if "snapshots" in scenario else None,
            on_resync=self._resync if scenario.get("hearsResync", True) else None,
        )

    def play(self) -> None:
        """All steps; AssertionError names the first after which something is not as it is to be."""
        try:
            for number, step in enumerate(self._scenario["steps"], start=1):
                self._forget()
                self._take(step)
                self._check(f"step {number}, {step}", step.get("then", {}))
        finally:
            self._client.end()

    def _forget(self) -> None:
        self._sent: list[Any] = getattr(self, "_sent", [])
        self._sent.clear()
        self._fresh: list[bool] = []
        self._told: dict[str, list[int]] = defaultdict(list)
        self._errors: dict[str, list[str]] = defaultdict(list)
        self._resyncs: list[Any] = []
        self._account_reads = 0

    def _check(self, where: str, then: Payload) -> None:
        came = {
            "sent": self._sent,
            "told": dict(self._told),
            "errors": dict(self._errors),
            "resyncs": self._resyncs,
        }
        expected = {"sent": [], "told": {}, "errors": {}, "resyncs": []}
        if "tokens" in then:
            came["tokens"] = self._fresh
        if "accountReads" in then:
            came["accountReads"] = self._account_reads
        if "state" in then:
            came["state"] = self._client.sync.state.status
        if "states" in then:
            came["states"] = {name: self._subscriptions[name].state.status for name in then["states"]}
        assert came == expected | then, where

    # Steps.

    def _take(self, step: Payload) -> None:
        match step:
            case {"patients": patients}:
                self._patients = patients
            case {"merged": merged}:
                self._merged |= merged
            case {"seconds": seconds}:
                self._client.time.run(seconds, self._client.do)
            case {"user": "subscribe"}:
                self._client.do(lambda: self._subscribe(step))
            case {"user": "unsubscribe"}:
                self._client.do(self._subscriptions[step["as"]].unsubscribe)
            case {"server": _}:
                self._client.do(lambda: self._serve(step))
            case _:
                raise AssertionError(f"an unknown step: {step}")

    def _subscribe(self, step: Payload) -> None:
        name = step["as"]
        options = {
            "on_appointment_created": lambda appointment: self._told[name].append(appointment["position"]),
            "on_error": lambda error: self._errors[name].append(error.code),
            "since": step.get("since"),
        }
        sync = self._client.sync
        match step:
            case {"own": True}:
                made = sync.subscribe_to_own_appointments(patient_id=step.get("patient"), **options)
            case {"role": role, "id": user_id}:
                made = sync.subscribe_to_appointments(user_id, role, **options)
            case {"channel": "appointments:all"}:
                made = sync.subscribe_to_all_appointments(**options)
            case {"channel": channel}:
                _, role, user_id = channel.split(":")
                made = sync.subscribe_to_appointments(user_id, role, **options)
        self._subscriptions[name] = made

    def _serve(self, step: Payload) -> None:
        socket = self._sockets[-1]
        match step["server"]:
            case "connects":
                ready = {"connectionId": "c", "epoch": "e1", "position": 0, "expiresAt": NOW, "heartbeatSeconds": 30}
                socket.receive("ready", ready)
                socket.receive(CONNECTED, None)
            case "refuses the connection":
                socket.receive(REFUSED, {"message": step["code"], "data": {"code": step["code"]}})
            case "is lost":
                socket.receive(LOST, "transport close")
            case "ends the session":
                socket.receive(CLOSED, None)
            case "sends":
                socket.receive(step["event"], step["payload"])
            case "says":
                place = {"position": step["position"], "epoch": step.get("epoch", "e1")}
                message = {**place, "occurredAt": NOW, "channels": step["channels"], "appointment": place}
                socket.receive("appointment:created", message)
            case "refuses":
                socket.answer(step, refusal(step["code"]))
            case "acknowledges":
                socket.answer(step, acknowledged(step))
            case _:
                raise AssertionError(f"an unknown step: {step}")

    # What the client is given.

    def _get_token(self, fresh: bool) -> str:
        self._fresh.append(fresh)
        self._tokens += 1
        return f"token-{self._tokens}"

    def _fetch_account(self, _url: str, _token: str) -> Payload:
        self._account_reads += 1
        relation = {"p": "self"}
        patients = [{"id": each, "name": each, "relation": relation.get(each, "parent")} for each in self._patients]
        return ACCOUNT | {"patients": patients}

    def _fetch_patient(self, _url: str, _token: str, patient_id: str) -> str | None:
        goes_by = self._merged.get(patient_id, patient_id)
        return goes_by if goes_by in self._patients else None

    def _new_socket(self, receive: Callable[[str, Any], None]) -> FakeSocket:
        self._sockets.append(FakeSocket(receive, self._sent))
        return self._sockets[-1]

    def _fetch_snapshot(self, _channel_name: str) -> Payload:
        snapshot = next(self._snapshots)
        if snapshot is None:
            raise OSError("there is no snapshot")
        return dict(snapshot)

    def _resync(self, channel_name: str, _reason: str, snapshot: Any) -> None:
        self._resyncs.append([channel_name, snapshot and snapshot["position"]])


def acknowledged(step: Payload) -> Payload:
    """The server's acknowledgement, as a step has it."""
    if step["event"] != "subscribe":
        return {"ok": True, "expiresAt": NOW}
    channel = step["channel"]
    return {
        "ok": True,
        "subscription": {"id": f"{channel}-1", "channelName": channel, "active": True, "createdAt": NOW},
        "position": step["position"],
        "epoch": step.get("epoch", "e1"),
        "replayed": 0,
        "resync": step.get("resync", False),
    }
