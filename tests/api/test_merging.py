"""Merging: two records of one person become one for everybody, and within a day two again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.sync import channels
from tests import plain_sql
from tests.api.free import SignIn
from tests.api.hours import a_check_up
from tests.conftest import Caller, Practice, RunLane, a_free_monday

MISSING = "00000000-0000-0000-0000-000000000000"


@dataclass
class Doubles:
    """Mia's own record, and one that the desk has made of her when she phoned; each has a booking."""

    desk: Caller
    mia: Caller
    own: str
    entered: str
    booked: str
    entered_booked: str

    def merge(self, source: str | None = None, into: str | None = None) -> Any:
        """What the desk is answered, of the entered record into Mia's own unless others are named."""
        return self.desk.post(f"/patients/{source or self.entered}/merge", {"into": into or self.own})

    def merged(self) -> dict[str, Any]:
        """Merged; the answer."""
        answer = self.merge()
        assert answer.status_code == 200, answer.json
        body: dict[str, Any] = answer.json
        return body

    def part(self, merge: dict[str, Any]) -> Any:
        """What the desk is answered when it undoes a merge."""
        return self.desk.post(f"/patients/merges/{merge['id']}/undo", {})

    def record(self, patient_id: str) -> dict[str, Any]:
        """A record as the desk sees it."""
        body: dict[str, Any] = self.desk.get(f"/patients/{patient_id}").json
        return body

    def appointments_of(self, patient_id: str) -> set[str]:
        """As the desk lists them."""
        items = self.desk.get(f"/appointments?patientId={patient_id}&limit=200").json["items"]
        assert len({item["patientId"] for item in items}) <= 1
        return {item["id"] for item in items}


pytestmark = pytest.mark.usefixtures("empty_diary")


@pytest.fixture
def doubles(sign_in: SignIn, practice: Practice) -> Doubles:
    """Two records of Mia, at different times with the first dentist."""
    desk, mia = sign_in("desk"), sign_in("patient1")
    own = str(practice.patients[0])
    new = {"name": "Mia Smith", "phone": "030 9", "birthDate": "1990-05-01", "remark": "Prefers mornings."}
    entered = desk.post("/patients", new).json["id"]
    booked = mia.post("/appointments", a_check_up(practice)).json["id"]
    later = {**a_check_up(practice, a_free_monday(weeks=6)), "patientId": entered}
    entered_booked = desk.post("/appointments", later).json["id"]
    return Doubles(desk, mia, own, entered, booked, entered_booked)


def test_of_two_records_one_is_left_with_all_that_both_had(doubles: Doubles) -> None:
    """Appointments, and what only the other one said; who is merged is in no list."""
    before = doubles.record(doubles.own)
    assert "birthDate" not in before
    answer = doubles.merged()
    assert (answer["into"], set(answer)) == (doubles.own, {"id", "into", "undoUntil"})
    assert doubles.appointments_of(doubles.own) == {doubles.booked, doubles.entered_booked}
    after = doubles.record(doubles.own)
    assert after == {**before, "phone": before["phone"] or "030 9", "birthDate": "1990-05-01",
                     "remark": "Prefers mornings."}  # fmt: skip
    assert doubles.entered not in {one["id"] for one in doubles.desk.get("/patients?limit=200").json["items"]}
    assert doubles.desk.get("/patients?q=Mia+Smith").json["items"] == []
    assert {item["id"] for item in doubles.mia.get("/appointments").json["items"]} == {
        doubles.booked,
        doubles.entered_booked,
    }
    shown = doubles.mia.get(f"/appointments/{doubles.entered_booked}").json
    assert (shown["patientId"], shown["patientName"], shown["version"]) == (doubles.own, before["name"], 2)


def test_the_old_id_means_the_record_that_is_left(doubles: Doubles, sign_in: SignIn, practice: Practice) -> None:
    """A read is led there, if one may see it; a write and a filter mean it."""
    doubles.merged()
    old = doubles.entered
    for path in ("", "/guardians", "/duplicates", "/merges"):
        answer = doubles.desk.get(f"/patients/{old}{path}")
        assert (answer.status_code, answer.headers["Location"]) == (308, f"/api/patients/{doubles.own}{path}")
    assert doubles.mia.get(f"/patients/{old}").status_code == 308
    assert sign_in("patient2").get(f"/patients/{old}").status_code == 404
    assert doubles.desk.patch(f"/patients/{old}", {"phone": "030 77"}).json["id"] == doubles.own
    assert doubles.desk.post(f"/patients/{old}/invitation", {"as": "guardian"}).status_code == 201
    assert doubles.appointments_of(old) == {doubles.booked, doubles.entered_booked}
    for by in (doubles.desk, doubles.mia):
        weeks = 7 if by is doubles.desk else 8
        made = by.post("/appointments", {**a_check_up(practice, a_free_monday(weeks=weeks)), "patientId": old})
        assert (made.status_code, made.json["patientId"]) == (201, doubles.own)
    clash = {**a_check_up(practice, dentist=1), "patientId": old}
    refused = doubles.desk.post("/appointments", clash)
    assert (refused.status_code, refused.json["code"]) == (409, "patient-double-booked")
    held = doubles.desk.post("/holds", {**a_check_up(practice, a_free_monday(weeks=9)), "patientId": old})
    assert held.status_code == 201, held.json


