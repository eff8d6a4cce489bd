"""Whoever changes a row, by whatever means, those who may see it are told."""

from __future__ import annotations

import psycopg2

from .conftest import Connect
from .system import System

# The contract's promise is about a person who waits in front of a screen.
TOLD_WITHIN_SECONDS = 5.0


def test_an_update_by_the_owner_reaches_those_who_may_see_it(system: System, connect: Connect) -> None:
    """Within five seconds of the commit, with a new version and the old values; and nobody else is told."""
    patient, dentist = system.account("patient8"), system.account("dentist1")
    own = f"appointments:patient:{patient.patient_id}"
    body = system.opening().with_dentist(dentist.dentist_id)
    before = patient.done("POST", "/appointments", body)
    told = [connect(system, name, web) for name in ("patient8", "dentist1", "admin") for web in (0, 1)]
    other = [connect(system, name, web) for name in ("patient9", "dentist2", "chatbot") for web in (0, 1)]
    rooms = [own, f"appointments:dentist:{dentist.dentist_id}", "appointments:all"]
    rooms += [
        f"appointments:patient:{system.account('patient9').patient_id}",
        f"appointments:dentist:{system.account('dentist2').dentist_id}",
        "availability:all",
    ]
    for client, room in zip(told + other, [room for room in rooms for _ in (0, 1)], strict=True):
        client.subscribe(room)
    with system.owner() as cursor:
        cursor.execute("UPDATE appointments SET reason = 'Set in psql' WHERE id = %s", [before["id"]])
    for client in told:
        updated = client.wait_for_event("appointment:updated", seconds=TOLD_WITHIN_SECONDS)
        assert updated["appointment"]["reason"] == "Set in psql"
        assert updated["appointment"]["version"] == before["version"] + 1
        assert set(updated["previous"]) == {"reason", "version", "updatedAt"}
        assert updated["previous"]["reason"] is None
    head = system.settled_head()
    for client in other:
        client.catch_up_with(head)
        assert client.log() == []


def test_what_was_rolled_back_is_never_told(system: System, connect: Connect) -> None:
    """Neither the change nor a hole where it would have been; what was committed after it arrives."""
    patient = system.account("patient8")
    body = system.opening().with_dentist(system.account("dentist1").dentist_id)
    booked = patient.done("POST", "/appointments", body)
    clients = [connect(system, "admin", web) for web in (0, 1)]
    for client in clients:
        client.subscribe("appointments:all")
    since = system.settled_head()
    change = "UPDATE appointments SET reason = %s WHERE id = %s"
    connection = psycopg2.connect(system.urls.owner)
    with connection.cursor() as cursor:
        cursor.execute(change, ["Never said", booked["id"]])
    connection.rollback()
    connection.close()
    with system.owner() as cursor:
        cursor.execute(change, ["Said after all", booked["id"]])
    for client in clients:
        updated = client.wait_for_event("appointment:updated", seconds=TOLD_WITHIN_SECONDS)
        assert updated["appointment"]["reason"] == "Said after all"
        assert updated["position"] == since + 1
        assert [name for name, _ in client.log()] == ["appointment:updated"]
        assert "Never said" not in str(client.records)


def test_a_change_that_changes_nothing_is_not_told(system: System, connect: Connect) -> None:
    """An update to the same values makes no message and no version."""
    patient = system.account("patient8")
    body = system.opening().with_dentist(system.account("dentist1").dentist_id)
    booked = patient.done("POST", "/appointments", body)
    client = connect(system, "admin")
    client.subscribe("appointments:all")
    with system.owner() as cursor:
        cursor.execute("UPDATE appointments SET status = status WHERE id = %s", [booked["id"]])
        cursor.execute("UPDATE appointments SET confirmation = 'confirmed' WHERE id = %s", [booked["id"]])
    updated = client.wait_for_event("appointment:updated")
    assert (updated["appointment"]["confirmation"], updated["appointment"]["version"]) == ("confirmed", 2)
    assert len(client.log()) == 1


def test_a_row_that_is_deleted_for_good_is_told_as_such(system: System, connect: Connect) -> None:
    """DELETE by the owner is `appointment:deleted`, and the time is free."""
    patient = system.account("patient8")
    body = system.opening().with_dentist(system.account("dentist1").dentist_id)
    booked = patient.done("POST", "/appointments", body)
    client, chatbot = connect(system, "patient8", 1), connect(system, "chatbot")
    client.subscribe(f"appointments:patient:{patient.patient_id}")
    chatbot.subscribe("availability:all")
    with system.owner() as cursor:
        cursor.execute("DELETE FROM appointments WHERE id = %s", [booked["id"]])
    deleted = client.wait_for_event("appointment:deleted", seconds=TOLD_WITHIN_SECONDS)
    assert deleted["appointmentId"] == booked["id"]
    free = chatbot.wait_for_event("availability:changed", seconds=TOLD_WITHIN_SECONDS)
    assert free["availability"]["change"] == "free"


def test_a_closure_reaches_everybody_who_follows_what_is_free(system: System, connect: Connect) -> None:
    """It names no dentist, and comes to the room of each and of all; working hours and time off name theirs."""
    dentist_id = system.account("dentist2").dentist_id
    everything, one = connect(system, "chatbot", 0), connect(system, "patient1", 1)
    everything.subscribe("availability:all")
    one.subscribe(f"availability:{dentist_id}")
    day = system.opening()
    with system.owner() as cursor:
        cursor.execute("SELECT 'availability:' || id FROM dentists")
        rooms = {room for (room,) in cursor.fetchall()}
        cursor.execute("INSERT INTO closures (starts_at, ends_at) VALUES (%s, %s)", [day.starts_at, day.ends_at])
        cursor.execute(
            "INSERT INTO time_off (dentist_id, starts_at, ends_at) VALUES (%s, %s, %s)",
            [dentist_id, day.starts_at, day.ends_at],
        )
        cursor.execute("UPDATE working_hours SET ends = '16:30' WHERE dentist_id = %s AND ends = '17:00'", [dentist_id])
    for client in (everything, one):
        client.wait_for_event("availability:changed", lambda payload: payload["availability"]["change"] == "hours")
        closure, time_off = client.events("availability:changed")[:2]
        assert closure["dentistId"] is None
        # Another test of this system may have made dentists.
        assert set(closure["channels"]) == {"availability:all", *rooms}
        zone = {"timeZone": "Europe/Berlin"}
        assert closure["availability"] == {"change": "closure", "from": day.starts_at, "to": day.ends_at, **zone}
        assert time_off["dentistId"] == dentist_id
        assert time_off["availability"] == {"change": "time-off", "from": day.starts_at, "to": day.ends_at, **zone}
    with system.owner() as cursor:
        cursor.execute("UPDATE working_hours SET ends = '17:00' WHERE dentist_id = %s AND ends = '16:30'", [dentist_id])
        cursor.execute("DELETE FROM closures")
        cursor.execute("DELETE FROM time_off")
