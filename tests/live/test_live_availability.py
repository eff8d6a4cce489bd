"""What is free, live: the chatbot sees a time, somebody takes it, and the chatbot hears of it at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from .conftest import Connect
from .javascript import JsClient
from .openings import Opening
from .system import System


def check_up(system: System) -> str:
    """Half an hour's treatment."""
    treatments = system.account("chatbot").get("/treatments")["items"]
    [found] = [treatment["id"] for treatment in treatments if treatment["name"] == "Check-up"]
    return str(found)


def free_starts(system: System, opening: Opening) -> tuple[list[str], dict[str, Any]]:
    """When the chatbot finds dentist 1 free in an opening's half hour, and its whole answer."""
    query = {
        "from": opening.starts_at,
        "to": opening.ends_at,
        "treatmentId": check_up(system),
        "dentistId": system.account("dentist1").dentist_id,
    }
    answer = system.account("chatbot").get(f"/availability?{urlencode(query)}", web=1)
    return [slot["startsAt"] for slot in answer["slots"]], answer


def a_listener(system: System, connect: Connect, since: dict[str, Any]) -> JsClient:
    """The chatbot, following dentist 1 on from an answer."""
    client = connect(system, "chatbot")
    channel = f"availability:{system.account('dentist1').dentist_id}"
    client.subscribe(channel, since=since["position"], epoch=since["epoch"])
    return client


def change_of(opening: Opening, change: str) -> dict[str, str]:
    """What a message says about an opening's half hour."""
    return {"change": change, "from": opening.starts_at, "to": opening.ends_at, "timeZone": "Europe/Berlin"}


def wait_for_change(client: JsClient, opening: Opening, change: str) -> dict[str, Any]:
    """The message that an opening's half hour became busy or free."""
    return client.wait_for_event(
        "availability:changed", lambda payload: payload["availability"] == change_of(opening, change)
    )


def test_the_chatbot_hears_that_a_time_it_saw_was_booked(system: System, connect: Connect) -> None:
    """It sees a time, a patient books it, the chatbot is told without a name, and the next list lacks it."""
    opening = system.opening()
    starts, snapshot = free_starts(system, opening)
    assert starts == [opening.starts_at]
    chatbot = a_listener(system, connect, snapshot)
    dentist_id = system.account("dentist1").dentist_id
    patient = system.account("patient1")
    wish = {"dentistId": dentist_id, "startsAt": starts[0], "treatmentId": check_up(system)}
    booked = patient.done("POST", "/appointments", wish, web=0)
    payload = wait_for_change(chatbot, opening, "busy")
    assert payload["position"] > snapshot["position"]
    assert set(payload) == {"position", "epoch", "occurredAt", "channels", "dentistId", "availability"}
    assert payload["dentistId"] == dentist_id
    for secret in (booked["id"], booked["patientId"], booked["patientName"]):
        assert secret not in str(chatbot.log())
    assert free_starts(system, opening)[0] == []
    patient.done("POST", f"/appointments/{booked['id']}/cancel")
    wait_for_change(chatbot, opening, "free")
    assert free_starts(system, opening)[0] == [opening.starts_at]


def test_a_hold_is_busy_without_a_name_until_it_expires(system: System, connect: Connect) -> None:
    """The sweep tells everybody that the time is free again, although nobody asked for anything."""
    opening = system.opening()
    _, snapshot = free_starts(system, opening)
    chatbot = a_listener(system, connect, snapshot)
    patient = system.account("patient1")
    wish = {
        "dentistId": system.account("dentist1").dentist_id,
        "startsAt": opening.starts_at,
        "treatmentId": check_up(system),
    }
    held = patient.done("POST", "/holds", wish)
    wait_for_change(chatbot, opening, "busy")
    assert free_starts(system, opening)[0] == []
    for secret in (held["id"], patient.patient_id, patient.user["id"], patient.user["name"]):
        assert secret not in str(chatbot.log())
    with system.owner() as cursor:
        cursor.execute("UPDATE holds SET expires_at = clock_timestamp() WHERE id = %s", (held["id"],))
    wait_for_change(chatbot, opening, "free")
    assert free_starts(system, opening)[0] == [opening.starts_at]
    late = patient.call("POST", "/appointments", {**wish, "holdId": held["id"]})
    assert (late.status, late.code) == (409, "hold-expired")
