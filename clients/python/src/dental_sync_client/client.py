"""What both clients have: what an application calls to follow, and what it can ask. Any thread may call it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from dental_sync_client import at_exit
from dental_sync_client.account import ALL, Owner
from dental_sync_client.address import Address
from dental_sync_client.errors import SyncError, connection_lost
from dental_sync_client.feed import Feed
from dental_sync_client.options import Options
from dental_sync_client.place import Place
from dental_sync_client.runtime import StoppableRuntime, Work
from dental_sync_client.state import StateKeeper, StateListener, SyncState
from dental_sync_client.subscription import (
    AnySubscription,
    AppointmentCallbacks,
    OnAvailability,
    OnError,
    OnRecord,
    Tell,
    appointment_callbacks,
    availability_callbacks,
    practice_callbacks,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack

HEARTBEAT_SECONDS = 30.0
PRACTICE = "practice"

Since = Place | Mapping[str, Any] | None
S = TypeVar("S", bound=AnySubscription)


class Client(Generic[S]):
    """Follows appointments and availability of one practice, as one account, over one connection.

    Callbacks are called one at a time, in the order of the messages, and may call every method that does not wait.
    Appointments and availability are as docs/protocol.md has them: dicts with camelCase keys, instants as RFC 3339
    text in UTC.

    The options, which both clients take; they connect with the first subscription:

    - `url`: where Dental Sync is, without `/api`; behind a path with it, `https://practice.example/dental`. Required;
      ValueError when it is no address.
    - `get_token(fresh)`: answers an access token. With `fresh` it must be another than the last, which was refused or
      is about to expire; when a fresh one is refused as well, the client closes. Required.
    - `fetch_snapshot(channel_name)`: answers what the channel shows now, a Place or a mapping with `position` and
      `epoch`, as the JSON of `GET /api/appointments`; called when the log does not reach back. When it raises, each
      subscription of the channel hears of `snapshot-failed`, and it is called again after 0.1 to 10 seconds, longer
      with each failure. Default: none.
    - `on_resync(channel_name, reason, snapshot)`: messages are missing for good, and the copy of what the channel shows
      is to be replaced: by `snapshot`, which is what `fetch_snapshot` gave, or, where there is none, by what is fetched
      now; then `snapshot` is None. What comes afterwards goes on from there without a gap. Default: none; with neither
      of the two a subscription's `on_error` hears of `resync-required`.
    - `on_error(error)`: hears of the first of a row of failures to connect, and of what closes the client; a connection
      that is lost and comes back shows in `state` alone. After an error that is not `retryable` it is closed: make
      another one. Default: none.

    Whatever subscribes answers at once; `wait_until_live` waits for the server. With `since`, a Place or a mapping with
    `position` and `epoch`, as a REST list, it begins there, so that nothing is missing between that list and the first
    message; without it, once it is live. ValueError when `since` is neither; a closed object raises what closed it.
    """

    def __init__(self, options: Options, runtime: StoppableRuntime, new_subscription: Callable[..., S]) -> None:
        Address.of(options.url)
        self.url = options.url
        self._options = options
        self._runtime = runtime
        self._new_subscription = new_subscription
        self._state = StateKeeper(runtime.call)
        self._feed = Feed(options, runtime, self._state, self._closed)
        # What several threads change.
        self._lock = threading.Lock()
        self._subscriptions: list[S] = []
        self._is_closed = False
        self._error: SyncError | None = None
        self._call_off_heartbeat: Work = lambda: None

    # What is followed.

    def subscribe_to_appointments(
        self,
        user_id: str,
        role: Literal["patient", "dentist", "receptionist", "admin"],
        *,
        on_error: OnError | None = None,
        since: Since = None,
        **callbacks: Unpack[AppointmentCallbacks],
    ) -> S:
        """Follow one patient's or one dentist's appointments, or, as a receptionist or an admin, all.

        `user_id` is the id of the own account, for all patients for whom it acts, or of a patient or a dentist. An own
        account that is no patient's, or no dentist's, is told `forbidden`, and the subscription ends. So it does with
        `subscription-closed` when the account acts no more for the patient that is named. AppointmentCallbacks lists
        the callbacks; `on_appointment_updated(appointment, previous)` has the changed fields' old values in `previous`.
        """
        tell = appointment_callbacks(**callbacks)
        match role:
            case "patient" | "dentist":
                return self._subscribe(Owner(role, user_id), tell, on_error, since)
            case "receptionist" | "admin":
                return self._subscribe(ALL, tell, on_error, since)
        raise ValueError("the role is patient, dentist, receptionist or admin")

    def subscribe_to_own_appointments(
        self,
        *,
        patient_id: str | None = None,
        on_error: OnError | None = None,
        since: Since = None,
        **callbacks: Unpack[AppointmentCallbacks],
    ) -> S:
        """Follow those of all patients for whom the account acts, or of the one that is named.

        A dentist follows the own diary, a receptionist or an admin all; anybody else is told `forbidden`. Whoever is
        granted later is followed from then on, and whose grant ends is not: `on_resync` says so, for what is shown is
        to be replaced. `since` may have `patients`, the ids of those for whom the list was fetched; without them it is
        taken to be of those of now.
        """
        tell = appointment_callbacks(**callbacks)
        return self._subscribe(Owner(patient_id=patient_id), tell, on_error, since)

    def subscribe_to_all_appointments(
        self,
        *,
        on_error: OnError | None = None,
        since: Since = None,
        **callbacks: Unpack[AppointmentCallbacks],
    ) -> S:
        """Follow every appointment, as a receptionist or an admin."""
        tell = appointment_callbacks(**callbacks)
        return self._subscribe(ALL, tell, on_error, since)

    def subscribe_to_availability(
        self,
        dentist_id: str,
        *,
        on_availability_changed: OnAvailability | None = None,
        on_error: OnError | None = None,
        since: Since = None,
    ) -> S:
        """Follow what is free with one dentist."""
        tell = availability_callbacks(on_availability_changed)
        return self._subscribe(f"availability:{dentist_id}", tell, on_error, since)

    def subscribe_to_global_availability(
        self,
        *,
        on_availability_changed: OnAvailability | None = None,
        on_error: OnError | None = None,
        since: Since = None,
    ) -> S:
        """Follow what is free with anybody; without a dentist a change is about all of them."""
        return self._subscribe("availability:all", availability_callbacks(on_availability_changed), on_error, since)

    def subscribe_to_practice(
        self,
        *,
        on_record_changed: OnRecord | None = None,
        on_error: OnError | None = None,
        since: Since = None,
    ) -> S:
        """Follow, as staff, which records have changed: `on_record_changed(kind, id, change)`.

        The kinds are hold, patient, time-off, closure, treatment, chair, dentist and practice, whose id is None; the
        changes created, updated and deleted. What the record is like now is to be fetched.
        """
        return self._subscribe(PRACTICE, practice_callbacks(on_record_changed), on_error, since)

    def get_active_subscriptions(self) -> list[S]:
        """What is followed now."""
        with self._lock:
            self._subscriptions = [each for each in self._subscriptions if each.active]
            return list(self._subscriptions)

    def get_active_subscriptions_count(self) -> int:
        """How many are followed now."""
        return len(self.get_active_subscriptions())

    def unsubscribe(self, subscription: S) -> None:
        """Stop following; one that has ended already stays ended."""
        subscription.end()
        self._runtime.put(lambda: self._feed.remove(subscription))

    def unsubscribe_all(self) -> None:
        """Stop following everything; the connection stays."""
        for subscription in self.get_active_subscriptions():
            self.unsubscribe(subscription)

    # How it is doing.

    def start_heartbeat(self, seconds: float = HEARTBEAT_SECONDS) -> None:
        """Ask the server for a sign of life every `seconds` (default 30); ValueError when that is not more than 0.

        The server sends its own heartbeats without being asked.
        """
        if not seconds > 0:
            raise ValueError("a heartbeat comes after a number of seconds greater than 0")
        self._runtime.put(lambda: self._beat_every(seconds))

    def stop_heartbeat(self) -> None:
        """Ask no more."""
        self._runtime.put(lambda: self._call_off_heartbeat())  # noqa: PLW0108 - it is another one by then

    @property
    def state(self) -> SyncState:
        """The status, the time up to which everything is complete, and the fault, if any."""
        return self._state.current

    def on_state_change(self, listener: StateListener) -> Callable[[], None]:
        """Call `listener(state)` whenever the status or the error changes; returns what ends that."""
        return self._state.listen(listener)

    @property
    def error(self) -> SyncError | None:
        """Why it closed by itself."""
        return self._error

    def _subscribe(self, channel: str | Owner, tell: Tell, on_error: OnError | None, since: Since) -> S:
        subscription = self._new_subscription(
            channel.provisional_channel() if isinstance(channel, Owner) else channel,
            tell,
            on_error,
            owner=channel if isinstance(channel, Owner) else None,
            since=None if since is None else Place.of(since),
            patients=since.get("patients") if isinstance(since, Mapping) else None,
            unsubscribe=self.unsubscribe,
            call=self._runtime.call,
        )
        with self._lock:
            if self._is_closed:
                raise self._error or SyncError("closed", "This client is closed.", retryable=False)
            self._subscriptions.append(subscription)
            if not self._runtime.is_started:
                # Told in its turn: this may be another thread than that of the callbacks.
                self._state.set("connecting")
                failed = connection_lost("Something unexpected came; see the log.")
                self._runtime.start(lambda: self._feed.give_up(failed), self._finish)
                at_exit.watch(self)
        self._runtime.put(lambda: self._feed.add(subscription))
        return subscription

    def _forget_all(self, error: SyncError | None = None) -> list[S]:
        at_exit.forget(self)
        with self._lock:
            self._is_closed = True
            left, self._subscriptions = self._subscriptions, []
        ended = [subscription for subscription in left if subscription.active]
        for subscription in ended:
            subscription.end(error)
        return ended

    # Called by the runtime.

    def _beat_every(self, seconds: float) -> None:
        def beat() -> None:
            self._feed.ask_for_beat()
            self._beat_every(seconds)

        self._call_off_heartbeat()
        self._call_off_heartbeat = self._runtime.later(seconds, beat)

    def _closed(self, error: SyncError | None) -> None:
        self._error = error
        ended = self._forget_all(error)
        self._state.set("closed", error)
        self._state.notify()
        for subscription in ended:
            subscription.notify_state()
        if error is not None:
            for subscription in ended:
                subscription.fail(error)
            self._runtime.call(self._options.on_error, error)
        self._runtime.stop()

    def _finish(self) -> None:
        self._feed.close()
        if self.state.status != "closed":
            self._closed(None)
