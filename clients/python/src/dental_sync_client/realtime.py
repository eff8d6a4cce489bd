"""RealtimeSync: the client for programs with threads. Any thread may call it; the work is done in one, see `loop`."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

from dental_sync_client.account import FetchAccount, FetchPatient, fetch_account, fetch_patient
from dental_sync_client.client import Client
from dental_sync_client.errors import SyncError
from dental_sync_client.loop import Loop
from dental_sync_client.options import FetchSnapshot, GetToken, OnResync, Options
from dental_sync_client.subscription import OnError, Subscription
from dental_sync_client.transport import NewSocket, SocketIO

if TYPE_CHECKING:
    from typing_extensions import Self

CLOSE_SECONDS = 10.0


class RealtimeSync(Client[Subscription]):
    """The client for programs with threads; see Client for what it follows.

    All callbacks, those given here too, are called in one thread, and nothing else is told while one runs. It is a
    context manager, which closes it.
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
        fetch_patient: FetchPatient = fetch_patient,
    ) -> None:
        """The options are those of Client; `new_socket`, `fetch_account` and `fetch_patient` are there for tests."""
        self._loop = Loop()
        self._has_ended = threading.Event()
        options = Options(url, get_token, fetch_snapshot, on_resync, on_error, new_socket, fetch_account, fetch_patient)
        super().__init__(options, self._loop, Subscription)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def wait_until_closed(self, seconds: float | None = None) -> bool:
        """Wait until it is closed, at most so many seconds (default: for as long as it takes), and return whether.

        What keeps a program running that does nothing else; Ctrl-C ends the wait with KeyboardInterrupt. Raises the
        SyncError that closed it. Not from within a callback.
        """
        give_up_at = None if seconds is None else time.monotonic() + seconds
        # In pieces: where a wait cannot be interrupted, Ctrl-C ends it within a second.
        while not self._has_ended.wait(1.0 if give_up_at is None else min(1.0, give_up_at - time.monotonic())):
            if give_up_at is not None and time.monotonic() >= give_up_at:
                return False
        if self.error is not None:
            raise self.error
        return True

    def close(self) -> None:
        """Hang up, and wait until the last callback has returned, at most 10 seconds (not from within one)."""
        with self._lock:
            self._is_closed = True
        self._loop.stop()
        self._loop.join(CLOSE_SECONDS)
        self._forget_all()

    def _forget_all(self, error: SyncError | None = None) -> list[Subscription]:
        ended = super()._forget_all(error)
        self._has_ended.set()
        return ended
