"""A booking reaches everybody who may see it, on every web process, and nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from .conftest import Connect
from .javascript import JsClient
from .system import System

APPOINTMENT_FIELDS = {
    *("id", "patientId", "patientName", "dentistId", "dentistName", "treatmentId", "chairId"),
    *("startsAt", "endsAt", "status", "confirmation", "reason", "version", "createdAt", "updatedAt"),
    *("cancelledAt", "cancelledBy", "cancelReason", "overbooked", "forced", "assistantId", "assistantName"),
    *("treatmentIds", "seriesId", "arrivedAt", "checkedInAt"),
}

Payload = dict[str, Any]


@dataclass
class Audience:
    """Everybody concerned and some who are not, once on each web process, each in all the rooms that are theirs."""

    system: System
    patient: list[JsClient]
    dentist: list[JsClient]
    admin: list[JsClient]
    other_patient: list[JsClient]
    other_dentist: list[JsClient]
    chatbot: list[JsClient]

    @property
    def everybody(self) -> list[JsClient]:
        return [
            *(self.patient + self.dentist + self.admin),
            *(self.other_patient + self.other_dentist + self.chatbot),
        ]

    def forget(self) -> None:
        """What has happened so far is no matter."""
        self.catch_up()
        for client in self.everybody:
            client.forget()

    def catch_up(self) -> None:
        """Wait until everybody has got what is theirs of all that was committed."""
        head = self.system.settled_head()
        for client in self.everybody:
            client.catch_up_with(head)

    def channel_of(self, who: str) -> str:
        account = self.system.account(who)
        if account.user["role"] == "patient":
            return f"appointments:patient:{account.patient_id}"
        return f"appointments:dentist:{account.dentist_id}"


@pytest.fixture
def audience(system: System, connect: Connect) -> Audience:
    """Patient 1 and dentist 1 are concerned, patient 2 and dentist 2 are the others."""

    def on_both(name: str, *channels: str) -> list[JsClient]:
        clients = [connect(system, name, web) for web in range(len(system.web))]
        for client in clients:
            for channel in channels:
                client.subscribe(channel)
        return clients

    def of_patient(name: str) -> str:
        return f"appointments:patient:{system.account(name).patient_id}"

    def of_dentist(name: str) -> str:
        return f"appointments:dentist:{system.account(name).dentist_id}"

    audience = Audience(
        system,
        patient=on_both("patient1", of_patient("patient1")),
        dentist=on_both("dentist1", of_dentist("dentist1")),
        admin=on_both("admin", "appointments:all"),
        other_patient=on_both("patient2", of_patient("patient2")),
        other_dentist=on_both("dentist2", of_dentist("dentist2")),
        chatbot=on_both("chatbot", "availability:all"),
    )
    audience.forget()
    return audience


def book(audience: Audience, web: int) -> Payload:
    """Patient 1 books with dentist 1."""
    system = audience.system
    body = system.opening().with_dentist(system.account("dentist1").dentist_id, reason="A tooth that hurts")
    answer = system.account("patient1").call("POST", "/appointments", body, web=web)
    assert answer.status == 201, answer
    return dict(answer.body)


def booked(audience: Audience, web: int) -> Payload:
    """The same, and everybody has heard of it already."""
    appointment = book(audience, web)
    audience.forget()
    return appointment


def the_one(client: JsClient, name: str) -> Payload:
    """The payload of the one message of the log that a client got, which has this name."""
    [(got, payload)] = client.log()
    assert got == name
    return payload


def assert_says(payload: Payload, channels: set[str], **more: Any) -> None:
    """A payload has the contract's envelope, these rooms, and nothing besides `more`."""
    envelope = {name: payload[name] for name in ("position", "epoch", "occurredAt", "channels")}
    assert set(envelope["channels"]) == channels
    assert len(envelope["channels"]) == len(channels)
    assert isinstance(envelope["position"], int)
    assert payload == {**envelope, **more}


def availability_of(client: JsClient) -> list[Payload]:
    """What the chatbot heard, stripped of its envelope."""
    assert {name for name, _ in client.log()} <= {"availability:changed"}
    return [
        {"dentistId": payload["dentistId"], **payload["availability"]}
        for payload in client.events("availability:changed")
    ]


