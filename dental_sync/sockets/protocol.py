"""The shapes of what the sockets answer and send about themselves."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dental_sync.core.wire_types import Answer, Instant
from dental_sync.sync.shapes import Channel


class SubscriptionAnswer(Answer):
    """Somebody listens to a channel."""

    id: Annotated[str, Field(examples=["availability:all-1699876543210"])]
    channel_name: Channel
    active: bool
    created_at: Instant
