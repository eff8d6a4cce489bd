"""A server that the test plays: its messages, and a socket on which nothing happens by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from dental_sync_client.transport import CONNECTED

WAIT_SECONDS = 5.0
CHANNEL = "availability:all"
CHANGED = "availability:changed"
Payload = dict[str, Any]
Asked = tuple[str, Payload, Callable[[Any], None]]


def message(position: int, *, epoch: str = "one", channels: tuple[str, ...] = (CHANNEL,)) -> Payload:
    availability = {"change": "busy", "from": str(position), "to": None, "timeZone": "Europe/Berlin"}
    return {
        "position": position,
        "epoch": epoch,
        "occurredAt": "2030-01-07T09:00:00.000Z",
        "channels": list(channels),
        "dentistId": "d",
        "availability": availability,
    }


def acknowledgement(position: int, *, channel: str = CHANNEL, epoch: str = "one", resync: bool = False) -> Payload:
    subscription = {"id": f"{channel}-1", "channelName": channel, "active": True, "createdAt": "now"}
    return {"ok": True, "subscription": subscription, "position": position, "epoch": epoch, "resync": resync}


def refusal(code: str) -> Payload:
    return {"ok": False, "error": {"code": code, "detail": "No."}}


class FakeSocket:
    """One connection."""

    def __init__(self, receive: Callable[[str, Any], None]) -> None:
        self.receive = receive
        self.token = ""
        self.is_closed = False
        self._asked: list[Asked] = []
        self._change = threading.Condition()

    def open(self, url: str, token: str) -> None:
        if url == "http://nobody.test":
            raise OSError("nobody is there")
        self.token = token

    def ask(self, event: str, payload: Payload, answered: Callable[[Any], None]) -> None:
        with self._change:
            self._asked.append((event, payload, answered))
            self._change.notify_all()

    def close(self) -> None:
        self.is_closed = True

    def next(self, event: str = "") -> Asked:
        """What the client asked next; with a name it must be that."""
        with self._change:
            assert self._change.wait_for(lambda: self._asked, WAIT_SECONDS), "nothing was asked"
            asked = self._asked.pop(0)
        assert event in ("", asked[0]), asked
        return asked

    def is_asked_nothing_for(self, seconds: float) -> bool:
        """Whether nothing comes, or is there already."""
        with self._change:
            return not self._change.wait_for(lambda: self._asked, seconds)

    def next_subscribe(self) -> tuple[Payload, Callable[[Any], None]]:
        """The next, which is `subscribe`."""
        _, payload, answered = self.next("subscribe")
        return payload, answered


class Server:
    """Every socket that the client made, one after the other."""

    def __init__(self) -> None:
        self.sockets: list[FakeSocket] = []
        self._change = threading.Condition()

    def new_socket(self, receive: Callable[[str, Any], None]) -> FakeSocket:
        with self._change:
            self.sockets.append(FakeSocket(receive))
            self._change.notify_all()
            return self.sockets[-1]

    def asked(self, number: int) -> FakeSocket:
        """The socket of an attempt, once it is made."""
        with self._change:
            assert self._change.wait_for(lambda: len(self.sockets) > number, WAIT_SECONDS), "no connection was made"
        return self.sockets[number]

    def connected(self, number: int) -> FakeSocket:
        """The same, let in."""
        socket = self.asked(number)
        socket.receive(CONNECTED, None)
        return socket
