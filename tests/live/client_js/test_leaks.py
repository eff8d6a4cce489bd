"""Pages that are shown and left again and again leave nothing behind."""

from __future__ import annotations

from ..system import System, wait_until
from ..witnesses import NEW_PASSWORD, booking, somebody_new
from .front_end import Open

ROUNDS = 1_000


def test_a_thousand_rounds_leave_nothing_behind(system: System, open_front_end: Open) -> None:
    """Neither listeners, timers, memory nor subscriptions, here or on the server; and whoever subscribes hears once."""
    user, patient = somebody_new(system, "patient")
    dentist, another = system.account("dentist1"), system.account("dentist2")
    website = open_front_end(system, user["email"], NEW_PASSWORD)
    website.subscribe("free", "subscribeToAvailability", another.dentist_id)
    website.wait_live()
    before = website.describe()
    assert before["listeners"][0] > 5
    kinds = [
        ["subscribeToAppointments", user["id"], "patient"],
        ["subscribeToGlobalAvailability"],
        ["subscribeToAvailability", dentist.dentist_id],
    ]
    website.do("rounds", count=ROUNDS, kinds=kinds)
    website.client.wait_for_record(lambda record: record["kind"] == "rounds", f"{ROUNDS} rounds", 60)

    def of_the_server() -> list[str]:
        return [each["channelName"] for each in patient.get("/sync/status")["subscriptions"]]

    remaining = [f"availability:{another.dentist_id}"]
    wait_until(lambda: of_the_server() == remaining, 10, lambda: f"the server still has {of_the_server()}")
    after = website.describe()
    assert [each["channelName"] for each in after["subscriptions"]] == remaining
    assert after["listeners"] == before["listeners"]
    # Of which `fetch` has a few of its own, whatever is asked for.
    assert after["timers"] <= before["timers"] + 5
    # After the garbage was collected, of the callbacks that were given.
    assert after["roundsInMemory"] == 0
    website.subscribe("own", "subscribeToAppointments", user["id"], "patient")
    website.wait_live()
    booked = patient.done("POST", "/appointments", booking(system))
    website.wait_created("own", booked)
    assert website.all_told("own") == [("created", booked)]
    assert website.all_told("a round") == []
    assert not [record for record in website.client.records if record["kind"] == "error"]
