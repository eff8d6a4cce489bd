"""Who assists: chosen or named, in both diaries, with rights of their own, and never booked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.instants import format_instant
from dental_sync.storage import row_security
from tests import plain_sql
from tests.api.assisting import PASSWORD, an_assistant, let_it_need_an_assistant
from tests.api.free import ask, query
from tests.api.hours import (
    DAY,
    HALF_HOUR,
    HOUR,
    MONDAY,
    MORNINGS,
    SignIn,
    a_check_up,
    a_range,
    availability_since,
    booked,
    events_of,
    let_it_be_today,
)
from tests.conftest import Caller, Practice


@pytest.fixture
def admin(sign_in: SignIn) -> Caller:
    """Who makes accounts."""
    return sign_in("admin")


@pytest.fixture
def emil(app: APIFlask, admin: Caller) -> Caller:
    """The one who assists."""
    return an_assistant(app, admin)


def id_of(assistant: Caller) -> str:
    """The id of an assistant's diary."""
    return str(assistant.user["dentistId"])


def for_patient(practice: Practice, number: int, *args: Any, **more: Any) -> dict[str, Any]:
    """A check-up that staff book."""
    return a_check_up(practice, *args, patientId=str(practice.patients[number]), **more)


# Chosen.


def test_where_a_treatment_needs_an_assistant_a_free_one_is_chosen(
    admin: Caller, emil: Caller, sign_in: SignIn, practice: Practice
) -> None:
    """With the booking, and shown by id and name; where none is left it is `slot-taken`, for holds too."""
    let_it_need_an_assistant(admin, practice)
    made = sign_in("patient1").post("/appointments", a_check_up(practice))
    assert (made.status_code, made.json["assistantId"], made.json["assistantName"]) == (201, id_of(emil), "Emil Arndt")
    other = sign_in("patient2")
    for path in ("/appointments", "/holds"):
        refused = other.post(path, a_check_up(practice, dentist=1))
        assert (refused.status_code, refused.json["code"]) == (409, "slot-taken")
        assert "assistant" in refused.json["detail"]
    listed = ask(other, query(practice, MONDAY, HOUR, dentist=None)).json["slots"]
    assert {slot["startsAt"] for slot in listed} == {format_instant(MONDAY + HALF_HOUR)}
    offered = refused_alternatives(other, practice)
    assert format_instant(MONDAY) not in {slot["startsAt"] for slot in offered}


def refused_alternatives(caller: Caller, practice: Practice) -> list[dict[str, Any]]:
    """What is offered instead, each of which can be booked."""
    alternatives: list[dict[str, Any]] = caller.post("/appointments", a_check_up(practice, dentist=1)).json[
        "alternatives"
    ]
    assert alternatives
    wish = {key: alternatives[0][key] for key in ("dentistId", "startsAt")}
    made = caller.post("/appointments", {**a_check_up(practice), **wish})
    assert made.status_code == 201, made.json
    return alternatives


def test_a_hold_keeps_the_assistant_for_its_booking(
    admin: Caller, emil: Caller, sign_in: SignIn, practice: Practice
) -> None:
    """Nobody else is assisted then, and whoever holds it is."""
    let_it_need_an_assistant(admin, practice)
    patient = sign_in("patient1")
    held = patient.post("/holds", a_check_up(practice)).json["id"]
    assert sign_in("patient2").post("/appointments", a_check_up(practice, dentist=1)).json["code"] == "slot-taken"
    made = patient.post("/appointments", a_check_up(practice, holdId=held))
    assert (made.status_code, made.json["assistantId"]) == (201, id_of(emil))


def test_an_assistant_is_chosen_only_within_their_own_hours(
    admin: Caller, emil: Caller, sign_in: SignIn, practice: Practice
) -> None:
    """Nor in their time off; with force somebody is chosen all the same."""
    let_it_need_an_assistant(admin, practice)
    admin.call("PUT", f"/dentists/{id_of(emil)}/working-hours", {"hours": MORNINGS})
    afternoon = a_check_up(practice, MONDAY + 5 * HOUR)
    assert sign_in("patient1").post("/appointments", afternoon).json["code"] == "slot-taken"
    assert admin.post(f"/dentists/{id_of(emil)}/time-off", a_range(MONDAY, HOUR)).status_code == 201
    assert sign_in("patient1").post("/appointments", a_check_up(practice)).json["code"] == "slot-taken"
    forced = admin.post("/appointments", for_patient(practice, 0, force=True))
    assert (forced.status_code, forced.json["assistantId"], forced.json["forced"]) == (201, id_of(emil), True)


