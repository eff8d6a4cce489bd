"""Positions that mean nothing any more, or still do: of another log, of a dump, of a week ago."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from .javascript import Connect
from .system import System
from .witnesses import booking, operate, prune_through, told_of

Payload = dict[str, Any]


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


def test_a_restored_dump_voids_every_position(sturdy: System, connect: Connect, tmp_path: Path) -> None:
    """Whoever followed the log beyond the dump or up to it, with the old epoch or none, fetches a snapshot."""
    system = sturdy
    patient, admin = system.account("patient1"), system.account("admin")
    client = connect(system, "admin")
    before = client.subscribe("appointments:all")
    patient.done("POST", "/appointments", booking(system))
    dump_head = system.settled_head()
    dump(system, tmp_path / "dump")
    for _ in range(3):
        patient.done("POST", "/appointments", booking(system))
    head = system.settled_head()
    client.catch_up_with(head)
    client.wait_for_event("heartbeat", lambda payload: payload["position"] >= head)
    system.stop()
    restore(system, tmp_path / "dump")
    operate(system, "dental_sync.cli", "new-epoch")
    system.start()
    assert system.ask("SELECT epoch::text FROM log_head") != before["epoch"]
    old: list[Payload] = [{"since": since} for since in (before["position"], dump_head, head)]
    old += [{**since, "epoch": before["epoch"]} for since in old]
    # At once, and when more has happened than was lost: then too the old positions must not pass for new ones.
    for _ in range(2):
        for since in old:
            returned = connect(system, "admin", 1)
            answer = returned.subscribe("appointments:all", **since)
            assert (answer["resync"], answer["replayed"]) == (True, 0), since
            gone = admin.call("GET", f"/sync/events?{urlencode(since)}")
            assert (gone.status, gone.code) == (410, "resync-required"), since
        for _ in range(4):
            body = booking(system)
            patient.done("POST", "/appointments", body)
        returned.catch_up_with(system.settled_head())
        assert told_of(returned)[-1] == body["startsAt"]


def dump(system: System, file: Path) -> None:
    """Dump the database, as before an upgrade."""
    programs = system.postgres.workspace.programs.postgres
    source = system.postgres.superuser_url(system.database)
    subprocess.run([programs / "pg_dump", "--format=custom", f"--file={file}", source], check=True)


def restore(system: System, file: Path) -> None:
    """Restore a dump into the same database: nothing in it says that its log went further once."""
    programs = system.postgres.workspace.programs.postgres
    target = system.postgres.superuser_url(system.database)
    subprocess.run(
        [programs / "pg_restore", "--clean", "--if-exists", "--exit-on-error", f"--dbname={target}", file], check=True
    )


def test_whoever_was_idle_for_eight_days_resumes_from_the_last_heartbeat(sturdy: System, connect: Connect) -> None:
    """Nothing happened in their own channel, and the log has forgotten their first position: the heartbeats kept up."""
    system = sturdy
    channel = f"appointments:patient:{system.account('patient12').patient_id}"
    attentive, careless = connect(system, "patient12", 0), connect(system, "patient12", 1)
    began = [client.subscribe(channel) for client in (attentive, careless)]
    for _ in range(3):
        system.account("patient1").done("POST", "/appointments", booking(system))
    head = system.settled_head()
    heard = attentive.wait_for_event("heartbeat", lambda payload: payload["position"] >= head)
    for client in (attentive, careless):
        client.catch_up_with(head)
        assert client.log() == []
        client.cut()
        client.wait_disconnected()
    with system.owner() as cursor:
        cursor.execute("UPDATE sync_events SET occurred_at = occurred_at - interval '8 days'")
    prune_through(system, head)
    missed = system.account("patient12").done("POST", "/appointments", booking(system))
    for client in (attentive, careless):
        client.reconnect()
        client.wait_connected()
    resumed = attentive.subscribe(channel, since=heard["position"], epoch=heard["epoch"])
    assert (resumed["resync"], resumed["replayed"]) == (False, 1)
    assert [payload["appointment"]["id"] for payload in attentive.events("appointment:created")] == [missed["id"]]
    late = careless.subscribe(channel, since=began[1]["position"], epoch=began[1]["epoch"])
    assert (late["resync"], late["replayed"]) == (True, 0)
    assert careless.log() == []
