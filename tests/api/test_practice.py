"""What can be booked, in which chair and by which rules: read by every role, written by admins."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.records import demo
from tests.api.test_appointments import a_check_up
from tests.conftest import Caller, Practice, sign_in_to

ROLES = ["patient1", "dentist1", "admin", "chatbot"]
AN_ID = str(uuid.UUID(int=1))
PLAIN = {"name": "Whitening", "durationMinutes": 30}
SPECIAL = {
    **PLAIN,
    "bufferBeforeMinutes": 5,
    "bufferAfterMinutes": 10,
    "requiresApproval": True,
    "chairKind": "surgery",
    "needsAssistant": True,
    "slotStepMinutes": 20,
    "minimumNoticeMinutes": 1_440,
    "furthestAdvanceDays": 90,
    "public": False,
}
CHAIR = {"name": "Room 1", "kind": "surgery"}

# What admins may write, and nobody else.
WRITES: list[tuple[str, str, Any]] = [
    ("POST", "/treatments", PLAIN),
    ("PATCH", "/treatments/{treatment}", {"durationMinutes": 31}),
    ("DELETE", "/treatments/{treatment}", None),
    ("POST", "/chairs", CHAIR),
    ("PATCH", "/chairs/{chair}", {"name": "Room 2"}),
    ("DELETE", "/chairs/{chair}", None),
    ("PATCH", "/practice", {"name": "Another name"}),
]
READS = ["/treatments", "/treatments/{treatment}", "/chairs", "/chairs/{chair}", "/practice"]


@pytest.fixture
def admin(sign_in: Callable[..., Caller]) -> Caller:
    """Somebody who keeps the practice's records."""
    return sign_in("admin")


@pytest.fixture
def ids(admin: Caller, practice: Practice) -> dict[str, str]:
    """A treatment and a chair, to be put into addresses."""
    return {"treatment": str(practice.treatments["Check-up"]), "chair": admin.post("/chairs", CHAIR).json["id"]}


# Who may what.


@pytest.mark.parametrize("name", ROLES)
def test_every_role_reads_and_admins_write(app: APIFlask, ids: dict[str, str], name: str) -> None:
    """Each read is 200 for all; each write is 403 for all but admins, and without signing in everything is 401."""
    caller = sign_in_to(app, name)
    for path in READS:
        assert caller.get(path.format(**ids)).status_code == 200, path
        assert app.test_client().get("/api" + path.format(**ids)).status_code == 401, path
    for method, path, body in WRITES:
        answer = caller.call(method, path.format(**ids), body)
        if name == "admin":
            assert answer.status_code in (200, 201, 204), f"{method} {path}: {answer.text}"
        else:
            assert (answer.status_code, answer.json["code"]) == (403, "forbidden"), f"{method} {path}"
        assert app.test_client().open("/api" + path.format(**ids), method=method, json=body).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/treatments/{AN_ID}", None),
        ("PATCH", f"/treatments/{AN_ID}", {"name": "X"}),
        ("DELETE", f"/treatments/{AN_ID}", None),
        ("GET", f"/chairs/{AN_ID}", None),
        ("PATCH", f"/chairs/{AN_ID}", {"name": "X"}),
        ("DELETE", f"/chairs/{AN_ID}", None),
    ],
)
def test_what_does_not_exist_is_not_found(shared_app: APIFlask, method: str, path: str, body: Any) -> None:
    """404."""
    answer = sign_in_to(shared_app, "admin").call(method, path, body)
    assert (answer.status_code, answer.json["code"]) == (404, "not-found")


# Treatments.


def test_a_name_and_a_duration_make_a_treatment(admin: Caller) -> None:
    """201 with its address; what is not said is none, and no rule of its own is shown."""
    answer = admin.post("/treatments", PLAIN)
    assert answer.status_code == 201
    assert answer.json == {
        "id": answer.json["id"],
        **PLAIN,
        "bufferBeforeMinutes": 0,
        "bufferAfterMinutes": 0,
        "requiresApproval": False,
        "needsAssistant": False,
        "public": True,
        "active": True,
    }
    assert answer.headers["Location"] == f"/api/treatments/{answer.json['id']}"
    assert admin.get(f"/treatments/{answer.json['id']}").json == answer.json