def test_a_second_assistant_lets_two_dentists_work_at_once(
    admin: Caller, emil: Caller, app: APIFlask, sign_in: SignIn, practice: Practice
) -> None:
    """The first by name is chosen first; a third dentist has nobody left."""
    let_it_need_an_assistant(admin, practice)
    cora = an_assistant(app, admin, "Cora Adler")
    made = [
        sign_in(f"patient{number + 1}").post("/appointments", a_check_up(practice, dentist=number)).json
        for number in range(3)
    ]
    assert [one.get("assistantId") for one in made] == [id_of(cora), id_of(emil), None]
    assert made[2]["code"] == "slot-taken"


# Named.


def test_staff_name_an_assistant_also_where_none_is_needed(
    admin: Caller, emil: Caller, app: APIFlask, practice: Practice
) -> None:
    """It stays with the appointment when it moves, until another is named, or null."""
    cora = an_assistant(app, admin, "Cora Adler")
    made = admin.post("/appointments", for_patient(practice, 0, assistantId=id_of(emil))).json
    path = f"/appointments/{made['id']}"
    assert made["assistantId"] == id_of(emil)
    moved = admin.patch(path, {"startsAt": format_instant(MONDAY + HOUR)}).json
    assert moved["assistantId"] == id_of(emil)
    taken = admin.post("/appointments", for_patient(practice, 1, MONDAY + HOUR, dentist=1, assistantId=id_of(emil)))
    assert (taken.status_code, taken.json["code"]) == (409, "slot-taken")
    assert admin.patch(path, {"assistantId": id_of(cora)}).json["assistantName"] == "Cora Adler"
    assert admin.patch(path, {"assistantId": None}).json["assistantId"] is None
    assert admin.post(f"{path}/undo").json["assistantId"] == id_of(cora)
    assert [one["id"] for one in admin.get(f"/appointments?assistantId={id_of(cora)}").json["items"]] == [made["id"]]


def test_who_is_no_assistant_is_unknown_as_one(
    admin: Caller, emil: Caller, sign_in: SignIn, practice: Practice
) -> None:
    """422, in a booking and in a change, for somebody who no longer works here too; a patient names nobody."""
    made = admin.post("/appointments", for_patient(practice, 0)).json
    for nobody in (str(practice.dentists[1]), str(practice.patients[0])):
        for answer in (
            admin.post("/appointments", for_patient(practice, 1, MONDAY + HOUR, assistantId=nobody)),
            admin.patch(f"/appointments/{made['id']}", {"assistantId": nobody}),
        ):
            assert (answer.status_code, answer.json["code"]) == (422, "unknown-assistant")
    by_patient = sign_in("patient2").post("/appointments", a_check_up(practice, assistantId=id_of(emil)))
    assert by_patient.status_code == 403
    assert admin.patch(f"/dentists/{id_of(emil)}", {"active": False}).status_code == 200
    gone = admin.post("/appointments", for_patient(practice, 1, MONDAY + HOUR, assistantId=id_of(emil)))
    assert gone.json["code"] == "unknown-assistant"


def test_who_assists_is_never_offered_held_or_booked(
    admin: Caller, emil: Caller, sign_in: SignIn, practice: Practice
) -> None:
    """As a dentist they are unknown, and listed only where assistants are asked for."""
    patient = sign_in("patient1")
    body = {**a_check_up(practice), "dentistId": id_of(emil)}
    for answer in (
        patient.post("/appointments", body),
        patient.post("/holds", body),
        admin.post("/appointments", {**body, "patientId": str(practice.patients[0]), "force": True}),
        ask(patient, {**query(practice), "dentistId": id_of(emil)}),
    ):
        assert (answer.status_code, answer.json["code"]) == (422, "unknown-dentist")
    assert id_of(emil) not in {slot["dentistId"] for slot in ask(patient, query(practice, dentist=None)).json["slots"]}
    everybody = patient.get("/dentists").json["items"]
    assert {one["profession"] for one in everybody} == {"dentist"}
    assisting = patient.get("/dentists?profession=assistant").json["items"]
    assert [(one["id"], one["profession"]) for one in assisting] == [(id_of(emil), "assistant")]
    assert patient.get("/dentists?profession=hygienist").json["items"] == []
    assert patient.get("/dentists?profession=nurse").status_code == 422


# Overbooked.


def test_a_forced_booking_shares_an_assistant_and_both_say_so(admin: Caller, emil: Caller, practice: Practice) -> None:
    """And when one of them is over, the other no longer does."""
    first = admin.post("/appointments", for_patient(practice, 0, assistantId=id_of(emil))).json
    wish = for_patient(practice, 1, dentist=1, assistantId=id_of(emil))
    assert admin.post("/appointments", wish).json["code"] == "slot-taken"
    forced = admin.post("/appointments", {**wish, "force": True})
    assert (forced.status_code, forced.json["overbooked"]) == (201, True)
    assert admin.get(f"/appointments/{first['id']}").json["overbooked"] is True
    admin.post(f"/appointments/{forced.json['id']}/cancel")
    assert admin.get(f"/appointments/{first['id']}").json["overbooked"] is False


