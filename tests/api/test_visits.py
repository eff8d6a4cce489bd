"""Several treatments in one visit: what it takes, what it needs, and how it is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from apiflask import APIFlask

from dental_sync.core.instants import format_instant
from tests.api.assisting import an_assistant, let_it_need_an_assistant, offer
from tests.api.free import MINUTE, ask, query
from tests.api.hours import HOUR, MONDAY, SignIn, a_check_up
from tests.conftest import Caller, Practice

# The demo's bookings of the coming week would be in the way.
pytestmark = pytest.mark.usefixtures("empty_diary")


@pytest.fixture
def admin(sign_in: SignIn) -> Caller:
    """Who keeps the treatments."""
    return sign_in("admin")


def ids(practice: Practice, *names: str) -> list[str]:
    """Treatments by name."""
    return [str(practice.treatments[name]) for name in names]


def a_visit(practice: Practice, *names: str, starts_at: datetime = MONDAY, **more: Any) -> dict[str, Any]:
    """The body of a booking of these, in their order."""
    body = a_check_up(practice, starts_at, **more)
    del body["treatmentId"]
    return {**body, "treatmentIds": ids(practice, *names)}


def change(admin: Caller, practice: Practice, name: str, **changes: Any) -> None:
    """Let a treatment be another one than in the demo."""
    assert admin.patch(f"/treatments/{practice.treatments[name]}", changes).status_code == 200


def length(record: dict[str, Any]) -> Any:
    """How long it is."""
    return datetime.fromisoformat(record["endsAt"]) - datetime.fromisoformat(record["startsAt"])


def test_a_visit_takes_as_long_as_its_treatments(admin: Caller, sign_in: SignIn, practice: Practice) -> None:
    """The first is `treatmentId`; the time before it is the first's and the time after it the last's."""
    change(admin, practice, "Check-up", durationMinutes=30, bufferBeforeMinutes=10, bufferAfterMinutes=60)
    change(admin, practice, "Cleaning", durationMinutes=40, bufferBeforeMinutes=60, bufferAfterMinutes=20)
    made = sign_in("patient1").post("/appointments", a_visit(practice, "Check-up", "Cleaning"))
    assert (made.status_code, length(made.json)) == (201, 70 * MINUTE)
    assert made.json["treatmentId"] == ids(practice, "Check-up")[0]
    assert made.json["treatmentIds"] == ids(practice, "Check-up", "Cleaning")
    change(admin, practice, "Filling", durationMinutes=10, bufferBeforeMinutes=0, bufferAfterMinutes=0)
    taken, free = MONDAY + 80 * MINUTE, MONDAY + 90 * MINUTE
    other = sign_in("patient2")
    assert other.post("/appointments", a_visit(practice, "Filling", starts_at=taken)).json["code"] == "slot-taken"
    assert other.post("/appointments", a_visit(practice, "Filling", starts_at=free)).status_code == 201
    before = a_visit(practice, "Filling", starts_at=MONDAY - 15 * MINUTE)
    assert sign_in("patient3").post("/appointments", before).json["code"] == "slot-taken"


def test_a_visit_is_listed_held_and_booked_alike(admin: Caller, sign_in: SignIn, practice: Practice) -> None:
    """With a dentist's own length of one of them; its hold says which treatments it is for."""
    offer(admin, practice.dentists[0], [{"treatmentId": one} for one in ids(practice, "Check-up")])
    check_up, cleaning = ids(practice, "Check-up", "Cleaning")
    offer(
        admin,
        practice.dentists[1],
        [{"treatmentId": check_up, "durationMinutes": 50}, {"treatmentId": cleaning}],
    )
    patient = sign_in("patient1")
    asked = query(practice, dentist=None)
    del asked["treatmentId"]
    slots = ask(patient, {**asked, "treatmentIds": f"{check_up},{cleaning}"}).json["slots"]
    usual = admin.get(f"/treatments/{cleaning}").json["durationMinutes"] * MINUTE
    lengths = {slot["dentistId"]: length(slot) for slot in slots}
    assert lengths == {
        str(practice.dentists[1]): 50 * MINUTE + usual,
        str(practice.dentists[2]): admin.get(f"/treatments/{check_up}").json["durationMinutes"] * MINUTE + usual,
    }
    body = a_visit(practice, "Check-up", "Cleaning", dentist=1)
    held = patient.post("/holds", body)
    assert (held.status_code, held.json["treatmentIds"]) == (201, [check_up, cleaning])
    made = patient.post("/appointments", {**body, "holdId": held.json["id"]})
    assert (made.status_code, length(made.json)) == (201, 50 * MINUTE + usual)


def test_a_visit_waits_for_approval_where_one_of_its_treatments_does(
    admin: Caller, sign_in: SignIn, practice: Practice
) -> None:
    """And is given the chair that one of them needs."""
    change(admin, practice, "Cleaning", requiresApproval=True, chairKind="surgery")
    chair = admin.post("/chairs", {"name": "Room 1", "kind": "surgery"}).json["id"]
    made = sign_in("patient1").post("/appointments", a_visit(practice, "Check-up", "Cleaning")).json
    assert (made["status"], made["chairId"]) == ("pending", chair)
    refused = admin.delete(f"/chairs/{chair}")
    assert refused.json["appointments"] == [made["id"]]


