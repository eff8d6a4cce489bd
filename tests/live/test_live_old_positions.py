"""Positions that mean nothing any more, or still do: of another log, of a dump, of a week ago."""

from __future__ import annotations

from .conftest import Connect
from .system import System
from .witnesses import booking, operate, prune_through


def test_a_new_epoch_tells_everybody_to_fetch_a_snapshot(sturdy: System, connect: Connect) -> None:
    """After a dump was restored an operator says so; every subscription hears `resync`, and old positions are void."""
    system = sturdy
    clients = [connect(system, "admin", web) for web in (0, 1)]
    for client in clients:
        client.subscribe("appointments:all")
    before = clients[0].subscribe("availability:all")
    system.account("patient1").done("POST", "/appointments", booking(system))
    head = system.settled_head()
    for client in clients:
        client.catch_up_with(head)
        client.forget()
    operate(system, "dental_sync.cli", "new-epoch")
    epoch = system.ask("SELECT epoch::text FROM log_head")
    assert epoch != before["epoch"]
    for client in clients:
        resync = client.wait_for_event("resync", lambda payload: payload["channel"] == "appointments:all")
        assert set(resync) == {"channel", "reason"}
    resumed = clients[0].subscribe("availability:all", since=head, epoch=before["epoch"])
    assert (resumed["resync"], resumed["replayed"], resumed["epoch"]) == (True, 0, epoch)
    body = booking(system)
    system.account("patient1").done("POST", "/appointments", body)
    for client in clients:
        created = client.wait_for_event("appointment:created")
        assert (created["epoch"], created["appointment"]["startsAt"]) == (epoch, body["startsAt"])


def test_positions_that_were_pruned_ask_for_a_snapshot(sturdy: System, connect: Connect) -> None:
    """Who was away for longer than the log is kept is told so, and gets nothing that is only half of it."""
    system = sturdy
    patient = system.account("patient1")
    since = system.settled_head()
    for _ in range(3):
        patient.done("POST", "/appointments", booking(system))
    with system.owner() as cursor:
        cursor.execute(
            "UPDATE sync_events SET occurred_at = occurred_at - interval '2 days' WHERE position <= %s", [since + 2]
        )
    prune_through(system, since + 2)
    client = connect(system, "admin")
    assert client.subscribe("appointments:all", since=since)["resync"] is True
    assert client.log() == []
    assert client.subscribe("appointments:all", since=since + 2)["resync"] is False
    gone = system.account("admin").call("GET", f"/sync/events?since={since}")
    assert (gone.status, gone.code) == (410, "resync-required")
