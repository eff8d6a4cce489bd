"""Whoever was away gets what they missed: once, in order, and before they are told that they are up to date."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from .conftest import Connect
from .javascript import JsClient
from .system import System, wait_until

Payload = dict[str, Any]

ANOTHER_EPOCH = "00000000-0000-4000-8000-000000000000"


def book(system: System, name: str, web: int = 0) -> str:
    """Book a time that is free; returns the appointment's id."""
    body = system.opening().with_dentist(system.account("dentist3").dentist_id)
    return str(system.account(name).done("POST", "/appointments", body, web=web)["id"])


def created(client: JsClient) -> list[str]:
    """The ids of the appointments of which a client was told, in order."""
    return [payload["appointment"]["id"] for payload in client.events("appointment:created")]


@pytest.mark.parametrize("web", [0, 1])
def test_five_bookings_that_were_missed_come_before_the_acknowledgement(
    system: System, connect: Connect, web: int
) -> None:
    """Cut off, a client comes back and gets the five, then the acknowledgement, then what is live, without a gap."""
    patient = system.account("patient7")
    channel = f"appointments:patient:{patient.patient_id}"
    client = connect(system, "patient7", web)
    client.subscribe(channel)
    seen = book(system, "patient7")
    since = client.wait_for_event("appointment:created")["position"]
    client.cut()
    client.wait_disconnected()
    missed = [book(system, "patient7", number % 2) for number in range(5)]
    book(system, "patient6")  # not theirs
    client.reconnect()
    ready = client.wait_connected()
    answer = client.subscribe(channel, since=since, epoch=ready["epoch"])
    live = book(system, "patient7")
    client.wait_for(lambda: live in created(client), "the booking after the acknowledgement")
    assert created(client) == [seen, *missed, live]
    assert (answer["replayed"], answer["resync"]) == (5, False)
    order = [record["name"] if record["kind"] == "event" else record["kind"] for record in client.records]
    told = [step for step in order if step in ("answer", "appointment:created", "disconnect")]
    assert told == [
        *("answer", "appointment:created", "disconnect"),
        *["appointment:created"] * 5,
        *("answer", "appointment:created"),
    ]
    positions = [payload["position"] for payload in client.events("appointment:created")]
    assert positions == sorted(set(positions))
    assert positions[-2] <= answer["position"] < positions[-1]


def test_a_resumed_subscription_goes_on_from_its_acknowledged_position(system: System, connect: Connect) -> None:
    """The position of one acknowledgement is the `since` of the next, on another process: nothing comes twice."""
    channel = f"appointments:patient:{system.account('patient7').patient_id}"
    first = connect(system, "patient7", 0).subscribe(channel)
    missed = [book(system, "patient7") for _ in range(2)]
    second = connect(system, "patient7", 1)
    answer = second.subscribe(channel, since=first["position"], epoch=first["epoch"])
    assert created(second) == missed
    third = connect(system, "patient7", 0)
    assert third.subscribe(channel, since=answer["position"])["replayed"] == 0
    assert created(third) == []


def test_a_client_that_keeps_falling_off_misses_nothing(system: System, connect: Connect) -> None:
    """Cut off again and again while others book, and resumed from its last position, it has the whole log."""
    since = system.settled_head()
    names = [f"patient{number}" for number in range(1, 7)]
    for name in names:
        system.account(name)
    booked: list[str] = []
    thread = threading.Thread(
        target=lambda: booked.extend(book(system, names[number % 6], number % 2) for number in range(60))
    )
    thread.start()
    last, got, falls = since, [], 0
    while True:
        still_busy = thread.is_alive()
        client = connect(system, "admin", falls % 2)
        answer = client.subscribe("appointments:all", since=last)
        assert answer["resync"] is False
        if still_busy:
            # Fall off in the middle of what is live.
            client.wait_for(lambda client=client: bool(client.log()) or not thread.is_alive(), "a message", 15)
        client.cut()
        client.wait_disconnected()
        for payload in client.events("appointment:created"):
            # What a client does: drop what is not beyond the channel's last position.
            if payload["position"] > last:
                last = payload["position"]
                got.append(payload["appointment"]["id"])
        last = max(last, answer["position"])
        falls += 1
        if not still_busy:
            break
    thread.join()
    assert got == sorted(booked, key=booked.index)
    assert falls > 5


def test_a_resume_of_many_pages_is_whole(system: System, connect: Connect) -> None:
    """Fifteen hundred missed messages come in order and before the acknowledgement, while others are being made.

    Also from a process that has only just heard of them: whatever was in the log when the client asked was missed.
    """
    clients = [connect(system, "admin", web) for web in (0, 1)]
    since = system.settled_head()
    with system.owner() as cursor:
        cursor.execute("SELECT count(*) FROM appointments WHERE status = 'fulfilled'")
        [count] = cursor.fetchone() or [0]
        rounds = 1500 // count + 1
        for number in range(rounds):
            cursor.execute("UPDATE appointments SET reason = %s WHERE status = 'fulfilled'", [f"Round {number}"])
    missed = list(range(since + 1, since + rounds * count + 1))
    wait_until(lambda: system.settled_head() >= missed[-1], 10, lambda: "it was not published")
    answers = [client.begin("subscribe", {"channel": "appointments:all", "since": since}) for client in clients]
    live = book(system, "patient7")
    for client, answer in zip(clients, answers, strict=True):
        assert answer()["replayed"] >= len(missed)
        client.wait_for(lambda client=client: live in created(client), "what is live")
        positions = [payload["position"] for _, payload in client.log()]
        assert positions[: len(missed)] == missed
        assert positions == sorted(set(positions))
        kinds = [record["kind"] for record in client.records if record.get("name") != "heartbeat"]
        assert kinds.index("answer") >= len(missed)


@pytest.mark.parametrize("web", [0, 1])
def test_a_position_of_another_log_asks_for_a_snapshot(system: System, connect: Connect, web: int) -> None:
    """Beyond the head or of another epoch: `resync`, nothing is replayed, and the room is joined all the same."""
    channel = f"appointments:patient:{system.account('patient7').patient_id}"
    head = system.settled_head()
    strange: list[Payload] = [{"since": head + 1_000_000}, {"since": head, "epoch": ANOTHER_EPOCH}]
    for since in strange:
        client = connect(system, "patient7", web)
        answer = client.subscribe(channel, **since)
        assert (answer["resync"], answer["replayed"]) == (True, 0)
        assert answer["epoch"] == client.wait_connected()["epoch"]
        live = book(system, "patient7")
        client.wait_for(lambda client=client, live=live: created(client) == [live], "what is live")


def test_without_since_nothing_old_is_told(system: System, connect: Connect) -> None:
    """A new subscriber starts at the head."""
    book(system, "patient7")
    head = system.settled_head()
    client = connect(system, "admin")
    client.catch_up_with(head)
    answer = client.subscribe("appointments:all")
    assert (answer["replayed"], answer["resync"]) == (0, False)
    assert answer["position"] >= head
    assert client.log() == []


def test_the_library_reconnects_and_the_application_resumes(system: System, connect: Connect) -> None:
    """After a cut the client library comes back by itself; subscribing again from the last position is all there is."""
    channel = f"appointments:patient:{system.account('patient7').patient_id}"
    client = connect(system, "patient7", 1, reconnection=True, reconnectionDelay=50, reconnectionDelayMax=100)
    since = client.subscribe(channel)["position"]
    client.cut()
    client.wait_disconnected()
    missed = book(system, "patient7")
    client.wait_connected()
    assert client.subscribe(channel, since=since)["replayed"] == 1
    assert created(client) == [missed]
