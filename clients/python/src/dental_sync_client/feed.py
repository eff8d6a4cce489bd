"""Keeps every channel complete over one connection, whatever becomes of that."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from dental_sync_client.account import patient_of
from dental_sync_client.backoff import seconds_before
from dental_sync_client.channel import Channel, ServerSubscription, Typed
from dental_sync_client.connection import Connection
from dental_sync_client.errors import SyncError
from dental_sync_client.options import Options, Snapshot
from dental_sync_client.place import Place
from dental_sync_client.rooms import Rooms
from dental_sync_client.runtime import Runtime, Work
from dental_sync_client.state import StateKeeper, Status
from dental_sync_client.subscription import AnySubscription, Payload
from dental_sync_client.whose import ENDED, ENDED_IN_WORDS, MERGED, Whose

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
        self._subscriptions: list[AnySubscription] = []
        self._whose = Whose(options, self._connection, self)
        self._rooms = Rooms()

    def add(self, subscription: AnySubscription) -> None:
        if not self._connection.is_open:
            self._state.set("connecting")
            self._state.notify()
            self._connection.open()
        if not subscription.active:
            return
        now = self._state.current
        subscription.set("catching-up" if now.status == "live" else now.status, now.error)
        self._subscriptions.append(subscription)
        self._whose.add(subscription)
        self._tell_state()

    def remove(self, subscription: AnySubscription) -> None:
        """It has ended."""
        self._forget(subscription)
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
        # Nobody has told what has changed meanwhile.
        self.on_account_changed()

    def on_account_changed(self) -> None:
        self._whose.read_again(self._subscriptions)
        self._tell_state()

    def on_message(self, kind: str, message: Payload) -> None:
        concerned = [self._channels[name] for name in message["channels"] if name in self._channels]
        heard = [channel for channel in concerned if channel.phase != "away"]
        is_shared = len(heard) > 1 or self._rooms.are_left
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
        if channel is None:
            return
        error = SyncError("subscription-closed", ENDED_IN_WORDS if reason == ENDED else reason, retryable=False)
        if reason in (ENDED, MERGED):
            self._withdraw(channel, channel.subscriptions, reason, error)
            self.on_account_changed()
        else:
            self._end(channel, error)

    def on_lost(self, error: SyncError) -> None:
        self._forget_connection()
        self._set_all("offline", error)

    def on_closed(self, error: SyncError | None) -> None:
        self._forget_connection()
        self._channels.clear()
        self._subscriptions.clear()
        self._whose.close()
        self._on_closed(error)

    def expects_heartbeats(self) -> bool:
        return any(channel.phase == "joined" for channel in self._channels.values())

    # What is asked for the subscriptions whose channels are known, or others than before.

    def on_placed(self) -> None:
        self._tell_state()

    def follow(self, subscription: AnySubscription, name: str, since: Place | None, gap: str | None) -> None:
        channel = self._channels.setdefault(name, Channel(name))
        is_to_be_asked = channel.add(subscription, since)
        if gap is not None:
            channel.note_gap(gap)
        if is_to_be_asked or gap is not None:
            self._join(channel)
        else:
            self._go_live_if_complete(subscription)

    def leave(self, subscription: AnySubscription, name: str) -> None:
        channel = self._channels.get(name)
        if channel is not None and subscription in channel.subscriptions:
            channel.remove(subscription)
            if not channel.subscriptions:
                self._leave(channel)

    def replace(self, subscriptions: list[AnySubscription], name: str, reason: str) -> None:
        if self._options.fetch_snapshot is None:
            self._tell_resync(subscriptions, name, reason, None)
            return
        for first in dict.fromkeys(name for each in subscriptions for name in each.channel_names[:1]):
            self._channels[first].note_gap(reason)
            self._join(self._channels[first])

    def end(self, subscription: AnySubscription, error: SyncError) -> None:
        subscription.end(error)
        self._forget(subscription)
        subscription.notify_state()
        subscription.fail(error)

    # Joining and leaving.

    def _join(self, channel: Channel) -> None:
        if not self._connection.is_ready or not self._is_followed(channel):
            return
        if self._rooms.once_left(channel.name, lambda: self._join(channel)):
            return
        if channel.gap is not None:
            if self._options.fetch_snapshot is not None:
                self._take_snapshot(channel, channel.gap)
                return
            channel.restart(None)
        wish = channel.join(is_again=self._rooms.ask(channel.name))
        join = channel.joins
        self._connection.ask("subscribe", wish, lambda answer: self._answered(channel, join, answer))

    def _answered(self, channel: Channel, join: int, answer: Payload) -> None:
        is_last = join == channel.joins
        if not self._is_followed(channel):
            # Left meanwhile; a later follower of the channel shares the server's subscription.
            if answer["ok"] and channel.name not in self._channels and not self._rooms.is_left(channel.name):
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
            self._go_live_if_complete(subscription)
        if gap is not None:
            self._tell_resync(channel.subscriptions, channel.name, gap, None)
        self._deliver(channel, told)

    def _join_refused(self, channel: Channel, error: SyncError) -> None:
        if error.retryable:
            self._again(channel, lambda: self._join(channel))
        elif error.code == "unauthorized":
            self._connection.lose(error)
        elif error.code != "forbidden" or patient_of(channel.name) is None:
            self._end(channel, error)
        else:
            self._withdraw(
                channel, [each for each in channel.subscriptions if not each.is_of_account], "forbidden", error
            )
            if self._is_followed(channel):
                # Those of the account follow it until they know that the account does not act for the patient.
                self._again(channel, lambda: self._join(channel))
                self.on_account_changed()

    def _withdraw(self, channel: Channel, subscriptions: list[AnySubscription], reason: str, error: SyncError) -> None:
        """What the server has closed, or refused, is not to be told to it."""
        for subscription in subscriptions:
            channel.remove(subscription)
        if not channel.subscriptions:
            del self._channels[channel.name]
        self._whose.withdrawn(subscriptions, channel.name, reason, error)

    def _again(self, channel: Channel, work: Work) -> None:
        """Later, unless it was asked again meanwhile."""
        join = channel.joins
        wait = seconds_before(channel.failures, self._options.random())
        self._connection.later(wait, lambda: work() if join == channel.joins else None)
        channel.failures += 1

    def _leave(self, channel: Channel) -> None:
        del self._channels[channel.name]
        if channel.server is not None:
            self._unsubscribe(channel.name, channel.server.id)

    def _unsubscribe(self, name: str, server_id: str) -> None:
        if self._connection.is_ready:
            self._rooms.begin_to_leave(name)
            self._connection.ask("unsubscribe", {"id": server_id}, lambda _answer: self._rooms.left(name))

    def _end(self, channel: Channel, error: SyncError) -> None:
        del self._channels[channel.name]
        ended = channel.subscriptions
        # All have ended before a callback hears of one.
        for subscription in ended:
            subscription.end(error)
            self._forget(subscription)
        for subscription in ended:
            subscription.notify_state()
            subscription.fail(error)
        self._tell_state()

    def _forget(self, subscription: AnySubscription) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
        self._whose.remove(subscription)
        for name in subscription.channel_names:
            self.leave(subscription, name)

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
            self._tell_resync(channel.subscriptions, channel.name, reason, snapshot)
            # It is of all that a subscription shows: its other channels go on from there too.
            for subscription in channel.subscriptions:
                for name in subscription.channel_names:
                    if name != channel.name:
                        self.follow(subscription, name, place, None)
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

    def _tell_resync(
        self, subscriptions: list[AnySubscription], name: str, reason: str, snapshot: Snapshot | None
    ) -> None:
        if self._options.on_resync is not None:
            self._runtime.call(self._options.on_resync, name, reason, snapshot)
        elif snapshot is None:
            error = SyncError("resync-required", f"{name}: {reason}", retryable=False)
            for subscription in subscriptions:
                subscription.fail(error)

    # Telling.

    def _deliver(self, channel: Channel, messages: list[Typed]) -> None:
        for kind, message in messages:
            for subscription in channel.hearers(message):
                # Who has several of its channels is told by the first.
                first = next((name for name in message["channels"] if name in subscription.channel_names), None)
                if first == channel.name:
                    subscription.deliver(kind, message)

    # State.

    def _set_all(self, status: Status, error: SyncError | None = None) -> None:
        """Set and tell the state of the whole, and of every subscription alike."""
        for subscription in self._subscriptions:
            subscription.set(status, error)
        self._state.set(status, error)
        self._notify()

    def _tell_state(self) -> None:
        """While connected: each is as its last channel to be complete, and the whole is live when all of them are."""
        if not self._connection.is_ready:
            return
        incomplete = [each for each in self._subscriptions if not self._go_live_if_complete(each)]
        for subscription in incomplete:
            subscription.set("catching-up")
        if not incomplete:
            self._state.complete_at(self._options.now())
        self._state.set("catching-up" if incomplete else "live")
        self._notify()

    def _notify(self) -> None:
        self._state.notify()
        for subscription in self._subscriptions:
            subscription.notify_state()

    # Small things.

    def _go_live_if_complete(self, subscription: AnySubscription) -> bool:
        channels = [self._channels.get(name) for name in subscription.channel_names]
        servers = [channel.server for channel in channels if channel is not None and channel.phase == "joined"]
        if len(servers) < len(channels) or not self._whose.is_known(subscription) or servers[0] is None:
            return False
        subscription.go_live(servers[0].id, servers[0].created_at, self._options.now())
        return True

    def _forget_connection(self) -> None:
        self._rooms.clear()
        self._whose.on_lost()
        for channel in self._channels.values():
            channel.leave()
