"""What each dentist offers, and how long it takes with them: who sets it, what it refuses, lists and strands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from tests.api.assisting import offer
from tests.api.free import ask, query
from tests.api.hours import DAY, HALF_HOUR, HOUR, MONDAY, SignIn, a_check_up, availability_since, booked
from tests.conftest import Caller, Practice

# The demo's bookings of the coming week would be in the way.
pytestmark = pytest.mark.usefixtures("empty_diary")


@pytest.fixture
def admin(sign_in: SignIn) -> Caller:
    """Who says what is offered."""
    return sign_in("admin")


def only(practice: Practice, name: str, minutes: int | None = None) -> list[dict[str, Any]]:
    """One treatment and no other."""
    return [{"treatmentId": str(practice.treatments[name]), "durationMinutes": minutes}]


def test_a_dentist_offers_everything_until_it_is_said(admin: Caller, practice: Practice) -> None:
    """The list, the one dentist and the answer of the change agree; null is everything again."""
    anna = practice.dentists[0]
    assert [dentist["treatments"] for dentist in admin.get("/dentists").json["items"]] == [None] * 3
    changed = offer(admin, anna, only(practice, "Cleaning", 45))
    assert (changed.status_code, changed.json["treatments"]) == (200, only(practice, "Cleaning", 45))
    assert changed.json["appointments"] == []
    assert admin.get(f"/dentists/{anna}").json["treatments"] == only(practice, "Cleaning", 45)
    # A length that is not said is the practice's.
    assert offer(admin, anna, [{"treatmentId": str(practice.treatments["Cleaning"])}]).json["treatments"] == only(
        practice, "Cleaning"
    )
    assert offer(admin, anna, []).json["treatments"] == []
    assert offer(admin, anna, None).json["treatments"] is None


def test_what_is_not_offered_is_not_booked_held_or_listed(admin: Caller, sign_in: SignIn, practice: Practice) -> None:
    """422 `not-offered`, by staff too, and after `unknown-treatment`; a colleague still does it."""
    patient = sign_in("patient1")
    offer(admin, practice.dentists[0], only(practice, "Cleaning"))
    wish = a_check_up(practice)
    for caller, more in ((patient, {}), (admin, {"patientId": str(practice.patients[0]), "force": True})):
        refused = caller.post("/appointments", {**wish, **more})
        assert (refused.status_code, refused.json["code"]) == (422, "not-offered")
    assert patient.post("/holds", wish).json["code"] == "not-offered"
    assert ask(patient, query(practice)).json["code"] == "not-offered"
    with_all = ask(patient, query(practice, dentist=None)).json["slots"]
    assert {slot["dentistId"] for slot in with_all} == {str(dentist) for dentist in practice.dentists[1:]}
    admin.delete(f"/treatments/{practice.treatments['Check-up']}")
    assert patient.post("/appointments", wish).json["code"] == "unknown-treatment"


def test_a_dentists_own_length_is_what_is_listed_held_and_booked(
    admin: Caller, sign_in: SignIn, practice: Practice
) -> None:
    """A check-up of half an hour takes 45 minutes with Anna; a patient's other end is refused, staff's is not."""
    patient, anna = sign_in("patient1"), practice.dentists[0]
    offer(admin, anna, only(practice, "Check-up", 45))
    slots = ask(patient, query(practice, dentist=None)).json["slots"]
    lengths = {slot["dentistId"]: _minutes(slot) for slot in slots}
    assert lengths == {str(anna): 45, **{str(other): 30 for other in practice.dentists[1:]}}
    held = patient.post("/holds", a_check_up(practice))
    assert _minutes(held.json) == 45
    made = patient.post("/appointments", a_check_up(practice, holdId=held.json["id"]))
    assert (made.status_code, _minutes(made.json)) == (201, 45)
    at = MONDAY + 2 * HOUR
    half_an_hour = a_check_up(practice, at, endsAt=format_instant(at + HALF_HOUR))
    assert sign_in("patient2").post("/appointments", half_an_hour).json["code"] == "invalid-duration"
    by_staff = admin.post("/appointments", {**half_an_hour, "patientId": str(practice.patients[1])})
    assert _minutes(by_staff.json) == 30


def test_a_change_is_judged_where_the_dentist_or_the_treatment_is_another(
    admin: Caller, sign_in: SignIn, practice: Practice
) -> None:
    """To whom it is moved must offer it, and it keeps its length; another time with the same dentist is not judged."""
    anna, ben = practice.dentists[:2]
    appointment = booked(sign_in, practice)
    offer(admin, ben, only(practice, "Cleaning", 90))
    moved = admin.patch(f"/appointments/{appointment}", {"dentistId": str(ben)})
    assert (moved.status_code, moved.json["code"]) == (422, "not-offered")
    offer(admin, anna, only(practice, "Cleaning"), force=True)
    later = admin.patch(f"/appointments/{appointment}", {"startsAt": format_instant(MONDAY + HOUR)})
    assert (later.status_code, _minutes(later.json)) == (200, 30)
    cleaning = {"treatmentId": str(practice.treatments["Cleaning"])}
    cleaned = admin.patch(f"/appointments/{appointment}", {**cleaning, "dentistId": str(ben)})
    assert (cleaned.status_code, _minutes(cleaned.json)) == (200, 90)
    back = admin.patch(f"/appointments/{appointment}", {"treatmentId": str(practice.treatments["Check-up"])})
    assert back.json["code"] == "not-offered"


def test_a_hand_over_leaves_what_the_colleague_does_not_offer(
    admin: Caller, sign_in: SignIn, practice: Practice
) -> None:
    """It is refused alone, and named."""
    anna, ben = practice.dentists[:2]
    appointment = booked(sign_in, practice)
    offer(admin, ben, [])
    body = {"to": str(ben), "from": format_instant(MONDAY), "until": format_instant(MONDAY + HALF_HOUR)}
    answer = admin.post(f"/dentists/{anna}/hand-over", body)
    assert answer.json == {"moved": [], "refused": [{"id": appointment, "code": "not-offered"}]}


def test_bookings_of_what_is_no_longer_offered_are_listed_and_kept(
    admin: Caller, sign_in: SignIn, practice: Practice
) -> None:
    """409 with them, by start; forced they stay, and are no news later. Another length strands nobody."""
    anna = practice.dentists[0]
    second = booked(sign_in, practice, "patient2", starts_at=MONDAY + HOUR)
    first = booked(sign_in, practice)
    booked(sign_in, practice, "patient3", dentist=1)
    refused = offer(admin, anna, only(practice, "Cleaning"))
    assert (refused.status_code, refused.json["code"]) == (409, "bookings-in-the-way")
    assert refused.json["appointments"] == [first, second]
    assert admin.get(f"/dentists/{anna}").json["treatments"] is None
    assert offer(admin, anna, only(practice, "Check-up", 10)).json["appointments"] == []
    assert offer(admin, anna, only(practice, "Cleaning"), force=True).json["appointments"] == [first, second]
    assert offer(admin, anna, only(practice, "Filling")).json["appointments"] == []
    assert admin.get(f"/appointments/{first}").json["status"] == "booked"


def test_an_offer_names_treatments_that_exist_once_each(admin: Caller, practice: Practice) -> None:
    """One that is no longer offered by the practice may be in it; only admins say what is offered."""
    anna = practice.dentists[0]
    unknown = offer(admin, anna, [{"treatmentId": str(practice.patients[0])}])
    assert (unknown.status_code, unknown.json["code"]) == (422, "unknown-treatment")
    twice = offer(admin, anna, only(practice, "Cleaning") * 2)
    assert (twice.status_code, twice.json["code"]) == (422, "validation-failed")
    for wrong in (0, 721, "an hour", 1.5):
        assert offer(admin, anna, only(practice, "Cleaning", wrong)).status_code == 422  # type: ignore[arg-type]
    assert admin.call("PUT", f"/dentists/{anna}/treatments", {}).status_code == 422
    admin.delete(f"/treatments/{practice.treatments['Cleaning']}")
    assert offer(admin, anna, only(practice, "Cleaning")).status_code == 200
    assert offer(admin, practice.patients[0], None).status_code == 404


def test_only_admins_say_what_is_offered(sign_in: SignIn, practice: Practice) -> None:
    """It is a setting of the practice."""
    for name in ("patient1", "dentist1", "desk", "chatbot"):
        assert offer(sign_in(name), practice.dentists[0], None).status_code == 403


def test_another_offer_is_told_as_hours(
    admin: Caller, practice: Practice, owner: Session, head: Callable[[], int]
) -> None:
    """To whoever follows what is free with this dentist; the same offer again is no news."""
    position = head()
    offer(admin, practice.dentists[1], only(practice, "Cleaning"))
    head()
    told = availability_since(owner, position)
    assert [(one["availability"]["change"], one["dentistId"]) for one in told] == [("hours", str(practice.dentists[1]))]
    offer(admin, practice.dentists[1], only(practice, "Cleaning"))
    head()
    assert availability_since(owner, position) == told


def test_alternatives_are_times_with_whoever_offers_it(
    admin: Caller, sign_in: SignIn, practice: Practice, owner: Session
) -> None:
    """At the length that it takes with them, and each can be booked."""
    _, ben, carla = practice.dentists
    owner.execute(text("UPDATE practice SET minimum_notice_minutes = 0"))
    owner.commit()
    booked(sign_in, practice)
    offer(admin, ben, only(practice, "Check-up", 60), force=True)
    offer(admin, carla, only(practice, "Cleaning"), force=True)
    patient = sign_in("patient2")
    refused = patient.post("/appointments", a_check_up(practice))
    assert refused.json["code"] == "slot-taken"
    offered = refused.json["alternatives"]
    assert {(slot["dentistId"], _minutes(slot)) for slot in offered} == {(str(ben), 60)}
    wish = {key: offered[0][key] for key in ("dentistId", "startsAt")}
    made = patient.post("/appointments", {**wish, "treatmentId": str(practice.treatments["Check-up"])})
    assert made.status_code == 201, made.json


def test_plain_sql_that_says_nonsense_of_an_offer_is_refused(owner: Session) -> None:
    """The column holds an object, or nothing."""
    for statement in ("SET offers = '[]'", "SET profession = 'nurse'"):
        with pytest.raises(Exception, match="violates check constraint"):
            owner.execute(text(f"UPDATE dentists {statement}"))
        owner.rollback()


def _minutes(record: dict[str, Any]) -> int:
    start, end = (datetime.fromisoformat(record[name]) for name in ("startsAt", "endsAt"))
    return int((end - start).total_seconds() // 60)


def test_the_first_free_times_know_each_dentists_length(admin: Caller, sign_in: SignIn, practice: Practice) -> None:
    """With `limit` the same list, a few at a time."""
    offer(admin, practice.dentists[1], only(practice, "Check-up", 100))
    offer(admin, practice.dentists[2], only(practice, "Cleaning"))
    caller, asked = sign_in("chatbot"), query(practice, length=3 * DAY, dentist=None)
    whole = ask(caller, asked).json["slots"]
    found: list[Any] = []
    more: dict[str, str] = {}
    while True:
        page = ask(caller, {**asked, **more, "limit": "40"}).json
        found += page["slots"]
        if "next" not in page:
            break
        more = {"after": page["next"]}
    assert found == whole
    assert {_minutes(slot) for slot in whole} == {30, 100}