def assert_learnt_nothing_of_the_patient(audience: Audience, appointment: Payload) -> None:
    """Nothing that the chatbot got, whatever its kind, has a word about the patient or the appointment."""
    secret = [appointment["patientId"], appointment["patientName"], appointment["id"], appointment["reason"]]
    for client in audience.chatbot:
        heard = str([record for record in client.records if record["kind"] == "event"])
        assert not [word for word in [*secret, "patientId", "patientName", "appointmentId"] if word in heard]


@pytest.mark.parametrize("web", [0, 1])
def test_a_booking_reaches_patient_dentist_and_admin_and_nobody_else(audience: Audience, web: int) -> None:
    """Booked on either process, it comes to the three on both, with the contract's payload; the chatbot hears when."""
    appointment = book(audience, web)
    audience.catch_up()
    assert set(appointment) == APPOINTMENT_FIELDS
    channels = {audience.channel_of("patient1"), audience.channel_of("dentist1"), "appointments:all"}
    positions = set()
    for client in audience.patient + audience.dentist + audience.admin:
        created = the_one(client, "appointment:created")
        assert_says(created, channels, appointment=appointment)
        positions.add(created["position"])
    assert len(positions) == 1
    for client in audience.other_patient + audience.other_dentist:
        assert client.log() == []
    for client in audience.chatbot:
        changed = the_one(client, "availability:changed")
        assert_says(
            changed,
            {"availability:all", f"availability:{appointment['dentistId']}"},
            dentistId=appointment["dentistId"],
            availability={
                "change": "busy",
                "from": appointment["startsAt"],
                "to": appointment["endsAt"],
                "timeZone": "Europe/Berlin",
            },
        )
    assert_learnt_nothing_of_the_patient(audience, appointment)


@pytest.mark.parametrize("web", [0, 1])
def test_a_new_time_reaches_the_same_people_with_the_old_one(audience: Audience, web: int) -> None:
    """`previous` has the old values of what changed and nothing else; the old time is free, the new one is busy."""
    system, before = audience.system, booked(audience, web)
    later = system.opening()
    after = system.account("patient1").done(
        "PATCH", f"/appointments/{before['id']}", {"startsAt": later.starts_at}, web=1 - web
    )
    audience.catch_up()
    assert (after["startsAt"], after["endsAt"], after["version"]) == (later.starts_at, later.ends_at, 2)
    changed = ("startsAt", "endsAt", "version", "updatedAt")
    channels = {audience.channel_of("patient1"), audience.channel_of("dentist1"), "appointments:all"}
    for client in audience.patient + audience.dentist + audience.admin:
        updated = the_one(client, "appointment:updated")
        assert_says(updated, channels, appointment=after, previous={field: before[field] for field in changed})
    for client in audience.other_patient + audience.other_dentist:
        assert client.log() == []
    dentist = {"dentistId": before["dentistId"], "timeZone": "Europe/Berlin"}
    for client in audience.chatbot:
        assert availability_of(client) == [
            {**dentist, "change": "free", "from": before["startsAt"], "to": before["endsAt"]},
            {**dentist, "change": "busy", "from": later.starts_at, "to": later.ends_at},
        ]
    assert_learnt_nothing_of_the_patient(audience, before)


@pytest.mark.parametrize("web", [0, 1])
def test_a_move_to_a_colleague_tells_the_loser_nothing_of_the_gainer(audience: Audience, web: int) -> None:
    """Dentist 1 learns that it is gone, dentist 2 that it exists, the patient and the admins what has changed."""
    system, before = audience.system, booked(audience, web)
    gainer = system.account("dentist2")
    after = system.account("admin").done(
        "PATCH", f"/appointments/{before['id']}", {"dentistId": gainer.dentist_id}, web=web
    )
    audience.catch_up()
    for client in audience.dentist:
        gone = the_one(client, "appointment:deleted")
        assert_says(gone, {audience.channel_of("dentist1")}, appointmentId=before["id"])
        heard = str([record for record in client.records if record["kind"] == "event"])
        assert gainer.dentist_id not in heard
        assert gainer.user["name"] not in heard
    for client in audience.other_dentist:
        assert_says(the_one(client, "appointment:created"), {audience.channel_of("dentist2")}, appointment=after)
    for client in audience.patient + audience.admin:
        assert_says(
            the_one(client, "appointment:updated"),
            {audience.channel_of("patient1"), "appointments:all"},
            appointment=after,
            previous={field: before[field] for field in ("dentistId", "dentistName", "version", "updatedAt")},
        )
    for client in audience.other_patient:
        assert client.log() == []
    for client in audience.chatbot:
        assert [(change["change"], change["dentistId"]) for change in availability_of(client)] == [
            ("free", before["dentistId"]),
            ("busy", gainer.dentist_id),
        ]
    assert_learnt_nothing_of_the_patient(audience, before)


