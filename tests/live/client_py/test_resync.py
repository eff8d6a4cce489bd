"""The Python client goes on from a snapshot, and begins where a list ends."""

from __future__ import annotations

from dental_sync_client import Subscription

from ..system import System, wait_until
from .follower import LIVE_SECONDS, Follow, assert_told, book, new_epoch, snapshot


def test_the_python_client_goes_on_from_a_snapshot(sturdy: System, follow: Follow) -> None:
    """`new-epoch` while it is connected is told once; it goes on from there as before, after a cut too."""
    system = sturdy
    account = system.account("patient1")
    patient = follow(system, "patient1", fetch_snapshot=lambda _channel: snapshot(account))
    chatbot = follow(system, "chatbot")
    patient.appointments(account.patient_id)
    chatbot.availability()
    ids, taken = book(system, 1)
    new_epoch(system)
    wait_until(
        lambda: len(chatbot.resyncs) == len(patient.resyncs) == 1,
        15,
        lambda: f"told of {chatbot.resyncs} and {patient.resyncs}",
    )
    more = book(system, 1)
    assert_told(patient, chatbot, ids + more[0], taken + more[1])
    system.web[0].kill()
    and_more = book(system, 1, web=1)
    system.web[0].start()
    system.wait_until_healthy()
    assert_told(patient, chatbot, ids + more[0] + and_more[0], taken + more[1] + and_more[1])
    [(channel, _reason, given)] = patient.resyncs
    assert channel == f"appointments:patient:{account.patient_id}"
    assert ids[0] in {appointment["id"] for appointment in given["items"]}
    assert [(resync[0], resync[2]) for resync in chatbot.resyncs] == [("availability:all", None)]


def test_the_python_client_begins_where_a_list_ends(system: System, follow: Follow) -> None:
    """Each subscription hears what came after its own list, once; the account's id stands for the patient's."""
    account = system.account("patient1")
    patient = follow(system, "patient1")
    lists = [snapshot(account)]
    first = [*book(system, 2)[0]]
    lists.append(snapshot(account))
    second = [*book(system, 1)[0]]
    heard: list[list[str]] = [[], []]

    def begin(number: int) -> Subscription:
        return patient.sync.subscribe_to_appointments(
            account.user["id"],
            "patient",
            on_appointment_created=lambda appointment: heard[number].append(appointment["id"]),
            since=lists[number],
        )

    # The one from the later place comes first, so that the other has to ask for what is older.
    assert begin(1).wait_until_live(LIVE_SECONDS)
    subscription = begin(0)
    assert subscription.wait_until_live(LIVE_SECONDS)
    third = [*book(system, 1)[0]]
    wait_until(lambda: third[0] in heard[0] and third[0] in heard[1], 10, lambda: f"told only {heard}")
    assert heard == [first + second + third, second + third]
    assert subscription.channel_name == f"appointments:patient:{account.patient_id}"
    assert patient.connections == 1
