"""The web side of the log: one place in each process owns "delivered up to here".

Messages come through Redis, fast and unreliable, and from the log, always. Both pass through here, in the order of
their positions, so a hole is seen at once and read from the log, and a look at the head once a second finds a lost
tail. What goes out from here goes to this process's sockets only: every process repairs its own.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from dental_sync.core.errors import ResyncRequired, Unavailable
from dental_sync.storage import row_security
from dental_sync.sync import log
from dental_sync.sync.events import Message
from dental_sync.sync.shapes import AccountRevoked, RecordChanged

logger = logging.getLogger(__name__)

# Messages that are read from the log at once, for a repair or a replay.
MESSAGES_AT_ONCE = 500
REPLAYS_AT_ONCE = 8
# After so many messages those who were sent them get a turn to read.
TURN_MESSAGES = 50
# The records that belong to accounts.
_KINDS_OF_ACCOUNTS = frozenset({"patient", "dentist"})
# How long a resuming client may have to wait for a process that is behind.
CATCH_UP_SECONDS = 5.0


class Log(Protocol):
    """The log as delivery needs it; each call is one transaction."""

    def publish(self) -> tuple[log.Head, bool]: ...
    def head(self) -> log.Head: ...
    def read(
        self, *, since: int, limit: int, channels: Sequence[str] | None = None, through: int | None = None
    ) -> list[Message]: ...
    def page(self, *, since: int, through: int, limit: int, channel: str) -> tuple[list[Message], int]: ...
    def begin_epoch(self) -> None: ...


class Rooms(Protocol):
    """The sockets of this process as delivery needs them."""

    def send(self, message: Message) -> None: ...
    def ping(self, timestamp: str, position: int, epoch: str) -> None: ...
    def resync(self, reason: str) -> None: ...
    def withdraw(self, user_id: str) -> None: ...
    def forget_record(self, record_id: str) -> None: ...
    def let_them_read(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Ping:
    """The heartbeat task asks that the rooms be pinged."""

    timestamp: str


# None asks for a look at the log.
Arrived = Message | Ping | None


@dataclass(frozen=True, slots=True)
class Joined:
    """How a subscriber joined: everything up to `position` has been sent, unless it must fetch a snapshot."""

    position: int
    epoch: str
    replayed: int
    resync: bool


@dataclass(slots=True)
class Tally:
    """What this process has done since it started, for metrics: numbers that only rise."""

    # Messages by how they came: through Redis, or read from the log, which is a repair or what plain SQL changed.
    by_queue: int = 0
    by_log: int = 0
    # Joinings that asked for what they had missed, and the messages that were sent for it.
    replays: int = 0
    replayed: int = 0
    # Joinings that were sent for a snapshot, and how often everybody was.
    resyncs: int = 0
    restarts: int = 0

    @property
    def delivered(self) -> int:
        """Messages that were passed on, however they came."""
        return self.by_queue + self.by_log


class Delivery:
    """Hands messages to this process's sockets, each once and in order."""

    def __init__(
        self,
        source: Log,
        rooms: Rooms,
        *,
        look_seconds: float,
        for_clients: Log | None = None,
        forget_sign_ins: Callable[[], None] = lambda: None,
    ) -> None:
        """`source` is read for delivery alone, and `for_clients` for what those who join have missed.

        They are the same log by different connections, so that no client keeps delivery from it; None is `source`.
        `forget_sign_ins` is called before a message is passed on that tells of a change of what sign-ins rest on.
        """
        self.position = 0
        self.epoch = ""
        self.started = threading.Event()
        self.tally = Tally()
        self._log = source
        self._clients_log = source if for_clients is None else for_clients
        self._rooms = rooms
        self._look_seconds = look_seconds
        self._last_caught_up = time.monotonic()
        self._forget_sign_ins = forget_sign_ins
        self._all_known_at = -math.inf
        self._inbox: queue.Queue[Sequence[Arrived]] = queue.Queue()
        # Held for each message and for each joining of a room, so that no socket joins while a message is being sent.
        self._lock = threading.Lock()
        # A thousand clients that come back at once must not take every connection to the database.
        self._replays = threading.BoundedSemaphore(REPLAYS_AT_ONCE)

    def receive(self, *arrived: Arrived) -> None:
        """Take what came through Redis together, in its order."""
        self._inbox.put(arrived)

    def run(self) -> None:
        """Deliver, for as long as the process lives."""
        next_look = time.monotonic()
        while True:
            arrived: Sequence[Arrived]
            try:
                arrived = self._inbox.get(timeout=max(0.001, next_look - time.monotonic()))
            except queue.Empty:
                arrived = (None,)
            try:
                for one in arrived:
                    if one is None:
                        next_look = time.monotonic() + self._look_seconds
                        self.look()
                    elif isinstance(one, Ping):
                        self._ping(one)
                    else:
                        self.take(one)
            except SQLAlchemyError as failure:
                logger.warning("the log is not reachable, trying again in %s s: %s", self._look_seconds, failure)
            except Exception:
                logger.exception("delivery failed; the next look repairs it")

    def look(self) -> None:
        """Publish what others changed, and deliver everything up to the head of the log."""
        begun_at = time.monotonic()
        head, is_all_numbered = self._log.publish()
        if not self.started.is_set():
            self.position, self.epoch = head.position, head.epoch
            self.started.set()
        if head.epoch == self.epoch and head.position < self.position:
            # The database lost its end (a failover to a replica that was behind): positions mean something else now.
            self._log.begin_epoch()
            head = self._log.head()
        if head.epoch != self.epoch:
            self._restart(head, "the log is another one")
        while self.position < head.position:
            messages = self._log.read(since=self.position, limit=MESSAGES_AT_ONCE)
            if not messages or messages[0].position != self.position + 1:
                self._restart(self._log.head(), "the log no longer reaches back")
                return
            for message in messages:
                self._deliver(message)
                self.tally.by_log += 1
        self._last_caught_up = time.monotonic()
        if is_all_numbered:
            self._all_known_at = begun_at

    def seconds_behind(self, head: log.Head) -> float:
        """For how long this process has not reached the head of the log; 0 when it is there."""
        if self.epoch == head.epoch and self.position >= head.position:
            return 0.0
        return time.monotonic() - self._last_caught_up

    def seconds_since_all_was_known(self) -> float:
        """How long ago everything that had been committed by then was delivered here."""
        return time.monotonic() - self._all_known_at

    def take(self, message: Message) -> None:
        """Deliver a message that came through Redis, if it is the next one; repair from the log if it is not."""
        if message.epoch == self.epoch and message.position <= self.position:
            return
        if message.epoch == self.epoch and message.position == self.position + 1:
            self._deliver(message)
            self.tally.by_queue += 1
        else:
            self.look()

    def join(
        self,
        channel: str,
        *,
        since: int | None,
        epoch: str | None,
        authorize: Callable[[], None],
        send: Callable[[Message], None],
        enter_room: Callable[[], None],
    ) -> Joined:
        """Let a socket into a room without a gap: replay what it missed, then enter under the same lock.

        `authorize` is asked before each part of a replay and raises what it will. Raises Unavailable when this process
        cannot reach the log, or has too many replays at work.
        """
        if not self.started.wait(CATCH_UP_SECONDS):
            raise Unavailable
        if since is None:
            return self._enter(enter_room, resync=False)
        head = self._clients_log.head()
        try:
            head.check_since(since, epoch)
        except ResyncRequired:
            return self._enter(enter_room, resync=True)
        self._catch_up_with(head, since)
        return self._replay(channel, since, head.epoch, authorize=authorize, send=send, enter_room=enter_room)

    def _replay(
        self,
        channel: str,
        since: int,
        epoch: str,
        *,
        authorize: Callable[[], None],
        send: Callable[[Message], None],
        enter_room: Callable[[], None],
    ) -> Joined:
        cursor, replayed = since, 0
        self.tally.replays += 1
        while True:
            with self._lock:
                if self.epoch != epoch:
                    enter_room()
                    self.tally.resyncs += 1
                    return Joined(self.position, self.epoch, replayed, resync=True)
                if self.position <= cursor:
                    enter_room()
                    return Joined(cursor, epoch, replayed, resync=False)
                through = self.position
            with self._turn_to_read():
                authorize()
                messages, pruned_through = self._clients_log.page(
                    since=cursor, through=through, limit=MESSAGES_AT_ONCE, channel=channel
                )
            if pruned_through > cursor:
                # Pruned between the look at the head and the read: what is missing here would be missing in silence.
                return self._enter(enter_room, resync=True)
            for message in messages:
                send(message)
                self.tally.replayed += 1
            replayed += len(messages)
            cursor = messages[-1].position if len(messages) == MESSAGES_AT_ONCE else through

    @contextmanager
    def _turn_to_read(self) -> Iterator[None]:
        """Let so many replays read at once. Not longer: a client that takes its time must not hold up the others."""
        if not self._replays.acquire(timeout=CATCH_UP_SECONDS):
            raise Unavailable("Too many clients are catching up; try again shortly.")
        try:
            yield
        finally:
            self._replays.release()

    def _enter(self, enter_room: Callable[[], None], *, resync: bool) -> Joined:
        with self._lock:
            enter_room()
            self.tally.resyncs += resync
            return Joined(self.position, self.epoch, 0, resync)

    def _catch_up_with(self, head: log.Head, since: int) -> None:
        """Wait until this process has delivered what the log held when the client asked: all of it was missed.

        A process that is far behind serves clients that are not ahead of it: the rest reaches them live, in order.
        """
        if self.position >= head.position:
            return
        self.receive(None)
        deadline = time.monotonic() + CATCH_UP_SECONDS
        while self.position < head.position and self.epoch == head.epoch:
            if time.monotonic() > deadline:
                if self.position < since:
                    raise Unavailable("This process is behind; try again shortly.")
                return
            time.sleep(0.02)

    def _deliver(self, message: Message) -> None:
        if message.type == AccountRevoked.type:
            # Before the next message is sent: an account that lost its right must not receive it.
            self._forget_sign_ins()
            self._rooms.withdraw(message.payload["userId"])
        elif message.type == RecordChanged.type and message.payload["kind"] in _KINDS_OF_ACCOUNTS:
            self._forget_sign_ins()
        with self._lock:
            if message.channels:
                self._rooms.send(message)
            self.position = message.position
        if message.type == RecordChanged.type and message.payload["change"] == "deleted":
            self._rooms.forget_record(message.payload["id"])
        if message.position % TURN_MESSAGES == 0:
            self._rooms.let_them_read()

    def _ping(self, ping: Ping) -> None:
        if self.started.is_set():
            with self._lock:
                self._rooms.ping(ping.timestamp, self.position, self.epoch)

    def _restart(self, head: log.Head, reason: str) -> None:
        self._forget_sign_ins()
        with self._lock:
            self.position, self.epoch = head.position, head.epoch
            self._rooms.resync(reason)
        self.tally.restarts += 1


