"""Events: what a changed row means to each room, and what it never says."""

from __future__ import annotations

import itertools
import json
import uuid
from datetime import datetime
from typing import Any

import pytest

from dental_sync.diary.transitions import BLOCKING_STATUSES, STATUSES
from dental_sync.sync import events
from dental_sync.sync.channels import of_availability, of_dentist, of_patient
from dental_sync.sync.events import ChangedRow, Draft, Message, expand, expand_all
from tests.sync.rows import ANNA, BEN, CHAIR, ID, MIA, NOAH, NOW, ROW, TREATMENT, ZONES, row


def drafts(old: dict[str, Any] | None, new: dict[str, Any] | None, table: str = "appointments") -> list[Draft]:
    """What a change becomes."""
    return expand(ChangedRow(table, old, new, NOW), ZONES)


def appointment_drafts(old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[tuple[str, ...], str]:
    """Rooms and types of what is said about the appointment itself."""
    found = [draft for draft in drafts(old, new) if draft.type.startswith("appointment:")]
    rooms = [room for draft in found for room in draft.channels]
    assert len(rooms) == len(set(rooms)), "a room would hear of one change twice"
    return {draft.channels: draft.type for draft in found}


def availability_drafts(old: dict[str, Any] | None, new: dict[str, Any] | None, **table: str) -> list[dict[str, Any]]:
    """Payloads of what is said about free time."""
    return [draft.payload for draft in drafts(old, new, **table) if draft.type == "availability:changed"]


def test_the_appointment_on_the_wire_is_the_contracts() -> None:
    """Exactly these fields, instants with milliseconds and Z; buffers and claims stay inside."""
    assert events.appointment(ROW) == {
        "id": ID,
        "patientId": MIA,
        "patientName": "Mia Schmidt",
        "dentistId": ANNA,
        "dentistName": "Dr. Anna Keller",
        "treatmentId": TREATMENT,
        "chairId": None,
        "startsAt": "2025-11-11T09:00:00.000Z",
        "endsAt": "2025-11-11T09:30:00.000Z",
        "status": "booked",
        "confirmation": "unconfirmed",
        "reason": "It hurts.",
        "version": 1,
        "createdAt": "2025-11-03T12:00:00.123Z",
        "updatedAt": "2025-11-03T12:00:00.123Z",
        "cancelledAt": None,
        "cancelledBy": None,
        "cancelReason": None,
        "overbooked": False,
        "forced": False,
        "assistantId": None,
        "assistantName": None,
        "treatmentIds": [TREATMENT],
        "seriesId": None,
        "arrivedAt": None,
        "checkedInAt": None,
    }


def test_a_row_and_its_json_are_the_same_appointment() -> None:
    """What the API answers and what the event says cannot differ."""
    from_table = {
        name: datetime.fromisoformat(value)
        if name.endswith(("_at", "claimed_from", "claimed_to")) and value is not None
        else uuid.UUID(value)
        if (name == "id" or name.endswith("_id")) and value is not None
        else value
        for name, value in ROW.items()
    }
    assert events.appointment(from_table) == events.appointment(ROW)


def test_a_new_appointment_is_told_to_its_patient_its_dentist_and_the_admins() -> None:
    """One message for the three rooms, with the whole appointment."""
    assert appointment_drafts(None, ROW) == {
        (*sorted([of_dentist(ANNA), of_patient(MIA)]), "appointments:all"): "appointment:created"
    }
    [created] = [draft for draft in drafts(None, ROW) if draft.type == "appointment:created"]
    assert created.payload == {"appointment": events.appointment(ROW)}


def test_a_change_is_told_with_the_old_values_of_what_changed_and_of_nothing_else() -> None:
    """`previous` lets a client undo or announce; an unchanged field in it would be noise."""
    new = row(starts_at="2025-11-11T10:00:00+00:00", ends_at="2025-11-11T10:30:00+00:00", version=2)
    [updated] = [draft for draft in drafts(ROW, new) if draft.type == "appointment:updated"]
    assert updated.channels == (*sorted([of_dentist(ANNA), of_patient(MIA)]), "appointments:all")
    assert updated.payload == {
        "appointment": events.appointment(new),
        "previous": {
            "startsAt": "2025-11-11T09:00:00.000Z",
            "endsAt": "2025-11-11T09:30:00.000Z",
            "version": 1,
        },
    }


def test_a_cancellation_is_an_update() -> None:
    """The appointment is still there to be seen, with who cancelled and why."""
    new = row(status="cancelled", cancelled_by="patient", cancelled_at="2025-11-03T13:00:00+00:00", version=2)
    assert set(appointment_drafts(ROW, new).values()) == {"appointment:updated"}


def test_moved_to_another_dentist_it_is_gone_for_the_one_and_new_for_the_other() -> None:
    """Neither dentist hears of the other; patient and admins see one change."""
    assert appointment_drafts(ROW, row(dentist_id=BEN)) == {
        (of_dentist(ANNA),): "appointment:deleted",
        (of_dentist(BEN),): "appointment:created",
        (of_patient(MIA), "appointments:all"): "appointment:updated",
    }
    for draft in drafts(ROW, row(dentist_id=BEN, dentist_name="Dr. Ben Osei")):
        if draft.channels == (of_dentist(ANNA),):
            assert BEN not in json.dumps(draft.payload)
            assert "Osei" not in json.dumps(draft.payload)
        if draft.channels == (of_dentist(BEN),):
            assert ANNA not in json.dumps(draft.payload)
            assert "Keller" not in json.dumps(draft.payload)


def test_moved_to_another_patient_it_is_gone_for_the_one_and_new_for_the_other() -> None:
    """Plain SQL can do that; no patient learns another's name."""
    assert appointment_drafts(ROW, row(patient_id=NOAH, patient_name="Noah Becker")) == {
        (of_patient(MIA),): "appointment:deleted",
        (of_patient(NOAH),): "appointment:created",
        (of_dentist(ANNA), "appointments:all"): "appointment:updated",
    }
    for draft in drafts(ROW, row(patient_id=NOAH, patient_name="Noah Becker")):
        if of_patient(NOAH) in draft.channels:
            assert "Schmidt" not in json.dumps(draft.payload)
            assert MIA not in json.dumps(draft.payload)
        if of_patient(MIA) in draft.channels:
            assert "Becker" not in json.dumps(draft.payload)
            assert NOAH not in json.dumps(draft.payload)


def test_moved_to_another_dentist_and_patient_at_once_only_the_admins_see_a_change() -> None:
    """For everybody else one appointment is gone, or one is new."""
    new = row(dentist_id=BEN, patient_id=NOAH)
    assert appointment_drafts(ROW, new) == {
        tuple(sorted([of_dentist(ANNA), of_patient(MIA)])): "appointment:deleted",
        tuple(sorted([of_dentist(BEN), of_patient(NOAH)])): "appointment:created",
        ("appointments:all",): "appointment:updated",
    }


@pytest.mark.parametrize("new", [None, row(status="entered-in-error", version=2)], ids=["DELETE", "entered-in-error"])
def test_what_was_struck_out_or_deleted_is_gone_for_everybody(new: dict[str, Any] | None) -> None:
    """Nothing is said but the id; a plain DELETE tells the same as the API's."""
    assert appointment_drafts(ROW, new) == {
        (*sorted([of_dentist(ANNA), of_patient(MIA)]), "appointments:all"): "appointment:deleted"
    }
    [deleted] = [draft for draft in drafts(ROW, new) if draft.type == "appointment:deleted"]
    assert deleted.payload == {"appointmentId": ID}


def test_what_was_entered_in_error_stays_gone_whatever_happens_to_its_row() -> None:
    """Renamed, moved, deleted at last: nobody hears of it; brought back it is new."""
    gone = row(status="entered-in-error")
    assert drafts(gone, {**gone, "patient_name": "Mia Weber", "version": 3}) == []
    assert drafts(gone, {**gone, "dentist_id": BEN}) == []
    assert drafts(gone, None) == []
    assert drafts(None, gone) == []
    assert set(appointment_drafts(gone, ROW).values()) == {"appointment:created"}


# What is free.


def test_a_booking_makes_the_claimed_range_busy_buffers_included() -> None:
    """Told to the dentist's room and to everybody's, in the dentist's own zone."""
    [draft] = [draft for draft in drafts(None, ROW) if draft.type == "availability:changed"]
    assert draft.channels == ("availability:all", of_availability(ANNA))
    assert draft.payload == {
        "dentistId": ANNA,
        "availability": {
            "change": "busy",
            "from": "2025-11-11T08:55:00.000Z",
            "to": "2025-11-11T09:40:00.000Z",
            "timeZone": "Europe/Berlin",
        },
    }
    [elsewhere] = availability_drafts(None, row(dentist_id=BEN))
    assert elsewhere["availability"]["timeZone"] == "America/New_York"


def test_a_time_is_given_back_before_the_new_one_is_taken() -> None:
    """So a client that applies them in order never shows more busy than there is."""
    new = row(dentist_id=BEN, claimed_from="2025-11-11T10:00:00+00:00", claimed_to="2025-11-11T10:30:00+00:00")
    said = [(d["availability"]["change"], d["dentistId"]) for d in availability_drafts(ROW, new)]
    assert said == [("free", ANNA), ("busy", BEN)]


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "It stopped hurting."},
        {"patient_name": "Mia Weber"},
        {"patient_id": NOAH},
        {"status": "arrived"},
        {"status": "pending"},
        {"confirmation": "confirmed"},
        {"chair_id": CHAIR},
        # The appointment is shorter and the buffer longer: the same time is taken.
        {"ends_at": "2025-11-11T09:25:00+00:00", "buffer_after_minutes": 15},
    ],
    ids="+".join,
)
def test_while_the_claimed_range_stays_nothing_is_said_about_free_time(changes: dict[str, Any]) -> None:
    """The chatbot does not learn that somebody arrived, or was renamed."""
    assert availability_drafts(ROW, row(**changes, version=2)) == []


