"""The Python side of client.mjs: real Socket.IO clients in Node, and what has happened to each of them, in order."""

from __future__ import annotations

import itertools
import json
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

WAIT_SECONDS = 15.0

Record = dict[str, Any]
Payload = dict[str, Any]


class Node:
    """One Node process with any number of clients, which a script makes and commands as client.mjs does."""

    def __init__(self, script: Path = Path(__file__).parent / "client.mjs") -> None:
        self._process = subprocess.Popen(
            ["node", script.name], cwd=script.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._numbers = itertools.count(1)
        self._clients: dict[int, JsClient] = {}
        self._sending = threading.Lock()
        self.happened = threading.Condition()
        self._reader = threading.Thread(target=self._read, name="what Node says", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it; it ends by itself when nobody can command it any more."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(WAIT_SECONDS)
        self._reader.join(WAIT_SECONDS)
        self._process.stdout.close()

    @property
    def pid(self) -> int:
        """The process in which all the clients are."""
        return self._process.pid

    def client(self) -> JsClient:
        """A client that is not connected yet."""
        client = JsClient(self, next(self._numbers))
        self._clients[client.number] = client
        return client

    def send(self, command: Record) -> None:
        """Give a command."""
        with self._sending:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            record = json.loads(line)
            with self.happened:
                self._clients[record["client"]].records.append(record)
                self.happened.notify_all()


class JsClient:
    """One client: commands to it, and `records` of what happened to it."""

    def __init__(self, node: Node, number: int) -> None:
        self.number = number
        self.records: list[Record] = []
        self._node = node
        self._calls = itertools.count(1)

    # Commands.

    def connect(self, url: str, token: object, **options: object) -> None:
        """Begin to connect; `wait_connected` or `wait_refused` waits for what becomes of it."""
        self._do("connect", url=url, options={"transports": ["websocket"], "auth": {"token": token}, **options})

    def disconnect(self) -> None:
        """Leave, in an orderly way."""
        self._do("disconnect")

    def reconnect(self) -> None:
        """Connect again, after a disconnection of whichever kind."""
        self._do("reconnect")

    def cut(self) -> None:
        """Lose the network."""
        self._do("cut")

    def point(self, url: str) -> None:
        """Find the service there the next time, as behind a load balancer that has taken a process out."""
        self._do("point", url=url)

    def follow(self, channel: str, **since: object) -> None:
        """Subscribe as an application does: now, and after each reconnection from the last position it has."""
        self._do("follow", channel=channel, since=since)

    def use_token(self, token: str) -> None:
        """Connect with this token the next time."""
        self._do("token", token=token)

    def ask(self, name: str, *payload: object) -> int:
        """Emit an event; the answer will be among the records, under the number that is returned."""
        call = next(self._calls)
        self._do("emit", call=call, name=name, payload=payload)
        return call

    def begin(self, name: str, *payload: object) -> Callable[[], Payload]:
        """Emit an event; the answer is there when the returned function is called and has waited."""
        call = self.ask(name, *payload)

        def is_answer(record: Record) -> bool:
            return record["kind"] == "answer" and record["call"] == call

        def answer() -> Payload:
            [found] = self.wait_for_record(is_answer, f"an answer to {name}")["answer"]
            return dict(found)

        return answer

    def emit(self, name: str, *payload: object) -> Payload:
        """Emit an event and wait for its acknowledgement."""
        return self.begin(name, *payload)()

    def tell(self, name: str, *payload: object) -> None:
        """Emit an event without asking for an acknowledgement."""
        self._do("tell", name=name, payload=payload)

    def subscribe(self, channel: str, **since: object) -> Payload:
        """Subscribe, which must go well."""
        answer = self.emit("subscribe", {"channel": channel, **since})
        assert answer["ok"] is True, answer
        return answer

    def resumptions(self, channel: str) -> list[Payload]:
        """How the subscriptions of `follow` were answered, one for each connection."""
        return [record["answer"] for record in self.records if record["kind"] == "followed:" + channel]

    # What happened.

    def wait_for(self, is_so: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> None:
        """Wait until something has happened to this client."""
        deadline = time.monotonic() + seconds
        with self._node.happened:
            while not is_so():
                left = deadline - time.monotonic()
                assert left > 0, f"waited {seconds} s for {what}; what happened: {self.records[-10:]}"
                self._node.happened.wait(left)

    def wait_for_record(self, is_it: Callable[[Record], bool], what: str, seconds: float = WAIT_SECONDS) -> Record:
        """Wait for a record, which may be there already."""
        found: list[Record] = []

        def is_there() -> bool:
            found.extend(record for record in self.records if is_it(record))
            return bool(found)

        self.wait_for(is_there, what, seconds)
        return found[0]

    def wait_connected(self) -> Payload:
        """Wait for the connection, and fail when the server refuses it; returns the payload of `ready`."""
        start = max((i for i, record in enumerate(self.records) if record["kind"] == "disconnect"), default=-1)

        def refusals_and_ready() -> list[Record]:
            return [record for record in self.records[start + 1 :] if "data" in record or record.get("name") == "ready"]

        self.wait_for(lambda: bool(refusals_and_ready()), "the connection")
        found = refusals_and_ready()[0]
        assert found.get("name") == "ready", self.records[start + 1 :]
        return dict(found["payload"][0])

    def wait_refused(self) -> Record:
        """Wait for the refusal to connect."""
        return self.wait_for_record(lambda record: record["kind"] == "connect_error", "a refusal")

    def wait_disconnected(self, seconds: float = WAIT_SECONDS) -> str:
        """Wait for the first end of the connection; returns the client library's reason."""
        record = self.wait_for_record(lambda record: record["kind"] == "disconnect", "the end", seconds)
        return str(record["reason"])

    def events(self, *names: str) -> list[Payload]:
        """The payloads of what was received under these names, in order."""
        return [
            record["payload"][0] for record in self.records if record["kind"] == "event" and record["name"] in names
        ]

    def log(self) -> list[tuple[str, Payload]]:
        """What was received of the log, in order: name and payload of every event that has channels."""
        return [
            (record["name"], record["payload"][0])
            for record in self.records
            if record["kind"] == "event" and "channels" in record["payload"][0]
        ]

    def wait_for_event(
        self, name: str, is_it: Callable[[Payload], bool] = lambda _payload: True, seconds: float = WAIT_SECONDS
    ) -> Payload:
        """Wait for an event; returns its payload."""
        record = self.wait_for_record(
            lambda record: record["kind"] == "event" and record["name"] == name and is_it(record["payload"][0]),
            name,
            seconds,
        )
        return dict(record["payload"][0])

    def catch_up_with(self, position: int, seconds: float = WAIT_SECONDS) -> None:
        """Wait until the web process has delivered up to a position; what it sent before has arrived then.

        That is what makes "got nothing" a claim that can fail: acknowledgement and messages share one connection.
        """
        deadline = time.monotonic() + seconds
        while (answer := self.emit("heartbeat", {}))["position"] < position:
            assert time.monotonic() < deadline, f"delivered up to {answer['position']}, and not to {position}"
            time.sleep(0.02)

    def forget(self) -> None:
        """Look only at what happens from here on."""
        with self._node.happened:
            self.records.clear()

    def _do(self, command: str, **more: object) -> None:
        self._node.send({"do": command, "client": self.number, **more})


Connect = Callable[..., JsClient]
