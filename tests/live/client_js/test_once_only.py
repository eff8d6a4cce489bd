"""Whoever follows is told everything once, over whichever transport."""

from __future__ import annotations

import pytest

from ..system import System
from ..witnesses import booking
from .front_end import Open


@pytest.mark.parametrize("transports", [["websocket", "polling"], ["polling"]], ids=["websocket", "polling"])
def test_a_booking_reaches_every_front_end_once(system: System, open_front_end: Open, transports: list[str]) -> None:
    """The patient by the account's id, the dentist by the dentist's, the admin, and whoever shows what is free."""
    patient, dentist = system.account("patient1"), system.account("dentist1")
    options = {"transports": transports}
    portal = open_front_end(system, "dentist1@demo.test", options=options)
    portal.subscribe("own", "subscribeToAppointments", dentist.dentist_id, "dentist")
    website = open_front_end(system, "patient1@demo.test", options=options)
    website.subscribe("own", "subscribeToAppointments", patient.user["id"], "patient")
    website.subscribe("free", "subscribeToAvailability", dentist.dentist_id)
    dashboard = open_front_end(system, options=options)
    dashboard.subscribe("all", "subscribeToAllAppointments")
    dashboard.subscribe("free", "subscribeToGlobalAvailability")
    for front_end in (portal, website, dashboard):
        front_end.wait_live()
    booked = patient.done("POST", "/appointments", booking(system))
    moved = patient.done("PATCH", f"/appointments/{booked['id']}", {"reason": "It hurts"})
    system.account("admin").done("DELETE", f"/appointments/{booked['id']}")
    for front_end, name in ((portal, "own"), (website, "own"), (dashboard, "all")):
        front_end.wait_told(name, "deleted", lambda appointment_id: appointment_id == booked["id"])
        assert front_end.all_told(name) == [("created", booked), ("updated", moved), ("deleted", booked["id"])]
        assert front_end.states() == ["connecting", "catching-up", "live"]
    for front_end in (website, dashboard):
        front_end.client.wait_for(lambda it=front_end: len(it.told("free", "availability")) > 1, "busy, and free again")
        assert front_end.all_told("free") == [("availability", dentist.dentist_id)] * 2
    shown = website.describe()
    assert shown["subscriptions"][0]["channelName"] == f"appointments:patient:{patient.patient_id}"
    assert shown["count"] == 2
    assert shown["transports"] == transports[:1]
