"""The open sockets of this process: who each belongs to, what it follows, and what one that behaves badly is denied."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask

from dental_sync.core import services
from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from dental_sync.core.errors import Forbidden, RateLimited, TooManyConnections, Unauthorized, Unavailable
from dental_sync.core.extensions import db, socketio
from dental_sync.core.instants import format_instant
from dental_sync.core.refusal_counts import RefusalCounts
from dental_sync.records import merging, tokens
from dental_sync.records.remembered_sign_ins import RememberedSignIns
from dental_sync.sockets.buckets import Bucket
from dental_sync.sockets.connection import Connection
from dental_sync.sockets.noting import Followings
from dental_sync.sockets.protocol import (
    AccountChanged,
    Beat,
    Draining,
    Resync,
    SubscriptionClosed,
    TokenExpiring,
)
from dental_sync.sockets.sending import emit, framed_message, hang_up, leave_room, transport_of, transports
from dental_sync.sockets.subscriptions import Registry, Subscription
from dental_sync.sockets.transport import Transport
from dental_sync.sync import channels
from dental_sync.sync.channels import Channel
from dental_sync.sync.delivery import Delivery
from dental_sync.sync.events import Message
from dental_sync.sync.message_queue import HEARTBEAT_ROOM

logger = logging.getLogger(__name__)

EXPIRY_NOTICE = timedelta(seconds=60)
# Seconds until a transport without a sign-in is closed: it uses memory and a file descriptor.
SIGN_IN_SECONDS = 10.0
# A replay waits when this much is queued for its client, and gives up when that has not shrunk for so long.
REPLAY_QUEUE_MESSAGES = 200
REPLAY_STALL_SECONDS = 20.0
LONGEST_REPLAY_PAUSE_SECONDS = 0.2
REPLAY_TURN_MESSAGES = 20
LONGEST_WAIT_FOR_READERS_SECONDS = 0.05
# An account may send, over all its connections to a process, as much as so many connections that send all they may.
CONNECTIONS_AT_FULL_RATE = 10


class Connections:
    """All of them. Implements delivery.Rooms."""

    def __init__(self, app: Flask, registry: Registry, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self.registry = registry
        self.open: dict[str, Connection] = {}
        self.is_draining = False
        # Clients that were not let in, by the code of the refusal.
        self.refused: Counter[str] = Counter()
        # Transports on which much is queued, since it was last waited for them to read.
        self._behind: set[Transport] = set()
        self._per_account: Counter[str] = Counter()
        self._last_subscription: dict[str, int] = {}
        # Transports on which nobody has signed in yet, since when.
        self._silent_since: dict[Transport, float] = {}
        # Of each account that has sent events lately.
        self._buckets: dict[str, Bucket] = {}

    # What delivery asks for.

    def send(self, message: Message) -> None:
        """Send a message to its rooms; a socket in several of them gets it once."""
        framed, limit = framed_message(message), self._settings.client_queue_messages
        for sid, transport in transports(message.channels):
            transport.send_framed(framed)
            if transport.waiting <= limit // 2:
                continue
            self._behind.add(transport)
            if transport.waiting > limit:
                # It resumes from its position; a queue without an end would take the process with it.
                logger.warning("client %s does not read; it is cut off", sid)
                socketio.server.eio.clients_cut_off += 1
                transport.close(wait=False, abort=True)

    def let_them_read(self) -> None:
        """Let what was sent be written out: a bulk change must not outrun clients that read as fast as they can.

        Waits only so long: one that does not read at all is soon cut off, and costs the others a few seconds at most.
        """
        socketio.server.eio.outgoing.write()
        time.sleep(0)
        deadline = time.monotonic() + LONGEST_WAIT_FOR_READERS_SECONDS
        few = self._settings.client_queue_messages // 2
        while self._behind and time.monotonic() < deadline:
            time.sleep(0.005)
            self._behind = {transport for transport in self._behind if transport.waiting > few}

    def ping(self, timestamp: str, position: int, epoch: str) -> None:
        """Send the heartbeat to every subscribed socket."""
        emit(Beat.model_validate({"timestamp": timestamp, "position": position, "epoch": epoch}), HEARTBEAT_ROOM)
        if any(connection.subscriptions for connection in self.open.values()):
            socketio.start_background_task(self.registry.heartbeat_passed, timestamp)

    def resync(self, reason: str) -> None:
        """Tell every subscription to fetch a snapshot."""
        for connection in list(self.open.values()):
            for channel in list(connection.subscriptions):
                emit(Resync(channel=channel, reason=reason), connection.sid)

    def withdraw(self, user_id: str) -> None:
        """Close the account's sockets after its session ended or its role changed, and what it may no longer follow.

        Those that stay are told when it acts for other patients than before.
        """
        for connection in list(self.open.values()):
            if str(connection.actor.user_id) == user_id:
                connection.withdrawals += 1
                try:
                    self.check_signed_in(connection)
                except Unauthorized:
                    self.close(connection, "the session has ended")
                    continue
                for subscription in list(connection.subscriptions.values()):
                    if not Channel.parse(subscription.channel).may_be_heard_by(connection.actor):
                        self._end(connection, subscription)
                if connection.actor.patients != connection.patients_told:
                    connection.patients_told = connection.actor.patients
                    emit(AccountChanged(), connection.sid)

    def forget_record(self, record_id: str) -> None:
        """End what is followed of a patient's record that is gone: by staff, who lost no right with it."""
        room = channels.of_patient(record_id)
        for sid, _ in list(socketio.server.manager.get_participants("/", room)):
            if sid in self.open and (subscription := self.open[sid].subscriptions.get(room)) is not None:
                self._end(self.open[sid], subscription)

    # Coming and going.

    def admit(self, sid: str, actor: Actor, expires_at: datetime, network: str) -> None:
        """A client has signed in; raises TooManyConnections, or Unavailable while the process is stopping.

        A visitor, who may have as many tokens as they ask for, is counted by the network of their address.
        """
        if self.is_draining:
            raise Unavailable
        account = f"visitors of {network}" if actor.is_visitor else str(actor.user_id)
        if self._per_account[account] >= self._settings.connections_per_account:
            raise TooManyConnections
        self._per_account[account] += 1
        bucket = Bucket(self._settings.socket_events_per_second)
        self.open[sid] = Connection(sid, actor, expires_at, account, bucket)
        transport = transport_of(sid)
        # A visitor's makes room where there is none, as those do on which nobody has signed in.
        if transport is not None and not actor.is_visitor:
            transport.signed_in()
        self.registry.connected(sid)

    def turn_away(self, sid: str) -> None:
        """Hang up on a client that cannot be served now, before it is let in: it tries again by itself."""
        hang_up(sid, abort=True)

    def forget(self, sid: str) -> None:
        """A socket is closed; the registry learns of it in the background, for Redis may be slow to answer."""
        connection = self.open.pop(sid, None)
        if connection is not None:
            account = connection.counted_with
            self._per_account[account] -= 1
            if not self._per_account[account]:
                del self._per_account[account]
            socketio.start_background_task(self.registry.disconnected, sid)

    def close(self, connection: Connection, reason: str) -> None:
        """Withdraw every subscription and disconnect for good: the client's library does not come back by itself."""
        subscriptions, connection.subscriptions = list(connection.subscriptions.values()), {}
        for subscription in subscriptions:
            leave_room(connection.sid, subscription.channel)
            self._tell_closed(connection, subscription, reason)
        leave_room(connection.sid, HEARTBEAT_ROOM)
        transport = transport_of(connection.sid)
        socketio.server.disconnect(connection.sid, ignore_queue=True)
        if transport is not None:
            transport.close(wait=False)

    def check_signed_in(self, connection: Connection) -> None:
        """Look up its rights anew, unless the process remembers them; raises Unauthorized unless the session behind a
        socket stands, with its role."""
        remembered = tokens.remembered_again(services.of(self._app, RememberedSignIns), connection.actor)
        if remembered is not None:
            connection.actor = remembered
            return
        with self._app.app_context():
            connection.actor = tokens.looked_up_again(db.session(), connection.actor)

    def check_may_hear(self, connection: Connection, channel: Channel) -> None:
        """Raise Unauthorized as `check_signed_in`, and Forbidden unless the account may hear the channel now."""
        self.check_signed_in(connection)
        if not channel.may_be_heard_by(connection.actor):
            raise Forbidden("Your role may not hear this channel.")

    def _end(self, connection: Connection, subscription: Subscription) -> None:
        """End it for the client too: it has `ended`, or goes on elsewhere where the patient's record was `merged`."""
        self._drop(connection, subscription)
        patient_id = Channel.parse(subscription.channel).patient_id
        with self._app.app_context():
            is_merged = patient_id is not None and merging.now(db.session(), patient_id) != patient_id
        self._tell_closed(connection, subscription, "merged" if is_merged else "ended")

    @staticmethod
    def _tell_closed(connection: Connection, subscription: Subscription, reason: str) -> None:
        closed = SubscriptionClosed(id=subscription.id, channel_name=subscription.channel, reason=reason)
        emit(closed, connection.sid)

    # Subscriptions.

    def new_subscription(self, connection: Connection, channel: str, now: datetime) -> Subscription:
        """Make a subscription with an id like `appointments:all-1699876543210`, never used before in this process."""
        milliseconds = max(int(now.timestamp() * 1000), self._last_subscription.get(channel, 0) + 1)
        self._last_subscription[channel] = milliseconds
        return Subscription(
            id=f"{channel}-{milliseconds}",
            channel=channel,
            created_at=format_instant(now),
            user_id=str(connection.actor.user_id),
            role=connection.actor.role,
            connection_id=connection.sid,
        )

    def enter(self, connection: Connection, subscription: Subscription, withdrawals: int) -> None:
        """Join the channel's room: from here on the socket gets what is delivered.

        `withdrawals` is what the connection had when its rights were looked up. Raises Unavailable where it is gone, or
        something may have been withdrawn meanwhile: whoever withdraws counts first and looks afterwards at what is
        followed, so that one of both notices the other.
        """
        if connection.sid not in self.open:
            raise Unavailable
        socketio.server.enter_room(connection.sid, subscription.channel)
        socketio.server.enter_room(connection.sid, HEARTBEAT_ROOM)
        connection.subscriptions[subscription.channel] = subscription
        if connection.withdrawals != withdrawals:
            self._drop(connection, subscription)
            raise Unavailable

    def leave(self, connection: Connection, subscription: Subscription) -> None:
        """End one subscription."""
        self._leave(connection, subscription)
        self.registry.remove([subscription])

    def _drop(self, connection: Connection, subscription: Subscription) -> None:
        """The same where the next message waits: the registry learns of it in the background."""
        self._leave(connection, subscription)
        socketio.start_background_task(self.registry.remove, [subscription])

    @staticmethod
    def _leave(connection: Connection, subscription: Subscription) -> None:
        connection.subscriptions.pop(subscription.channel, None)
        leave_room(connection.sid, subscription.channel)
        if not connection.subscriptions:
            leave_room(connection.sid, HEARTBEAT_ROOM)

    def replay_to(self, connection: Connection, message: Message) -> None:
        """Send one message of a replay, as fast as the client reads; raises Unavailable when it does not or is gone."""
        stalled_at = time.monotonic() + REPLAY_STALL_SECONDS
        pause = 0.01
        if message.position % REPLAY_TURN_MESSAGES == 0:
            # Live messages take turns with replays.
            time.sleep(0)
        while True:
            transport = transport_of(connection.sid)
            if transport is None or time.monotonic() > stalled_at:
                raise Unavailable
            if transport.waiting < REPLAY_QUEUE_MESSAGES:
                transport.send_framed(framed_message(message))
                return
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_REPLAY_PAUSE_SECONDS)

    def count_event(self, connection: Connection) -> None:
        """Count an event of a client; raises RateLimited when there were too many, on it or of its whole account."""
        if not connection.bucket.take():
            raise RateLimited("Too many events on this connection; send fewer.")
        account = connection.counted_with
        if account not in self._buckets:
            self._buckets[account] = Bucket(CONNECTIONS_AT_FULL_RATE * self._settings.socket_events_per_second)
        if not self._buckets[account].take():
            raise RateLimited("Too many events on all connections of this account; send fewer.")

    # Watching over them.

    def subscriptions(self) -> list[Subscription]:
        """What the sockets of this process follow."""
        return [found for connection in list(self.open.values()) for found in list(connection.subscriptions.values())]

    def cut_off_count(self) -> int:
        """How many clients this process has hung up on since it started because they did not read."""
        return int(socketio.server.eio.clients_cut_off)

    def watch(self, delivery: Delivery) -> None:
        """Keep the registry, the tokens' expiry and the idle transports in order, for as long as the process lives."""
        renew_at = 0.0
        while True:
            time.sleep(1.0)
            try:
                now = datetime.now(UTC)
                self.mind_expiry(now)
                self._close_silent_transports()
                socketio.server.eio.pings.mind()
                self._forget_quiet_accounts()
                self.registry.report(
                    position=delivery.position,
                    epoch=delivery.epoch,
                    timestamp=format_instant(now),
                    delivered=delivery.tally.delivered,
                    refusals=self.refused + services.of(self._app, RefusalCounts),
                )
                if time.monotonic() >= renew_at:
                    renew_at = time.monotonic() + self.registry.renewal_seconds
                    self.registry.renew()
            except Exception:
                logger.exception("the watch over the sockets stumbled and goes on")

    def mind_expiry(self, now: datetime) -> None:
        """Tell clients that their token is about to expire; close sockets with expired tokens, which may reconnect."""
        for connection in list(self.open.values()):
            if now >= connection.expires_at:
                hang_up(connection.sid)
            elif now >= connection.expires_at - EXPIRY_NOTICE and not connection.told_of_expiry:
                connection.told_of_expiry = True
                emit(TokenExpiring(expires_at=connection.expires_at), connection.sid)

    def ask_to_leave(self, seconds: Callable[[], float]) -> None:
        """Accept no more connections, and ask each client to reconnect elsewhere after its own delay."""
        self.is_draining = True
        for connection in list(self.open.values()):
            emit(Draining(reconnect_after_ms=int(seconds() * 1000)), connection.sid)

    def cut_off(self) -> None:
        """Hang up on everybody; the clients come back by themselves."""
        for connection in list(self.open.values()):
            hang_up(connection.sid)

    def _forget_quiet_accounts(self) -> None:
        self._buckets = {account: bucket for account, bucket in self._buckets.items() if not bucket.is_full()}
        services.of(self._app, Followings).forget_old()

    def _close_silent_transports(self) -> None:
        now = time.monotonic()
        signed_in = {transport_of(sid) for sid in list(self.open)}
        silent = [transport for transport in list(socketio.server.eio.sockets.values()) if transport not in signed_in]
        self._silent_since = {transport: self._silent_since.get(transport, now) for transport in silent}
        for transport, since in self._silent_since.items():
            if now - since > SIGN_IN_SECONDS:
                transport.close(wait=False, abort=True)
