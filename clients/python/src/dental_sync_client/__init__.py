"""A client for back ends: follow appointments and availability from Python, without a gap.

    sync = RealtimeSync("https://practice.example", get_token)
    sync.subscribe_to_global_availability(on_availability_changed=lambda dentist_id, availability: …)

AsyncRealtimeSync does the same in asyncio.

It is on the other side of the wire: it imports nothing of the server, and docs/protocol.md is all that they share.
"""

from dental_sync_client.aio import AsyncRealtimeSync, AsyncSubscription
from dental_sync_client.errors import SyncError
from dental_sync_client.place import Place
from dental_sync_client.realtime import RealtimeSync
from dental_sync_client.session import Session
from dental_sync_client.state import SyncState
from dental_sync_client.subscription import Subscription
from dental_sync_client.visitor import VisitorSession

__all__ = [
    "AsyncRealtimeSync",
    "AsyncSubscription",
    "Place",
    "RealtimeSync",
    "Session",
    "Subscription",
    "SyncError",
    "SyncState",
    "VisitorSession",
]