def test_a_treatment_may_have_rules_of_its_own(sign_in: Callable[..., Caller], admin: Caller) -> None:
    """Shown to everybody; taken away with null, and not shown any more then."""
    treatment = admin.post("/treatments", SPECIAL).json
    path = f"/treatments/{treatment['id']}"
    assert treatment == {"id": treatment["id"], **SPECIAL, "active": True}
    assert sign_in("chatbot").get(path).json == {"id": treatment["id"], **SPECIAL}
    own = ("chairKind", "slotStepMinutes", "minimumNoticeMinutes", "furthestAdvanceDays")
    plain = admin.patch(path, dict.fromkeys(own)).json
    assert plain == {name: value for name, value in treatment.items() if name not in own}
    assert admin.get(path).json == plain


def test_what_is_not_named_in_a_change_stays(admin: Caller) -> None:
    """One member at a time."""
    treatment = admin.post("/treatments", SPECIAL).json
    for name, value in {"name": "Bleaching", "durationMinutes": 720, "requiresApproval": False}.items():
        changed = admin.patch(f"/treatments/{treatment['id']}", {name: value})
        assert changed.json == {**treatment, name: value}
        treatment = changed.json


def test_a_withdrawn_treatment_is_not_offered_and_keeps_its_appointments(
    sign_in: Callable[..., Caller], admin: Caller, practice: Practice
) -> None:
    """It is in no list and cannot be booked; who has it can still read what it is called. It may come back."""
    patient = sign_in("patient1")
    booked = patient.post("/appointments", a_check_up(practice)).json
    path = f"/treatments/{practice.treatments['Check-up']}"
    assert admin.delete(path).status_code == 204
    assert admin.delete(path).status_code == 204
    for caller in (patient, admin):
        assert "Check-up" not in {item["name"] for item in caller.get("/treatments").json["items"]}
    assert patient.get(f"/appointments/{booked['id']}").json == booked
    assert patient.get(path).json["name"] == "Check-up"
    refused = sign_in("patient2").post("/appointments", a_check_up(practice))
    assert (refused.status_code, refused.json["code"]) == (422, "unknown-treatment")
    everything = {item["name"]: item["active"] for item in admin.get("/treatments?includeInactive=true").json["items"]}
    assert everything == {"Check-up": False, "Cleaning": True, "Filling": True, "Root canal": True}
    assert admin.patch(path, {"active": True}).json["active"] is True
    assert "Check-up" in {item["name"] for item in patient.get("/treatments").json["items"]}


@pytest.mark.parametrize("name", ["patient1", "dentist1", "chatbot"])
@pytest.mark.parametrize("path", ["/treatments", "/chairs"])
def test_only_admins_see_what_is_no_longer_offered(shared_app: APIFlask, name: str, path: str) -> None:
    """403 when they ask for it; `active` is not shown to them."""
    caller = sign_in_to(shared_app, name)
    answer = caller.get(f"{path}?includeInactive=true")
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    listed = caller.get(f"{path}?includeInactive=false").json["items"]
    assert all("active" not in item for item in listed)


def test_a_changed_treatment_moves_nobodys_appointment(
    sign_in: Callable[..., Caller], admin: Caller, practice: Practice
) -> None:
    """It is as it was booked; the next booking is as the treatment is now."""
    first = sign_in("patient1").post("/appointments", a_check_up(practice)).json
    change = {"durationMinutes": 90, "bufferAfterMinutes": 15}
    assert admin.patch(f"/treatments/{practice.treatments['Check-up']}", change).status_code == 200
    assert sign_in("patient1").get(f"/appointments/{first['id']}").json == first
    body = a_check_up(practice, dentistId=str(practice.dentists[1]))
    second = sign_in("patient2").post("/appointments", body).json
    assert second["endsAt"] > first["endsAt"]


BAD_NUMBERS: list[Any] = [-1, 1_000_000, 10**30, 1.5, "30", True, [], {}]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("durationMinutes", value) for value in [*BAD_NUMBERS, 0, 721, None]),
        *(("bufferBeforeMinutes", value) for value in [*BAD_NUMBERS, 241, None]),
        *(("bufferAfterMinutes", value) for value in [*BAD_NUMBERS, 241, None]),
        *(("slotStepMinutes", value) for value in [*BAD_NUMBERS, 0, 1_441]),
        *(("minimumNoticeMinutes", value) for value in BAD_NUMBERS),
        *(("furthestAdvanceDays", value) for value in [*BAD_NUMBERS, 0, 3_654]),
        *(("requiresApproval", value) for value in [0, "true", None]),
        *(("chairKind", value) for value in [7, "", "\x00", "x" * 501]),
        *(("name", value) for value in [None, "", "  ", 7, "\ud800"]),
        ("id", AN_ID),
        ("duration_minutes", 30),
    ],
)
def test_what_no_treatment_can_be_is_422(shared_app: APIFlask, field: str, value: Any) -> None:
    """Out of bounds, of another type, unknown: the member is named, for a new one and for a change."""
    admin = sign_in_to(shared_app, "admin")
    [first, *_] = admin.get("/treatments").json["items"]
    for answer in (
        admin.post("/treatments", {**PLAIN, field: value}),
        admin.patch(f"/treatments/{first['id']}", {field: value}),
    ):
        assert (answer.status_code, answer.json["code"]) == (422, "validation-failed"), answer.text
        assert {error["pointer"] for error in answer.json["errors"]} <= {f"/{field}", ""}
    assert admin.get(f"/treatments/{first['id']}").json == first