# What they see and do.


def test_an_assistant_sees_what_they_assist_and_nothing_else(
    admin: Caller, emil: Caller, sign_in: SignIn, practice: Practice
) -> None:
    """No notes, patients, holds, remarks, history; and no other appointment, by list or by id."""
    mine = admin.post("/appointments", for_patient(practice, 0, assistantId=id_of(emil))).json
    other = booked(sign_in, practice, "patient2", starts_at=MONDAY + HOUR)
    assert [one["id"] for one in emil.get("/appointments").json["items"]] == [mine["id"]]
    assert emil.get(f"/appointments/{mine['id']}").json == mine
    assert emil.get(f"/appointments/{other}").status_code == 404
    for path in (
        f"/appointments/{mine['id']}/notes",
        f"/appointments/{mine['id']}/history",
        "/patients",
        f"/patients/{practice.patients[0]}",
        "/holds",
        f"/dentists/{id_of(emil)}/time-off",
        "/users",
        "/audit",
        "/sync/stats",
    ):
        assert emil.get(path).status_code == 403, path


def test_an_assistant_arrives_and_checks_in_and_makes_no_other_move(
    admin: Caller, emil: Caller, owner: Session, practice: Practice
) -> None:
    """They neither book nor change; what they do not assist is not there."""
    mine = admin.post("/appointments", for_patient(practice, 0, assistantId=id_of(emil))).json["id"]
    other = admin.post("/appointments", for_patient(practice, 1, MONDAY + HOUR)).json["id"]
    let_it_be_today(owner, mine)
    let_it_be_today(owner, other)
    assert emil.post(f"/appointments/{other}/arrive").status_code == 404
    path = f"/appointments/{mine}"
    for door in ("confirm", "complete", "approve", "no-show", "cancel", "undo"):
        assert emil.post(f"{path}/{door}").status_code == 403, door
    assert emil.patch(path, {"reason": "x"}).status_code == 403
    assert emil.delete(path).status_code == 403
    assert emil.post("/appointments", for_patient(practice, 2)).status_code == 403
    assert emil.post("/holds", a_check_up(practice)).status_code == 403
    assert emil.post(f"{path}/arrive").json["status"] == "arrived"
    assert emil.post(f"{path}/check-in").json["status"] == "checked-in"


def test_an_appointment_is_told_in_both_diaries(
    admin: Caller, emil: Caller, owner: Session, practice: Practice, head: Callable[[], int]
) -> None:
    """Whoever begins to assist learns that it exists, whoever no longer does that it is gone."""
    position = head()
    made = admin.post("/appointments", for_patient(practice, 0, assistantId=id_of(emil))).json
    head()
    mine = f"appointments:dentist:{id_of(emil)}"
    anna = f"appointments:dentist:{practice.dentists[0]}"
    [created] = [event for event in events_of(owner, position) if event.type == "appointment:created"]
    assert {mine, anna} < set(created.channels)
    position = head()
    admin.patch(f"/appointments/{made['id']}", {"assistantId": None})
    head()
    told = {event.type: set(event.channels) for event in events_of(owner, position)}
    assert told["appointment:deleted"] == {mine}
    assert anna in told["appointment:updated"]
    assert mine not in told["appointment:updated"]


def test_a_new_name_is_the_assistants_name_everywhere(admin: Caller, emil: Caller, practice: Practice) -> None:
    """In the appointments that they assist too."""
    made = admin.post("/appointments", for_patient(practice, 0, assistantId=id_of(emil))).json["id"]
    assert admin.patch(f"/users/{emil.user['id']}", {"name": "Emil Berg"}).status_code == 200
    assert admin.get(f"/appointments/{made}").json["assistantName"] == "Emil Berg"


# Their own time.


def test_what_an_assistant_is_needed_for_is_in_the_way_of_their_time_off(
    admin: Caller, emil: Caller, practice: Practice
) -> None:
    """And of shorter hours, of no longer working here, and of another profession: each lists it."""
    made = admin.post("/appointments", for_patient(practice, 0, assistantId=id_of(emil))).json["id"]
    path = f"/dentists/{id_of(emil)}"
    for method, where, body in (
        ("POST", f"{path}/time-off", a_range(MONDAY - HOUR, DAY)),
        ("PUT", f"{path}/working-hours", {"hours": []}),
        ("PATCH", path, {"active": False}),
        ("PATCH", path, {"timeZone": "America/New_York"}),
        ("PATCH", path, {"profession": "hygienist"}),
    ):
        refused = admin.call(method, where, body)
        assert (refused.status_code, refused.json["code"]) == (409, "bookings-in-the-way"), body
        assert refused.json["appointments"] == [made]
    changed = admin.patch(path, {"profession": "hygienist", "force": True})
    assert (changed.json["profession"], changed.json["appointments"]) == ("hygienist", [made])