@pytest.mark.parametrize(("before", "after"), [*itertools.permutations(sorted(STATUSES), 2)], ids=str)
def test_a_status_frees_the_time_exactly_when_it_stops_to_block(before: str, after: str) -> None:
    """And takes it when it begins to."""
    said = [d["availability"]["change"] for d in availability_drafts(row(status=before), row(status=after))]
    expected = {(True, False): ["free"], (False, True): ["busy"]}
    assert said == expected.get((before in BLOCKING_STATUSES, after in BLOCKING_STATUSES), [])


def test_availability_says_never_a_word_about_the_patient() -> None:
    """Searched in the whole JSON of every message that goes to an availability room, whatever happens."""
    secret = row(
        patient_name="Mia Geheim",
        reason="Geheimer Grund",
        cancel_reason="Geheime Absage",
        cancelled_by="patient",
        chair_id=CHAIR,
    )
    moved = {**secret, "dentist_id": BEN, "patient_id": NOAH, "claimed_from": "2025-11-11T10:00:00+00:00"}
    cancelled = {**secret, "status": "cancelled"}
    struck = {**secret, "status": "entered-in-error"}
    states = [None, secret, moved, cancelled, struck]
    searched = 0
    for old, new in itertools.product(states, states):
        if old is None and new is None:
            continue
        for draft in drafts(old, new):
            if any(room.startswith("availability:") for room in draft.channels):
                searched += 1
                said = json.dumps([draft.channels, draft.payload])
                assert set(draft.payload) == {"dentistId", "availability"}
                for word in ("eheim", "atient", "eason", ID, MIA, NOAH, CHAIR, TREATMENT):
                    assert word not in said
            else:
                assert draft.type.startswith("appointment:")
    assert searched > 10


