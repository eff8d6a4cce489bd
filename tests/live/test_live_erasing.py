"""A patient who is erased is nobody on every screen, at once, and to whoever comes back later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .javascript import JsClient, Node
from .system import System
from .witnesses import booking, somebody_new

NAME, ERASED = "Ottilie Erasmus", "Erased patient"


@pytest.fixture
def clients(system: System, node: Node) -> Iterator[list[JsClient]]:
    """One for each web process, not connected yet."""
    made = [node.client() for _ in system.web]
    yield made
    for client in made:
        client.disconnect()


def test_an_erased_patient_goes_from_every_screen_and_no_replay_tells_the_name(
    system: System, node: Node, clients: list[JsClient]
) -> None:
    """On both web processes; who resumes from before the booking is told as much as who looks now."""
    desk, admin, dentist = system.account("desk"), system.account("admin"), system.account("dentist1")
    user, patient = somebody_new(system, "patient")
    record = user["patientId"]
    desk.done("PATCH", f"/patients/{record}", {"name": NAME, "phone": "030 5550199"})
    since = system.settled_head()
    channel = f"appointments:dentist:{dentist.dentist_id}"
    for web, client in enumerate(clients):
        client.connect(system.url(web), dentist.token)
        client.wait_connected()
        client.subscribe(channel)
    own = node.client()
    own.connect(system.url(0), patient.token)
    own.wait_connected()
    own.subscribe(f"appointments:patient:{record}")
    booked = patient.done("POST", "/appointments", {**booking(system), "reason": f"{NAME} has a toothache"})["id"]
    refused = admin.call("POST", f"/patients/{record}/erase", {})
    assert (refused.status, refused.code) == (409, "bookings-in-the-way")
    patient.done("POST", f"/appointments/{booked}/cancel", {"reason": NAME})
    head = system.settled_head()
    for client in clients:
        client.catch_up_with(head)
        assert client.events("appointment:updated")[-1]["appointment"]["patientName"] == NAME

    admin.done("POST", f"/patients/{record}/erase", {})
    own.wait_disconnected()
    head = system.settled_head()
    for client in clients:
        client.catch_up_with(head)
        last = client.events("appointment:updated")[-1]
        assert (last["appointment"]["id"], last["appointment"]["patientName"]) == (booked, ERASED)
        assert last["appointment"]["reason"] is last["appointment"]["cancelReason"] is None
        assert NAME not in str(last)
    assert dentist.get(f"/appointments/{booked}")["patientName"] == ERASED
    assert patient.call("GET", "/auth/me").status == 401

    late = node.client()
    late.connect(system.url(1), dentist.token)
    late.wait_connected()
    late.subscribe(channel, since=since)
    late.catch_up_with(head)
    told = [event for event in late.events("appointment:created") if event["appointment"]["id"] == booked]
    assert [event["appointment"]["patientName"] for event in told] == [ERASED]
    assert NAME not in str(late.records)
    late.disconnect()
    own.disconnect()
    logs = "".join(system.log_of(process) for process in system.processes)
    assert NAME not in logs
