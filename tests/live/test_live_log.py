"""The log over HTTP, on the sockets, and in the database: one order, no holes, whoever made the change."""

from __future__ import annotations

import threading
from typing import Any

from .conftest import Connect
from .rest import Account
from .system import System

Event = dict[str, Any]


def read_all(account: Account, since: int, *, limit: int, web: int = 0) -> tuple[list[Event], list[Event]]:
    """Follow the pages from a position to the head; returns the events and the pages."""
    events: list[Event] = []
    pages: list[Event] = []
    while True:
        page = account.get(f"/sync/events?since={since}&limit={limit}", web=web)
        assert set(page) == {"events", "position", "epoch", "more"}
        assert len(page["events"]) <= limit
        events += page["events"]
        pages.append(page)
        since = page["position"]
        if not page["more"]:
            return events, pages


def live_through_a_busy_minute(system: System) -> None:
    """Bookings on both processes, changes and a deletion, plain SQL, a rollback, and somebody who signs out."""
    dentist = system.account("dentist3").dentist_id

    def morning_of(name: str, web: int) -> None:
        patient = system.account(name)
        bodies = [opening.with_dentist(dentist) for opening in own[name]]
        made = [patient.done("POST", "/appointments", body, web=web)["id"] for body in bodies]
        patient.done("PATCH", f"/appointments/{made[0]}", {"reason": "Something else"}, web=1 - web)
        patient.done("POST", f"/appointments/{made[1]}/cancel", {}, web=web)
        system.account("admin").done("DELETE", f"/appointments/{made[2]}", web=1 - web)

    own = {f"patient{number}": [system.opening() for _ in range(3)] for number in range(4, 8)}
    for name in own:
        system.account(name)
    threads = [threading.Thread(target=morning_of, args=(name, number % 2)) for number, name in enumerate(own)]
    for thread in threads:
        thread.start()
    with system.owner() as cursor:
        cursor.execute("UPDATE appointments SET confirmation = 'reminded' WHERE status = 'booked'")
    for thread in threads:
        thread.join()
    here = Account.sign_in(system.ports, "patient12@demo.test", "demo-password-1")
    here.done("POST", "/auth/logout")


def test_positions_have_no_holes(system: System) -> None:
    """An admin who follows the pages from the beginning sees every row of the log, in order, on either process."""
    live_through_a_busy_minute(system)
    head = system.settled_head()
    admin = system.account("admin")
    events, pages = read_all(admin, 0, limit=17)
    assert [event["position"] for event in events] == list(range(1, pages[-1]["position"] + 1))
    assert pages[-1]["position"] >= head
    assert {page["epoch"] for page in pages} == {system.ask("SELECT epoch::text FROM log_head")}
    assert read_all(admin, 0, limit=500, web=1)[0][: len(events)] == events
    revoked = [event for event in events if event["type"] == "account:revoked"]
    assert revoked
    for event in revoked:
        assert set(event) == {"type", "position", "epoch", "occurredAt", "channels", "userId"}
        assert event["channels"] == []


def test_two_web_processes_deliver_equal_sequences(system: System, connect: Connect) -> None:
    """Equal subscribers get the same messages in the same order, and these are the ones that the log has."""
    clients = [connect(system, "admin", web) for web in (0, 1)]
    for client in clients:
        client.subscribe("appointments:all")
        client.subscribe("availability:all")
    since = system.settled_head()
    for client in clients:
        client.catch_up_with(since)
        client.forget()
    live_through_a_busy_minute(system)
    head = system.settled_head()
    for client in clients:
        client.catch_up_with(head)
    told = [[{"type": name, **payload} for name, payload in client.log()] for client in clients]
    kept = [event for event in read_all(system.account("admin"), since, limit=100)[0] if event["channels"]]
    assert len(kept) > 40
    assert told[0] == kept
    assert told[1] == kept


def test_the_log_over_http_is_what_the_socket_would_have_sent(system: System, connect: Connect) -> None:
    """A patient reads of their own appointments and of what is free, and of nobody else's: as they hear it."""
    patient = system.account("patient4")
    client = connect(system, "patient4", 1)
    client.subscribe(f"appointments:patient:{patient.patient_id}")
    client.subscribe("availability:all")
    since = system.settled_head()
    client.catch_up_with(since)
    client.forget()
    live_through_a_busy_minute(system)
    head = system.settled_head()
    client.catch_up_with(head)
    events, pages = read_all(patient, since, limit=3)
    assert [{"type": name, **payload} for name, payload in client.log()] == events
    assert pages[-1]["position"] >= head
    others = [
        event
        for event in events
        if event.get("appointment", {"patientId": patient.patient_id})["patientId"] != patient.patient_id
    ]
    assert others == []


def test_a_position_of_another_log_is_gone(system: System) -> None:
    """Beyond the head, or of another epoch: 410, and the reader fetches a snapshot."""
    patient, head = system.account("patient1"), system.settled_head()
    for query in (f"since={head + 1000}", f"since={head}&epoch=00000000-0000-4000-8000-000000000000"):
        answer = patient.call("GET", f"/sync/events?{query}")
        assert (answer.status, answer.code) == (410, "resync-required")


def test_a_snapshots_position_leaves_no_gap(system: System, connect: Connect) -> None:
    """What was booked after the list was read arrives at a client that subscribes from the list's position."""
    admin = system.account("admin")
    body = system.opening().with_dentist(system.account("dentist2").dentist_id)
    before = system.account("patient2").done("POST", "/appointments", body)
    snapshot = admin.get("/appointments?limit=200&patientId=" + system.account("patient2").patient_id, web=1)
    assert before["id"] in [item["id"] for item in snapshot["items"]]
    body = system.opening().with_dentist(system.account("dentist2").dentist_id)
    after = system.account("patient2").done("POST", "/appointments", body)
    client = connect(system, "admin")
    client.subscribe("appointments:all", since=snapshot["position"], epoch=snapshot["epoch"])
    created = [payload["appointment"]["id"] for payload in client.events("appointment:created")]
    assert created[-1] == after["id"]
    assert before["id"] not in created