@pytest.mark.parametrize("web", [0, 1])
def test_a_cancellation_reaches_the_same_people_and_frees_the_time(audience: Audience, web: int) -> None:
    """It is an update that says who cancelled and why; the time is free for everybody."""
    system, before = audience.system, booked(audience, web)
    after = system.account("patient1").done(
        "POST", f"/appointments/{before['id']}/cancel", {"reason": "I am on holiday"}, web=web
    )
    audience.catch_up()
    assert (after["status"], after["cancelledBy"], after["cancelReason"]) == ("cancelled", "patient", "I am on holiday")
    changed = ("status", "cancelledAt", "cancelledBy", "cancelReason", "version", "updatedAt")
    channels = {audience.channel_of("patient1"), audience.channel_of("dentist1"), "appointments:all"}
    for client in audience.patient + audience.dentist + audience.admin:
        updated = the_one(client, "appointment:updated")
        assert_says(updated, channels, appointment=after, previous={field: before[field] for field in changed})
    for client in audience.other_patient + audience.other_dentist:
        assert client.log() == []
    for client in audience.chatbot:
        assert [change["change"] for change in availability_of(client)] == ["free"]
    assert_learnt_nothing_of_the_patient(audience, before)
    assert_learnt_nothing_of_the_patient(audience, {**before, "reason": "I am on holiday"})


@pytest.mark.parametrize("web", [0, 1])
def test_what_was_entered_in_error_is_gone_for_everybody(audience: Audience, web: int) -> None:
    """A deletion names the appointment and nothing else; afterwards nobody can read it, and its time is free."""
    system, before = audience.system, booked(audience, web)
    system.account("admin").done("DELETE", f"/appointments/{before['id']}", web=web)
    audience.catch_up()
    channels = {audience.channel_of("patient1"), audience.channel_of("dentist1"), "appointments:all"}
    for client in audience.patient + audience.dentist + audience.admin:
        assert_says(the_one(client, "appointment:deleted"), channels, appointmentId=before["id"])
    for client in audience.other_patient + audience.other_dentist:
        assert client.log() == []
    for client in audience.chatbot:
        assert [change["change"] for change in availability_of(client)] == ["free"]
    assert_learnt_nothing_of_the_patient(audience, before)
    for name in ("patient1", "dentist1", "admin"):
        assert system.account(name).call("GET", f"/appointments/{before['id']}", web=1 - web).code == "not-found"


def test_a_client_in_several_rooms_of_a_message_gets_it_once(audience: Audience, connect: Connect) -> None:
    """An admin who follows everything of a booking is told once, and a chatbot in two rooms of availability too."""
    system = audience.system
    admin, chatbot = connect(system, "admin", 1), connect(system, "chatbot", 1)
    dentist_id = system.account("dentist1").dentist_id
    for channel in ("appointments:all", audience.channel_of("patient1"), audience.channel_of("dentist1")):
        admin.subscribe(channel)
    for channel in ("availability:all", f"availability:{dentist_id}"):
        chatbot.subscribe(channel)
    appointment = book(audience, 0)
    head = system.settled_head()
    admin.catch_up_with(head)
    chatbot.catch_up_with(head)
    assert the_one(admin, "appointment:created")["appointment"] == appointment
    assert the_one(chatbot, "availability:changed")["dentistId"] == dentist_id


def test_a_client_that_polls_gets_the_same(audience: Audience, connect: Connect) -> None:
    """Without WebSockets (a proxy in the way) everything comes over long polling."""
    system = audience.system
    client = connect(system, "patient1", transports=["polling"])
    client.subscribe(audience.channel_of("patient1"))
    appointment = book(audience, 1)
    client.catch_up_with(system.settled_head())
    assert the_one(client, "appointment:created")["appointment"] == appointment


def test_a_client_that_upgrades_gets_the_same(audience: Audience, connect: Connect) -> None:
    """The client library's default, polling first and then a WebSocket, loses nothing on the way."""
    system = audience.system
    client = connect(system, "patient1", transports=["polling", "websocket"])
    client.subscribe(audience.channel_of("patient1"))
    appointment = book(audience, 1)
    client.catch_up_with(system.settled_head())
    assert the_one(client, "appointment:created")["appointment"] == appointment
