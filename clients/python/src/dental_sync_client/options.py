"""What the application says once, when it makes a client."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from dental_sync_client.account import FetchAccount, FetchPatient
from dental_sync_client.place import Place
from dental_sync_client.subscription import OnError
from dental_sync_client.transport import NewSocket

# Gives an access token; True asks for another than the last one, which was refused or is about to expire.
GetToken = Callable[[bool], str | Awaitable[str]]
# What a channel shows now, with the position and the epoch from which to go on.
Snapshot = Mapping[str, Any] | Place
FetchSnapshot = Callable[[str], Snapshot | Awaitable[Snapshot]]
# The channel, the reason, and what FetchSnapshot gave.
OnResync = Callable[[str, str, Snapshot | None], object]


def now() -> datetime:
    """The time by this machine's clock, in UTC."""
    return datetime.now(timezone.utc)


@dataclass(frozen=True, slots=True)
class Options:
    """See RealtimeSync; `random` answers a number from 0 to 1, `now` the time in UTC."""

    url: str
    get_token: GetToken
    fetch_snapshot: FetchSnapshot | None
    on_resync: OnResync | None
    on_error: OnError | None
    new_socket: NewSocket
    fetch_account: FetchAccount
    fetch_patient: FetchPatient
    random: Callable[[], float] = random.random
    now: Callable[[], datetime] = now
