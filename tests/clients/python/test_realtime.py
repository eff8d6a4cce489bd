"""The Python client as an application calls it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from dental_sync_client import RealtimeSync

from .heard import Heard, follow, live
from .made_up_server import CHANGED, CHANNEL, WAIT_SECONDS, Server, acknowledgement, message


def test_the_last_to_leave_a_channel_leaves_it_on_the_server(sync: RealtimeSync, server: Server) -> None:
    """The count is that of the callers; the server's subscription ends with the last of them."""
    first, second = sync.subscribe_to_global_availability(), sync.subscribe_to_global_availability()
    socket = live(server)
    assert first.wait_until_live(WAIT_SECONDS)
    assert sync.get_active_subscriptions_count() == 2
    sync.unsubscribe(first)
    assert sync.get_active_subscriptions() == [second]
    assert (first.active, second.active, second.id) == (False, True, f"{CHANNEL}-1")
    sync.unsubscribe_all()
    assert socket.next()[:2] == ("unsubscribe", {"id": f"{CHANNEL}-1"})
    assert sync.get_active_subscriptions_count() == 0


def test_a_callback_that_fails_harms_nobody(
    sync: RealtimeSync, server: Server, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    """What it raises is in the log."""
    sync.subscribe_to_global_availability(on_availability_changed=lambda *_: 1 / 0)
    follow(sync, heard)
    live(server).receive(CHANGED, message(11))
    heard.wait(told=1)
    assert "ZeroDivisionError" in caplog.text


def test_an_update_comes_with_the_old_values(sync: RealtimeSync, server: Server, heard: Heard) -> None:
    """As `previous` has them."""
    sync.subscribe_to_all_appointments(on_appointment_updated=heard.note)
    socket = server.connected(0)
    socket.next_subscribe()[1](acknowledgement(10, channel="appointments:all"))
    update = {"position": 11, "epoch": "one", "channels": ["appointments:all"]}
    socket.receive("appointment:updated", {**update, "appointment": {"id": "a"}, "previous": {"status": "booked"}})
    heard.wait(told=1)
    [(appointment, previous)] = heard.told
    assert (appointment["id"], previous) == ("a", {"status": "booked"})


def test_a_place_must_be_one(sync: RealtimeSync) -> None:
    """A list without a position is found out at once."""
    with pytest.raises(ValueError, match="place"):
        sync.subscribe_to_global_availability(since={"items": []})
    assert sync.get_active_subscriptions() == []


def test_the_client_brings_nothing_of_the_server_along() -> None:
    """A back end that follows needs neither Flask nor a database driver."""
    script = (
        "import sys, dental_sync_client\n"
        "print(*{'flask', 'apiflask', 'sqlalchemy', 'pydantic', 'celery', 'psycopg2'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == ""
