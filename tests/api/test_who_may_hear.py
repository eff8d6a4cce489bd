"""Who may hear what: every channel, for a record's owner, for others of the same role, and for nobody."""

from __future__ import annotations

import uuid
from typing import Any, get_args

import pytest
from sqlalchemy import text

from dental_sync.core.actor import Actor, OwnPatient
from dental_sync.core.roles import DENTIST
from dental_sync.sync import channels, log
from dental_sync.sync.channels import Channel
from tests.api.world import EVERYBODY, World
from tests.conftest import Caller

# Who may hear each kind of channel, of the world's records.
HEARD: dict[str, set[str]] = {
    "appointments:patient": {"its patient", "its guardian", "receptionist", "admin"},
    "appointments:dentist": {"its dentist", "receptionist", "admin"},
    "appointments:assistant": {"its assistant", "receptionist", "admin"},
    "appointments:all": {"receptionist", "admin"},
    "practice": {"its dentist", "another dentist", "receptionist", "admin"},
    "availability:dentist": set(EVERYBODY) - {"nobody"},
    "availability:all": set(EVERYBODY) - {"nobody"},
}


def channel_of(world: World, kind: str) -> Channel:
    """The channel of that kind that concerns the world's records."""
    names = {
        "appointments:patient": channels.of_patient(world.patient),
        "appointments:dentist": channels.of_dentist(world.dentist),
        "appointments:assistant": channels.of_dentist(world.assistant),
        "availability:dentist": channels.of_availability(world.dentist),
    }
    return Channel.parse(names.get(kind, kind))


def actor_of(caller: Caller) -> Actor:
    """The account as the sockets see it."""
    user = caller.user
    patient, dentist = user.get("patientId"), user.get("dentistId")
    return Actor(
        uuid.UUID(user["id"]),
        user["role"],
        user["name"],
        user["email"],
        uuid.UUID(patient) if patient else None,
        uuid.UUID(dentist) if dentist else None,
        profession=user.get("profession", DENTIST),
        patients=OwnPatient.read(user["patients"]),
    )


@pytest.mark.parametrize("who", [who for who in EVERYBODY if who != "nobody"])
@pytest.mark.parametrize("kind", HEARD)
def test_a_channel_is_heard_by_each_as_the_table_says(world: World, kind: str, who: str) -> None:
    """The rule that `subscribe` asks; nobody has no connection to ask from."""
    assert channel_of(world, kind).may_be_heard_by(actor_of(world.callers[who])) == (who in HEARD[kind])


def test_the_kinds_of_channels_are_all_in_the_table(world: World) -> None:
    """A new kind of channel has to decide too."""
    assert {channel_of(world, kind).kind for kind in HEARD} == set(get_args(channels.Kind))


@pytest.mark.parametrize("who", [who for who in EVERYBODY if who != "nobody"])
def test_staff_and_nobody_else_read_which_records_have_changed(world: World, who: str) -> None:
    """Also of a patient's own record: that it has changed is told to the practice, and nothing of what is in it."""
    log.publish(world.session, wait=True)
    world.session.commit()
    since = log.head(world.session).position
    world.session.execute(
        text("UPDATE patients SET phone = phone || '1', email = coalesce(email, '') || 'x' WHERE id = :id"),
        {"id": world.patient},
    )
    world.session.execute(text("UPDATE patients SET phone = coalesce(phone, '') || '1'"))
    world.session.commit()
    log.publish(world.session, wait=True)
    world.session.commit()
    heard = world.callers[who].get(f"/sync/events?since={since}").json["events"]
    assert all(event["type"] == "record:changed" and event["channels"] == ["practice"] for event in heard)
    members = {"type", "position", "epoch", "occurredAt", "channels", "kind", "id", "change"}
    assert all(set(event) == members for event in heard)
    is_staff = who in HEARD["practice"]
    assert (str(world.patient) in {event["id"] for event in heard}) == is_staff
    assert bool(heard) == is_staff


@pytest.fixture
def told(world: World) -> tuple[int, list[Any]]:
    """What one appointment's life leaves in the log, as an admin reads it, and the position before it."""
    log.publish(world.session, wait=True)
    world.session.commit()
    since = log.head(world.session).position
    appointment = world.an_appointment()
    for change in ("reason = 'x'", "status = 'entered-in-error'"):
        world.session.execute(text(f"UPDATE appointments SET {change} WHERE id = :id"), {"id": appointment})
    world.session.commit()
    log.publish(world.session, wait=True)
    world.session.commit()
    events = world.callers["admin"].get(f"/sync/events?since={since}").json["events"]
    assert [event["type"] for event in events if event["type"].startswith("appointment:")] == [
        "appointment:created",
        "appointment:updated",
        "appointment:deleted",
    ]
    return since, events


@pytest.mark.parametrize("who", [who for who in EVERYBODY if who != "nobody"])
def test_what_is_read_over_http_is_what_the_channels_would_have_brought(
    world: World, told: tuple[int, list[Any]], who: str
) -> None:
    """Each event to exactly those who may hear one of its channels; nothing to others, nor a word of the patient."""
    since, events = told
    actor = actor_of(world.callers[who])
    mine = world.callers[who].get(f"/sync/events?since={since}").json["events"]
    assert mine == [
        event for event in events if any(Channel.parse(name).may_be_heard_by(actor) for name in event["channels"])
    ]
    appointments = [event for event in mine if event["type"].startswith("appointment:")]
    hearing = ("its patient", "its guardian", "its dentist", "its assistant", "receptionist", "admin")
    assert len(appointments) == (3 if who in hearing else 0)
    if not appointments:
        assert str(world.patient) not in str(mine)
        assert "patient" not in str(mine)
