"""In which channels somebody's appointments are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dental_sync_client import SyncError
from dental_sync_client.account import Account, Owner, appointments_channels

PATIENT: Account = {"id": "u1", "role": "patient", "patientId": "p1", "dentistId": None}
DENTIST: Account = {"id": "u2", "role": "dentist", "patientId": None, "dentistId": "d1"}
ADMIN: Account = {"id": "u3", "role": "admin"}
TABLE = json.loads((Path(__file__).parents[3] / "clients/scenarios/accounts/channels.json").read_text())
GUARDIAN: Account = TABLE["accounts"]["guardian"]


@pytest.mark.parametrize(
    ("owner", "account", "channels"),
    [
        (Owner("patient", "u1"), PATIENT, ["appointments:patient:p1"]),
        (Owner("patient", "p1"), PATIENT, ["appointments:patient:p1"]),
        (Owner("patient", "p1"), ADMIN, ["appointments:patient:p1"]),
        (Owner("dentist", "u2"), DENTIST, ["appointments:dentist:d1"]),
        (Owner("patient", "u6"), GUARDIAN, ["appointments:patient:p6", "appointments:patient:p1"]),
        (Owner("patient", "p6"), GUARDIAN, ["appointments:patient:p6"]),
    ],
)
def test_somebody_may_be_named_by_account_or_record(owner: Owner, account: Account, channels: list[str]) -> None:
    """The account's own id means all for whom it acts, or the dentist; a record's that record alone."""
    assert appointments_channels(owner, account) == channels


@pytest.mark.parametrize(
    ("which", "owner", "name"),
    [("own", Owner(), name) for name in TABLE["own"]]
    + [("one", Owner(patient_id="p1"), name) for name in TABLE["one"]],
)
def test_what_is_each_roles_own_is_as_the_table_of_both_clients_says(which: str, owner: Owner, name: str) -> None:
    """The table is held to docs/permissions.md, and the TypeScript client to the table."""
    channels = TABLE[which][name]
    if channels:
        assert appointments_channels(owner, TABLE["accounts"][name]) == channels
    else:
        with pytest.raises(SyncError):
            appointments_channels(owner, TABLE["accounts"][name])


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
        appointments_channels(owner, account)
    assert (raised.value.code, raised.value.retryable) == ("forbidden", False)
