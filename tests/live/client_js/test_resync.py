"""Where the log does not reach back, a snapshot takes its place."""

from __future__ import annotations

from ..system import System
from ..witnesses import NEW_PASSWORD, booking, operate, somebody_new
from .front_end import Open


def test_another_log_is_answered_with_a_snapshot(sturdy: System, open_front_end: Open) -> None:
    """After a dump was restored a front end has the snapshot, goes on from it, and is live again."""
    system = sturdy
    user, patient = somebody_new(system, "patient")
    website = open_front_end(system, user["email"], NEW_PASSWORD, withSnapshots=True)
    website.subscribe("own", "subscribeToAppointments", user["id"], "patient")
    website.wait_live()
    first = patient.done("POST", "/appointments", booking(system))
    website.wait_created("own", first)
    operate(system, "dental_sync.cli", "new-epoch")
    resync = website.client.wait_for_record(lambda record: record["kind"] == "resync", "a snapshot")
    assert resync["channelName"] == f"appointments:patient:{patient.patient_id}"
    assert [row["id"] for row in resync["snapshot"]["items"]] == [first["id"]]
    website.wait_live()
    second = patient.done("POST", "/appointments", booking(system))
    website.wait_created("own", second)
    assert [appointment["id"] for appointment in website.told("own", "created")] == [first["id"], second["id"]]
