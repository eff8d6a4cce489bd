"""Whatever breaks, what was missed arrives."""

from __future__ import annotations

from ..rest import Account
from ..system import STOP_SECONDS, System
from ..witnesses import NEW_PASSWORD, Payload, booking, somebody_new, wait_applied
from .front_end import FrontEnd, Open

HEARTBEAT_SECONDS = 1


def test_a_killed_web_process_costs_nothing(sturdy: System, open_front_end: Open) -> None:
    """What was booked while nobody answered is there once the front end has found another process."""
    website, patient = website_of_somebody(sturdy, open_front_end)
    sturdy.web[0].kill()
    missed = book(patient, sturdy)
    website.client.wait_for(lambda: website.losses() == ["live"], "the loss")
    website.do("point", port=sturdy.ports[1])
    website.wait_live()
    then = book(patient, sturdy)
    website.wait_created("own", then)
    assert website.all_told("own") == [("created", missed), ("created", then)]


def test_a_web_process_that_is_started_again_costs_nothing(sturdy: System, open_front_end: Open) -> None:
    """The same with one process alone, which takes its time to come back."""
    website, patient = website_of_somebody(sturdy, open_front_end)
    sturdy.web[0].kill()
    missed = book(patient, sturdy)
    sturdy.web[0].start()
    website.wait_created("own", missed)
    assert website.losses() == ["live"]
    assert website.all_told("own") == [("created", missed)]


def test_redis_that_is_started_again_costs_nothing(sturdy: System, open_front_end: Open) -> None:
    """What was accepted without Redis is told when it is back, once."""
    website, patient = website_of_somebody(sturdy, open_front_end)
    sturdy.redis.kill()
    accepted = patient.call("POST", "/appointments", booking(sturdy), Prefer="respond-async")
    sturdy.redis.start()
    appointment_id = wait_applied(patient, accepted)["appointmentId"]
    website.wait_created("own", {"id": appointment_id})
    assert [(what, row["id"]) for what, row in website.all_told("own")] == [("created", appointment_id)]


def test_a_process_that_is_about_to_stop_is_left_in_time(sturdy: System, open_front_end: Open) -> None:
    """Asked to, a front end moves to another process before it is thrown out, and misses nothing on the way."""
    website, patient = website_of_somebody(sturdy, open_front_end)
    website.do("point", port=sturdy.ports[1])
    sturdy.web[0].ask_to_stop()
    made = []
    while not website.losses():
        made.append(book(patient, sturdy))
    website.wait_live()
    made.append(book(patient, sturdy))
    website.wait_created("own", made[-1])
    assert website.all_told("own") == [("created", row) for row in made]
    reasons = [record["why"] for record in website.client.records if record["kind"] == "state"]
    assert reasons == [None, None, None, "the server is about to stop", None, None]
    assert sturdy.web[0].has_stopped_within(STOP_SECONDS)
    assert sturdy.web[0].exit_status == 0


def test_a_process_that_falls_silent_is_noticed(sturdy: System, open_front_end: Open) -> None:
    """The connection stands, and nothing beats: that is a loss after two heartbeats, and what was missed comes."""
    website, patient = website_of_somebody(sturdy, open_front_end)
    sturdy.web[0].pause()
    missed = book(patient, sturdy)
    website.client.wait_for(lambda: website.losses() == ["live"], "the loss", 2 * HEARTBEAT_SECONDS + 1)
    [lost] = [record for record in website.client.records if record["kind"] == "state" and record["why"]]
    assert lost["why"] == "no heartbeat"
    sturdy.web[0].resume()
    website.wait_live()
    assert website.all_told("own") == [("created", missed)]


def website_of_somebody(system: System, open_front_end: Open) -> tuple[FrontEnd, Account]:
    """Somebody new looks at the own appointments, through the first web process; and their session."""
    # To be booked with, and signed in before somebody harms the first web process.
    system.account("dentist1")
    user, patient = somebody_new(system, "patient")
    website = open_front_end(system, user["email"], NEW_PASSWORD)
    website.subscribe("own", "subscribeToAppointments", user["id"], "patient")
    website.wait_live()
    return website, patient


def book(patient: Account, system: System) -> Payload:
    """Book through the second web process, which nobody harms."""
    appointment: Payload = patient.done("POST", "/appointments", booking(system), web=1)
    return appointment