@pytest.mark.parametrize("field", ["name", "durationMinutes"])
def test_a_treatment_without_name_or_duration_is_422(shared_app: APIFlask, field: str) -> None:
    """The two that every treatment has."""
    body = {name: value for name, value in PLAIN.items() if name != field}
    answer = sign_in_to(shared_app, "admin").post("/treatments", body)
    assert [error["pointer"] for error in answer.json["errors"]] == [f"/{field}"]


# Chairs.


def test_a_chair_is_put_up_changed_and_put_away(sign_in: Callable[..., Caller], admin: Caller) -> None:
    """201 with its address; everybody reads `{id, name, kind}`."""
    answer = admin.post("/chairs", CHAIR)
    assert answer.status_code == 201
    chair = answer.json
    path = f"/chairs/{chair['id']}"
    assert chair == {"id": chair["id"], **CHAIR, "active": True}
    assert answer.headers["Location"] == "/api" + path
    patient = sign_in("patient1")
    assert patient.get("/chairs").json["items"] == [{"id": chair["id"], **CHAIR}]
    assert admin.patch(path, {"kind": "hygiene"}).json == {**chair, "kind": "hygiene", "appointments": []}
    assert admin.delete(path).status_code == 204
    assert patient.get("/chairs").json["items"] == []
    assert patient.get(path).json == {"id": chair["id"], **CHAIR, "kind": "hygiene"}
    assert [item["active"] for item in admin.get("/chairs?includeInactive=true").json["items"]] == [False]


def test_a_treatment_that_needs_a_chair_is_booked_where_one_stands(
    sign_in: Callable[..., Caller], admin: Caller, practice: Practice
) -> None:
    """One chair is one treatment at a time, whoever treats; a second chair is room for a second."""
    path = f"/treatments/{practice.treatments['Check-up']}"
    assert admin.patch(path, {"chairKind": CHAIR["kind"]}).status_code == 200
    body = a_check_up(practice)
    assert sign_in("patient1").post("/appointments", body).status_code == 409
    chair = admin.post("/chairs", CHAIR).json
    assert sign_in("patient1").post("/appointments", body).json["chairId"] == chair["id"]
    elsewhere = {**body, "dentistId": str(practice.dentists[1])}
    assert sign_in("patient2").post("/appointments", elsewhere).json["code"] == "slot-taken"
    admin.post("/chairs", {**CHAIR, "name": "Room 2"})
    assert sign_in("patient2").post("/appointments", elsewhere).status_code == 201


@pytest.mark.parametrize(
    "body", [{}, {"name": "X"}, {"kind": "X"}, {**CHAIR, "kind": ""}, {**CHAIR, "kind": None}, {**CHAIR, "active": 1}]
)
def test_what_no_chair_can_be_is_422(shared_app: APIFlask, body: Any) -> None:
    """Without a name or a kind, or with an unknown member."""
    answer = sign_in_to(shared_app, "admin").post("/chairs", body)
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed")


# The practice.


def test_the_practice_says_its_rules(shared_app: APIFlask) -> None:
    """All of them, to everybody."""
    assert sign_in_to(shared_app, "chatbot").get("/practice").json == {
        "name": "Dental Sync demo practice",
        "timeZone": demo.TIME_ZONE,
        "minimumNoticeMinutes": 0,
        "furthestAdvanceDays": 400,
        "slotStepMinutes": 15,
        "country": "DE",
        "publicBooking": "book",
        "newPatients": "open",
        "openBookingsPerPatient": None,
        "cancelCutoffHours": None,
        "address": None,
        "phone": None,
    }


def test_a_practice_that_has_said_nothing_shows_nothing_and_lets_everybody_book(owner: Session) -> None:
    """What the migration gave to those that were there."""
    defaults = (
        "UPDATE practice SET public_booking = DEFAULT, new_patients = DEFAULT, open_bookings_per_patient = DEFAULT,"
        " cancel_cutoff_hours = DEFAULT RETURNING public_booking, new_patients, open_bookings_per_patient,"
        " cancel_cutoff_hours"
    )
    assert owner.execute(text(defaults)).one() == ("off", "open", None, None)


