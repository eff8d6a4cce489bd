"""The Python client and its rights: appointments of its own, rights that are gone, channels that are not its own."""

from __future__ import annotations

from typing import Any

import pytest
from dental_sync_client import SyncError

from ..system import System, wait_until
from ..witnesses import somebody_new
from .follower import LIVE_SECONDS, Follow, book


def test_the_python_client_knows_whose_appointments_are_its_own(system: System, follow: Follow) -> None:
    """A patient's and a dentist's own, an admin's all; a chatbot has none, and hears that for good."""
    heard: list[SyncError] = []
    channels = []
    updates: list[tuple[Any, Any]] = []
    for name in ("patient1", "dentist1", "admin"):
        subscription = follow(system, name).sync.subscribe_to_own_appointments(
            on_appointment_updated=lambda appointment, previous: updates.append((appointment, previous))
        )
        assert subscription.wait_until_live(LIVE_SECONDS)
        channels.append(subscription.channel_name)
    assert channels == [
        f"appointments:patient:{system.account('patient1').patient_id}",
        f"appointments:dentist:{system.account('dentist1').dentist_id}",
        "appointments:all",
    ]
    [booked], _ = book(system, 1)
    system.account("patient1").done("POST", f"/appointments/{booked}/confirm", {})
    wait_until(lambda: len(updates) == 3, 10, lambda: f"only {updates}")
    for appointment, previous in updates:
        assert (appointment["id"], appointment["confirmation"]) == (booked, "confirmed")
        assert previous["confirmation"] == "unconfirmed"
    chatbot = follow(system, "chatbot").sync
    chatbot.subscribe_to_own_appointments(on_error=heard.append)
    chatbot.subscribe_to_appointments(system.account("chatbot").user["id"], "patient", on_error=heard.append)
    wait_until(lambda: len(heard) == 2, 10, lambda: f"only {heard}")
    assert [(error.code, error.retryable) for error in heard] == [("forbidden", False)] * 2
    assert chatbot.get_active_subscriptions() == []


def test_the_python_client_closes_when_its_rights_are_gone(system: System, follow: Follow) -> None:
    """A typed error, to every subscription and once to the whole; no attempt follows, and nothing can be added."""
    user, account = somebody_new(system, "chatbot")
    chatbot = follow(system, "chatbot", lambda: account.token)
    chatbot.availability()
    heard: list[SyncError] = []
    chatbot.sync.subscribe_to_global_availability(on_error=heard.append)
    system.account("admin").done("PATCH", f"/users/{user['id']}", {"active": False})
    wait_until(lambda: bool(chatbot.errors), 10, lambda: "it did not hear of it")
    assert [(error.code, error.retryable) for error in chatbot.errors] == [("revoked", False)]
    assert chatbot.errors == [chatbot.sync.error]
    # The server ends each subscription before the connection.
    assert [(error.code, error.retryable) for error in heard] == [("subscription-closed", False)]
    assert chatbot.sync.get_active_subscriptions() == []
    with pytest.raises(SyncError, match="revoked"):
        chatbot.sync.subscribe_to_global_availability()
    again = follow(system, "chatbot", lambda: account.token)
    again.sync.subscribe_to_global_availability()
    wait_until(lambda: bool(again.errors), 10, lambda: "it was let in")
    assert [(error.code, error.retryable) for error in again.errors] == [("account-disabled", False)]


def test_the_python_client_hears_of_a_channel_that_is_not_its_own(system: System, follow: Follow) -> None:
    """A refused subscription ends with its code; the others go on."""
    chatbot = follow(system, "chatbot")
    chatbot.availability()
    heard: list[SyncError] = []
    chatbot.sync.subscribe_to_all_appointments(on_error=heard.append)
    wait_until(lambda: bool(heard), 10, lambda: "it was not refused")
    assert [(error.code, error.retryable) for error in heard] == [("forbidden", False)]
    assert [each.channel_name for each in chatbot.sync.get_active_subscriptions()] == ["availability:all"]
    assert chatbot.errors == []
