"""A visitor, who has no account, follows on a socket what is free, and nothing else."""

from __future__ import annotations

import json

from .javascript import Node
from .rest import Account, call
from .system import System
from .witnesses import booking


def a_visitor(system: System) -> Account:
    """A token that nobody signed in for."""
    answer = call(system.ports[0], "POST", "/api/public/token", {})
    assert answer.status == 200, answer
    return Account(system.ports, {"role": "visitor"}, answer.body["accessToken"])


def test_a_visitor_hears_that_a_time_is_taken_and_not_by_whom(system: System, node: Node) -> None:
    """From where the public list of free times ended; every other channel is refused, and another token goes on."""
    patient, dentist = system.account("patient1"), system.account("dentist1").dentist_id
    visitor = a_visitor(system)
    wanted = booking(system)
    query = f"from={wanted['startsAt']}&to={wanted['endsAt']}&treatmentId="
    [treatment, *_] = call(system.ports[0], "GET", "/api/public/practice").body["treatments"]
    free = call(system.ports[0], "GET", f"/api/public/availability?{query}{treatment['id']}").body

    client = node.client()
    client.connect(system.url(1), visitor.token)
    client.wait_connected()
    for channel in (
        f"appointments:patient:{patient.patient_id}",
        f"appointments:dentist:{dentist}",
        "appointments:all",
        "practice",
    ):
        assert client.emit("subscribe", {"channel": channel})["error"]["code"] == "forbidden"
    since = {"since": free["position"], "epoch": free["epoch"]}
    client.subscribe("availability:all", **since)
    client.subscribe(f"availability:{dentist}", **since)
    assert client.emit("authenticate", {"token": a_visitor(system).token})["ok"]
    assert client.emit("authenticate", {"token": patient.token})["error"]["code"] == "forbidden"

    booked = patient.done("POST", "/appointments", {**wanted, "reason": "Zebra"})
    client.catch_up_with(system.settled_head())
    told = [payload for name, payload in client.log() if payload["position"] > free["position"]]
    assert {name for name, _ in client.log()} == {"availability:changed"}
    [taken] = [payload for payload in told if payload["availability"]["from"] == booked["startsAt"]]
    assert (taken["dentistId"], taken["availability"]["change"]) == (dentist, "busy")
    said = json.dumps(client.log())
    for mark in ("Zebra", booked["id"], booked["patientName"], patient.patient_id, "patient"):
        assert mark not in said
    client.disconnect()
