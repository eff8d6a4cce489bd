"""Channel names and who may hear what: the whole matrix."""

from __future__ import annotations

import uuid

import pytest

from dental_sync.core.actor import Actor
from dental_sync.core.errors import UnknownChannel
from dental_sync.sync.channels import Channel, heard_by, of_availability, of_dentist, of_patient, statistic_of

MIA, NOAH, ANNA, BEN = (uuid.UUID(int=number) for number in range(1, 5))


def an_actor(role: str, *, patient_id: uuid.UUID | None = None, dentist_id: uuid.UUID | None = None) -> Actor:
    """An account of that role."""
    return Actor(uuid.uuid4(), role, "Somebody", "somebody@x.test", patient_id, dentist_id)


ACTORS = {
    "patient Mia": an_actor("patient", patient_id=MIA),
    "dentist Anna": an_actor("dentist", dentist_id=ANNA),
    "receptionist": an_actor("receptionist"),
    "admin": an_actor("admin"),
    "chatbot": an_actor("chatbot"),
    # Who changed roles still has the old record, and no longer the right that went with it.
    "dentist Anna, once patient Mia": an_actor("dentist", patient_id=MIA, dentist_id=ANNA),
    "patient Mia, once dentist Anna": an_actor("patient", patient_id=MIA, dentist_id=ANNA),
    "chatbot, once both": an_actor("chatbot", patient_id=MIA, dentist_id=ANNA),
    "patient without a record": an_actor("patient"),
    "dentist without a diary": an_actor("dentist"),
}

# Who hears what; everything that is not here is silence.
HEARD_BY = {
    of_patient(MIA): {"patient Mia", "patient Mia, once dentist Anna", "receptionist", "admin"},
    of_patient(NOAH): {"receptionist", "admin"},
    of_dentist(ANNA): {"dentist Anna", "dentist Anna, once patient Mia", "receptionist", "admin"},
    of_dentist(BEN): {"receptionist", "admin"},
    "appointments:all": {"receptionist", "admin"},
    "practice": {who for who in ACTORS if who.startswith(("dentist", "receptionist", "admin"))},
    of_availability(ANNA): set(ACTORS),
    of_availability(BEN): set(ACTORS),
    "availability:all": set(ACTORS),
    # An id of one kind in a channel of the other.
    of_patient(ANNA): {"receptionist", "admin"},
    of_dentist(MIA): {"receptionist", "admin"},
}


@pytest.mark.parametrize("who", ACTORS)
@pytest.mark.parametrize("name", HEARD_BY)
def test_every_role_hears_its_own_channels_and_no_others(name: str, who: str) -> None:
    """Patients and dentists their own, admins all, everybody what is free."""
    assert Channel.parse(name).may_be_heard_by(ACTORS[who]) == (who in HEARD_BY[name])


@pytest.mark.parametrize("who", ACTORS)
def test_what_is_read_over_http_is_what_may_be_subscribed_to(who: str) -> None:
    """`/api/sync/events` shows an account every channel that it may hear, and nothing else; an admin the whole log."""
    heard = heard_by(ACTORS[who])
    if who == "admin":
        assert heard is None
        return
    # What is told about one dentist's free time is told to availability:all in the same message, and what is told to a
    # patient or a dentist to appointments:all.
    subscribable = {name for name, listeners in HEARD_BY.items() if who in listeners}
    for everything, kind in (("availability:all", "availability:"), ("appointments:all", "appointments:")):
        if everything in subscribable:
            subscribable = {name for name in subscribable if name == everything or not name.startswith(kind)}
    assert heard is not None
    assert set(heard) == subscribable


@pytest.mark.parametrize(
    "name",
    [
        "",
        ":",
        "appointments",
        "appointments:",
        "appointments:patient",
        "appointments:patient:",
        "appointments:patient:all",
        "appointments:patient:1",
        "appointments:chair:" + str(MIA),
        "appointments:patient:" + str(MIA) + ":x",
        "appointments:patient:" + str(MIA).replace("-", ""),
        "appointments:patient:{" + str(MIA) + "}",
        "appointments:patient:" + "A" + str(MIA)[1:].upper(),
        "appointments:patient: " + str(MIA),
        "appointments:patient:" + str(MIA) + "\n",
        "Appointments:all",
        "appointments:all:x",
        "availability",
        "availability:",
        "availability:everyone",
        "availability:dentist:" + str(ANNA),
        "heartbeat",
        "practice:",
        "practice:all",
        "Practice",
        "*",
        "appointments:patient:\x00",
        "appointments:patient:\ud800",
    ],
)
def test_what_is_no_channel_is_unknown(name: str) -> None:
    """One room has one name: another spelling of an id is no channel, nor is an internal room."""
    with pytest.raises(UnknownChannel):
        Channel.parse(name)


def test_who_sees_everything_and_administers_nothing_reads_no_revocations() -> None:
    """A receptionist keeps the diaries, and reads every appointment; what has no channel is for admins."""
    assert heard_by(an_actor("receptionist")) == ["availability:all", "appointments:all", "practice"]
    assert heard_by(an_actor("admin")) is None


@pytest.mark.parametrize("name", HEARD_BY)
def test_a_channel_keeps_its_name_and_knows_whose_it_is(name: str) -> None:
    """What was parsed is the room's name again."""
    channel = Channel.parse(name)
    assert channel.name == name
    assert (channel.record_id is None) == (name == "practice" or name.endswith(":all"))
    assert channel.record_id is None or name.endswith(str(channel.record_id))


@pytest.mark.parametrize(
    ("name", "statistic"),
    [
        (of_patient(MIA), "appointments"),
        (of_dentist(ANNA), "appointments"),
        ("appointments:all", "appointments"),
        (of_availability(ANNA), "availability"),
        ("availability:all", "global"),
        ("practice", "global"),
    ],
)
def test_each_channel_falls_under_one_statistic(name: str, statistic: str) -> None:
    """As the contract counts them in `/api/sync/stats`."""
    assert statistic_of(name) == statistic