def test_two_kinds_of_chair_are_two_appointments(admin: Caller, sign_in: SignIn, practice: Practice) -> None:
    """422 `invalid-duration`, for a booking, a hold, a change and a list."""
    change(admin, practice, "Check-up", chairKind="x-ray")
    change(admin, practice, "Cleaning", chairKind="surgery")
    admin.post("/chairs", {"name": "Room 1", "kind": "surgery"})
    admin.post("/chairs", {"name": "Room 2", "kind": "x-ray"})
    patient = sign_in("patient1")
    body = a_visit(practice, "Check-up", "Cleaning")
    for path in ("/appointments", "/holds"):
        refused = patient.post(path, body)
        assert (refused.status_code, refused.json["code"]) == (422, "invalid-duration")
    asked = query(practice)
    del asked["treatmentId"]
    assert ask(patient, {**asked, "treatmentIds": ",".join(body["treatmentIds"])}).json["code"] == "invalid-duration"
    made = patient.post("/appointments", a_visit(practice, "Check-up")).json
    changed = patient.patch(f"/appointments/{made['id']}", {"treatmentIds": body["treatmentIds"]})
    assert changed.json["code"] == "invalid-duration"


def test_notice_and_horizon_of_a_visit_are_the_strictest(admin: Caller, sign_in: SignIn, practice: Practice) -> None:
    """The practice's own counts for those without."""
    change(admin, practice, "Cleaning", minimumNoticeMinutes=0)
    assert admin.patch("/practice", {"minimumNoticeMinutes": 525_600}).status_code == 200
    patient = sign_in("patient1")
    assert patient.post("/appointments", a_visit(practice, "Cleaning")).status_code == 201
    body = a_visit(practice, "Cleaning", "Check-up", starts_at=MONDAY + 2 * HOUR)
    assert patient.post("/appointments", body).json["code"] == "too-soon"


def test_a_visit_changes_as_a_whole_and_comes_back(admin: Caller, sign_in: SignIn, practice: Practice) -> None:
    """Another list is another length; one treatment is no list; a step back is the visit as it was."""
    made = sign_in("patient1").post("/appointments", a_visit(practice, "Check-up", "Cleaning")).json
    path = f"/appointments/{made['id']}"
    moved = admin.patch(path, {"startsAt": format_instant(MONDAY + HOUR)}).json
    assert (moved["treatmentIds"], length(moved)) == (made["treatmentIds"], length(made))
    single = admin.patch(path, {"treatmentId": ids(practice, "Cleaning")[0]}).json
    assert single["treatmentIds"] == [single["treatmentId"]] == ids(practice, "Cleaning")
    back = admin.post(f"{path}/undo").json
    assert (back["treatmentId"], back["treatmentIds"], length(back)) == (
        made["treatmentId"],
        made["treatmentIds"],
        length(made),
    )


def test_a_visit_has_at_most_five_treatments_and_says_its_first_once(
    admin: Caller, sign_in: SignIn, practice: Practice
) -> None:
    """Each known and offered; the same one twice is allowed, twelve hours are the end."""
    patient = sign_in("patient1")
    check_up, cleaning = ids(practice, "Check-up", "Cleaning")
    body = a_visit(practice, "Check-up")
    for wrong in ([], [check_up] * 6, [check_up, "x"], "x", None, [check_up, str(practice.patients[0])]):
        assert patient.post("/appointments", {**body, "treatmentIds": wrong}).status_code == 422
    disagreeing = {**body, "treatmentIds": [check_up, cleaning], "treatmentId": cleaning}
    assert patient.post("/appointments", disagreeing).json["code"] == "validation-failed"
    change(admin, practice, "Filling", durationMinutes=720)
    too_long = patient.post("/appointments", a_visit(practice, "Filling", "Check-up"))
    assert (too_long.status_code, too_long.json["code"]) == (422, "invalid-duration")
    agreeing = {**body, "treatmentIds": [check_up, check_up], "treatmentId": check_up}
    assert length(patient.post("/appointments", agreeing).json) == HOUR


def test_a_series_of_visits_with_an_assistant(admin: Caller, practice: Practice, app: APIFlask) -> None:
    """Each is the same visit, and each has somebody to assist."""
    let_it_need_an_assistant(admin, practice, "Cleaning")
    emil = an_assistant(app, admin)
    body = a_visit(practice, "Check-up", "Cleaning", patientId=str(practice.patients[0]))
    series = admin.post("/appointments/series", {**body, "every": {"unit": "week", "n": 1}, "count": 3})
    assert series.status_code == 201, series.json
    made = series.json["appointments"]
    assert [one["treatmentIds"] for one in made] == [ids(practice, "Check-up", "Cleaning")] * 3
    assert [one["assistantId"] for one in made] == [emil.user["dentistId"]] * 3