def test_plain_sql_with_the_old_id_books_for_the_record_that_is_left(doubles: Doubles, owner: Session) -> None:
    """So does the release before: nothing ever belongs to a record that was merged."""
    doubles.merged()
    dentist = owner.scalar(text("SELECT dentist_id FROM appointments LIMIT 1"))
    at = a_free_monday(weeks=9)
    made = plain_sql.book(owner, doubles.entered, dentist, at)
    assert str(owner.scalar(text("SELECT patient_id FROM appointments WHERE id = :id"), {"id": made})) == doubles.own


def test_nobody_hears_of_it_but_in_the_messages_that_they_know(
    doubles: Doubles, owner: Session, run_lane: RunLane
) -> None:
    """The old channel tells that they are gone, the new one that they are there, everybody else that they changed."""
    run_lane()
    head = owner.scalar(text("SELECT position FROM log_head"))
    owner.rollback()
    doubles.merged()
    run_lane()
    found = owner.execute(
        text("SELECT type, channels, payload FROM sync_events WHERE position > :head ORDER BY position"), {"head": head}
    ).all()
    told = [(row.type, row.channels) for row in found if row.type.startswith("appointment:")]
    dentist = found[0].payload["appointment"]["dentistId"] if "appointment" in found[0].payload else None
    dentist = dentist or next(row.payload["appointment"]["dentistId"] for row in found if "appointment" in row.payload)
    assert told == [
        ("appointment:deleted", [channels.of_patient(doubles.entered)]),
        ("appointment:created", [channels.of_patient(doubles.own)]),
        ("appointment:updated", [channels.of_dentist(dentist), channels.ALL_APPOINTMENTS]),
    ]
    records = [(row.payload["id"], row.payload["change"]) for row in found if row.type == "record:changed"]
    assert (doubles.entered, "deleted") in records
    assert (doubles.own, "updated") in records


def test_an_account_goes_with_its_record(doubles: Doubles) -> None:
    """It acts for the record that is left, under its name; guardians of both stay guardians."""
    account = doubles.mia.user["id"]
    granted = doubles.desk.post(f"/patients/{doubles.own}/guardians", {"patientId": _lina(doubles), "relation": "aunt"})
    assert granted.status_code == 201, granted.json
    assert doubles.merge(doubles.own, doubles.entered).status_code == 200
    me = doubles.mia.get("/auth/me").json
    assert (me["id"], me["patientId"], me["name"]) == (account, doubles.entered, "Mia Smith")
    assert me["patients"] == [{"id": doubles.entered, "name": "Mia Smith", "relation": "self"}]
    guardians = doubles.desk.get(f"/patients/{doubles.entered}/guardians").json["items"]
    assert [(one["userId"], one["relation"]) for one in guardians] == [(granted.json["userId"], "aunt")]
    assert {one["patientId"] for one in doubles.mia.get("/appointments").json["items"]} == {doubles.entered}


def _lina(doubles: Doubles) -> str:
    """Another patient with an account."""
    found: str = doubles.desk.get("/patients?q=Noah").json["items"][0]["id"]
    return found


def test_what_cannot_be_merged_is_refused_and_stays_as_it_is(
    doubles: Doubles, practice: Practice, owner: Session
) -> None:
    """One record twice, two accounts, appointments at one time, and what is not there."""
    clash = {**a_check_up(practice, dentist=1), "patientId": doubles.entered}
    clashing = doubles.desk.post("/appointments", clash).json["id"]
    rows = "SELECT array_agg(p ORDER BY id) FROM patients p"
    before = owner.scalar(text(rows))
    owner.rollback()
    for source, into, status, code in (
        (doubles.own, doubles.own, 422, "validation-failed"),
        (doubles.own, str(practice.patients[1]), 409, "already-joined"),
        (doubles.entered, MISSING, 422, "unknown-patient"),
        (MISSING, doubles.own, 404, "not-found"),
        (doubles.entered, doubles.own, 409, "bookings-in-the-way"),
    ):
        refused = doubles.merge(source, into)
        assert (refused.status_code, refused.json["code"]) == (status, code)
    assert refused.json["appointments"] == [clashing]
    assert owner.scalar(text(rows)) == before
    # What does not take time is not in the way.
    assert doubles.desk.post(f"/appointments/{clashing}/cancel", {}).status_code == 200
    doubles.merged()