HOLD = {
    "id": ID,
    "user_id": NOAH,
    "dentist_id": ANNA,
    "claimed_from": "2025-11-11T08:55:00+00:00",
    "claimed_to": "2025-11-11T09:40:00+00:00",
    "expires_at": "2025-11-03T12:05:00+00:00",
}


def test_a_hold_takes_time_and_gives_it_back_and_never_says_whose_it_is() -> None:
    """Made: busy; ended: free; a longer life of it changes nothing."""
    [busy], [free] = drafts(None, HOLD, "holds"), drafts(HOLD, None, "holds")
    assert (busy.payload["availability"]["change"], free.payload["availability"]["change"]) == ("busy", "free")
    assert NOAH not in json.dumps([busy.payload, free.payload])
    assert drafts(HOLD, {**HOLD, "expires_at": "2025-11-03T12:10:00+00:00"}, "holds") == []


def test_time_off_is_told_as_a_range_and_hours_as_a_change_without_one() -> None:
    """What was and what is: time off that moves is said twice."""
    away = {
        "dentist_id": ANNA,
        "starts_at": "2025-12-01T00:00:00+00:00",
        "ends_at": "2025-12-08T00:00:00+00:00",
        "reason": "privat",
    }
    [said] = availability_drafts(None, away, table="time_off")
    assert said["availability"] == {
        "change": "time-off",
        "from": "2025-12-01T00:00:00.000Z",
        "to": "2025-12-08T00:00:00.000Z",
        "timeZone": "Europe/Berlin",
    }
    assert "privat" not in json.dumps(said)
    later = {**away, "ends_at": "2025-12-15T00:00:00+00:00"}
    assert [s["availability"]["to"] for s in availability_drafts(away, later, table="time_off")] == [
        "2025-12-08T00:00:00.000Z",
        "2025-12-15T00:00:00.000Z",
    ]
    [hours] = availability_drafts(None, {"dentist_id": BEN}, table="working_hours")
    assert hours == {
        "dentistId": BEN,
        "availability": {"change": "hours", "from": None, "to": None, "timeZone": "America/New_York"},
    }
    assert {s["dentistId"] for s in availability_drafts({"id": BEN}, {"id": BEN}, table="dentists")} == {BEN}


