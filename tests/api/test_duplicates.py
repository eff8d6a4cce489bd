"""Likely doubles: who was entered by phone and has registered too, and not whoever shares a number or a name."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from tests import plain_sql
from tests.api.free import SignIn
from tests.api.hours import a_check_up
from tests.api.test_who_may_hear import actor_of
from tests.conftest import Practice

ONE = {"name": "Jürgen Müller", "birthDate": "1980-12-31", "phone": "+49 30 123 45", "email": "jm@x.test"}


@pytest.mark.parametrize(
    ("other", "is_alike"),
    [
        ({"name": "Jürgen Müller"}, True),
        ({"name": "MULLER, Jurgen"}, True),
        ({"name": "Jürgen Müller", "birthDate": "1980-12-31"}, True),
        ({"name": "Jürgen Müller", "birthDate": "2010-01-01"}, False),
        ({"name": "Jürgen Müller-Meier"}, False),
        # Married, or misheard on the phone.
        ({"name": "Jürgen Meier", "birthDate": "1980-12-31", "phone": "030 12345"}, True),
        ({"name": "Jörg Müller", "birthDate": "1980-12-31", "email": "JM@X.test"}, True),
        # A family's number and address.
        ({"name": "Ida Müller", "birthDate": "2019-03-03", "phone": "030 12345", "email": "jm@x.test"}, False),
        ({"name": "Ida Müller", "phone": "030 12345"}, False),
        ({"name": "Tom Berg", "birthDate": "1980-12-31"}, False),
    ],
    ids=str,
)
def test_who_may_be_the_same_person(sign_in: SignIn, other: dict[str, str], is_alike: bool) -> None:
    """From the one to the other as from the other to the one."""
    desk = sign_in("desk")
    first, second = (desk.post("/patients", wish).json for wish in (ONE, other))
    for this, that in ((first, second), (second, first)):
        found = desk.get(f"/patients/{this['id']}/duplicates")
        assert found.status_code == 200
        assert [patient["id"] for patient in found.json["items"]] == ([that["id"]] if is_alike else [])


@pytest.mark.usefixtures("empty_diary")
def test_a_dentist_is_shown_those_of_the_own_diary(sign_in: SignIn, practice: Practice) -> None:
    """A double in a colleague's diary is the front desk's to find."""
    desk, anna = sign_in("desk"), sign_in("dentist1")
    ids = [desk.post("/patients", {"name": "Jürgen Müller"}).json["id"] for _ in range(3)]
    for dentist, patient in ((0, ids[0]), (0, ids[1]), (1, ids[2])):
        wish = {**a_check_up(practice, dentist=dentist), "patientId": patient}
        wish["startsAt"] = wish["startsAt"].replace("00:00.000Z", f"{15 * ids.index(patient) * 2 % 60:02}:00.000Z")
        assert desk.post("/appointments", wish).status_code == 201
    assert {each["id"] for each in anna.get(f"/patients/{ids[0]}/duplicates").json["items"]} == {ids[1]}
    assert {each["id"] for each in desk.get(f"/patients/{ids[0]}/duplicates").json["items"]} == {ids[1], ids[2]}
    assert anna.get(f"/patients/{ids[2]}/duplicates").status_code == 404


def test_only_staff_are_answered_by_the_database(
    owner: Session, sign_in: SignIn, practice: Practice, settings: Settings
) -> None:
    """The function looks past the policies."""
    owner.execute(text("UPDATE patients SET name = 'Mia Schmidt' WHERE id = :id"), {"id": practice.patients[1]})
    owner.commit()
    assert settings.web_database_url
    for name, expected in (("desk", [practice.patients[1]]), ("patient1", []), ("chatbot", [])):
        with plain_sql.connect(settings.web_database_url, actor_of(sign_in(name))) as session:
            found = session.scalars(text("SELECT duplicates_of(:id, '{}')"), {"id": practice.patients[0]})
            assert found.all() == expected
