"""The one connection of all subscriptions: it signs in, comes back after every loss, and notices silence."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from dental_sync_client.appointment import in_full
from dental_sync_client.backoff import seconds_before
from dental_sync_client.errors import SyncError, connection_lost
from dental_sync_client.message_types import MESSAGE_TYPES
from dental_sync_client.options import Options
from dental_sync_client.place import Place
from dental_sync_client.runtime import Runtime, Work
from dental_sync_client.subscription import Payload
from dental_sync_client.transport import CLOSED, CONNECTED, LOST, REFUSED, Socket

logger = logging.getLogger(__name__)

T = TypeVar("T")

# A server that accepts a connection and then says nothing is none.
READY_SECONDS = 10.0
ANSWER_SECONDS = 60.0
HEARTBEAT_SECONDS = 30.0

_REFUSALS_OF_TOKENS = frozenset({"unauthorized", "token-expired"})


class ConnectionUser(Protocol):
    """Whom it tells."""

    def on_ready(self) -> None:
        """It was let in."""

    def on_message(self, kind: str, message: Payload) -> None:
        """A row of the log."""

    def on_beat(self, place: Place) -> None:
        """Everything up to here was sent."""

    def on_resync(self, channel_name: str, reason: str) -> None:
        """The server says that messages of a channel are missing."""

    def on_subscription_closed(self, channel_name: str, reason: str) -> None:
        """The server has ended a subscription."""

    def on_account_changed(self) -> None:
        """The account acts for other patients than before."""

    def on_lost(self, error: SyncError) -> None:
        """It broke, and comes back by itself."""

    def on_closed(self, error: SyncError | None) -> None:
        """It does not come back."""

    def expects_heartbeats(self) -> bool:
        """The server sends heartbeats to subscribers only."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Not wanted, or not any more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Wanted, and between two attempts."""


@dataclass(frozen=True, slots=True)
class SigningIn:
    """An attempt; without a socket while the token is fetched."""

    socket: Socket | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """Let in. `is_renewing`: a fresh token is being fetched, or shown to the server."""

    socket: Socket
    is_renewing: bool = False


Phase = Closed | Waiting | SigningIn | Ready


