"""Who is signed in, and in which channel an account's appointments are."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dental_sync_client.address import Address
from dental_sync_client.errors import SyncError

ANSWER_SECONDS = 10.0
ALL = "appointments:all"

# The user as `GET /api/auth/me` answers it, and what fetches it with a token.
Account = Mapping[str, Any]
FetchAccount = Callable[[str, str], Account | Awaitable[Account]]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose appointments, by the id of the account, the patient or the dentist; without one those of the account."""

    role: Literal["patient", "dentist"] | None = None
    user_id: str | None = None

    def provisional_channel(self) -> str:
        """What the channel is called until the account is known."""
        return f"appointments:{self.role}:{self.user_id}" if self.role else "appointments:own"


def fetch_account(url: str, token: str) -> Account:
    """Ask who is signed in; OSError or ValueError when there is no answer that can be used."""
    wish = urllib.request.Request(  # noqa: S310 - the address is the application's own
        f"{Address.of(url).root}/api/auth/me", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(wish, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
        account: Account = json.load(answer)
        return account


def appointments_channel(owner: Owner, account: Account) -> str:
    """The channel of an account's appointments; `forbidden` where it can have none."""
    role: str = owner.role or account["role"]
    if owner.role is not None and owner.user_id != account["id"]:
        return f"appointments:{role}:{owner.user_id}"
    if owner.role is None and role in ("receptionist", "admin"):
        return ALL
    found = {"patient": account.get("patientId"), "dentist": account.get("dentistId")}.get(role)
    if found is None:
        whose = f"no {role}'s" if owner.role else "neither a patient's nor a dentist's nor the front desk's"
        raise SyncError("forbidden", f"The account {account['id']} is {whose}.", retryable=False)
    return f"appointments:{role}:{found}"