def test_a_merge_is_undone_and_everything_is_as_it_was(doubles: Doubles) -> None:
    """Appointments, account, guardians, contacts and remarks go back; what was made since stays."""
    doubles.desk.post(f"/patients/{doubles.entered}/guardians", {"patientId": _lina(doubles), "relation": "aunt"})
    doubles.desk.patch(f"/patients/{doubles.own}", {"remark": "Comes late."})
    before = [doubles.record(one) for one in (doubles.own, doubles.entered)]
    guardians = doubles.desk.get(f"/patients/{doubles.entered}/guardians").json
    merge = doubles.merged()
    assert doubles.record(doubles.own)["remark"] == "Comes late.\n\nPrefers mornings."
    answer = doubles.part(merge)
    assert (answer.status_code, answer.json) == (200, merge)
    assert [doubles.record(one) for one in (doubles.own, doubles.entered)] == before
    assert doubles.desk.get(f"/patients/{doubles.entered}/guardians").json == guardians
    assert doubles.desk.get(f"/patients/{doubles.own}/guardians").json["items"] == []
    assert doubles.appointments_of(doubles.own) == {doubles.booked}
    assert doubles.appointments_of(doubles.entered) == {doubles.entered_booked}
    again = doubles.part(merge)
    assert (again.status_code, again.json["code"]) == (409, "nothing-to-undo")


def test_an_account_goes_back_to_its_record(doubles: Doubles) -> None:
    """With its name, and with what it had."""
    me = doubles.mia.get("/auth/me").json
    merge = doubles.merge(doubles.own, doubles.entered).json
    assert doubles.part(merge).status_code == 200
    assert doubles.mia.get("/auth/me").json == me
    assert {one["id"] for one in doubles.mia.get("/appointments").json["items"]} == {doubles.booked}


def test_what_has_changed_since_a_merge_is_not_taken_back(doubles: Doubles, practice: Practice) -> None:
    """A new number, a remark that was written on, a guardian who was ended, an appointment that was struck out."""
    doubles.desk.patch(f"/patients/{doubles.own}", {"phone": None})
    granted = doubles.desk.post(f"/patients/{doubles.entered}/guardians", {"patientId": _lina(doubles)}).json
    merge = doubles.merged()
    changes = {"phone": "030 5", "remark": "Prefers mornings. Sometimes."}
    assert doubles.desk.patch(f"/patients/{doubles.own}", changes).status_code == 200
    ended = doubles.desk.delete(f"/patients/{doubles.own}/guardians/{granted['userId']}")
    assert ended.status_code == 204, ended.json
    assert doubles.desk.delete(f"/appointments/{doubles.entered_booked}").status_code == 204
    since = {**a_check_up(practice, a_free_monday(weeks=7)), "patientId": doubles.own}
    since_booked = doubles.desk.post("/appointments", since).json["id"]
    assert doubles.part(merge).status_code == 200
    left = doubles.record(doubles.own)
    assert (left["phone"], left["remark"]) == ("030 5", "Prefers mornings. Sometimes.")
    assert "birthDate" not in left
    assert doubles.record(doubles.entered)["remark"] == "Prefers mornings."
    for record in (doubles.own, doubles.entered):
        assert doubles.desk.get(f"/patients/{record}/guardians").json["items"] == []
    assert doubles.appointments_of(doubles.own) == {doubles.booked, since_booked}
    assert doubles.appointments_of(doubles.entered) == set()


def test_a_merge_can_be_undone_for_a_day(doubles: Doubles, owner: Session) -> None:
    """Then it is too late, and nobody undoes what never was."""
    merge = doubles.merged()
    owner.execute(text("UPDATE patient_merges SET merged_at = merged_at - interval '25 hours'"))
    owner.commit()
    late = doubles.part(merge)
    assert (late.status_code, late.json["code"]) == (409, "too-late")
    assert doubles.part({"id": MISSING}).status_code == 404
    assert doubles.appointments_of(doubles.own) == {doubles.booked, doubles.entered_booked}


