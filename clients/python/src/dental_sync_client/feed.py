"""Keeps every channel complete over one connection, whatever becomes of that."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import datetime, timezone

from dental_sync_client.account import Account, appointments_channel
from dental_sync_client.backoff import seconds_before
from dental_sync_client.channel import Channel, Typed
from dental_sync_client.connection import Connection
from dental_sync_client.errors import SyncError
from dental_sync_client.loop import Loop, Work
from dental_sync_client.options import Options, Snapshot
from dental_sync_client.place import Place
from dental_sync_client.state import StateKeeper
from dental_sync_client.subscription import Payload, Subscription, call

logger = logging.getLogger(__name__)


class Feed:
    """All its methods are called in the loop's thread."""

    def __init__(
        self, options: Options, loop: Loop, state: StateKeeper, on_closed: Callable[[SyncError | None], None]
    ) -> None:
        self._options = options
        self._state = state
        self._on_closed = on_closed
        self._connection = Connection(options, loop, self)
        self._channels: dict[str, Channel] = {}
        # Their channel is not known before the account is.
        self._unresolved: list[Subscription] = []
        self._account: Account | None = None
        self._account_failures = 0
        # Channels that this connection has asked for, and those that it is leaving, with what is to be done then.
        self._asked: set[str] = set()
        self._leaving: dict[str, Work] = {}

    def add(self, subscription: Subscription) -> None:
        if not self._connection.is_open:
            self._state.become("connecting")
            self._connection.open()
        if not subscription.active:
            return
        if subscription.owner is not None and self._account is None:
            self._unresolved.append(subscription)
            # After a failure there is a next time already.
            if self._account_failures == 0:
                self._resolve()
        else:
            self._place(subscription)
        self._tell_state()

    def remove(self, subscription: Subscription) -> None:
        if subscription in self._unresolved:
            self._unresolved.remove(subscription)
        channel = self._channels.get(subscription.channel_name)
        if channel is not None and subscription in channel.subscriptions:
            channel.remove(subscription)
            if not channel.subscriptions:
                self._leave(channel)
        self._tell_state()

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
        self._state.become("catching-up")
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
            channel.gap = reason
            self._join(channel)
            self._tell_state()

    def on_subscription_closed(self, channel_name: str, reason: str) -> None:
        channel = self._channels.get(channel_name)
        if channel is not None:
            self._end(channel, SyncError("subscription-closed", reason, retryable=False))

    def on_lost(self, error: SyncError) -> None:
        self._asked.clear()
        self._leaving.clear()
        for channel in self._channels.values():
            channel.leave()
        self._state.become("offline", error)

    def on_closed(self, error: SyncError | None) -> None:
        self._channels.clear()
        self._unresolved.clear()
        self._on_closed(error)

    def expects_heartbeats(self) -> bool:
        return any(channel.phase == "joined" for channel in self._channels.values())

    # Whose channel it is.

    def _resolve(self) -> None:
        if not self._unresolved or not self._connection.is_ready:
            return
        try:
            self._account = self._options.fetch_account(self._options.url, self._connection.token)
        except Exception as failure:
            self._account_unknown(failure)
            return
        self._account_failures = 0
        found, self._unresolved = self._unresolved, []
        for subscription in found:
            self._place(subscription)
        self._tell_state()

    def _account_unknown(self, failure: Exception) -> None:
        error = SyncError("unavailable", f"The account could not be fetched: {failure}", retryable=True)
        for subscription in list(self._unresolved):
            subscription.fail(error)
        self._connection.later(_wait(self._account_failures), self._resolve)
        self._account_failures += 1

    def _place(self, subscription: Subscription) -> None:
        if subscription.owner is not None and self._account is not None:
            try:
                subscription.channel_name = appointments_channel(subscription.owner, self._account)
            except SyncError as error:
                subscription.active = False
                subscription.fail(error)
                return
        channel = self._channels.setdefault(subscription.channel_name, Channel(subscription.channel_name))
        if channel.add(subscription, subscription.since):
            self._join(channel)
        elif channel.phase == "joined":
            subscription.go_live(channel.server_id, channel.created_at)

    # Joining and leaving.

    def _join(self, channel: Channel) -> None:
        if not self._connection.is_ready or not self._is_followed(channel):
            return
        if channel.name in self._leaving:
            self._leaving[channel.name] = lambda: self._join(channel)
            return
        if channel.gap is not None:
            if self._options.fetch_snapshot is not None:
                self._take_snapshot(channel)
                return
            channel.restart(None)
        wish = channel.join(is_again=channel.name in self._asked)
        self._asked.add(channel.name)
        join = channel.joins
        self._connection.ask("subscribe", wish, lambda answer: self._answered(channel, join, answer))

    def _answered(self, channel: Channel, join: int, answer: Payload) -> None:
        is_last = join == channel.joins
        if not self._is_followed(channel):
            # Left meanwhile; whoever has followed again since then shares the server's subscription.
            if answer["ok"] and channel.name not in self._channels and channel.name not in self._leaving:
                self._unsubscribe(channel.name, answer["subscription"]["id"])
        elif answer["ok"]:
            channel.server_id = answer["subscription"]["id"]
            channel.created_at = answer["subscription"]["createdAt"]
            if is_last:
                self._joined(channel, Place.of(answer), is_resync=answer["resync"])
        elif is_last:
            self._join_refused(channel, SyncError.refused(answer["error"]))
        self._tell_state()

    def _joined(self, channel: Channel, place: Place, *, is_resync: bool) -> None:
        if is_resync:
            channel.gap = "the log does not reach back"
            if self._options.fetch_snapshot is not None:
                channel.await_snapshot()
                # Not at once when it was a snapshot's place that the log does not reach.
                if channel.failures == 0:
                    self._take_snapshot(channel)
                else:
                    self._again(channel, self._take_snapshot)
                return
            channel.restart(None)
        told = channel.acknowledge(place)
        for subscription in channel.subscriptions:
            subscription.go_live(channel.server_id, channel.created_at)
        reason, channel.gap = channel.gap, None
        if reason is not None:
            self._tell_resync(channel, reason, None)
        self._deliver(channel, told)

    def _join_refused(self, channel: Channel, error: SyncError) -> None:
        if error.retryable:
            self._again(channel, self._join)
        elif error.code == "unauthorized":
            self._connection.lose(error)
        else:
            self._end(channel, error)

    def _again(self, channel: Channel, work: Callable[[Channel], None]) -> None:
        """Later, unless somebody has asked again meanwhile."""
        join = channel.joins
        self._connection.later(_wait(channel.failures), lambda: work(channel) if join == channel.joins else None)
        channel.failures += 1

    def _leave(self, channel: Channel) -> None:
        del self._channels[channel.name]
        if channel.server_id is not None:
            self._unsubscribe(channel.name, channel.server_id)

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
        for subscription in ended:
            subscription.active = False
        for subscription in ended:
            subscription.fail(error)
        self._tell_state()

    def _is_followed(self, channel: Channel) -> bool:
        return self._channels.get(channel.name) is channel

    # Snapshots.

    def _take_snapshot(self, channel: Channel) -> None:
        fetch_snapshot, reason = self._options.fetch_snapshot, channel.gap
        if fetch_snapshot is None or reason is None or not self._is_followed(channel):
            return
        channel.await_snapshot()
        try:
            snapshot = fetch_snapshot(channel.name)
            place = Place.of(snapshot)
        except Exception as failure:
            logger.exception("there is no snapshot of %s", channel.name)
            error = SyncError("snapshot-failed", f"{channel.name}: {failure}", retryable=True)
            for subscription in channel.subscriptions:
                subscription.fail(error)
            self._again(channel, self._take_snapshot)
            return
        channel.gap = None
        channel.failures += 1
        channel.restart(place)
        self._tell_resync(channel, reason, snapshot)
        self._join(channel)

    def _tell_resync(self, channel: Channel, reason: str, snapshot: Snapshot | None) -> None:
        if self._options.on_resync is not None:
            call(self._options.on_resync, channel.name, reason, snapshot)
        elif snapshot is None:
            error = SyncError("resync-required", f"{channel.name}: {reason}", retryable=False)
            for subscription in channel.subscriptions:
                subscription.fail(error)

    # Telling.

    def _deliver(self, channel: Channel, messages: list[Typed]) -> None:
        for kind, message in messages:
            for subscription in channel.hearers(message):
                subscription.deliver(kind, message)

    def _tell_state(self) -> None:
        if self._connection.is_ready:
            is_complete = not self._unresolved and all(each.phase == "joined" for each in self._channels.values())
            if is_complete:
                self._state.complete_at(datetime.now(timezone.utc))
            self._state.become("live" if is_complete else "catching-up")


def _wait(failures: int) -> float:
    return seconds_before(failures, random.random())  # noqa: S311 - no secret
