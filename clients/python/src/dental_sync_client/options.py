"""What the application says once, when it makes a client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dental_sync_client.account import FetchAccount
from dental_sync_client.place import Place
from dental_sync_client.subscription import OnError
from dental_sync_client.transport import NewSocket

# Gives an access token; True asks for another than the last one, which was refused or is about to expire.
GetToken = Callable[[bool], str]
# What a channel shows now, with the position and the epoch from which to go on.
Snapshot = Mapping[str, Any] | Place
FetchSnapshot = Callable[[str], Snapshot]
# The channel, the reason, and what FetchSnapshot gave.
OnResync = Callable[[str, str, Snapshot | None], object]


@dataclass(frozen=True, slots=True)
class Options:
    """See RealtimeSync."""

    url: str
    get_token: GetToken
    fetch_snapshot: FetchSnapshot | None
    on_resync: OnResync | None
    on_error: OnError | None
    new_socket: NewSocket
    fetch_account: FetchAccount