def test_a_closure_goes_to_everybody_and_to_every_dentists_room() -> None:
    """It is no dentist's, so it names none, and the practice's own zone."""
    closed = {
        "starts_at": "2025-12-24T00:00:00+00:00",
        "ends_at": "2025-12-27T00:00:00+00:00",
        "reason": "Christmas",
    }
    [draft] = drafts(None, closed, "closures")
    assert set(draft.channels) == {"availability:all", of_availability(ANNA), of_availability(BEN)}
    assert draft.payload == {
        "dentistId": None,
        "availability": {
            "change": "closure",
            "from": "2025-12-24T00:00:00.000Z",
            "to": "2025-12-27T00:00:00.000Z",
            "timeZone": "Europe/Berlin",
        },
    }


def test_a_revocation_has_no_rooms() -> None:
    """It is in the log for the processes that hold sockets, and no socket ever gets it."""
    [draft] = drafts(None, {"user_id": NOAH}, "account_revocations")
    assert (draft.type, draft.channels, draft.payload) == ("account:revoked", (), {"userId": NOAH})


def test_a_table_without_an_event_is_an_error_and_no_silence() -> None:
    """A trigger on a new table without its rule here must not lose what it notes."""
    with pytest.raises(ValueError, match="patients"):
        drafts(None, {"id": MIA}, "patients")


def test_a_message_comes_out_of_the_queue_as_it_went_in() -> None:
    """And its wire form has the contract's fields first."""
    message = Message(7, "epoch", "appointment:deleted", [of_patient(MIA)], {"appointmentId": ID}, "2025-11-03T12:00Z")
    assert message.wire() == {
        "position": 7,
        "epoch": "epoch",
        "occurredAt": "2025-11-03T12:00Z",
        "channels": [of_patient(MIA)],
        "appointmentId": ID,
    }
    assert Message.from_wire(message.type, json.loads(json.dumps(message.wire()))) == message


def test_a_held_time_that_is_booked_was_never_free() -> None:
    """The hold ends and the booking takes the time in one publication: whoever follows what is free hears nothing."""
    held = {**HOLD, **{name: ROW[name] for name in ("dentist_id", "claimed_from", "claimed_to")}}
    booked = row()
    used_up = [ChangedRow("holds", held, None, NOW), ChangedRow("appointments", None, booked, NOW)]
    assert [draft.type for draft, _ in expand_all(used_up, ZONES)] == ["appointment:created"]
    # Booked first and held for another time: both are news.
    other_way_round = [ChangedRow("appointments", None, booked, NOW), ChangedRow("holds", held, None, NOW)]
    assert len(expand_all(other_way_round, ZONES)) == 3
