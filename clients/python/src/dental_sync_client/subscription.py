"""What an application follows, and its callbacks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypedDict

from dental_sync_client.account import Owner
from dental_sync_client.errors import SyncError
from dental_sync_client.place import Place
from dental_sync_client.state import StateKeeper, StateListener, Status, SyncState

if TYPE_CHECKING:
    from typing_extensions import Self

logger = logging.getLogger(__name__)

Payload = dict[str, Any]
# A callback's return value is not looked at, but that AsyncRealtimeSync awaits what can be awaited.
OnAppointment = Callable[[Payload], object]
OnAppointmentUpdated = Callable[[Payload, Payload], object]
OnDeleted = Callable[[str], object]
OnAvailability = Callable[[str | None, Payload], object]
# The kind of record, its id (None for the practice), and what happened to it.
OnRecord = Callable[[str, str | None, str], object]
OnError = Callable[[SyncError], object]
# The callbacks by the type of message.
Tell = Mapping[str, Callable[[Payload], object]]
# Calls back with some arguments: at once, or in its turn.
Call = Callable[..., None]


def call(callback: Callable[..., object] | None, *arguments: object) -> None:
    """Call back; what it raises is logged, for it is no reason to keep a message from the others."""
    if callback is not None:
        try:
            callback(*arguments)
        except Exception:
            logger.exception("a callback failed")


class AnySubscription:
    """A subscription of either client, and a context manager that ends it.

    `channel_name` is known once it is live: whose appointments they are may have to be found out first. It is the first
    of `channel_names`, which has a channel of each patient for whom the account acts where it is of one's own
    appointments. `id` and `created_at` (RFC 3339, UTC) are the server's of the first, None before it is live for the
    first time.
    """

    def __init__(
        self,
        channel_name: str,
        tell: Tell | None = None,
        on_error: OnError | None = None,
        *,
        owner: Owner | None = None,
        since: Place | None = None,
        patients: Sequence[str] | None = None,
        unsubscribe: Callable[[Any], None] = lambda subscription: subscription.end(),
        call: Call = call,
    ) -> None:
        self.channel_name = channel_name
        self.channel_names: tuple[str, ...] = ()
        self.id: str | None = None
        self.created_at: str | None = None
        self._tell = tell or {}
        self._on_error = on_error
        self.owner = owner
        self.since = since
        # For whom the copy was fetched that ends at `since`.
        self.patients = patients
        # Whether its channels were known once, and whether they are those of all patients for whom the account acts.
        self.is_placed = False
        self.is_of_account = False
        # The patient that the application has named, where the record has been merged into another one.
        self.named: str | None = None
        self._unsubscribe = unsubscribe
        self._call = call
        self._state = StateKeeper(call, SyncState("connecting", None, None))
        # One thread may end it while another changes its state: nothing follows the end.
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Subscription {self.id or self.channel_name}{'' if self.active else ', ended'}>"

    @property
    def active(self) -> bool:
        """Whether it has not ended yet."""
        return self.state.status != "closed"

    @property
    def state(self) -> SyncState:
        """How complete this one subscription is.

        `live` as soon as all its channels are, even while another one still catches up; `closed` once it has ended,
        with the error that ended it, if any.
        """
        return self._state.current

    def on_state_change(self, listener: StateListener) -> Callable[[], None]:
        """Call `listener(state)` after every change of the status or error of `state`; returns what ends that."""
        return self._state.listen(listener)

    def unsubscribe(self) -> None:
        """End it, as `unsubscribe(subscription)` of its client does; ending it again does nothing.

        No callback for a message begins after that; one that is running in another thread runs to its end.
        """
        self._unsubscribe(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, at: TracebackType | None
    ) -> None:
        self.unsubscribe()

    # The rest is for the client itself.

    def place(self, channel_names: Iterable[str]) -> None:
        """Its channels are known, or others than before."""
        self.is_placed = True
        self.channel_names = tuple(channel_names)
        self.channel_name = next(iter(self.channel_names), self.channel_name)

    def go_live(self, server_id: str, created_at: str, now: datetime) -> None:
        """All its channels are complete. The state is set before a wait for it ends, and told with all others."""
        self.id, self.created_at = server_id, created_at
        self.set("live", complete_at=now)

    def set(self, status: Status, error: SyncError | None = None, complete_at: datetime | None = None) -> None:
        """Set the state; `complete_at` is now when nothing is missing. Nothing follows the end."""
        with self._lock:
            if self.active:
                if complete_at is not None:
                    self._state.complete_at(complete_at)
                self._state.set(status, error)

    def end(self, error: SyncError | None = None) -> None:
        """It has ended, and stays so; the first reason stands."""
        self.set("closed", error)

    def notify_state(self) -> None:
        self._state.notify()

    def deliver(self, kind: str, message: Payload) -> None:
        tell = self._tell.get(kind)
        if tell is not None:
            # It may have ended by the time of its turn.
            self._call(lambda: tell(message) if self.active else None)

    def fail(self, error: SyncError) -> None:
        self._call(self._on_error, error)


class Subscription(AnySubscription):
    """What RealtimeSync follows; see AnySubscription for the rest."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._live = threading.Event()

    def wait_until_live(self, seconds: float) -> bool:
        """Wait until the server has acknowledged it for the first time, returns whether; not from within a callback."""
        return self._live.wait(seconds)

    def go_live(self, server_id: str, created_at: str, now: datetime) -> None:
        super().go_live(server_id, created_at, now)
        self._live.set()


class AppointmentCallbacks(TypedDict, total=False):
    """The callbacks of a subscription to appointments; each may be left out."""

    on_appointment_created: OnAppointment | None
    on_appointment_updated: OnAppointmentUpdated | None
    on_appointment_deleted: OnDeleted | None


def appointment_callbacks(
    *,
    on_appointment_created: OnAppointment | None = None,
    on_appointment_updated: OnAppointmentUpdated | None = None,
    on_appointment_deleted: OnDeleted | None = None,
) -> Tell:
    """Each with what it is to be told of a message."""
    found: dict[str, Callable[[Payload], object]] = {}
    if on_appointment_created is not None:
        found["appointment:created"] = lambda message: on_appointment_created(message["appointment"])
    if on_appointment_updated is not None:
        found["appointment:updated"] = lambda message: on_appointment_updated(
            message["appointment"], message["previous"]
        )
    if on_appointment_deleted is not None:
        found["appointment:deleted"] = lambda message: on_appointment_deleted(message["appointmentId"])
    return found


def availability_callbacks(changed: OnAvailability | None) -> Tell:
    """The one, with what it is to be told of a message."""
    if changed is None:
        return {}
    return {"availability:changed": lambda message: changed(message["dentistId"], message["availability"])}


def practice_callbacks(changed: OnRecord | None) -> Tell:
    """The one, with what it is to be told of a message."""
    if changed is None:
        return {}
    return {"record:changed": lambda message: changed(message["kind"], message["id"], message["change"])}
