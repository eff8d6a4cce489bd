"""What the server sends of its own, and what it acknowledges with: one class for each, built where it is sent.

The events of the diary are in sync/shapes.py, what clients emit is in handlers.py.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from dental_sync.core import errors
from dental_sync.core.wire_types import Answer, Count, Id, Instant, InstantText
from dental_sync.sync.message_queue import HEARTBEAT
from dental_sync.sync.shapes import HEARD, Channel, Event

# What any event of a client may be refused with.
REFUSALS = (
    errors.Unauthorized,
    errors.TokenExpired,
    errors.AccountDisabled,
    errors.Forbidden,
    errors.UnknownChannel,
    errors.TooManySubscriptions,
    errors.InvalidPayload,
    errors.RateLimited,
    errors.Unavailable,
    errors.InternalError,
)


class SubscriptionAnswer(Answer):
    """One socket follows one channel."""

    id: Annotated[str, Field(examples=["availability:all-1699876543210"])]
    channel_name: Channel
    active: bool
    created_at: InstantText


class Error(Answer):
    """A stable code and a sentence."""

    code: Annotated[str, Field(json_schema_extra={"enum": [refusal.code for refusal in REFUSALS]})]
    detail: str


class Acknowledgement(Answer):
    """What an event of a client is answered with."""


class Refused(Acknowledgement):
    """What every event may be answered with instead."""

    ok: Literal[False]
    error: Error


class Done(Acknowledgement):
    """It is done."""

    ok: Literal[True]


class Subscribed(Done):
    """All of this channel up to `position` has been sent; after `resync` fetch a snapshot instead."""

    subscription: SubscriptionAnswer
    position: Count
    epoch: Id
    replayed: Count
    resync: bool


class UnsubscribedAll(Done):
    """How many subscriptions there were."""

    count: Count


class Subscriptions(Done):
    """What this socket follows."""

    subscriptions: list[SubscriptionAnswer]


class Authenticated(Done):
    """Until when the fresh token is good."""

    expires_at: Instant


class ServerEvent(Answer):
    """What the server says about the connection."""

    # The event's name.
    type: ClassVar[str]


class Beat(ServerEvent):
    """Everything of the subscribed channels up to `position` has been sent."""

    type = HEARTBEAT
    timestamp: InstantText
    position: Count
    epoch: Id


class Beaten(Done, Beat):
    """How far this process has delivered."""


class Ready(ServerEvent):
    """The connection is accepted."""

    type = "ready"
    connection_id: str
    epoch: Id
    position: Count
    expires_at: Instant
    heartbeat_seconds: float


class Resync(ServerEvent):
    """Messages are missing: fetch a snapshot, then go on from its position."""

    type = "resync"
    channel: Channel
    reason: str


class SubscriptionClosed(ServerEvent):
    """Access was withdrawn."""

    type = "subscription:closed"
    id: str
    channel_name: Channel
    reason: str


class AccountChanged(ServerEvent):
    """The account acts for other patients than before: ask who it is, and follow them."""

    type = "account:changed"


class TokenExpiring(ServerEvent):
    """60 seconds before the connection is closed, unless it is given a fresh token."""

    type = "token:expiring"
    expires_at: Instant


class Draining(ServerEvent):
    """The process is about to stop: reconnect after that time."""

    type = "draining"
    reconnect_after_ms: Count


# Everything that a socket may be sent, and the only list of it.
SENT: tuple[type[Event | ServerEvent], ...] = (
    Ready,
    *HEARD,
    Beat,
    Resync,
    SubscriptionClosed,
    AccountChanged,
    TokenExpiring,
    Draining,
)


def refused(refusal: errors.Refusal) -> dict[str, Any]:
    """The acknowledgement of a refusal."""
    return Refused(ok=False, error=Error(code=refusal.code, detail=refusal.detail)).wire()