class DatabaseLog:
    """The log in PostgreSQL: a short transaction for each call."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def publish(self) -> tuple[log.Head, bool]:
        """Number what was changed past the lane, by plain SQL for instance.

        Where the log ends then, and whether nothing is left to be numbered.
        """
        with self._transaction() as session:
            head = log.settled_head(session)
            if head is None:
                log.publish(session, wait=False)
                head = log.settled_head(session)
            return (log.head(session), False) if head is None else (head, True)

    def head(self) -> log.Head:
        """Where the log ends."""
        with self._transaction() as session:
            return log.head(session)

    def read(
        self, *, since: int, limit: int, channels: Sequence[str] | None = None, through: int | None = None
    ) -> list[Message]:
        """Messages after a position."""
        with self._transaction() as session:
            return log.read(session, since=since, limit=limit, channels=channels, through=through)

    def page(self, *, since: int, through: int, limit: int, channel: str) -> tuple[list[Message], int]:
        """Messages of one channel, and, looked up after them, through which position the log was pruned."""
        with self._transaction() as session:
            messages = log.read(session, since=since, limit=limit, channels=[channel], through=through)
            return messages, log.head(session).pruned_through

    def begin_epoch(self) -> None:
        """Start another log."""
        with self._transaction() as session:
            log.begin_epoch(session)

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with Session(self._engine) as session:
            # The process reads for all its sockets; who may hear what was decided when they subscribed.
            row_security.become(session, row_security.SYSTEM)
            yield session
            session.commit()
