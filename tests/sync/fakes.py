"""A log and rooms of paper, and a delivery between them, for the tests of delivery."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import OperationalError

from dental_sync.sync.delivery import Delivery
from dental_sync.sync.events import Message
from dental_sync.sync.log import Head
from dental_sync.sync.shapes import AccountRevoked
from tests import plain_sql

MIA, NOAH = "appointments:patient:mia", "appointments:patient:noah"
DISK_FULL = OperationalError("SELECT", {}, Exception("the disk is full"))


def message(position: int, *channels: str, epoch: str = "first", kind: str = "appointment:created") -> Message:
    """A message of the log."""
    return Message(position, epoch, kind, list(channels or (MIA,)), {"n": position}, "2025-11-11T12:00:00.000Z")


def revocation(position: int, user_id: str) -> Message:
    """The message that an account lost a right."""
    return Message(position, "first", AccountRevoked.type, [], {"userId": user_id}, "2025-11-11T12:00:00.000Z")


@dataclass
class PaperLog:
    """A log in memory; `noted` is what the next publication numbers."""

    epoch: str = "first"
    messages: list[Message] = field(default_factory=list)
    pruned_through: int = 0
    noted: list[Message] = field(default_factory=list)
    # Called at the beginning of each read: what happens in the meantime, or an error.
    meanwhile: Callable[[], None] = lambda: None
    reads: int = 0
    # Somebody else publishes, and this process cannot.
    is_busy: bool = False

    def write(self, *numbers: int, **facts: Any) -> list[Message]:
        """Append messages of these positions."""
        written = [message(number, epoch=self.epoch, **facts) for number in numbers]
        self.messages += written
        return written

    def publish(self) -> tuple[Head, bool]:
        """Number what was noted."""
        self.messages += self.noted
        self.noted = []
        return self.head(), not self.is_busy

    def head(self) -> Head:
        """Where it ends."""
        return Head(
            self.messages[-1].position if self.messages else self.pruned_through, self.pruned_through, self.epoch
        )

    def read(
        self, *, since: int, limit: int, channels: Sequence[str] | None = None, through: int | None = None
    ) -> list[Message]:
        """As the real one."""
        self.reads += 1
        self.meanwhile()
        return [
            m
            for m in self.messages
            if m.position > since
            and m.position > self.pruned_through
            and (through is None or m.position <= through)
            and (channels is None or set(channels) & set(m.channels))
        ][:limit]

    def page(self, *, since: int, through: int, limit: int, channel: str) -> tuple[list[Message], int]:
        """As the real one."""
        return self.read(since=since, limit=limit, channels=[channel], through=through), self.pruned_through

    def begin_epoch(self) -> None:
        """Another log."""
        self.pruned_through = self.head().position
        self.messages, self.epoch = [], self.epoch + "'"


@dataclass
class PaperRooms:
    """Rooms that write down what they are told."""

    told: list[tuple[str, Any]] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def let_them_read(self) -> None:
        """They always do."""

    def send(self, message: Message) -> None:
        """To its rooms."""
        self.told.append(("message", message.position))

    def ping(self, timestamp: str, position: int, epoch: str) -> None:
        """To everybody."""
        self.told.append(("ping", (timestamp, position, epoch)))

    def resync(self, reason: str) -> None:
        """To everybody."""
        self.told.append(("resync", reason))

    def withdraw(self, user_id: str) -> None:
        """From one."""
        self.meanwhile()
        self.told.append(("withdraw", user_id))

    def forget_record(self, record_id: str) -> None:
        """From everybody."""
        self.told.append(("forget", record_id))

    @property
    def positions(self) -> list[int]:
        """What was sent."""
        return [what for kind, what in self.told if kind == "message"]


def a_delivery(log: PaperLog, rooms: PaperRooms, forget_sign_ins: Callable[[], None] = lambda: None) -> Delivery:
    """A delivery that has seen the log as it is."""
    delivery = Delivery(log, rooms, look_seconds=0.01, forget_sign_ins=forget_sign_ins)
    delivery.look()
    return delivery


class Stopped(BaseException):
    """Ends a delivery, which would run for ever."""


@contextmanager
def running(delivery: Delivery, log: PaperLog) -> Iterator[Callable[[Callable[[], bool]], None]]:
    """Deliver in a thread; gives a way to wait until something is so."""
    looked = threading.Condition()
    publish, stop = log.publish, threading.Event()

    def publish_and_tell() -> bool:
        if stop.is_set():
            raise Stopped
        with looked:
            looked.notify_all()
        return publish()

    log.publish = publish_and_tell  # type: ignore[method-assign]

    def run() -> None:
        with suppress(Stopped):
            delivery.run()

    thread = threading.Thread(target=run)
    thread.start()

    def until(is_so: Callable[[], bool]) -> None:
        with looked:
            assert looked.wait_for(is_so, timeout=plain_sql.PATIENCE_SECONDS)

    try:
        yield until
    finally:
        stop.set()
        delivery.receive(None)
        thread.join()
