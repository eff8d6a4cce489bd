"""The Python client's state, as it is told."""

from __future__ import annotations

from datetime import UTC, datetime

from dental_sync_client import SyncError, SyncState
from dental_sync_client.errors import connection_lost
from dental_sync_client.state import StateKeeper, Status
from dental_sync_client.subscription import call

NOW = datetime(2030, 1, 7, 9, tzinfo=UTC)


def become(state: StateKeeper, status: Status, error: SyncError | None = None) -> None:
    state.set(status, error)
    state.notify()


def test_a_change_of_the_status_or_the_error_is_told_once() -> None:
    """The time alone is no change; whoever has ended listening hears nothing more."""
    told: list[SyncState] = []
    state = StateKeeper(call)
    assert state.current == SyncState("closed", None, None)
    end = state.listen(told.append)
    state.set("connecting")
    assert (state.current.status, told) == ("connecting", [])
    lost = connection_lost("gone")
    for status in ("connecting", "live", "live"):
        become(state, status)
    state.complete_at(NOW)
    become(state, "live")
    become(state, "offline", lost)
    end()
    end()
    become(state, "live")
    assert told == [SyncState("connecting", None, None), SyncState("live", None, None), SyncState("offline", NOW, lost)]


def test_a_listener_that_fails_harms_no_other() -> None:
    """And one that ends itself is no trouble."""
    told: list[str] = []
    state = StateKeeper(call)
    state.listen(lambda _: 1 / 0)
    end = state.listen(lambda now: (told.append(now.status), end()))
    state.listen(lambda now: told.append(now.status))
    become(state, "live")
    become(state, "offline")
    assert told == ["live", "live", "offline"]