@pytest.mark.usefixtures("empty_diary")
def test_who_treats_does_not_begin_to_assist_with_bookings_to_come(
    admin: Caller, sign_in: SignIn, practice: Practice
) -> None:
    """Unless it is forced; a hygienist is booked as a dentist is."""
    mine = booked(sign_in, practice)
    anna = f"/dentists/{practice.dentists[0]}"
    assert admin.patch(anna, {"profession": "hygienist"}).json["profession"] == "hygienist"
    booked(sign_in, practice, "patient2", starts_at=MONDAY + HOUR)
    refused = admin.patch(anna, {"profession": "assistant"})
    assert (refused.status_code, refused.json["appointments"][0]) == (409, mine)
    for wrong in ("nurse", None, 3):
        assert admin.patch(anna, {"profession": wrong}).status_code == 422


def test_another_profession_ends_every_sign_in(
    admin: Caller, emil: Caller, sign_in: SignIn, practice: Practice
) -> None:
    """As another role does: the rights are others. From dentist to hygienist they are the same."""
    assert admin.patch(f"/dentists/{id_of(emil)}", {"profession": "hygienist"}).status_code == 200
    assert emil.get("/auth/me").status_code == 401
    dentist = sign_in("dentist2")
    assert dentist.user["profession"] == "dentist"
    assert admin.patch(f"/dentists/{practice.dentists[1]}", {"profession": "hygienist"}).status_code == 200
    assert dentist.get("/auth/me").json["profession"] == "hygienist"


def test_where_a_second_factor_is_demanded_an_assistant_can_set_it_up(app: APIFlask, emil: Caller) -> None:
    """Like everybody who works in the practice: nobody is asked for what they may not have."""
    services.provide(app, dataclasses.replace(services.of(app, Settings), require_second_factor=True))
    refused = emil.get("/appointments")
    assert (refused.status_code, refused.json["code"]) == (403, "second-factor-missing")
    begun = emil.post("/auth/second-factor", {"password": PASSWORD})
    assert begun.status_code == 200, begun.json
    code = pyotp.TOTP(begun.json["secret"]).now()
    assert emil.post("/auth/second-factor", {"password": PASSWORD, "code": code}).status_code == 200
    assert emil.get("/appointments").status_code == 200


def test_a_profession_is_for_accounts_with_a_diary(admin: Caller) -> None:
    """Others have none."""
    body = {"email": "x@demo.test", "name": "X", "password": PASSWORD}
    for wrong in ({"role": "patient", "profession": "assistant"}, {"role": "dentist", "profession": "nurse"}):
        assert admin.post("/users", {**body, **wrong}).status_code == 422
    made = admin.post("/users", {**body, "role": "dentist", "profession": "hygienist"})
    assert (made.status_code, made.json["profession"]) == (201, "hygienist")


def test_when_an_assistant_is_away_is_told_to_whoever_looks_for_a_time(
    admin: Caller, emil: Caller, owner: Session, practice: Practice, head: Callable[[], int]
) -> None:
    """As hours of every dentist, where a treatment needs an assistant; else it is the assistant's own matter."""
    path = f"/dentists/{id_of(emil)}/time-off"
    position = head()
    admin.post(path, a_range(MONDAY, HOUR))
    head()
    assert {one["dentistId"] for one in availability_since(owner, position)} == {id_of(emil)}
    let_it_need_an_assistant(admin, practice)
    position = head()
    admin.post(path, a_range(MONDAY + DAY, HOUR))
    head()
    told = {one["dentistId"]: one["availability"]["change"] for one in availability_since(owner, position)}
    assert told == {id_of(emil): "time-off", **{str(dentist): "hours" for dentist in practice.dentists}}


def test_row_level_security_shows_an_assistant_what_they_assist(
    admin: Caller, emil: Caller, sign_in: SignIn, settings: Settings, practice: Practice
) -> None:
    """Also in a query without a WHERE: no patient, no note, no hold and no other appointment."""
    mine = admin.post("/appointments", for_patient(practice, 0, assistantId=id_of(emil))).json["id"]
    booked(sign_in, practice, "patient2", starts_at=MONDAY + HOUR)
    assert settings.web_database_url
    with plain_sql.connect(settings.web_database_url) as web:
        identity = row_security.Identity(role="assistant", user_id=emil.user["id"], assistant_id=id_of(emil))
        row_security.become(web, identity)
        assert [str(id_) for id_ in web.scalars(text("SELECT id FROM appointments"))] == [mine]
        for table in ("patients", "appointment_notes", "holds", "patient_remarks", "time_off", "audit"):
            assert web.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
