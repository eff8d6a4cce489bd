"""In which channel somebody's appointments are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dental_sync_client import SyncError
from dental_sync_client.account import Account, Owner, appointments_channel

PATIENT: Account = {"id": "u1", "role": "patient", "patientId": "p1", "dentistId": None}
DENTIST: Account = {"id": "u2", "role": "dentist", "patientId": None, "dentistId": "d1"}
ADMIN: Account = {"id": "u3", "role": "admin"}
TABLE = json.loads((Path(__file__).parents[3] / "clients/scenarios/accounts/channels.json").read_text())


@pytest.mark.parametrize(
    ("owner", "account", "channel"),
    [
        (Owner("patient", "u1"), PATIENT, "appointments:patient:p1"),
        (Owner("patient", "p1"), PATIENT, "appointments:patient:p1"),
        (Owner("patient", "p1"), ADMIN, "appointments:patient:p1"),
        (Owner("dentist", "u2"), DENTIST, "appointments:dentist:d1"),
        (Owner(), PATIENT, "appointments:patient:p1"),
        (Owner(), DENTIST, "appointments:dentist:d1"),
        (Owner(), ADMIN, "appointments:all"),
    ],
)
def test_somebody_may_be_named_by_account_or_record(owner: Owner, account: Account, channel: str) -> None:
    """The account's own id gives way to the patient's or dentist's; an admin's own are all."""
    assert appointments_channel(owner, account) == channel


@pytest.mark.parametrize("role", TABLE["own"])
def test_what_is_each_roles_own_is_as_the_table_of_both_clients_says(role: str) -> None:
    """The table is held to docs/permissions.md, and the TypeScript client to the table."""
    channel = TABLE["own"][role]
    if channel is None:
        with pytest.raises(SyncError):
            appointments_channel(Owner(), TABLE["accounts"][role])
    else:
        assert appointments_channel(Owner(), TABLE["accounts"][role]) == channel


@pytest.mark.parametrize(
    ("owner", "account"),
    [
        (Owner("dentist", "u1"), PATIENT),
        (Owner("patient", "u3"), ADMIN),
        (Owner(), {"id": "u4", "role": "chatbot"}),
        (Owner(), {"id": "u5", "role": "patient"}),
    ],
)
def test_an_account_without_appointments_is_forbidden(owner: Owner, account: Account) -> None:
    """For good: asking again changes nothing."""
    with pytest.raises(SyncError) as raised:
        appointments_channel(owner, account)
    assert (raised.value.code, raised.value.retryable) == ("forbidden", False)
