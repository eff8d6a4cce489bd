"""One open socket: who it belongs to, and what it follows."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

from dental_sync.core.actor import Actor, OwnPatient
from dental_sync.core.errors import Forbidden
from dental_sync.records.tokens import SignedIn
from dental_sync.sockets.buckets import Bucket
from dental_sync.sockets.subscriptions import Subscription


@dataclass(slots=True)
class Connection:
    """One open socket: its account, when its token expires, and its subscriptions."""

    sid: str
    actor: Actor
    expires_at: datetime
    # With whose connections and events its own are counted: its account, for visitors their address.
    counted_with: str
    # The events that it may send.
    bucket: Bucket
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    told_of_expiry: bool = False
    # For whom the account acted when the client was told last; `actor` may be newer by what it has asked for since.
    patients_told: tuple[OwnPatient, ...] = field(init=False)
    # How often something may have been withdrawn from its account.
    withdrawals: int = 0
    # A client's events are answered in the order in which it sent them.
    turn: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.patients_told = self.actor.patients

    def go_on_as(self, signed_in: SignedIn) -> None:
        """Go on with a fresh token; raises Forbidden for another account's, and for one of another role.

        Its subscriptions were allowed to the role that it had; another role must connect again. Visitors are nobody in
        particular: any visitor's token will do.
        """
        if signed_in.actor.is_visitor and self.actor.is_visitor:
            self.expires_at, self.told_of_expiry = signed_in.expires_at, False
            return
        if signed_in.actor.user_id != self.actor.user_id:
            raise Forbidden("This token belongs to another account.")
        if signed_in.actor.acts_as != self.actor.acts_as:
            raise Forbidden("Your role has changed; connect again.")
        self.actor, self.expires_at = signed_in.actor, signed_in.expires_at
        self.told_of_expiry = False