def test_what_can_still_be_parted_is_listed_with_the_record(doubles: Doubles, owner: Session) -> None:
    """The newest first, for a day and until it is undone: who was not there when it was merged can undo it."""

    def listed(record: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = doubles.desk.get(f"/patients/{record}/merges").json["items"]
        return items

    first = doubles.merged()
    third = doubles.desk.post("/patients", {"name": "Mia S."}).json["id"]
    second = doubles.merge(third).json
    assert listed(doubles.own) == [second, first]
    assert doubles.part(second).status_code == 200
    assert (listed(doubles.own), listed(third)) == ([first], [])
    owner.execute(text("UPDATE patient_merges SET merged_at = merged_at - interval '25 hours'"))
    owner.commit()
    assert listed(doubles.own) == []
    assert doubles.desk.get(f"/patients/{MISSING}/merges").status_code == 404


def test_a_record_that_is_merged_on_takes_its_own_along(doubles: Doubles) -> None:
    """Each old id means the last record, and merges are undone from the last to the first."""
    first = doubles.merged()
    third = doubles.desk.post("/patients", {"name": "Mia S."}).json["id"]
    second = doubles.merge(doubles.entered, third)
    assert (second.status_code, second.json["into"]) == (200, third)
    for old in (doubles.own, doubles.entered):
        assert doubles.desk.get(f"/patients/{old}").headers["Location"] == f"/api/patients/{third}"
    assert doubles.appointments_of(third) == {doubles.booked, doubles.entered_booked}
    assert doubles.part(first).json["code"] == "nothing-to-undo"
    assert doubles.part(second.json).status_code == 200
    assert doubles.part(first).status_code == 200
    assert doubles.appointments_of(doubles.own) == {doubles.booked}


def test_who_has_booked_and_is_invited_then_has_one_record(doubles: Doubles, practice: Practice) -> None:
    """The invitation's record takes in the account's own, unless both are booked at one time."""
    clash = {**a_check_up(practice, dentist=1), "patientId": doubles.entered}
    clashing = doubles.desk.post("/appointments", clash).json["id"]
    code = doubles.desk.post(f"/patients/{doubles.entered}/invitation", {}).json["code"]
    refused = doubles.mia.post("/auth/me/invitation", {"code": code})
    assert (refused.status_code, refused.json["code"]) == (409, "bookings-in-the-way")
    assert doubles.desk.post(f"/appointments/{clashing}/cancel", {}).status_code == 200
    user = doubles.mia.post("/auth/me/invitation", {"code": code})
    assert user.status_code == 200, user.json
    assert (user.json["patientId"], user.json["name"]) == (doubles.entered, "Mia Smith")
    assert doubles.appointments_of(doubles.own) == {doubles.booked, doubles.entered_booked, clashing}
    used = doubles.mia.post("/auth/me/invitation", {"code": code})
    assert (used.status_code, used.json["code"]) == (404, "unknown-invitation")


def test_an_invitation_outlives_a_merge_of_its_record(doubles: Doubles, sign_in: SignIn) -> None:
    """Who was handed the code joins the record that is left."""
    code = doubles.desk.post(f"/patients/{doubles.entered}/invitation", {"as": "guardian"}).json["code"]
    doubles.merged()
    user = sign_in("patient2").post("/auth/me/invitation", {"code": code}).json
    assert doubles.own in {one["id"] for one in user["patients"]}


def test_the_audit_trail_of_a_record_has_what_was_noted_of_both(doubles: Doubles, sign_in: SignIn) -> None:
    """And the merge itself, of both records and of each appointment that it moved."""
    doubles.merged()
    admin = sign_in("admin")

    def noted(record: str) -> list[tuple[str, str]]:
        items = admin.get(f"/audit?recordId={record}&limit=200").json["items"]
        return [(item["action"], item["record"]["kind"]) for item in items]

    assert {("merge", "patient"), ("create", "patient")} <= set(noted(doubles.own))
    assert ("merge", "patient") in noted(doubles.entered)
    assert ("merge", "appointment") in noted(doubles.entered_booked)


def test_a_dentist_and_a_patient_merge_nothing(doubles: Doubles, sign_in: SignIn) -> None:
    """The front desk does."""
    merge = doubles.merged()
    for name in ("dentist1", "patient1", "chatbot"):
        who = sign_in(name)
        assert who.post(f"/patients/{doubles.own}/merge", {"into": doubles.entered}).status_code == 403
        assert who.post(f"/patients/merges/{merge['id']}/undo", {}).status_code == 403
        assert who.get(f"/patients/{doubles.own}/merges").status_code == 403
