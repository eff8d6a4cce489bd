"""Every option of the Python clients is documented."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from dental_sync_client import AsyncRealtimeSync, RealtimeSync
from dental_sync_client.client import Client
from dental_sync_client.subscription import AppointmentCallbacks, appointment_callbacks

README = (Path(__file__).parents[3] / "clients/python/README.md").read_text()
CALLBACKS = set(AppointmentCallbacks.__annotations__)
FOR_TESTS = {"self", "new_socket", "fetch_account", "fetch_patient"}


def options(of: type) -> set[str]:
    return set(inspect.signature(of.__init__).parameters) - FOR_TESTS  # type: ignore[misc]


@pytest.mark.parametrize("client", [RealtimeSync, AsyncRealtimeSync])
def test_every_option_is_documented(client: type) -> None:
    """In the README's table, and in the docstring of what both have in common."""
    for option in options(client):
        assert f"| `{option}" in README
        assert f"- `{option}" in (Client.__doc__ or "")


def test_both_clients_have_the_same_options_and_methods() -> None:
    """So that one description holds for both."""
    assert options(RealtimeSync) == options(AsyncRealtimeSync)
    subscribing = {name for name in vars(Client) if name.startswith("subscribe_to_")}
    assert len(subscribing) == 6
    for name in subscribing:
        accepted = set(inspect.signature(vars(Client)[name]).parameters) - {"self", "user_id", "role", "dentist_id"}
        if "callbacks" in accepted:
            accepted = accepted - {"callbacks"} | CALLBACKS
        for option in accepted:
            assert f"`{option}" in README


def test_a_callback_that_may_be_given_is_told_of_a_message() -> None:
    """The type names just those callbacks that are taken, and each is called for a message of its own."""
    assert set(inspect.signature(appointment_callbacks).parameters) == CALLBACKS
    assert len(appointment_callbacks(**dict.fromkeys(CALLBACKS, print))) == len(CALLBACKS)


def test_a_callback_that_does_not_exist_is_refused() -> None:
    """A misspelled one would never be called."""
    with RealtimeSync("http://x.test", lambda _fresh: "") as sync, pytest.raises(TypeError, match="on_appointmnt"):
        sync.subscribe_to_all_appointments(on_appointmnt_created=print)  # type: ignore[call-arg]
