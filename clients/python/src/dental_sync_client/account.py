"""Who is signed in, and in which channels an account's appointments are."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dental_sync_client.address import Address
from dental_sync_client.errors import SyncError

ANSWER_SECONDS = 10.0
ALL = "appointments:all"
PATIENT = "appointments:patient:"

# The user as `GET /api/auth/me` answers it, and what fetches it with a token.
Account = Mapping[str, Any]
FetchAccount = Callable[[str, str], Account | Awaitable[Account]]
# Finds by which id a patient's record goes now, None where there is none; with a token and the id.
FetchPatient = Callable[[str, str, str], str | Awaitable[str | None] | None]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose appointments, by the id of the account, the patient or the dentist; without a role the account's own.

    Of one's own `patient_id` chooses one patient.
    """

    role: Literal["patient", "dentist"] | None = None
    user_id: str | None = None
    patient_id: str | None = None

    def provisional_channel(self) -> str:
        """What the channel is called until the account is known."""
        return f"appointments:{self.role}:{self.user_id}" if self.role else "appointments:own"


def fetch_account(url: str, token: str) -> Account:
    """Ask who is signed in; OSError or ValueError when there is no answer that can be used.

    SyncError `forbidden` for a visitor, who is nobody.
    """
    try:
        return _fetch(f"{Address.of(url).root}/api/auth/me", token)
    except urllib.error.HTTPError as refusal:
        with refusal:
            if refusal.code == 403 and json.load(refusal)["code"] == "forbidden":
                raise SyncError("forbidden", "This token is no account's.", retryable=False) from refusal
        raise


def fetch_patient(url: str, token: str, patient_id: str) -> str | None:
    """Ask for a patient: what was merged into another record is redirected there. Raises what `fetch_account` does."""
    try:
        found: str = _fetch(f"{Address.of(url).root}/api/patients/{patient_id}", token)["id"]
    except urllib.error.HTTPError as refusal:
        with refusal:
            if refusal.code in (403, 404, 422):
                return None
        raise
    return found


def _fetch(address: str, token: str) -> Mapping[str, Any]:
    wish = urllib.request.Request(  # noqa: S310 - the address is the application's own
        address, headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(wish, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
        found: Mapping[str, Any] = json.load(answer)
        return found


def appointments_channels(owner: Owner, account: Account) -> list[str]:
    """The channels of an account's appointments: of all patients for whom it acts, or the one; `forbidden` without."""
    role: str = owner.role or account["role"]
    if owner.role is not None and owner.user_id != account["id"]:
        return [f"appointments:{role}:{owner.user_id}"]
    if owner.role is None and role in ("receptionist", "admin"):
        return patient_channels([owner.patient_id]) if owner.patient_id else [ALL]
    found: list[str] = []
    if role == "patient":
        # A dentist follows one patient in the own diary.
        found = patient_channels([owner.patient_id] if owner.patient_id else patients_of(account))
    elif role == "dentist" and account.get("dentistId"):
        found = [f"appointments:dentist:{account['dentistId']}"]
    if not found:
        whose = f"no {role}'s" if owner.role else "neither a patient's nor a dentist's nor the front desk's"
        raise SyncError("forbidden", f"The account {account['id']} is {whose}.", retryable=False)
    return found


def is_of_account(owner: Owner, account: Account) -> bool:
    """Whether its channels are others whenever the account acts for others."""
    is_own = owner.patient_id is None if owner.role is None else owner.user_id == account["id"]
    return is_own and account["role"] == "patient"


def patients_of(account: Account) -> list[str]:
    """Those for whom an account acts, by id; a server that knows nothing of guardians names the own record alone."""
    if "patients" in account:
        return [patient["id"] for patient in account["patients"]]
    own = account.get("patientId")
    return [own] if own else []


def patient_channels(patient_ids: Iterable[str]) -> list[str]:
    """The channel of each patient."""
    return [PATIENT + patient_id for patient_id in patient_ids]


def patient_of(channel_name: str) -> str | None:
    """Whose channel it is, where it is a patient's."""
    return channel_name.removeprefix(PATIENT) if channel_name.startswith(PATIENT) else None
