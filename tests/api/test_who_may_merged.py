"""Who may do what by the old id of a record that was merged: no more and no less than by the one that is left."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from dental_sync.sync import channels, log
from tests import plain_sql
from tests.api.test_who_may import TABLE, expected_of
from tests.api.world import EVERYBODY, World

OF_A_RECORD = [route for route in TABLE if "<uuid:patient_id>" in route[1]]
# In the body of these a patient is named.
NAMED = [("POST", "/api/appointments"), ("POST", "/api/appointments/series")]
WITH_ACCOUNTS = [who for who in EVERYBODY if who != "nobody"]


def merged_into(world: World, patient: str) -> str:
    """The old id of a record."""
    found = world.session.scalar(
        text("INSERT INTO patients (name, merged_into) VALUES ('Old', :patient) RETURNING id"), {"patient": patient}
    )
    world.session.commit()
    return str(found)


@pytest.mark.parametrize("who", WITH_ACCOUNTS)
@pytest.mark.parametrize("route", OF_A_RECORD, ids=" ".join)
def test_by_the_old_id_each_may_what_they_may_by_the_new_one(world: World, route: tuple[str, str], who: str) -> None:
    """What is only read is led on; who may not see the record that is left is not told that there was another."""
    path, body = TABLE[route][0](world)
    patient = path.split("/")[2]
    answer = world.callers[who].call(route[0], path.replace(patient, merged_into(world, patient)), body)
    expected = expected_of(route, who)
    assert answer.status_code == (308 if expected == 200 and route[0] == "GET" else expected), answer.text
    if answer.status_code == 308:
        assert answer.headers["Location"] == f"/api{path}"


@pytest.mark.parametrize("who", WITH_ACCOUNTS)
@pytest.mark.parametrize("route", NAMED, ids=" ".join)
def test_for_the_old_id_each_books_whom_they_may_book_for(world: World, route: tuple[str, str], who: str) -> None:
    """It is booked for the record that is left."""
    path, body = TABLE[route][0](world)
    answer = world.callers[who].call(route[0], path, {**body, "patientId": merged_into(world, str(world.patient))})
    assert answer.status_code == expected_of(route, who), answer.text
    if answer.status_code == 201:
        [made] = answer.json.get("appointments", [answer.json])
        assert made["patientId"] == str(world.patient)


@pytest.mark.parametrize("who", WITH_ACCOUNTS)
def test_the_old_channel_is_nobodys_and_a_list_by_the_old_id_the_new_ones(world: World, who: str) -> None:
    """But for who administers, to whom the log is shown as it was."""
    old = str(world.session.scalar(text("INSERT INTO patients (name) VALUES ('Old') RETURNING id")))
    log.publish(world.session, wait=True)
    since = log.head(world.session).position
    plain_sql.book(world.session, old, world.dentist, world.a_time())
    world.session.commit()
    log.publish(world.session, wait=True)
    world.session.execute(
        text("SELECT merge_patients(CAST(:old AS uuid), :patient, NULL)"), {"old": old, "patient": world.patient}
    )
    log.publish(world.session, wait=True)
    world.session.commit()
    caller = world.callers[who]
    events = caller.get(f"/sync/events?since={since}&limit=500").json["events"]
    assert any(event["channels"] == [channels.of_patient(old)] for event in events) == (who == "admin")
    lists = [caller.get(f"/appointments?limit=200&patientId={id_}") for id_ in (old, world.patient)]
    assert [answer.status_code for answer in lists] == [expected_of(("GET", "/api/appointments"), who)] * 2
    assert lists[0].json.get("items") == lists[1].json.get("items")
