"""Keeps every channel complete over one connection, whatever becomes of that."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from dental_sync_client.account import Account, appointments_channel
from dental_sync_client.backoff import seconds_before
from dental_sync_client.channel import Channel, ServerSubscription, Typed
from dental_sync_client.connection import Connection
from dental_sync_client.errors import SyncError
from dental_sync_client.options import Options, Snapshot
from dental_sync_client.place import Place
from dental_sync_client.runtime import Runtime, Work
from dental_sync_client.state import StateKeeper, Status
from dental_sync_client.subscription import AnySubscription, Payload

logger = logging.getLogger(__name__)


class Feed:
    """All its methods are called by its runtime, one after the other."""

    def __init__(
        self,
        options: Options,
        runtime: Runtime,
        state: StateKeeper,
        on_closed: Callable[[SyncError | None], None],
    ) -> None:
        self._options = options
        self._runtime = runtime
        self._state = state
        self._on_closed = on_closed
        self._connection = Connection(options, runtime, self)
        self._channels: dict[str, Channel] = {}
        # Their channel is not known before the account is.
        self._unresolved: list[AnySubscription] = []
        self._account: Account | None = None
        self._account_failures = 0
        # Until the answer, or the next attempt after a failure, has come.
        self._asks_account = False
        # Channels that this connection has asked for, and those that it is leaving, with what is to be done then.
        self._asked: set[str] = set()
        self._leaving: dict[str, Work] = {}

    def add(self, subscription: AnySubscription) -> None:
        if not self._connection.is_open:
            self._state.set("connecting")
            self._state.notify()
            self._connection.open()
        if not subscription.active:
            return
        now = self._state.current
        subscription.set("catching-up" if now.status == "live" else now.status, now.error)
        if subscription.owner is not None and self._account is None:
            self._unresolved.append(subscription)
            self._resolve()
        else:
            self._place(subscription)
        self._tell_state()

    def remove(self, subscription: AnySubscription) -> None:
        """It has ended."""
        if subscription in self._unresolved:
            self._unresolved.remove(subscription)
        channel = self._channels.get(subscription.channel_name)
        if channel is not None and subscription in channel.subscriptions:
            channel.remove(subscription)
            if not channel.subscriptions:
                self._leave(channel)
        self._tell_state()
        subscription.notify_state()

    def ask_for_beat(self) -> None:
        """Ask for a heartbeat, as anybody may at any time."""

        def answered(answer: Payload) -> None:
            if answer["ok"]:
                self.on_beat(Place.of(answer))

        self._connection.ask("heartbeat", {}, answered)

    def give_up(self, error: SyncError) -> None:
        """Of this connection nothing is certain any more; the places are."""
        self._connection.lose(error)

    def close(self) -> None:
        self._connection.close()

    # What the connection tells.

    def on_ready(self) -> None:
        self._set_all("catching-up")
        for channel in list(self._channels.values()):
            self._join(channel)
        self._resolve()
        self._tell_state()

    def on_message(self, kind: str, message: Payload) -> None:
        concerned = [self._channels[name] for name in message["channels"] if name in self._channels]
        heard = [channel for channel in concerned if channel.phase != "away"]
        is_shared = len(heard) > 1 or bool(self._leaving)
        for channel in heard:
            self._deliver(channel, channel.take(kind, message, is_shared=is_shared))
        self._tell_state()

    def on_beat(self, place: Place) -> None:
        for channel in self._channels.values():
            channel.beat(place)
        self._tell_state()

    def on_resync(self, channel_name: str, reason: str) -> None:
        channel = self._channels.get(channel_name)
        if channel is not None and channel.phase != "away":
            channel.note_gap(reason)
            self._join(channel)
            self._tell_state()

    def on_subscription_closed(self, channel_name: str, reason: str) -> None:
        channel = self._channels.get(channel_name)
        if channel is not None:
            self._end(channel, SyncError("subscription-closed", reason, retryable=False))

    def on_lost(self, error: SyncError) -> None:
        self._forget_connection()
        self._set_all("offline", error)

    def on_closed(self, error: SyncError | None) -> None:
        self._forget_connection()
        self._channels.clear()
        self._unresolved.clear()
        self._on_closed(error)

    def expects_heartbeats(self) -> bool:
        return any(channel.phase == "joined" for channel in self._channels.values())

    # Whose channel it is.

    def _resolve(self) -> None:
        if self._unresolved and not self._asks_account and self._connection.is_ready:
            self._asks_account = True
            url, token = self._options.url, self._connection.token
            self._connection.fetch(
                lambda: self._options.fetch_account(url, token), self._account_known, self._account_unknown
            )

    def _account_known(self, account: Account) -> None:
        self._account = account
        self._asks_account = False
        self._account_failures = 0
        found, self._unresolved = self._unresolved, []
        for subscription in found:
            self._place(subscription)
        self._tell_state()

    def _account_unknown(self, failure: Exception) -> None:
        error = SyncError("unavailable", f"The account could not be fetched: {failure}", retryable=True)
        for subscription in list(self._unresolved):
            subscription.fail(error)

        def again() -> None:
            self._asks_account = False
            self._resolve()

        self._connection.later(self._wait(self._account_failures), again)
        self._account_failures += 1

    def _place(self, subscription: AnySubscription) -> None:
        if subscription.owner is not None and self._account is not None:
            try:
                subscription.channel_name = appointments_channel(subscription.owner, self._account)
            except SyncError as error:
                subscription.end(error)
                subscription.notify_state()
                subscription.fail(error)
                return
        channel = self._channels.setdefault(subscription.channel_name, Channel(subscription.channel_name))
        if channel.add(subscription, subscription.since):
            self._join(channel)
        elif channel.phase == "joined":
            self._go_live(subscription, channel)

    # Joining and leaving.

    def _join(self, channel: Channel) -> None:
        if not self._connection.is_ready or not self._is_followed(channel):
            return
        if channel.name in self._leaving:
            self._leaving[channel.name] = lambda: self._join(channel)
            return
        if channel.gap is not None:
            if self._options.fetch_snapshot is not None:
                self._take_snapshot(channel, channel.gap)
                return
            channel.restart(None)
        wish = channel.join(is_again=channel.name in self._asked)
        self._asked.add(channel.name)
        join = channel.joins
        self._connection.ask("subscribe", wish, lambda answer: self._answered(channel, join, answer))

    def _answered(self, channel: Channel, join: int, answer: Payload) -> None:
        is_last = join == channel.joins
        if not self._is_followed(channel):
            # Left meanwhile; a later follower of the channel shares the server's subscription.
            if answer["ok"] and channel.name not in self._channels and channel.name not in self._leaving:
                self._unsubscribe(channel.name, answer["subscription"]["id"])
        elif answer["ok"]:
            server = ServerSubscription(answer["subscription"]["id"], answer["subscription"]["createdAt"])
            channel.note_server(server)
            if is_last:
                self._joined(channel, Place.of(answer), server, is_resync=answer["resync"])
        elif is_last:
            self._join_refused(channel, SyncError.refused(answer["error"]))
        self._tell_state()

    def _joined(self, channel: Channel, place: Place, server: ServerSubscription, *, is_resync: bool) -> None:
        if is_resync:
            reason = "the log does not reach back"
            channel.note_gap(reason)
            if self._options.fetch_snapshot is not None:
                # Not at once when it was a snapshot's place that the log does not reach.
                if channel.failures == 0:
                    self._take_snapshot(channel, reason)
                else:
                    self._snapshot_later(channel, reason)
                return
            channel.restart(None)
        gap = channel.gap
        told = channel.acknowledge(place, server)
        for subscription in channel.subscriptions:
            self._go_live(subscription, channel)
        if gap is not None:
            self._tell_resync(channel, gap, None)
        self._deliver(channel, told)

    def _join_refused(self, channel: Channel, error: SyncError) -> None:
        if error.retryable:
            self._again(channel, lambda: self._join(channel))
        elif error.code == "unauthorized":
            self._connection.lose(error)
        else:
            self._end(channel, error)

    def _again(self, channel: Channel, work: Work) -> None:
        """Later, unless it was asked again meanwhile."""
        join = channel.joins
        self._connection.later(self._wait(channel.failures), lambda: work() if join == channel.joins else None)
        channel.failures += 1

    def _leave(self, channel: Channel) -> None:
        del self._channels[channel.name]
        if channel.server is not None:
            self._unsubscribe(channel.name, channel.server.id)

    def _unsubscribe(self, name: str, server_id: str) -> None:
        if not self._connection.is_ready:
            return

        def left(_answer: Payload) -> None:
            self._asked.discard(name)
            self._leaving.pop(name)()

        self._leaving[name] = lambda: None
        self._connection.ask("unsubscribe", {"id": server_id}, left)

    def _end(self, channel: Channel, error: SyncError) -> None:
        del self._channels[channel.name]
        ended = channel.subscriptions
        # All have ended before a callback hears of one.
        for subscription in ended:
            subscription.end(error)
        for subscription in ended:
            subscription.notify_state()
            subscription.fail(error)
        self._tell_state()

    def _is_followed(self, channel: Channel) -> bool:
        return self._channels.get(channel.name) is channel

    # Snapshots.

    def _take_snapshot(self, channel: Channel, reason: str) -> None:
        fetch_snapshot = self._options.fetch_snapshot
        if fetch_snapshot is None or not self._is_followed(channel):
            return
        channel.await_snapshot(reason)
        join = channel.joins

        def is_wanted() -> bool:
            return join == channel.joins and self._is_followed(channel)

        # Any: mypy cannot tell a Snapshot, itself a union, from what can be awaited.
        def ask() -> Any:
            return fetch_snapshot(channel.name)

        def taken(snapshot: Snapshot) -> None:
            if not is_wanted():
                return
            try:
                place = Place.of(snapshot)
            except ValueError as failure:
                failed(failure)
                return
            channel.failures += 1
            channel.take_snapshot(place)
            self._tell_resync(channel, reason, snapshot)
            self._join(channel)

        def failed(failure: Exception) -> None:
            if not is_wanted():
                return
            logger.error("there is no snapshot of %s", channel.name, exc_info=failure)
            error = SyncError("snapshot-failed", f"{channel.name}: {failure}", retryable=True)
            for subscription in channel.subscriptions:
                subscription.fail(error)
            self._snapshot_later(channel, reason)

        self._connection.fetch(ask, taken, failed)

    def _snapshot_later(self, channel: Channel, reason: str) -> None:
        channel.await_snapshot(reason)
        self._again(channel, lambda: self._take_snapshot(channel, reason))

    def _tell_resync(self, channel: Channel, reason: str, snapshot: Snapshot | None) -> None:
        if self._options.on_resync is not None:
            self._runtime.call(self._options.on_resync, channel.name, reason, snapshot)
        elif snapshot is None:
            error = SyncError("resync-required", f"{channel.name}: {reason}", retryable=False)
            for subscription in channel.subscriptions:
                subscription.fail(error)

    # Telling.

    def _deliver(self, channel: Channel, messages: list[Typed]) -> None:
        for kind, message in messages:
            for subscription in channel.hearers(message):
                subscription.deliver(kind, message)

    # State.

    def _subscriptions(self) -> list[AnySubscription]:
        return self._unresolved + [each for channel in self._channels.values() for each in channel.subscriptions]

    def _set_all(self, status: Status, error: SyncError | None = None) -> None:
        """Set and tell the state of the whole, and of every subscription alike."""
        for subscription in self._subscriptions():
            subscription.set(status, error)
        self._state.set(status, error)
        self._notify()

    def _tell_state(self) -> None:
        """While connected each subscription's state is its channel's, and the whole is live when all of them are."""
        if not self._connection.is_ready:
            return
        now = self._options.now()
        for subscription in self._unresolved:
            subscription.set("catching-up")
        for channel in self._channels.values():
            for subscription in channel.subscriptions:
                if channel.phase == "joined":
                    subscription.set("live", complete_at=now)
                else:
                    subscription.set("catching-up")
        is_complete = not self._unresolved and all(each.phase == "joined" for each in self._channels.values())
        if is_complete:
            self._state.complete_at(now)
        self._state.set("live" if is_complete else "catching-up")
        self._notify()

    def _notify(self) -> None:
        self._state.notify()
        for subscription in self._subscriptions():
            subscription.notify_state()

    # Small things.

    def _go_live(self, subscription: AnySubscription, channel: Channel) -> None:
        if channel.server is not None:
            subscription.go_live(channel.server.id, channel.server.created_at, self._options.now())

    def _forget_connection(self) -> None:
        self._asked.clear()
        self._leaving.clear()
        self._asks_account = False
        for channel in self._channels.values():
            channel.leave()

    def _wait(self, failures: int) -> float:
        return seconds_before(failures, self._options.random())
