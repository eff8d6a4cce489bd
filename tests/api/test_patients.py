"""Patients: kept by admins, read by their dentists and by themselves, found by what somebody remembers of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.records import demo
from tests.conftest import Caller, Practice, RunLane, log_in, sign_in_to

EVERYTHING = {"name": "Zoë O'Hara", "phone": "+49 30-123 45", "email": "zoe@example.test", "birthDate": "1990-02-28"}
NOT_A_NAME: list[Any] = [None, 7, "", " ", "x" * 501, "nul\x00", "\ud800", ["x"]]


def found(caller: Caller, q: str, limit: int = 200) -> list[str]:
    """The names that a search gives."""
    answer = caller.get(f"/patients?limit={limit}&q={quote(q)}")
    assert answer.status_code == 200, answer.text
    return [patient["name"] for patient in answer.json["items"]]


# Who keeps and reads them.


def test_the_front_desk_enters_a_caller_without_an_account(sign_in: Callable[..., Caller]) -> None:
    """201 with the record and its address; all that is known is there, at once and later."""
    admin = sign_in("admin")
    answer = admin.post("/patients", EVERYTHING)
    assert answer.status_code == 201
    assert answer.json == {"id": answer.json["id"], **EVERYTHING, "onlineBookingBarred": False, "noShows": 0}
    assert answer.headers["Location"] == f"/api/patients/{answer.json['id']}"
    assert admin.get(f"/patients/{answer.json['id']}").json == answer.json


def test_a_name_is_enough(sign_in: Callable[..., Caller]) -> None:
    """What is not known is null; the birth date, which few tell, is not there, nor is a remark."""
    answer = sign_in("admin").post("/patients", {"name": "  Ann  "})
    assert answer.status_code == 201
    unknown = {"phone": None, "email": None, "onlineBookingBarred": False, "noShows": 0}
    assert answer.json == {"id": answer.json["id"], "name": "Ann", **unknown}


def test_who_was_entered_by_the_front_desk_can_be_booked(sign_in: Callable[..., Caller], practice: Practice) -> None:
    """And is then the dentist's to read."""
    admin, dentist = sign_in("admin"), sign_in("dentist1")
    patient_id = admin.post("/patients", {"name": "Walk In"}).json["id"]
    assert dentist.get(f"/patients/{patient_id}").status_code == 404
    body = {
        "dentistId": str(practice.dentists[0]),
        "patientId": patient_id,
        "treatmentId": str(practice.treatments["Check-up"]),
        "startsAt": (datetime.now(UTC) + timedelta(days=35)).isoformat(),
    }
    start = datetime.fromisoformat(body["startsAt"])
    start += timedelta(days=(7 - start.weekday()) % 7)
    body["startsAt"] = start.replace(hour=9, minute=0, second=0, microsecond=0).isoformat()
    booked = admin.post("/appointments", body)
    assert booked.status_code == 201, booked.text
    assert booked.json["patientName"] == "Walk In"
    assert dentist.get(f"/patients/{patient_id}").json["name"] == "Walk In"
    assert sign_in("dentist2").get(f"/patients/{patient_id}").status_code == 404


