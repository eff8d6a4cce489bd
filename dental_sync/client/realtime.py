"""RealtimeSync: one connection, any number of subscriptions, each message told once and in order.

One thread does everything, in turn: it connects, keeps the books, and calls back. What callers want, what the socket
receives and what has fallen due come to it through one queue.
"""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from dental_sync.client.backoff import seconds_before
from dental_sync.client.errors import SyncError
from dental_sync.client.following import Following, Payload
from dental_sync.client.transport import CLOSED, CONNECTED, LOST, REFUSED, Receive, Socket, SocketIO

logger = logging.getLogger(__name__)

# A server that accepts a connection and then says nothing is none.
READY_SECONDS = 10.0
CLOSE_SECONDS = 10.0

# After these codes another attempt with the same account is in vain.
_FINAL_REFUSALS = frozenset({"unauthorized", "account-disabled"})
_PASSING_REFUSALS = frozenset({"unavailable", "rate-limited", "internal-error"})

OnAppointment = Callable[[Payload], object]
OnDeleted = Callable[[str], object]
OnAvailability = Callable[[str | None, Payload], object]
OnError = Callable[[SyncError], object]


@dataclass(eq=False)
class Subscription:
    """What somebody follows. `id` and `created_at` are the server's, from the first time it is live on."""

    channel_name: str
    id: str | None = None
    created_at: str | None = None
    active: bool = True
    _tell: dict[str, Callable[..., object]] = field(default_factory=dict, repr=False)
    _on_error: OnError | None = field(default=None, repr=False)
    _live: threading.Event = field(default_factory=threading.Event, repr=False)

    def wait_until_live(self, seconds: float) -> bool:
        """Wait until the server has acknowledged it for the first time; not from within a callback."""
        return self._live.wait(seconds)


