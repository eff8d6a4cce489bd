"""RealtimeSync: what an application calls. Any thread may; the work is done in one, see `loop`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Literal

from dental_sync_client.account import ALL, FetchAccount, Owner, fetch_account
from dental_sync_client.errors import SyncError, connection_lost
from dental_sync_client.feed import Feed
from dental_sync_client.loop import Loop, Work
from dental_sync_client.options import FetchSnapshot, GetToken, OnResync, Options
from dental_sync_client.place import Place
from dental_sync_client.state import StateKeeper, StateListener, SyncState
from dental_sync_client.subscription import (
    OnAppointment,
    OnAppointmentUpdated,
    OnAvailability,
    OnDeleted,
    OnError,
    Subscription,
    Tell,
    appointment_callbacks,
    availability_callbacks,
    call,
)
from dental_sync_client.transport import NewSocket, SocketIO

CLOSE_SECONDS = 10.0

Since = Place | Mapping[str, Any] | None


class RealtimeSync:
    """Follows appointments and availability of one practice, as one account, over one connection.

    All callbacks, those given here too, are called in one thread, one at a time, in the order of the messages. They
    may call every method, but nothing else is told while they run. Appointments and availability are as
    docs/protocol.md has them: dicts with camelCase keys, instants as RFC 3339 text in UTC.

    `get_token(fresh)` answers an access token. With `fresh` it must be another than the last, which was refused or is
    about to expire. When a fresh one is refused as well, this object closes.

    `on_resync(channel_name, reason, snapshot)` says that messages are missing for good, and that the copy of what the
    channel shows is to be replaced: by `snapshot`, which is what `fetch_snapshot(channel_name)` gave, or, where there
    is no `fetch_snapshot`, by what is fetched now; then `snapshot` is None. What comes afterwards goes on from there
    without a gap. `fetch_snapshot` answers a Place or a mapping with `position` and `epoch`, as the JSON of
    `GET /api/appointments`. When it raises, each subscription of the channel hears of `snapshot-failed`, and it is
    called again after a while. With neither of the two, a subscription's `on_error` hears of `resync-required`.

    `on_error` here hears of the first of a row of failures to connect, and of what closes this object; a connection
    that is lost and comes back shows in `state` alone. After an error that is not `retryable` it is closed: make
    another one.

    Whatever subscribes answers at once; `wait_until_live` waits for the server. With `since`, a Place or a mapping with
    `position` and `epoch`, as a REST list, it begins there, so that nothing is missing between that list and the first
    message; without it, once it is live. ValueError when `since` is neither; a closed object raises what closed it.
    """

    def __init__(
        self,
        url: str,
        get_token: GetToken,
        *,
        fetch_snapshot: FetchSnapshot | None = None,
        on_resync: OnResync | None = None,
        on_error: OnError | None = None,
        new_socket: NewSocket = SocketIO,
        fetch_account: FetchAccount = fetch_account,
    ) -> None:
        """`url` is where Dental Sync is, without `/api`. `new_socket` and `fetch_account` are there for tests."""
        self.url = url
        self._options = Options(url, get_token, fetch_snapshot, on_resync, on_error, new_socket, fetch_account)
        self._state = StateKeeper(call)
        self._loop = Loop()
        self._feed = Feed(self._options, self._loop, self._state, self._closed)
        # What several threads change.
        self._lock = threading.Lock()
        self._subscriptions: list[Subscription] = []
        self._is_closed = False
        self._error: SyncError | None = None
        self._call_off_heartbeat: Work = lambda: None

    # What is followed.

    def subscribe_to_appointments(
        self,
        user_id: str,
        role: Literal["patient", "dentist", "admin"],
        *,
        on_appointment_created: OnAppointment | None = None,
        on_appointment_updated: OnAppointmentUpdated | None = None,
        on_appointment_deleted: OnDeleted | None = None,
        on_error: OnError | None = None,
        since: Since = None,
    ) -> Subscription:
        """Follow one patient's or one dentist's appointments, or, as an admin, all.

        `user_id` is the id of the own account, of the patient or of the dentist. An own account that is no patient's,
        or no dentist's, is told `forbidden`, and the subscription ends. `on_appointment_updated(appointment, previous)`
        has the changed fields' old values in `previous`.
        """
        if role not in ("patient", "dentist", "admin"):
            raise ValueError("the role is patient, dentist or admin")
        tell = appointment_callbacks(on_appointment_created, on_appointment_updated, on_appointment_deleted)
        if role == "admin":
            return self._subscribe(ALL, tell, on_error, since)
        return self._subscribe(Owner(role, user_id), tell, on_error, since)

    def subscribe_to_own_appointments(
        self,
        *,
        on_appointment_created: OnAppointment | None = None,
        on_appointment_updated: OnAppointmentUpdated | None = None,
        on_appointment_deleted: OnDeleted | None = None,
        on_error: OnError | None = None,
        since: Since = None,
    ) -> Subscription:
        """Follow a patient's or a dentist's own, as whoever is signed in; an admin's are all; else `forbidden`."""
        tell = appointment_callbacks(on_appointment_created, on_appointment_updated, on_appointment_deleted)
        return self._subscribe(Owner(), tell, on_error, since)

    def subscribe_to_all_appointments(
        self,
        *,
        on_appointment_created: OnAppointment | None = None,
        on_appointment_updated: OnAppointmentUpdated | None = None,
        on_appointment_deleted: OnDeleted | None = None,
        on_error: OnError | None = None,
        since: Since = None,
    ) -> Subscription:
        """Follow every appointment, as an admin."""
        tell = appointment_callbacks(on_appointment_created, on_appointment_updated, on_appointment_deleted)
        return self._subscribe(ALL, tell, on_error, since)

    def subscribe_to_availability(
        self,
        dentist_id: str,
        *,
        on_availability_changed: OnAvailability | None = None,
        on_error: OnError | None = None,
        since: Since = None,
    ) -> Subscription:
        """Follow what is free with one dentist."""
        tell = availability_callbacks(on_availability_changed)
        return self._subscribe(f"availability:{dentist_id}", tell, on_error, since)

    def subscribe_to_global_availability(
        self,
        *,
        on_availability_changed: OnAvailability | None = None,
        on_error: OnError | None = None,
        since: Since = None,
    ) -> Subscription:
        """Follow what is free with anybody; without a dentist a change is about all of them."""
        return self._subscribe("availability:all", availability_callbacks(on_availability_changed), on_error, since)

    def get_active_subscriptions(self) -> list[Subscription]:
        """What is followed now."""
        with self._lock:
            self._subscriptions = [each for each in self._subscriptions if each.active]
            return list(self._subscriptions)

    def get_active_subscriptions_count(self) -> int:
        """How many are followed now."""
        return len(self.get_active_subscriptions())

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop following; one that has ended already stays ended."""
        subscription.active = False
        self._loop.put(lambda: self._feed.remove(subscription))

    def unsubscribe_all(self) -> None:
        """Stop following everything; the connection stays."""
        for subscription in self.get_active_subscriptions():
            self.unsubscribe(subscription)

    # How it is doing.

    def start_heartbeat(self, seconds: float = 30.0) -> None:
        """Ask the server for a sign of life so often; it sends its own heartbeats without being asked."""
        if not seconds > 0:
            raise ValueError("a heartbeat comes after a number of seconds greater than 0")
        self._loop.put(lambda: self._beat_every(seconds))

    def stop_heartbeat(self) -> None:
        """Ask no more."""
        self._loop.put(lambda: self._call_off_heartbeat())  # noqa: PLW0108 - it is another one by then

    @property
    def state(self) -> SyncState:
        """The status, the time up to which everything is complete, and what is amiss."""
        return self._state.current

    def on_state_change(self, listener: StateListener) -> Callable[[], None]:
        """Call `listener(state)` whenever the status or the error changes; returns what ends that."""
        return self._state.listen(listener)

    @property
    def error(self) -> SyncError | None:
        """Why it closed by itself."""
        return self._error

    def close(self) -> None:
        """Hang up, and wait until the last callback has returned (not from within one)."""
        with self._lock:
            self._is_closed = True
        self._loop.stop()
        self._loop.join(CLOSE_SECONDS)
        self._forget_all()

    def _subscribe(self, channel: str | Owner, tell: Tell, on_error: OnError | None, since: Since) -> Subscription:
        owner = channel if isinstance(channel, Owner) else None
        name = channel.provisional_channel() if isinstance(channel, Owner) else channel
        place = None if since is None else Place.of(since)
        subscription = Subscription(name, tell, on_error, owner=owner, since=place)
        with self._lock:
            if self._is_closed:
                raise self._error or SyncError("closed", "This client is closed.", retryable=False)
            self._subscriptions.append(subscription)
            if not self._loop.is_started:
                self._state.begin()
                failed = connection_lost("Something unexpected came; see the log.")
                self._loop.start(lambda: self._feed.give_up(failed), self._finish)
        self._loop.put(lambda: self._feed.add(subscription))
        return subscription

    def _forget_all(self) -> list[Subscription]:
        with self._lock:
            self._is_closed = True
            left, self._subscriptions = self._subscriptions, []
        ended = [subscription for subscription in left if subscription.active]
        for subscription in ended:
            subscription.active = False
        return ended

    # In the loop's thread.

    def _beat_every(self, seconds: float) -> None:
        def beat() -> None:
            self._feed.ask_for_beat()
            self._beat_every(seconds)

        self._call_off_heartbeat()
        self._call_off_heartbeat = self._loop.later(seconds, beat)

    def _closed(self, error: SyncError | None) -> None:
        self._error = error
        ended = self._forget_all()
        self._loop.stop()
        self._state.become("closed", error)
        if error is not None:
            for subscription in ended:
                subscription.fail(error)
            call(self._options.on_error, error)

    def _finish(self) -> None:
        self._feed.close()
        if self.state.status != "closed":
            self._closed(None)