@pytest.mark.parametrize("name", ["patient1", "dentist1", "chatbot"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_only_the_front_desk_writes_patients(shared_app: APIFlask, name: str, method: str) -> None:
    """The others may not, whoever it is about."""
    caller = sign_in_to(shared_app, name)
    own = caller.user.get("patientId", str(uuid.uuid4()))
    answer = caller.call(method, "/patients" if method == "POST" else f"/patients/{own}", {"name": "X"})
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_the_chatbot_never_learns_a_patients_name(shared_app: APIFlask, app: APIFlask, practice: Practice) -> None:
    """403 for the list, for a search and for every single one."""
    chatbot = sign_in_to(app, "chatbot")
    for path in ("/patients", "/patients?q=Mia", f"/patients/{practice.patients[0]}", f"/patients/{uuid.uuid4()}"):
        answer = chatbot.get(path)
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
        assert "Mia" not in answer.text
    assert shared_app.test_client().get("/api/patients").status_code == 401


def test_a_patient_reads_the_own_record_and_no_other(sign_in: Callable[..., Caller], practice: Practice) -> None:
    """The list is that one record, whatever is searched for."""
    patient = sign_in("patient1")
    own = patient.get(f"/patients/{practice.patients[0]}").json
    assert (own["name"], own["email"]) == ("Mia Schmidt", "patient1@demo.test")
    assert patient.get("/patients").json == {"items": [own], "next": None}
    assert found(patient, "mia") == ["Mia Schmidt"]
    assert found(patient, "Noah") == []
    for somebody in (practice.patients[1], uuid.uuid4()):
        answer = patient.get(f"/patients/{somebody}")
        assert (answer.status_code, answer.json["code"]) == (404, "not-found")


def test_a_dentist_reads_those_who_are_or_were_in_the_own_diary(
    sign_in: Callable[..., Caller], practice: Practice, owner: Session
) -> None:
    """A cancelled appointment is enough; one that was entered in error never was."""
    dentist = sign_in("dentist1")
    owner.execute(text("DELETE FROM appointments"))
    for number, status in ((0, "cancelled"), (1, "entered-in-error"), (2, "fulfilled")):
        owner.execute(
            text(
                "INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at, status)"
                " VALUES (:patient, :dentist, '2020-01-01 09:00Z', '2020-01-01 09:30Z', :status)"
            ),
            {"patient": practice.patients[number], "dentist": practice.dentists[number // 2], "status": status},
        )
    owner.commit()
    assert found(dentist, "") == ["Mia Schmidt"]
    assert found(dentist, "hoff") == []
    readable = [dentist.get(f"/patients/{patient}").status_code for patient in practice.patients[:4]]
    assert readable == [200, 404, 404, 404]
    assert found(sign_in("dentist2"), "demo.test") == ["Lina Hoffmann"]
    assert found(sign_in("dentist3"), "") == []


def test_an_admin_reads_everybody_page_by_page(shared_app: APIFlask) -> None:
    """By name; each page leads to the next, and a search is kept on the way."""
    admin = sign_in_to(shared_app, "admin")
    everybody = admin.get("/patients?limit=200").json["items"]
    assert [patient["name"] for patient in everybody] == sorted(demo.PATIENTS)
    for query, count in (("limit=5", 12), ("limit=1&q=%40demo", 12), ("limit=2&q=er", 6)):
        collected: list[Any] = []
        answer = admin.get(f"/patients?{query}")
        while True:
            assert answer.status_code == 200, answer.text
            collected += answer.json["items"]
            if answer.json["next"] is None:
                break
            answer = admin.get(answer.headers["Link"].partition(">; ")[0].removeprefix("</api"))
        assert len({patient["id"] for patient in collected}) == len(collected) == count
        assert [p for p in everybody if p in collected] == collected


# Searching.


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("zo", ["Zoë O'Hara"]),
        ("ZOË", ["Zoë O'Hara"]),
        (" o'hara ", ["Zoë O'Hara"]),
        ("ZOE@EXAMPLE", ["Zoë O'Hara"]),
        ("030 123", ["Zoë O'Hara"]),
        ("030/12345", ["Zoë O'Hara"]),
        ("+49 (30) 123", ["Zoë O'Hara"]),
        ("0049 30 123", ["Zoë O'Hara"]),
        ("12345", ["Zoë O'Hara"]),
        ("0301234567", []),
        ("Room 30", []),
        ("%", []),
        ("0%", ["100% Ltd_"]),
        ("_", []),
        ("\\", []),
        ("/", []),
        ("00", ["100% Ltd_"]),
        ("'; DROP TABLE patients; --", []),
    ],
)
def test_a_search_finds_parts_of_name_address_and_number(searched: Caller, q: str, names: list[str]) -> None:
    """In any case of letters, the number by its digits alone; no character is a wildcard, marks alone find nobody."""
    assert [name for name in found(searched, q) if name not in demo.PATIENTS] == names
    assert bool(found(searched, q)) == bool(names)


@pytest.fixture(scope="module")
def searched(shared_app: APIFlask) -> Caller:
    """An admin of a practice with two patients who are easily confused with others."""
    admin = sign_in_to(shared_app, "admin")
    listed = admin.get("/patients?q=O'Hara").json["items"]
    if not listed:
        assert admin.post("/patients", EVERYTHING).status_code == 201
        assert admin.post("/patients", {"name": "100% Ltd_"}).status_code == 201
    return admin


def test_what_plain_sql_has_stored_can_be_read(sign_in: Callable[..., Caller], owner: Session) -> None:
    """However long it is: the bounds are for what comes over the wire."""
    owner.execute(text("INSERT INTO patients (name, phone) VALUES (repeat('x', 600), repeat('1', 600))"))
    owner.execute(text("INSERT INTO treatments (name, duration_minutes) VALUES (repeat('x', 600), 1000)"))
    owner.commit()
    admin = sign_in("admin")
    assert len(found(admin, "xxxxx")[0]) == 600
    assert 1000 in {item["durationMinutes"] for item in admin.get("/treatments").json["items"]}


# What may be written.


@pytest.mark.parametrize("name", NOT_A_NAME, ids=repr)
def test_nobody_is_without_a_proper_name(shared_app: APIFlask, name: Any) -> None:
    """422, and where."""
    answer = sign_in_to(shared_app, "admin").post("/patients", {"name": name})
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/name"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("birthDate", "1990-02-30"),
        ("birthDate", "28.02.1990"),
        ("birthDate", "1990-02-28T00:00:00Z"),
        ("birthDate", 1990),
        ("birthDate", (datetime.now(UTC) + timedelta(days=2)).date().isoformat()),
        ("birthDate", "9999-12-31"),
        ("email", "zoe"),
        ("email", "zoe@"),
        ("email", 7),
        ("phone", 49),
        ("phone", "1" * 501),
        ("id", str(uuid.UUID(int=1))),
        ("userId", str(uuid.UUID(int=1))),
        ("birth_date", "1990-02-28"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_no_patient_can_be_is_422(
    shared_app: APIFlask, app_patient: str, method: str, field: str, value: Any
) -> None:
    """A date that does not exist or lies ahead, an address that is none, an unknown field."""
    admin = sign_in_to(shared_app, "admin")
    path = "/patients" if method == "POST" else f"/patients/{app_patient}"
    answer = admin.call(method, path, {"name": "X", field: value})
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed"), answer.text
    assert [error["pointer"] for error in answer.json["errors"]] == [f"/{field}"]


@pytest.fixture(scope="module")
def app_patient(shared_app: APIFlask) -> str:
    """A patient of the shared practice."""
    patient_id: str = sign_in_to(shared_app, "patient5").user["patientId"]
    return patient_id


def test_who_was_born_today_may_come(sign_in: Callable[..., Caller]) -> None:
    """By the practice's calendar."""
    today = datetime.now(UTC).date().isoformat()
    assert sign_in("admin").post("/patients", {"name": "Baby", "birthDate": today}).status_code == 201


@pytest.mark.parametrize("body", [{}, {"name": None}, {"name": "X", "unknown": 1}])
def test_a_change_that_says_nothing_is_422(shared_app: APIFlask, app_patient: str, body: Any) -> None:
    """Nothing, no name any more, an unknown field."""
    answer = sign_in_to(shared_app, "admin").patch(f"/patients/{app_patient}", body)
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed")


def test_what_is_known_is_changed_and_taken_away(sign_in: Callable[..., Caller]) -> None:
    """What is not named stays; null forgets."""
    admin = sign_in("admin")
    patient = admin.post("/patients", EVERYTHING).json
    path = f"/patients/{patient['id']}"
    assert admin.patch(path, {"phone": "112"}).json == {**patient, "phone": "112"}
    forgotten = admin.patch(path, {"phone": None, "email": None, "birthDate": None}).json
    assert forgotten == {
        key: None if key in ("phone", "email") else patient[key] for key in patient if key != "birthDate"
    }
    assert admin.get(path).json == forgotten


def test_who_does_not_exist_is_not_found(shared_app: APIFlask) -> None:
    """404 for admins too."""
    admin = sign_in_to(shared_app, "admin")
    for answer in (admin.get(f"/patients/{uuid.uuid4()}"), admin.patch(f"/patients/{uuid.uuid4()}", {"name": "X"})):
        assert (answer.status_code, answer.json["code"]) == (404, "not-found")


@pytest.mark.parametrize("name", ["admin", "desk"])
def test_a_new_name_reaches_the_account_and_every_appointment(
    app: APIFlask, sign_in: Callable[..., Caller], practice: Practice, run_lane: RunLane, name: str
) -> None:
    """As messages of those appointments; the session goes on, and the address to sign in with stays."""
    admin, patient = sign_in(name), sign_in("patient1")
    run_lane()
    head = admin.get("/appointments?limit=1").json["position"]
    change = {"name": "Mia Weber", "email": "mia@example.test"}
    assert admin.patch(f"/patients/{practice.patients[0]}", change).status_code == 200
    run_lane()
    [record] = patient.user["patients"]
    renamed = {"name": "Mia Weber", "patients": [{**record, "name": "Mia Weber"}]}
    assert patient.get("/auth/me").json == {**patient.user, **renamed}
    mine = patient.get("/appointments?limit=200").json["items"]
    assert mine
    assert {appointment["patientName"] for appointment in mine} == {"Mia Weber"}
    events = patient.get(f"/sync/events?since={head}&limit=500").json["events"]
    assert {event["appointment"]["id"] for event in events} == {appointment["id"] for appointment in mine}
    assert all(event["previous"]["patientName"] == "Mia Schmidt" for event in events)
    assert log_in(app, "patient1").json["user"]["name"] == "Mia Weber"