class Connection:
    """All its methods are called by its runtime, one after the other.

             open             let in
    closed --------> signing in ------> ready
      ^               ^     |             |
      | close, from   |     | no answer,  | lost, silent,
      | each of them  |     | refused     | token refused
                      |     v             |
                      waiting <-----------+

    From `ready` a process that is about to stop is left for `signing in` at once.
    """

    def __init__(self, options: Options, runtime: Runtime, user: ConnectionUser) -> None:
        self.token = ""
        self._options = options
        self._runtime = runtime
        self._user = user
        self._phase: Phase = Closed()
        # Rises with the end of every connection, so that nothing of one reaches the next.
        self._generation = 0
        self._failures = 0
        self._is_trouble_told = False
        self._wants_fresh_token = False
        self._tokens_refused = 0
        self._heartbeat_seconds = HEARTBEAT_SECONDS
        self._call_off_watch: Work = lambda: None

    @property
    def is_open(self) -> bool:
        return not isinstance(self._phase, Closed)

    @property
    def is_ready(self) -> bool:
        return isinstance(self._phase, Ready)

    def open(self) -> None:
        if not self.is_open:
            self._attempt()

    def close(self, error: SyncError | None = None) -> None:
        """For good; an error is why."""
        if self.is_open:
            self._hang_up(Closed())
            self._user.on_closed(error)

    def lose(self, error: SyncError) -> None:
        """Give this connection up, and come back."""
        if self.is_open:
            self._hang_up(Waiting())
            self._user.on_lost(error)
            wait = seconds_before(self._failures, self._options.random())
            self._failures += 1
            self.later(wait, self._attempt)

    def ask(self, event: str, payload: Payload, answered: Callable[[Payload], None]) -> None:
        """Emit, and have the answer while the same connection lasts; without one in time it does not."""
        if not isinstance(self._phase, Ready):
            return
        call_off = self.later(ANSWER_SECONDS, lambda: self.lose(connection_lost(f"{event} was not answered.")))

        def hear(answer: Payload) -> None:
            call_off()
            self._watch()
            answered(answer)

        self._phase.socket.ask(event, payload, self._while_it_lasts(hear))

    def later(self, seconds: float, work: Work) -> Work:
        """Have something done after a time, if this connection lasts as long; returns what calls it off."""
        generation = self._generation
        return self._runtime.later(seconds, lambda: work() if generation == self._generation else None)

    def fetch(
        self, ask: Callable[[], T | Awaitable[T]], then: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        """Have something that takes time done; what comes of it counts if this connection lasts as long."""
        generation = self._generation
        self._runtime.fetch(
            ask,
            lambda found: then(found) if generation == self._generation else None,
            lambda failure: failed(failure) if generation == self._generation else None,
        )

    # Coming and going.

    def _attempt(self) -> None:
        self._hang_up(SigningIn())
        is_fresh = self._wants_fresh_token
        self.fetch(lambda: self._options.get_token(is_fresh), self._sign_in, self._no_token)

    def _no_token(self, failure: Exception) -> None:
        self._log_no_token(failure, is_first=not self._is_trouble_told)
        self._fail(SyncError("token-unavailable", str(failure), retryable=True))

    def _sign_in(self, token: str) -> None:
        self.token = token
        self._wants_fresh_token = False
        hear = self._while_it_lasts(lambda what: self._receive(*what))
        socket = self._options.new_socket(lambda event, payload: hear((event, payload)))
        self._phase = SigningIn(socket)
        self._heartbeat_seconds = HEARTBEAT_SECONDS
        self.fetch(lambda: socket.open(self._options.url, token), lambda _: self._watch(), self._not_opened)

    def _not_opened(self, failure: Exception) -> None:
        if not isinstance(failure, OSError):
            raise failure
        self._fail(connection_lost(str(failure)))

    def _while_it_lasts(self, work: Callable[[Any], None]) -> Callable[[Any], None]:
        """Hand on what comes from the socket's thread, in its turn and unless the connection has ended by then."""
        generation = self._generation
        return lambda what: self._runtime.put(lambda: work(what) if generation == self._generation else None)

    def _hang_up(self, phase: Closed | Waiting | SigningIn) -> None:
        self._generation += 1
        self._call_off_watch()
        last, self._phase = self._phase, phase
        if isinstance(last, SigningIn | Ready) and last.socket is not None:
            last.socket.close()

    def _fail(self, error: SyncError) -> None:
        """Nothing came about; of a row of failures the first is told."""
        is_first, self._is_trouble_told = not self._is_trouble_told, True
        self.lose(error)
        if is_first:
            self._runtime.call(self._options.on_error, error)

    def _receive(self, event: str, payload: Any) -> None:  # noqa: PLR0912 - one for each event
        match event:
            case _ if event in MESSAGE_TYPES:
                self._user.on_message(event, in_full(payload))
            case "heartbeat":
                self._watch()
                self._user.on_beat(Place.of(payload))
            case "resync":
                self._user.on_resync(payload["channel"], payload["reason"])
            case "subscription:closed":
                self._user.on_subscription_closed(payload["channelName"], payload["reason"])
            case "account:changed":
                self._user.on_account_changed()
            case "ready":
                self._heartbeat_seconds = payload["heartbeatSeconds"]
                self._watch()
            case _ if event == CONNECTED:
                self._let_in()
            case _ if event == REFUSED:
                self._refused(payload)
            case _ if event == CLOSED:
                self.close(SyncError("revoked", "The session has ended, or lost its rights.", retryable=False))
            case _ if event == LOST:
                self.lose(connection_lost(str(payload)))
            case "token:expiring":
                if self._set_renewing(True):
                    self._renew()
            case "draining":
                self.later(payload["reconnectAfterMs"] / 1000, self._move)

    def _let_in(self) -> None:
        if isinstance(self._phase, SigningIn) and self._phase.socket is not None:
            self._phase = Ready(self._phase.socket)
            self._failures = self._tokens_refused = 0
            self._is_trouble_told = False
            self._watch()
            self._user.on_ready()

    def _refused(self, why: Any) -> None:
        data = why.get("data") if isinstance(why, dict) else None
        code = data.get("code", "unavailable") if isinstance(data, dict) else "unavailable"
        if code in _REFUSALS_OF_TOKENS:
            self._tokens_refused += 1
            self._wants_fresh_token = True
        is_final = code == "account-disabled" or self._tokens_refused > 1
        error = SyncError(code, "The server refused the connection.", retryable=not is_final)
        if is_final:
            self.close(error)
        else:
            self._fail(error)

    def _move(self) -> None:
        """This process is about to stop: go to another one."""
        self._hang_up(Waiting())
        self._user.on_lost(connection_lost("The server is about to stop."))
        self._attempt()

    def _log_no_token(self, failure: Exception, *, is_first: bool) -> None:
        """A server that is away is one line in the log, once; a mistake in a program is told with its place."""
        if not isinstance(failure, OSError):
            logger.error("get_token failed", exc_info=failure)
        else:
            logger.log(logging.WARNING if is_first else logging.DEBUG, "get_token failed: %s", failure)

    # Silence.

    def _watch(self) -> None:
        """There was a sign of life; wait for the next one."""
        self._call_off_watch()
        seconds = 2 * self._heartbeat_seconds if self.is_ready else READY_SECONDS
        self._call_off_watch = self.later(seconds, self._silent)

    def _silent(self) -> None:
        if not self.is_ready:
            self._fail(connection_lost("The server does not answer."))
        elif self._user.expects_heartbeats():
            self.lose(connection_lost("There was no heartbeat."))
        else:
            self._watch()

    # A fresh token on the open socket; when that does not help, connecting again decides.

    def _set_renewing(self, is_renewing: bool) -> bool:
        """Whether that is a change."""
        if not isinstance(self._phase, Ready) or self._phase.is_renewing == is_renewing:
            return False
        self._phase = replace(self._phase, is_renewing=is_renewing)
        return True

    def _renew(self, failures: int = 0) -> None:
        def failed(failure: Exception) -> None:
            self._log_no_token(failure, is_first=failures == 0)
            if failures == 0:
                error = SyncError("token-unavailable", str(failure), retryable=True)
                self._runtime.call(self._options.on_error, error)
            self._renew_later(failures)

        self.fetch(lambda: self._options.get_token(True), lambda token: self._ask_to_renew(token, failures), failed)

    def _ask_to_renew(self, token: str, failures: int) -> None:
        def answered(answer: Payload) -> None:
            if answer["ok"]:
                self._set_renewing(False)
                self.token = token
                return
            error = SyncError.refused(answer["error"])
            if error.code == "account-disabled":
                self.close(error)
            elif error.retryable:
                self._renew_later(failures)
            else:
                self.lose(error)

        self.ask("authenticate", {"token": token}, answered)

    def _renew_later(self, failures: int) -> None:
        self.later(seconds_before(failures, self._options.random()), lambda: self._renew(failures + 1))
