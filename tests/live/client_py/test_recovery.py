"""The Python client misses nothing while processes, networks and servers fail."""

from __future__ import annotations

from datetime import UTC, datetime

from ..system import System, wait_until
from .follower import LIVE_SECONDS, Follow, assert_told, book


def test_the_python_client_misses_nothing_while_the_web_process_is_killed(sturdy: System, follow: Follow) -> None:
    """What is booked while its process is dead is told after the restart, once and in order."""
    patient, chatbot = follow(sturdy, "patient1"), follow(sturdy, "chatbot")
    patient.appointments(sturdy.account("patient1").patient_id)
    # Two channels that carry the same messages: the same change is told once to each subscription.
    chatbot.availability()
    chatbot.sync.subscribe_to_availability(sturdy.account("dentist1").dentist_id).wait_until_live(LIVE_SECONDS)
    ids, taken = book(sturdy, 3)
    sturdy.web[0].kill()
    more = book(sturdy, 3, web=1)
    sturdy.web[0].start()
    sturdy.wait_until_healthy()
    and_more = book(sturdy, 2)
    ids += more[0] + and_more[0]
    taken += more[1] + and_more[1]
    assert_told(patient, chatbot, ids, taken)
    assert patient.connections == chatbot.connections == 2
    assert {error.code for error in patient.errors} <= {"connection-lost", "unavailable"}
    assert patient.resyncs == chatbot.resyncs == []


def test_the_python_client_misses_nothing_when_it_is_cut_off_again_and_again(system: System, follow: Follow) -> None:
    """Three cuts while others book."""
    patient, chatbot = follow(system, "patient1"), follow(system, "chatbot")
    patient.appointments(system.account("patient1").patient_id)
    chatbot.availability()
    ids: list[str] = []
    taken: list[tuple[str, str]] = []
    for round_ in range(1, 4):
        for follower in (patient, chatbot):
            follower.socket.cut()
        more = book(system, 2)
        ids += more[0]
        taken += more[1]
        wait_until(lambda n=round_: patient.connections > n < chatbot.connections, 15, lambda: "it did not come back")
    assert_told(patient, chatbot, ids, taken)
    assert patient.resyncs == chatbot.resyncs == []


def test_the_python_client_leaves_a_server_that_has_fallen_silent(sturdy: System, follow: Follow) -> None:
    """A process that hangs keeps its connections; the state says that nothing is complete, until it is again."""
    chatbot = follow(sturdy, "chatbot")
    states: list[str] = []
    chatbot.sync.on_state_change(lambda state: states.append(state.status))
    chatbot.availability()
    before = chatbot.sync.state.as_of
    sturdy.web[0].pause()
    try:
        wait_until(lambda: chatbot.sync.state.status == "offline", 10, lambda: "it noticed nothing")
    finally:
        sturdy.web[0].resume()
    assert chatbot.sync.state.error is not None
    wait_until(lambda: chatbot.sync.state.status == "live", 20, lambda: f"it came to {states}")
    after = chatbot.sync.state.as_of
    assert before is not None
    assert after is not None
    assert before < after <= datetime.now(UTC)
    assert states[:4] == ["connecting", "catching-up", "live", "offline"]
