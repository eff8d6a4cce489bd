"""What staff follow with the Python client: which records have changed."""

from __future__ import annotations

from typing import Any

from dental_sync_client import RealtimeSync

from .heard import Heard
from .made_up_server import WAIT_SECONDS, Server, acknowledgement, refusal


def changed(position: int, **more: Any) -> dict[str, Any]:
    """A message of the channel."""
    place = {"position": position, "epoch": "one", "channels": ["practice"]}
    return {**place, "kind": "patient", "id": "p", "change": "updated", **more}


def test_staff_follow_which_records_have_changed(sync: RealtimeSync, server: Server, heard: Heard) -> None:
    """Each once, by kind, id and change; the practice has no id."""
    subscription = sync.subscribe_to_practice(on_record_changed=heard.note)
    socket = server.connected(0)
    asked, answer = socket.next_subscribe()
    assert asked == {"channel": "practice"}
    answer(acknowledgement(10, channel="practice"))
    assert subscription.wait_until_live(WAIT_SECONDS)
    socket.receive("record:changed", changed(11))
    socket.receive("record:changed", changed(11))
    socket.receive("record:changed", changed(14, kind="practice", id=None))
    heard.wait(told=2)
    assert heard.told == [("patient", "p", "updated"), ("practice", None, "updated")]


def test_who_may_not_follow_the_practice_is_told_so(sync: RealtimeSync, server: Server, heard: Heard) -> None:
    """The subscription ends with the refusal."""
    sync.subscribe_to_practice(on_error=heard.error)
    socket = server.connected(0)
    socket.next_subscribe()[1](refusal("forbidden"))
    heard.wait(errors=1)
    assert [error.code for error in heard.errors] == ["forbidden"]
