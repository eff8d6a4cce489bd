"""Clients that do not read are cut off, and the others do not notice."""

from __future__ import annotations

import pytest

from ..conftest import Connect
from ..javascript import JsClient
from ..raw import RawConnection, frame
from ..system import System, wait_until
from .harm import EVERYWHERE, close_the_practice, flood, is_served_in_time

# It measures seconds.
pytestmark = pytest.mark.alone


def test_a_client_that_does_not_read_is_cut_off_and_resumes(wary: System, witness: JsClient, connect: Connect) -> None:
    """Its queue ends and everything of it is freed; others hear all in time; its next connection misses nothing."""
    admin = wary.account("admin")
    with RawConnection(wary.ports[0], receive_buffer=4096) as slow:
        slow.sign_in(wary.account("patient1").token)
        position = slow.call("subscribe", {"channel": EVERYWHERE})["position"]
        wait_until(lambda: admin.get("/sync/stats")["activeConnections"] == 2, 5, lambda: str(admin.get("/sync/stats")))
        for _ in range(8):
            close_the_practice(wary, 2500)
        head = wary.settled_head()
        witness.catch_up_with(head)
        is_served_in_time(wary, witness)
        wait_until(
            lambda: (stats := admin.get("/sync/stats"))["activeConnections"] == 1 and stats["stats"]["total"] == 1,
            15,
            lambda: str(admin.get("/sync/stats")),
        )
        assert wary.log_of(wary.web[0]).count("does not read; it is cut off") == 1
        assert wary.scrape()("socketio_clients_cut_off_total") == 1
        # Not only forgotten: the connection itself is gone, although nobody has read what it holds.
        assert slow.is_closed_within(2)
    heard = [event["position"] for event in witness.events("availability:changed")]
    again = connect(wary, "patient1")
    assert again.subscribe(EVERYWHERE, since=position)["replayed"] >= len(heard)
    assert [event["position"] for event in again.events("availability:changed")][: len(heard)] == heard
    with wary.owner() as cursor:
        cursor.execute("TRUNCATE closures")


def test_a_client_that_does_not_read_its_answers_is_cut_off(wary: System, witness: JsClient) -> None:
    """Also where it follows nothing: what it asks for would be queued for it without an end."""
    before = wary.scrape()("socketio_clients_cut_off_total") or 0
    with RawConnection(wary.ports[0], receive_buffer=4096) as deaf:
        deaf.sign_in(wary.account("patient1").token)
        question = frame(b'421["' + b"x" * 60 + b'",{}]') * 1000
        asked = flood(deaf, question, seconds=40)
        assert asked < 40, "it was never cut off"
    assert "sends and does not read; it is cut off" in wary.log_of(wary.web[0])
    assert wary.scrape()("socketio_clients_cut_off_total") == before + 1
    is_served_in_time(wary, witness)
