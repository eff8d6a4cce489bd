"""Which holds are listed: alive ones, a patient's own, those in a dentist's diary, for the desk all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from tests.api.test_holds import HALF_HOUR, MONDAY, SignIn, expire, hold
from tests.conftest import Caller, Practice

HOUR = timedelta(hours=1)


def listed(caller: Caller, **wanted: Any) -> list[str]:
    """The ids of the holds that somebody is shown, in order."""
    answer = caller.get(f"/holds?{urlencode(wanted)}")
    assert answer.status_code == 200, answer.json
    return [held["id"] for held in answer.json["items"]]


@pytest.fixture
def held(sign_in: SignIn, practice: Practice) -> dict[str, str]:
    """Holds of two patients and of an admin, with two dentists."""
    wanted = {
        "mia": hold(sign_in("patient1"), practice, MONDAY),
        "mia, with Ben": hold(sign_in("patient1"), practice, MONDAY + HOUR, dentist=1),
        "noah": hold(sign_in("patient2"), practice, MONDAY + 2 * HOUR),
        "the desk": hold(sign_in("admin"), practice, MONDAY - HOUR),
    }
    return {name: each["id"] for name, each in wanted.items()}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("patient1", ["mia", "mia, with Ben"]),
        ("patient2", ["noah"]),
        ("patient3", []),
        ("dentist1", ["the desk", "mia", "noah"]),
        ("dentist2", ["mia, with Ben"]),
        ("dentist3", []),
        ("admin", ["the desk", "mia", "mia, with Ben", "noah"]),
        ("desk", ["the desk", "mia", "mia, with Ben", "noah"]),
    ],
)
def test_each_sees_the_holds_that_are_theirs_to_see_by_start(
    sign_in: SignIn, held: dict[str, str], name: str, shown: list[str]
) -> None:
    """A patient the own ones, a dentist those in the own diary, whoever made them, an admin all."""
    assert listed(sign_in(name)) == [held[each] for each in shown]


def test_a_hold_is_shown_as_it_was_answered_and_not_whose_it_is(sign_in: SignIn, practice: Practice) -> None:
    """The contract's members alone."""
    made = hold(sign_in("patient1"), practice)
    answer = sign_in("dentist1").get("/holds")
    assert answer.json == {"items": [made], "next": None}
    assert set(made) == {"id", "dentistId", "treatmentId", "treatmentIds", "startsAt", "endsAt", "expiresAt"}


def test_an_expired_hold_is_in_no_list(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """Also before anybody has swept it."""
    gone, alive = (hold(sign_in("patient1"), practice, MONDAY + hours * HOUR) for hours in (0, 1))
    expire(owner, gone)
    assert listed(sign_in("patient1")) == listed(sign_in("admin")) == [alive["id"]]


def test_a_list_of_holds_is_narrowed_by_dentist_and_range(
    sign_in: SignIn, practice: Practice, held: dict[str, str]
) -> None:
    """What overlaps `[from, to)`: a hold that ends at `from` or begins at `to` is not in it."""
    admin, anna, ben = sign_in("admin"), *map(str, practice.dentists[:2])
    assert listed(admin, dentistId=ben) == [held["mia, with Ben"]]
    at = {"from": format_instant(MONDAY), "to": format_instant(MONDAY + HOUR)}
    assert listed(admin, **at) == [held["mia"]]
    assert listed(admin, **{"from": format_instant(MONDAY + HALF_HOUR)}) == [held["mia, with Ben"], held["noah"]]
    assert listed(admin, to=format_instant(MONDAY), dentistId=anna) == [held["the desk"]]
    assert listed(sign_in("dentist1"), dentistId=ben) == []
    assert listed(sign_in("patient2"), dentistId=ben, **at) == []


def test_a_list_of_holds_is_read_page_by_page(sign_in: SignIn, held: dict[str, str]) -> None:
    """Each once, with a link to the next page."""
    admin = sign_in("admin")
    everything, path, pages = listed(admin), "/holds?limit=3", []
    first = admin.get(path)
    assert 'rel="next"' in first.headers["Link"]
    pages = [*first.json["items"], *admin.get(f"{path}&after={first.json['next']}").json["items"]]
    assert [each["id"] for each in pages] == everything
    assert sorted(everything) == sorted(held.values())


def test_what_somebody_saw_of_holds_is_gone_with_their_role(
    sign_in: SignIn, held: dict[str, str], owner: Session
) -> None:
    """A diary from a former role shows nothing: what counts is whom the account is now."""
    anna = sign_in("dentist1")
    assert len(listed(anna)) == 3
    owner.execute(text("UPDATE users SET role = 'patient' WHERE id = :id"), {"id": anna.user["id"]})
    owner.commit()
    assert listed(anna) == []
    assert held


def test_the_chatbot_and_strangers_see_no_holds(sign_in: SignIn, held: dict[str, str]) -> None:
    """403 and 401."""
    chatbot = sign_in("chatbot")
    assert chatbot.get("/holds").status_code == 403
    assert chatbot.get("/holds", Authorization="").status_code == 401
    assert held


def test_a_hold_of_a_patient_is_not_the_dentists_to_let_go(
    sign_in: Callable[..., Caller], held: dict[str, str]
) -> None:
    """It is seen in the own diary, and stays its account's."""
    assert sign_in("dentist1").delete(f"/holds/{held['mia']}").status_code == 404
    assert held["mia"] in listed(sign_in("patient1"))
