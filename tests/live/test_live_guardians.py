"""A guardian's open sockets follow the patient from the grant on, and hear nothing more from its end on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .families import TOLD_WITHIN_SECONDS, Family
from .javascript import Connect, JsClient, Node
from .system import System
from .witnesses import booking, somebody_new


@pytest.fixture
def clients(system: System, node: Node) -> Iterator[list[JsClient]]:
    """One for each web process, not connected yet."""
    made = [node.client() for _ in system.web]
    yield made
    for client in made:
        client.disconnect()


def about(client: JsClient, appointment: str) -> list[dict[str, Any]]:
    """What a client was told about an appointment."""
    created = client.events("appointment:created", "appointment:updated", "appointment:deleted")
    return [event for event in created if appointment in (event.get("appointment", {}).get("id"), event.get("id"))]


def test_a_child_is_followed_from_the_grant_to_its_end_on_sockets_that_stay_open(
    system: System, clients: list[JsClient]
) -> None:
    """On each web process; what the guardian follows for themselves goes on, and nobody sees a day too long."""
    family = Family.new(system)
    mother, channel, own = family.mother, family.childs_channel, family.own_channel
    for web, client in enumerate(clients):
        client.connect(system.url(web), mother.token)
        client.wait_connected()
        client.subscribe(own)
        assert client.emit("subscribe", {"channel": channel})["error"]["code"] == "forbidden"
    before = family.book_for_child()

    family.grant()
    for client in clients:
        client.wait_for_event("account:changed", seconds=TOLD_WITHIN_SECONDS)
        # What was booked before the grant is in the log that is replayed.
        client.subscribe(channel, since=0)
    assert [patient["id"] for patient in mother.get("/auth/me")["patients"]] == [family.user["patientId"], family.child]
    between = family.book_for_child()
    head = system.settled_head()
    for client in clients:
        client.catch_up_with(head)
        assert len(about(client, before)) == len(about(client, between)) == 1
        client.forget()

    family.end()
    after = family.book_for_child()
    own_booking = family.book_own()
    head = system.settled_head()
    for client in clients:
        closed = client.wait_for_event("subscription:closed", seconds=TOLD_WITHIN_SECONDS)
        assert (closed["channelName"], closed["reason"]) == (channel, "ended")
        client.wait_for_event("account:changed", seconds=TOLD_WITHIN_SECONDS)
        client.catch_up_with(head)
        assert about(client, after) == []
        assert len(about(client, own_booking)) == 1
        assert client.emit("subscribe", {"channel": channel})["error"]["code"] == "forbidden"
        assert [each["channelName"] for each in client.emit("subscriptions")["subscriptions"]] == [own]


def test_who_follows_a_record_that_is_merged_is_led_to_the_one_that_is_left(
    system: System, clients: list[JsClient], connect: Connect
) -> None:
    """On each web process, in the order of the log; and back again when the merge is undone."""
    desk = system.account("desk")
    user, noor = somebody_new(system, "patient")
    old = f"appointments:patient:{user['patientId']}"
    booked = noor.done("POST", "/appointments", booking(system))["id"]
    entered = desk.done("POST", "/patients", {"name": "Noor"})["id"]
    new = f"appointments:patient:{entered}"
    head = system.settled_head()
    for web, client in enumerate(clients):
        client.connect(system.url(web), noor.token)
        client.wait_connected()
        client.subscribe(old)
    # Nobody loses a right of theirs.
    watcher = connect(system, "desk")
    watcher.subscribe(old)

    merge = desk.done("POST", f"/patients/{user['patientId']}/merge", {"into": entered})
    for client in clients:
        closed = client.wait_for_event("subscription:closed", seconds=TOLD_WITHIN_SECONDS)
        assert (closed["channelName"], closed["reason"]) == (old, "merged")
        client.wait_for_event("account:changed", seconds=TOLD_WITHIN_SECONDS)
        assert [event["appointmentId"] for event in client.events("appointment:deleted")] == [booked]
        client.subscribe(new, since=head)
    assert noor.get("/auth/me")["patientId"] == entered
    closed = watcher.wait_for_event("subscription:closed", seconds=TOLD_WITHIN_SECONDS)
    assert (closed["channelName"], closed["reason"]) == (old, "merged")
    assert watcher.emit("subscribe", {"channel": old})["error"]["code"] == "forbidden"

    desk.done("POST", f"/patients/merges/{merge['id']}/undo", {})
    for client in clients:
        closed = client.wait_for_event("subscription:closed", seconds=TOLD_WITHIN_SECONDS)
        client.catch_up_with(system.settled_head())
        assert [event["appointmentId"] for event in client.events("appointment:deleted")] == [booked, booked]
        assert len(about(client, booked)) == 1
    assert noor.get("/auth/me")["patientId"] == user["patientId"]
