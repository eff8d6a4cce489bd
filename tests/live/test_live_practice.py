"""Staff in front of their screens learn which records have changed, and nobody else does."""

from __future__ import annotations

import time
from typing import Any

from .conftest import Connect
from .javascript import JsClient
from .system import System, wait_until

TOLD_WITHIN_SECONDS = 5.0
MEMBERS = {"position", "epoch", "occurredAt", "channels", "kind", "id", "change"}


def told(client: JsClient) -> list[tuple[str, str | None, str]]:
    """The records of which a client was told, in order."""
    return [(said["kind"], said["id"], said["change"]) for said in client.events("record:changed")]


def wait_told(client: JsClient, kind: str, record_id: str, change: str) -> dict[str, Any]:
    """Wait until a client is told of a record."""

    def is_it(said: dict[str, Any]) -> bool:
        return (said["kind"], said["id"], said["change"]) == (kind, record_id, change)

    return client.wait_for_event("record:changed", is_it, seconds=TOLD_WITHIN_SECONDS)


def test_staff_are_told_at_once_which_record_has_changed(system: System, connect: Connect) -> None:
    """By REST, by a patient and by plain SQL; on both processes, each once, with ids alone."""
    staff = [connect(system, name, web) for name in ("admin", "desk", "dentist2") for web in (0, 1)]
    others = [connect(system, name, web) for web, name in enumerate(("patient1", "chatbot"))]
    for client in staff:
        client.subscribe("practice")
    for client in others:
        assert client.emit("subscribe", {"channel": "practice"})["error"]["code"] == "forbidden"
        client.subscribe("availability:all")
    since = system.settled_head()
    admin, patient = system.account("admin"), system.account("patient1")
    made = admin.done("POST", "/patients", {"name": "Nora Neu", "phone": "030 778899"})
    admin.done("PATCH", f"/patients/{made['id']}", {"phone": None})
    held = patient.done("POST", "/holds", system.opening().with_dentist(system.account("dentist1").dentist_id))
    patient.done("DELETE", f"/holds/{held['id']}")
    with system.owner() as cursor:
        cursor.execute("DELETE FROM patients WHERE id = %s", [made["id"]])
    expected = [
        ("patient", made["id"], "created"),
        ("patient", made["id"], "updated"),
        ("hold", held["id"], "created"),
        ("hold", held["id"], "deleted"),
        ("patient", made["id"], "deleted"),
    ]
    for client in staff:
        gone = wait_told(client, "patient", made["id"], "deleted")
        assert gone.keys() == MEMBERS
        assert gone["channels"] == ["practice"]
        assert [said for said in told(client) if said[1] in (made["id"], held["id"])] == expected
        positions = [said["position"] for said in client.events("record:changed")]
        assert positions == sorted(set(positions))
        assert positions[0] > since
    head = system.settled_head()
    for client in others:
        client.catch_up_with(head)
        assert told(client) == []
    for client in [*staff, *others]:
        assert "Nora" not in str(client.records)
        assert "778899" not in str(client.records)


def test_a_change_is_told_within_a_second_of_its_answer(system: System, connect: Connect) -> None:
    """A write past the lane rings for it too, and is not found at the next look by chance."""
    client = connect(system, "dentist1", 1)
    client.subscribe("practice")
    admin, waits = system.account("admin"), []
    for number in range(5):
        made = admin.done("POST", "/patients", {"name": f"Caller {number}"})
        began = time.monotonic()
        wait_told(client, "patient", made["id"], "created")
        waits.append(time.monotonic() - began)
    assert sorted(waits)[2] < 1.0, waits


def test_who_was_away_is_told_what_was_missed_of_the_practice(system: System, connect: Connect) -> None:
    """In order, each once, before the acknowledgement; another log is answered with a snapshot."""
    admin = system.account("admin")
    since = system.settled_head()
    chairs = [admin.done("POST", "/chairs", {"name": f"Room {n}", "kind": "unused"})["id"] for n in range(3)]
    admin.done("DELETE", f"/chairs/{chairs[0]}")
    head = system.settled_head()
    client = connect(system, "dentist3")
    answer = client.subscribe("practice", since=since)
    assert (answer["resync"], answer["position"]) == (False, head)
    missed = [said for said in told(client) if said[1] in chairs]
    assert missed == [*(("chair", chair, "created") for chair in chairs), ("chair", chairs[0], "updated")]
    other = connect(system, "dentist3", 1)
    epoch = "00000000-0000-4000-8000-000000000000"
    assert other.emit("subscribe", {"channel": "practice", "since": since, "epoch": epoch})["resync"] is True


def test_the_practice_is_counted_with_what_concerns_everybody(system: System, connect: Connect) -> None:
    """As `global` in the statistics."""
    admin = system.account("admin")

    def stats() -> dict[str, int]:
        counted: dict[str, int] = admin.get("/sync/stats")["stats"]
        return counted

    # Those of the tests before are forgotten in the background.
    wait_until(lambda: stats()["total"] == 0, 15, lambda: f"others are still subscribed: {stats()}")
    connect(system, "dentist1").subscribe("practice")
    assert stats() == {"appointments": 0, "availability": 0, "global": 1, "total": 1}
