"""Whose clock counts: a dentist follows the practice's zone until they have one of their own."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.local.embedded.postgres import DatabaseUrls
from tests import plain_sql
from tests.api.hours import MONDAY, SignIn, a_check_up, availability_since, booked
from tests.conftest import Practice, RunLane

NEW_YORK = "America/New_York"


def zones(caller: Any) -> list[str]:
    """Of all dentists, by name."""
    return [dentist["timeZone"] for dentist in caller.get("/dentists").json["items"]]


@pytest.mark.usefixtures("empty_diary")
def test_a_dentist_without_a_zone_of_their_own_follows_the_practices(sign_in: SignIn, practice: Practice) -> None:
    """A practice that sets its zone after its first dentist: their hours are by the practice's clock from then on."""
    admin, ben = sign_in("admin"), practice.dentists[1]
    assert admin.patch(f"/dentists/{ben}", {"timeZone": "Europe/Berlin"}).status_code == 200
    answer = admin.patch("/practice", {"timeZone": NEW_YORK})
    assert (answer.status_code, answer.json["timeZone"], answer.json["appointments"]) == (200, NEW_YORK, [])
    assert zones(admin) == [NEW_YORK, "Europe/Berlin", NEW_YORK]
    # Nine in Berlin is three in New York.
    refused = sign_in("patient1").post("/appointments", a_check_up(practice))
    assert (refused.status_code, refused.json["code"]) == (422, "outside-working-hours")
    assert (
        sign_in("patient1").post("/appointments", a_check_up(practice, MONDAY + timedelta(hours=6))).status_code == 201
    )
    newcomer = {"email": "n@demo.test", "name": "Z", "role": "dentist", "password": "a long password"}
    admin.post("/users", newcomer)
    assert zones(admin)[-1] == NEW_YORK
    admin.patch("/practice", {"timeZone": "Asia/Kathmandu", "force": True})
    assert zones(admin)[-1] == "Asia/Kathmandu"


@pytest.mark.usefixtures("empty_diary")
def test_a_zone_of_the_practice_that_strands_bookings_of_those_who_follow_it_lists_them(
    sign_in: SignIn, practice: Practice
) -> None:
    """And no others; with force it is done and they are listed, and nothing is done without."""
    admin = sign_in("admin")
    of_anna = booked(sign_in, practice)
    admin.patch(f"/dentists/{practice.dentists[1]}", {"timeZone": "Europe/Berlin"})
    booked(sign_in, practice, "patient2", dentist=1)
    late = MONDAY + timedelta(hours=6)
    booked(sign_in, practice, "patient3", starts_at=late)
    refused = admin.patch("/practice", {"timeZone": NEW_YORK, "name": "Elsewhere"})
    assert (refused.status_code, refused.json["code"]) == (409, "bookings-in-the-way")
    assert refused.json["appointments"] == [of_anna]
    assert (admin.get("/practice").json["timeZone"], zones(admin)[0]) == ("Europe/Berlin", "Europe/Berlin")
    changed = admin.patch("/practice", {"timeZone": NEW_YORK, "name": "Elsewhere", "force": True})
    assert (changed.status_code, changed.json["appointments"], changed.json["name"]) == (200, [of_anna], "Elsewhere")
    assert zones(admin) == [NEW_YORK, "Europe/Berlin", NEW_YORK]


@pytest.mark.usefixtures("empty_diary")
def test_null_as_the_zone_follows_the_practice_again(sign_in: SignIn, practice: Practice) -> None:
    """Judged like any other zone: bookings in the way are listed."""
    admin, anna = sign_in("admin"), f"/dentists/{practice.dentists[0]}"
    assert admin.patch(anna, {"timeZone": NEW_YORK}).status_code == 200
    booking = booked(sign_in, practice, starts_at=MONDAY + timedelta(hours=8))
    refused = admin.patch(anna, {"timeZone": None})
    assert (refused.status_code, refused.json["appointments"]) == (409, [booking])
    again = admin.patch(anna, {"timeZone": None, "force": True})
    assert (again.status_code, again.json["timeZone"]) == (200, "Europe/Berlin")
    admin.patch("/practice", {"timeZone": "Europe/Lisbon", "force": True})
    assert admin.get(anna).json["timeZone"] == "Europe/Lisbon"


@pytest.mark.usefixtures("empty_diary")
def test_the_practices_zone_is_told_as_hours_of_each_who_follows(
    sign_in: SignIn, practice: Practice, run_lane: RunLane, owner: Session
) -> None:
    """Whoever looks at free times looks again; another name is no news."""
    admin = sign_in("admin")
    admin.patch(f"/dentists/{practice.dentists[2]}", {"timeZone": "Europe/Berlin"})
    run_lane()
    position = owner.scalar(text("SELECT position FROM log_head"))
    admin.patch("/practice", {"name": "Elsewhere"})
    run_lane()
    assert availability_since(owner, position) == []
    admin.patch("/practice", {"timeZone": NEW_YORK})
    run_lane()
    told = availability_since(owner, position)
    assert {(each["dentistId"], each["availability"]["change"], each["availability"]["timeZone"]) for each in told} == {
        (str(dentist), "hours", NEW_YORK) for dentist in practice.dentists[:2]
    }


def test_what_the_previous_release_and_plain_sql_write_about_zones_means_what_it_says(
    owner: Session, practice: Practice
) -> None:
    """They know no `follows_practice`: the practice's zone is followed, any other is one's own."""
    insert = text("INSERT INTO dentists (name, time_zone) VALUES (:name, :zone)")
    for name, zone in [("As the practice", "Europe/Berlin"), ("Own", "Asia/Kathmandu"), ("None", None)]:
        owner.execute(insert, {"name": name, "zone": zone})
    owner.execute(
        text("UPDATE dentists SET time_zone = :zone WHERE id = :id"), {"zone": NEW_YORK, "id": practice.dentists[0]}
    )
    owner.execute(text("UPDATE practice SET time_zone = 'Europe/Lisbon'"))
    names = dict(owner.execute(text("SELECT name, time_zone FROM dentists")).all())
    assert names == {
        "As the practice": "Europe/Lisbon",
        "Own": "Asia/Kathmandu",
        "None": "Europe/Lisbon",
        "Dr. Anna Keller": NEW_YORK,
        "Dr. Ben Osei": "Europe/Lisbon",
        "Dr. Carla Ruiz": "Europe/Lisbon",
    }


def test_a_dentist_who_starts_while_the_practices_zone_changes_gets_the_new_one(
    owner: Session, database: DatabaseUrls
) -> None:
    """The new row waits for the change, which could not see it."""
    owner.execute(text("UPDATE practice SET time_zone = 'Europe/Lisbon'"))

    def start() -> None:
        with plain_sql.connect(database.owner) as other:
            other.execute(text("INSERT INTO dentists (name, time_zone) VALUES ('Late', NULL)"))
            other.commit()

    thread = threading.Thread(target=start)
    thread.start()
    thread.join(0.5)
    assert thread.is_alive()
    owner.commit()
    thread.join(10)
    assert owner.scalar(text("SELECT time_zone FROM dentists WHERE name = 'Late'")) == "Europe/Lisbon"


def test_the_demo_can_be_tried_in_utc(sign_in: SignIn) -> None:
    """None of its bookings to come is in the way, whatever day it is."""
    changed = sign_in("admin").patch("/practice", {"timeZone": "UTC"})
    assert (changed.status_code, changed.json["appointments"]) == (200, [])
