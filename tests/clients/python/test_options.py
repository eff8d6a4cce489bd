"""Every option of the Python clients is documented."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from dental_sync_client import AsyncRealtimeSync, RealtimeSync
from dental_sync_client.client import Client

README = (Path(__file__).parents[3] / "clients/python/README.md").read_text()
FOR_TESTS = {"self", "new_socket", "fetch_account"}


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
    assert len(subscribing) == 5
    for name in subscribing:
        for option in set(inspect.signature(vars(Client)[name]).parameters) - {"self", "user_id", "role", "dentist_id"}:
            assert f"`{option}" in README