class RealtimeSync:
    """Follows appointments and availability of one practice, as one account.

    `get_token` answers a valid access token; it is called for each connection and before a token expires. Callbacks run
    in one thread, one at a time, in the order of the messages; they may call every method but should not take long.
    `on_resync(channel)` says that messages are missing: fetch a snapshot. `on_error` hears what concerns the
    connection, and after an error that is not `retryable` this object is closed: make another one.
    """

    def __init__(
        self,
        url: str,
        get_token: Callable[[], str],
        *,
        on_resync: Callable[[str], object] | None = None,
        on_error: OnError | None = None,
        new_socket: Callable[[Receive], Socket] = SocketIO,
    ) -> None:
        self.url = url
        self._get_token = get_token
        self._on_resync = on_resync
        self._on_error = on_error
        self._new_socket = new_socket
        self._inbox: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        # What other threads see; all the rest is the one thread's own.
        self._lock = threading.Lock()
        self._subscriptions: list[Subscription] = []
        self._thread: threading.Thread | None = None
        self._ended = False
        self._error: SyncError | None = None

        self._socket: Socket | None = None
        self._generation = 0
        self._is_ready = False
        self._attempt = 0
        self._retry = 0
        self._followed: dict[str, Following] = {}
        self._due: dict[Callable[[], None], float] = {}

    # What is followed. Each method answers at once; `wait_until_live` waits for the server.

    def subscribe_to_appointments(
        self,
        user_id: str,
        role: Literal["patient", "dentist"],
        *,
        on_appointment_created: OnAppointment | None = None,
        on_appointment_updated: OnAppointment | None = None,
        on_appointment_deleted: OnDeleted | None = None,
        on_error: OnError | None = None,
    ) -> Subscription:
        """Follow one patient's or one dentist's appointments; `user_id` is the `patientId` or the `dentistId`."""
        if role not in ("patient", "dentist"):
            raise ValueError("the role is patient or dentist")
        tell = _appointment_callbacks(on_appointment_created, on_appointment_updated, on_appointment_deleted)
        return self._subscribe(f"appointments:{role}:{user_id}", tell, on_error)

    def subscribe_to_all_appointments(
        self,
        *,
        on_appointment_created: OnAppointment | None = None,
        on_appointment_updated: OnAppointment | None = None,
        on_appointment_deleted: OnDeleted | None = None,
        on_error: OnError | None = None,
    ) -> Subscription:
        """Follow every appointment, as an admin."""
        tell = _appointment_callbacks(on_appointment_created, on_appointment_updated, on_appointment_deleted)
        return self._subscribe("appointments:all", tell, on_error)

    def subscribe_to_availability(
        self,
        dentist_id: str,
        *,
        on_availability_changed: OnAvailability | None = None,
        on_error: OnError | None = None,
    ) -> Subscription:
        """Follow what is free with one dentist."""
        return self._subscribe(f"availability:{dentist_id}", _availability_callbacks(on_availability_changed), on_error)

    def subscribe_to_global_availability(
        self, *, on_availability_changed: OnAvailability | None = None, on_error: OnError | None = None
    ) -> Subscription:
        """Follow what is free with anybody; without a dentist a change is about all of them."""
        return self._subscribe("availability:all", _availability_callbacks(on_availability_changed), on_error)

    def get_active_subscriptions(self) -> list[Subscription]:
        """What is followed now."""
        with self._lock:
            return list(self._subscriptions)

    def get_active_subscriptions_count(self) -> int:
        """How many are followed now."""
        with self._lock:
            return len(self._subscriptions)

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop following; one that has ended already stays ended."""
        self._drop([subscription])

    def unsubscribe_all(self) -> None:
        """Stop following everything."""
        self._drop(self.get_active_subscriptions())

    @property
    def error(self) -> SyncError | None:
        """Why it closed by itself."""
        return self._error

    def close(self) -> None:
        """Hang up, and wait until the last callback has returned (not from within one)."""
        with self._lock:
            self._ended = True
            thread = self._thread
        self._inbox.put(None)
        if thread is not None and thread is not threading.current_thread():
            thread.join(CLOSE_SECONDS)
        self._forget_all()

    def _subscribe(
        self, channel: str, tell: dict[str, Callable[..., object]], on_error: OnError | None
    ) -> Subscription:
        subscription = Subscription(channel, _tell=tell, _on_error=on_error)
        with self._lock:
            if self._ended:
                raise self._error or SyncError("closed", "This client is closed.", retryable=False)
            self._subscriptions.append(subscription)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="dental-sync-client", daemon=True)
                self._thread.start()
                self._inbox.put(self._connect)
        self._inbox.put(self._reconcile)
        return subscription

    def _drop(self, dropped: Iterable[Subscription]) -> None:
        with self._lock:
            for subscription in dropped:
                subscription.active = False
                if subscription in self._subscriptions:
                    self._subscriptions.remove(subscription)
        self._inbox.put(self._reconcile)

    def _forget_all(self) -> list[Subscription]:
        with self._lock:
            self._ended = True
            left, self._subscriptions = self._subscriptions, []
            for subscription in left:
                subscription.active = False
        return left

    # The one thread. Everything below runs in it.

    def _run(self) -> None:
        try:
            while not self._ended:
                work = self._next()
                if work is not None:
                    try:
                        work()
                    except Exception:
                        # Of this connection nothing is certain any more; the positions are.
                        logger.exception("the connection is given up")
                        self._come_back()
        finally:
            self._hang_up()
            self._forget_all()

    def _next(self) -> Callable[[], None] | None:
        """What is due, else what comes next."""
        if not self._due:
            return self._inbox.get()
        first = min(self._due, key=self._due.__getitem__)
        wait = self._due[first] - time.monotonic()
        if wait <= 0:
            del self._due[first]
            return first
        try:
            return self._inbox.get(timeout=wait)
        except queue.Empty:
            return None

    def _in(self, seconds: float, work: Callable[[], None]) -> None:
        self._due[work] = time.monotonic() + seconds

    # The connection.

    def _connect(self) -> None:
        self._hang_up()
        try:
            token = self._get_token()
        except Exception as failure:
            logger.exception("get_token failed")
            self._come_back(SyncError("no-token", str(failure), retryable=True))
            return
        generation = self._generation
        socket = self._new_socket(
            lambda event, payload: self._inbox.put(lambda: self._receive(generation, event, payload))
        )
        self._socket = socket
        try:
            socket.open(self.url, token)
        except OSError as failure:
            self._come_back(SyncError("unreachable", str(failure), retryable=True))
            return
        self._in(READY_SECONDS, self._give_up)

    def _hang_up(self) -> None:
        """End this connection, and whatever it still has to say."""
        self._generation += 1
        self._is_ready = False
        self._due.clear()
        for following in self._followed.values():
            following.lose()
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.close()

    def _come_back(self, error: SyncError | None = None) -> None:
        """Connect again after a while; of a row of failures the first is told."""
        self._hang_up()
        attempt, self._attempt = self._attempt, self._attempt + 1
        self._in(seconds_before(attempt, random.random()), self._connect)  # noqa: S311 - no secret
        if error is not None and attempt == 0:
            self._call(self._on_error, error)

    def _give_up(self) -> None:
        self._come_back(SyncError("unreachable", "The server does not answer.", retryable=True))

    def _end(self, error: SyncError) -> None:
        self._hang_up()
        self._error = error
        for subscription in self._forget_all():
            self._call(subscription._on_error, error)
        self._call(self._on_error, error)

    def _receive(self, generation: int, event: str, payload: Any) -> None:
        if generation != self._generation:
            return
        match event:
            case _ if event == CONNECTED:
                self._is_ready = True
                self._attempt = self._retry = 0
                self._due.pop(self._give_up, None)
                self._reconcile()
            case _ if event == REFUSED:
                self._refused(payload)
            case _ if event == CLOSED:
                self._end(SyncError("revoked", "The session has ended, or its rights were withdrawn.", retryable=False))
            case _ if event == LOST:
                self._come_back()
            case "token:expiring":
                self._renew()
            case "draining":
                # This process is about to stop: go to another one.
                self._in(payload["reconnectAfterMs"] / 1000, self._connect)
            case _:
                self._hear(event, payload)

    def _hear(self, event: str, payload: Any) -> None:
        """What concerns channels."""
        match event:
            case "appointment:created" | "appointment:updated" | "appointment:deleted" | "availability:changed":
                for channel in payload["channels"]:
                    if channel in self._followed:
                        self._tell(channel, self._followed[channel].hear(event, payload))
            case "heartbeat":
                for following in self._followed.values():
                    following.beat(payload["position"], payload["epoch"])
            case "resync" if payload["channel"] in self._followed:
                self._followed[payload["channel"]].void()
                self._call(self._on_resync, payload["channel"])

    def _refused(self, why: Any) -> None:
        data = why.get("data") if isinstance(why, dict) else None
        code = data.get("code", "unavailable") if isinstance(data, dict) else "unavailable"
        error = SyncError(code, "The server refused the connection.", retryable=code not in _FINAL_REFUSALS)
        if error.retryable:
            self._come_back(error)
        else:
            self._end(error)

    def _renew(self) -> None:
        if not self._is_ready or self._socket is None:
            return
        try:
            token = self._get_token()
        except Exception as failure:
            # At its expiry the connection is closed, and the next one asks again.
            logger.exception("get_token failed")
            self._call(self._on_error, SyncError("no-token", str(failure), retryable=True))
            return
        self._ask("authenticate", {"token": token}, self._renewed)

    def _renewed(self, answer: Payload) -> None:
        if not answer["ok"]:
            if answer["error"]["code"] in _PASSING_REFUSALS:
                self._again(self._renew)
            else:
                # At its expiry the connection is closed; another account's token gets another connection.
                self._call(self._on_error, SyncError(**answer["error"], retryable=True))

    def _again(self, work: Callable[[], None]) -> None:
        self._in(seconds_before(self._retry, random.random()), work)  # noqa: S311 - no secret
        self._retry += 1

    def _ask(self, event: str, payload: Payload, answered: Callable[[Payload], None]) -> None:
        generation = self._generation

        def receive(answer: Payload) -> None:
            self._inbox.put(lambda: answered(answer) if generation == self._generation else None)

        if self._socket is not None:
            self._socket.ask(event, payload, receive)

    # Channels.

    def _reconcile(self) -> None:
        """Follow what is wanted and not yet followed, and leave what nobody wants any more."""
        wanted = {subscription.channel_name for subscription in self.get_active_subscriptions()}
        for channel in [channel for channel in self._followed if channel not in wanted]:
            following = self._followed.pop(channel)
            if following.state == "live" and self._is_ready:
                self._ask("unsubscribe", {"id": following.server_id}, lambda _answer: None)
        for channel in wanted:
            following = self._followed.setdefault(channel, Following(channel))
            if following.state == "live":
                self._mark_live(following)
            elif following.state == "idle" and self._is_ready:
                self._follow(following)

    def _follow(self, following: Following) -> None:
        self._ask("subscribe", following.ask(), lambda answer: self._answered(following, answer))

    def _answered(self, following: Following, answer: Payload) -> None:
        if not answer["ok"]:
            self._subscription_refused(following, answer["error"])
            return
        if self._followed.get(following.channel) is not following:
            if following.channel not in self._followed:
                self._ask("unsubscribe", {"id": answer["subscription"]["id"]}, lambda _answer: None)
            return
        self._retry = 0
        told = following.acknowledge(answer)
        self._mark_live(following)
        if answer["resync"]:
            self._call(self._on_resync, following.channel)
        self._tell(following.channel, told)

    def _subscription_refused(self, following: Following, refusal: Payload) -> None:
        following.lose()
        code = refusal["code"]
        if code in _PASSING_REFUSALS:
            self._again(self._reconcile)
            return
        error = SyncError(code, refusal["detail"], retryable=False)
        if code in _FINAL_REFUSALS:
            self._end(error)
            return
        if self._followed.get(following.channel) is following:
            dropped = [each for each in self.get_active_subscriptions() if each.channel_name == following.channel]
            del self._followed[following.channel]
            self._drop(dropped)
            for subscription in dropped:
                self._call(subscription._on_error, error)

    def _mark_live(self, following: Following) -> None:
        for subscription in self.get_active_subscriptions():
            if subscription.channel_name == following.channel:
                subscription.id, subscription.created_at = following.server_id, following.created_at
                subscription._live.set()

    def _tell(self, channel: str, messages: Iterable[tuple[str, Payload]]) -> None:
        for kind, message in messages:
            for subscription in self.get_active_subscriptions():
                if subscription.channel_name == channel and subscription.active and kind in subscription._tell:
                    self._call(subscription._tell[kind], message)

    def _call(self, callback: Callable[..., object] | None, *arguments: object) -> None:
        if callback is not None:
            try:
                callback(*arguments)
            except Exception:
                logger.exception("a callback failed")


def _appointment_callbacks(
    created: OnAppointment | None, updated: OnAppointment | None, deleted: OnDeleted | None
) -> dict[str, Callable[..., object]]:
    found: dict[str, Callable[..., object]] = {}
    if created is not None:
        found["appointment:created"] = lambda message: created(message["appointment"])
    if updated is not None:
        found["appointment:updated"] = lambda message: updated(message["appointment"])
    if deleted is not None:
        found["appointment:deleted"] = lambda message: deleted(message["appointmentId"])
    return found


def _availability_callbacks(changed: OnAvailability | None) -> dict[str, Callable[..., object]]:
    if changed is None:
        return {}
    return {"availability:changed": lambda message: changed(message["dentistId"], message["availability"])}