def test_what_a_practice_says_of_itself_is_told_to_staff_and_taken_back_with_null(
    admin: Caller, owner: Session, head: Callable[[], int]
) -> None:
    """On the channel `practice`, without a word about what is free: no time has changed."""
    before = head()
    said = {
        "publicBooking": "view",
        "newPatients": "verified",
        "openBookingsPerPatient": 5,
        "cancelCutoffHours": 0,
        "address": "Smile Street 1\n10115 Berlin",
        "phone": "030 5550123",
    }
    assert admin.patch("/practice", said).json.items() >= said.items()
    assert admin.get("/practice").json.items() >= said.items()
    head()
    told = owner.execute(text("SELECT type, payload FROM sync_events WHERE position > :p"), {"p": before}).all()
    assert told == [("record:changed", {"kind": "practice", "id": None, "change": "updated"})]
    nothing = dict.fromkeys(("openBookingsPerPatient", "cancelCutoffHours", "address", "phone"))
    assert admin.patch("/practice", nothing).json.items() >= nothing.items()


def test_new_rules_hold_for_the_next_booking(sign_in: Callable[..., Caller], admin: Caller, practice: Practice) -> None:
    """What is named changes; the lane reads the rules anew."""
    before = admin.get("/practice").json
    changed = admin.patch("/practice", {"furthestAdvanceDays": 1}).json
    assert changed == {**before, "furthestAdvanceDays": 1, "appointments": []}
    refused = sign_in("patient1").post("/appointments", a_check_up(practice))
    assert (refused.status_code, refused.json["code"]) == (422, "too-far-ahead")
    change = {"name": "Smile", "furthestAdvanceDays": 365, "slotStepMinutes": 10}
    assert admin.patch("/practice", change).json == {**before, **change, "appointments": []}
    assert admin.get("/practice").json == {**before, **change}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("timeZone", zone) for zone in ["", "CET/Berlin", "europe/berlin", "+01:00", "../etc/passwd", "localtime"]),
        *(("timeZone", zone) for zone in [None, 1, "Factory", "Europe/Berlin\x00", "\ud800"]),
        *(("slotStepMinutes", value) for value in [*BAD_NUMBERS, 0, None]),
        *(("minimumNoticeMinutes", value) for value in [*BAD_NUMBERS, None]),
        *(("furthestAdvanceDays", value) for value in [*BAD_NUMBERS, 0, None]),
        *(("publicBooking", value) for value in ["on", "", None, True]),
        *(("newPatients", value) for value in ["anybody", None, 1]),
        *(("openBookingsPerPatient", value) for value in [0, -1, 1_001, 1.5, "5", True]),
        *(("cancelCutoffHours", value) for value in [-1, 8_761, 0.5, "24"]),
        *(("address", value) for value in ["x" * 501, 1]),
        ("phone", "x" * 501),
        ("name", ""),
        ("name", None),
        ("id", 1),
    ],
)
def test_what_no_practice_can_be_is_422(shared_app: APIFlask, field: str, value: Any) -> None:
    """A zone that is none, a rule out of bounds: nothing changes."""
    admin = sign_in_to(shared_app, "admin")
    before = admin.get("/practice").json
    answer = admin.patch("/practice", {field: value})
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed"), answer.text
    assert {error["pointer"] for error in answer.json["errors"]} <= {f"/{field}", ""}
    assert admin.get("/practice").json == before


@pytest.mark.parametrize("path", ["/practice", f"/treatments/{AN_ID}", f"/chairs/{AN_ID}"])
def test_a_change_that_says_nothing_is_422(shared_app: APIFlask, path: str) -> None:
    """At least one member."""
    answer = sign_in_to(shared_app, "admin").patch(path, {})
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed")


def test_the_longest_times_that_are_allowed_can_be_stored(admin: Caller, owner: Session) -> None:
    """The bounds of the wire lie within those of the tables."""
    longest = {
        **PLAIN,
        "durationMinutes": 720,
        "bufferBeforeMinutes": 240,
        "bufferAfterMinutes": 240,
        "slotStepMinutes": 1_440,
        "minimumNoticeMinutes": 525_600,
        "furthestAdvanceDays": 3_653,
    }
    assert admin.post("/treatments", longest).status_code == 201
    rules = {name: longest[name] for name in ("slotStepMinutes", "minimumNoticeMinutes", "furthestAdvanceDays")}
    assert admin.patch("/practice", rules).status_code == 200
    assert owner.scalar(text("SELECT furthest_advance_days FROM practice")) == 3_653
