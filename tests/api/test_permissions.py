"""The table of docs/permissions.md, held to every place that decides who may what."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from dental_sync_client import SyncError
from dental_sync_client.account import Owner, appointments_channels
from sqlalchemy import text

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.roles import ASSISTANT, ROLES, VISITOR
from dental_sync.diary.transitions import MOVES, STEPS
from dental_sync.sync import channels, log
from dental_sync.sync.channels import Channel
from tests import plain_sql
from tests.api.test_who_may import TABLE
from tests.api.test_who_may_hear import actor_of
from tests.api.world import World

ROOT = Path(__file__).parents[2]
CLIENTS = json.loads((ROOT / "clients/scenarios/accounts/channels.json").read_text())

# Of each role: whom it is about, and somebody else; of those whom nothing is about, twice the same.
ACCOUNTS = {
    "patient": ("its patient", "another patient"),
    "dentist": ("its dentist", "another dentist"),
    **{role: (role, role) for role in ("receptionist", "admin", "chatbot")},
    ASSISTANT: ("its assistant", "another assistant"),
    VISITOR: ("a visitor", "a visitor"),
}
COLUMNS = (*ROLES, ASSISTANT, VISITOR)

# Whether an account of the world may, at one place.
Place = Callable[[World, str], bool]


def route(method: str, path: str, body: dict[str, Any] | None = None) -> Place:
    """Whether it is answered well by a route, with the question of the table of routes or with another body."""

    def ask(world: World, who: str) -> bool:
        where, usual = TABLE[method, f"/api{path}"][0](world)
        answer = world.callers[who].call(method, where, usual if body is None else body)
        # What stands in the way of the next one who asks.
        world.session.execute(text("DELETE FROM holds"))
        world.session.commit()
        return bool(answer.status_code < 300)

    return ask


def step(name: str) -> Place:
    """Whether it may make a move that is no more than a step."""
    return route("POST", f"/appointments/<uuid:appointment_id>/{name}")


def listed_appointment(world: World, who: str) -> bool:
    """Whether the list shows it an appointment."""
    found = world.an_appointment()
    return _is_listed(world, who, "/appointments", found)


def listed_patient(world: World, who: str) -> bool:
    """Whether the list shows it a patient."""
    return _is_listed(world, who, "/patients", world.only_of_its_dentist())


def _is_listed(world: World, who: str, path: str, record: str) -> bool:
    cursor: str | None = ""
    while cursor is not None:
        answer = world.callers[who].get(f"{path}?limit=200" + (f"&after={cursor}" if cursor else ""))
        if answer.status_code != 200:
            return False
        if any(each["id"] == record for each in answer.json["items"]):
            return True
        cursor = answer.json["next"]
    return False


def _rooms(world: World) -> list[str]:
    people = (world.dentist, world.assistant)
    return [channels.of_patient(world.patient), *map(channels.of_dentist, people), channels.ALL_APPOINTMENTS]


def followed(world: World, who: str) -> bool:
    """Whether it may subscribe to a channel in which an appointment is told."""
    actor = actor_of(world.callers[who])
    return any(Channel.parse(room).may_be_heard_by(actor) for room in _rooms(world))


def read_in_the_log(world: World, who: str) -> bool:
    """Whether what it reads of the log has the messages of an appointment."""
    heard = channels.heard_by(actor_of(world.callers[who]))
    return heard is None or bool({*_rooms(world)} & {*heard})


def practice_in_the_log(world: World, who: str) -> bool:
    """Whether what it reads of the log has the messages about records."""
    heard = channels.heard_by(actor_of(world.callers[who]))
    return heard is None or channels.PRACTICE in heard


def available_in_the_log(world: World, who: str) -> bool:
    """Whether what it reads of the log has the messages about what is free."""
    heard = channels.heard_by(actor_of(world.callers[who]))
    return heard is None or channels.ALL_AVAILABILITY in heard


def a_told_hold(world: World) -> str:
    """One of which the log has told that its time is taken."""
    found = world.a_hold()
    log.publish(world.session, wait=True)
    world.session.commit()
    return found


def a_told_chair(world: World) -> str:
    """One of which the log has told that it was put up."""
    found = world.a_record("chairs")
    log.publish(world.session, wait=True)
    world.session.commit()
    return found


def followed_by_clients(world: World, who: str) -> bool:
    """Whether both clients take it to a channel of its own, and the server lets it follow that one."""
    account = world.callers[who].user
    of_table = CLIENTS["own"][account["role"]]
    try:
        rooms = appointments_channels(Owner(), account)
    except SyncError:
        assert of_table == []
        return False
    # The same channels as in the table that the TypeScript client is held to, and those of whom else it acts for.
    own = {"p1": account.get("patientId"), "d1": account.get("dentistId")}
    others = [patient["id"] for patient in account["patients"] if patient["relation"] != "self"]
    expected = [re.sub(r"[pd]1$", lambda found: str(own[found[0]]), room) for room in of_table]
    assert rooms == [*expected, *(f"appointments:patient:{patient_id}" for patient_id in others)]
    assert all(Channel.parse(room).may_be_heard_by(actor_of(world.callers[who])) for room in rooms)
    return not set(_rooms(world)).isdisjoint(rooms)


def shown(query: str, **prepared: Callable[[World], str]) -> Place:
    """Whether a query with the web role's rights gives it a row, or several for `:patient` and `:dentist`."""

    def ask(world: World, who: str) -> bool:
        values = {"patient": world.patient, "dentist": world.dentist}
        values |= {name: uuid.UUID(prepare(world)) for name, prepare in prepared.items()}
        with plain_sql.connect(world.web_url, actor_of(world.callers[who])) as session:
            named = {name: value for name, value in values.items() if f":{name}" in query}
            return bool(session.scalar(text(f"SELECT EXISTS ({query})"), named))

    return ask


def an_appointment_with_notes(world: World) -> str:
    """One about which something was written."""
    found = world.an_appointment()
    world.session.execute(
        text(
            "INSERT INTO appointment_notes (appointment_id, notes, updated_by) SELECT :id, 'x', id FROM users LIMIT 1"
        ),
        {"id": found},
    )
    world.session.commit()
    return found


def a_remark(world: World) -> str:
    """About the patient, who is in no other dentist's diary."""
    found = world.only_of_its_dentist()
    world.session.execute(
        text(
            "INSERT INTO patient_remarks (patient_id, remark, updated_by) SELECT :id, 'x', id FROM users LIMIT 1"
            " ON CONFLICT DO NOTHING"
        ),
        {"id": found},
    )
    world.session.commit()
    return found


def remarked_on(body: dict[str, Any]) -> Place:
    """Whether it may change what all staff keep, about a patient who is in no other dentist's diary."""

    def ask(world: World, who: str) -> bool:
        answer = world.callers[who].patch(f"/patients/{world.only_of_its_dentist()}", body)
        return bool(answer.status_code < 300)

    return ask


def booked_with(more: dict[str, Any]) -> Place:
    """Whether it may book with what only the practice says."""

    def ask(world: World, who: str) -> bool:
        answer = world.callers[who].post("/appointments", world.a_wish(patientId=str(world.patient)) | more)
        return bool(answer.status_code < 300)

    return ask


def told_by_the_database(world: World, who: str) -> bool:
    """Whether the function that tells an appointment's history tells it anything."""
    found = world.callers["admin"].post("/appointments", world.a_wish(patientId=str(world.patient))).json["id"]
    query = "SELECT FROM appointment_history(:id)"
    return shown(query, id=lambda _: found)(world, who)


ON_THE_DAY = [name for name in STEPS if MOVES[name].when == "on the day"]
OF_ONE = "/appointments/<uuid:appointment_id>"

# By the first column of the table: all places that decide about it.
PLACES: dict[str, list[Place]] = {
    "read and follow appointments": [
        route("GET", OF_ONE),
        listed_appointment,
        followed,
        read_in_the_log,
        followed_by_clients,
        shown("SELECT FROM appointments WHERE id = :id", id=World.an_appointment),
    ],
    "book, also a series": [route("POST", "/appointments"), route("POST", "/appointments/series")],
    "reschedule, cancel, confirm, take the last move back": [
        route("PATCH", OF_ONE),
        route("POST", f"{OF_ONE}/cancel"),
        step("confirm"),
        route("POST", f"{OF_ONE}/undo"),
    ],
    "book in spite of hours or of others, choose a chair or an assistant": [
        booked_with({"force": True}),
        booked_with({"chairId": None}),
        booked_with({"assistantId": None}),
        route("PATCH", OF_ONE, {"reason": "x", "force": True}),
        route("PATCH", OF_ONE, {"chairId": None}),
        route("PATCH", OF_ONE, {"assistantId": None}),
    ],
    "hand a dentist's appointments over": [route("POST", "/dentists/<uuid:dentist_id>/hand-over")],
    "arrive, check in": [step(name) for name in ON_THE_DAY],
    "approve, complete, no-show and its undoing": [
        step(name) for name in STEPS if name not in ("confirm", *ON_THE_DAY)
    ],
    "delete appointments": [route("DELETE", OF_ONE)],
    "read an appointment's history": [route("GET", f"{OF_ONE}/history"), told_by_the_database],
    "read and write clinical notes": [
        route("GET", f"{OF_ONE}/notes"),
        route("PUT", f"{OF_ONE}/notes"),
        shown("SELECT FROM appointment_notes WHERE appointment_id = :id", id=an_appointment_with_notes),
    ],
    "read holds": [
        lambda world, who: _is_listed(world, who, "/holds", world.a_hold()),
        shown("SELECT FROM holds WHERE id = :id", id=World.a_hold),
    ],
    "give back a hold": [route("DELETE", "/holds/<uuid:hold_id>")],
    "follow which records have changed (the channel `practice`)": [
        lambda world, who: Channel.parse(channels.PRACTICE).may_be_heard_by(actor_of(world.callers[who])),
        practice_in_the_log,
        shown(
            "SELECT FROM sync_events WHERE channels = ARRAY['practice'] AND payload ->> 'id' = CAST(:id AS text)",
            id=a_told_chair,
        ),
    ],
    "read patients": [
        route("GET", "/patients/<uuid:patient_id>"),
        listed_patient,
        shown("SELECT FROM patients WHERE id = :id", id=World.only_of_its_dentist),
    ],
    "grant guardians, invite": [
        route("POST", "/patients/<uuid:patient_id>/guardians"),
        route("POST", "/patients/<uuid:patient_id>/invitation"),
    ],
    "export what is kept of patients": [route("GET", "/patients/<uuid:patient_id>/export")],
    "erase patients": [route("POST", "/patients/<uuid:patient_id>/erase")],
    "read and end guardians": [
        route("GET", "/patients/<uuid:patient_id>/guardians"),
        route("DELETE", "/patients/<uuid:patient_id>/guardians/<uuid:user_id>"),
    ],
    "merge records, and part them again": [
        route("POST", "/patients/<uuid:patient_id>/merge"),
        route("POST", "/patients/merges/<uuid:merge_id>/undo"),
        shown("SELECT FROM patient_merges WHERE id = :id", id=World.a_merge),
    ],
    "enter patients, and change what is known about them": [
        route("POST", "/patients"),
        route("PATCH", "/patients/<uuid:patient_id>"),
    ],
    "remark on patients, and bar them from booking online": [
        remarked_on({"remark": "x"}),
        remarked_on({"onlineBookingBarred": False}),
        shown("SELECT FROM patient_remarks WHERE patient_id = :id", id=a_remark),
    ],
    "read and enter time off": [
        route("GET", "/dentists/<uuid:dentist_id>/time-off"),
        route("POST", "/dentists/<uuid:dentist_id>/time-off"),
        route("DELETE", "/dentists/<uuid:dentist_id>/time-off/<uuid:time_off_id>"),
        shown("SELECT FROM time_off WHERE id = :id", id=lambda world: world.an_absence("time_off")),
    ],
    "read and enter when chairs are away": [
        route("GET", "/chairs/<uuid:chair_id>/time-off"),
        route("POST", "/chairs/<uuid:chair_id>/time-off"),
        route("DELETE", "/chairs/<uuid:chair_id>/time-off/<uuid:time_off_id>"),
        shown("SELECT FROM chair_time_off WHERE id = :id", id=lambda world: world.a_chair_away().rsplit("/", 1)[1]),
    ],
    "enter closures": [
        route("POST", "/closures"),
        route("PATCH", "/closures/<uuid:closure_id>"),
        route("DELETE", "/closures/<uuid:closure_id>"),
    ],
    "read closures, hours, treatments, chairs, the practice": [
        *(route("GET", f"/{kind}") for kind in ("closures", "dentists", "treatments", "chairs", "practice")),
    ],
    "read and follow what is free": [
        route("GET", "/availability"),
        route("GET", "/sync/events"),
        lambda world, who: Channel.parse(channels.of_availability(world.dentist)).may_be_heard_by(
            actor_of(world.callers[who])
        ),
        available_in_the_log,
        shown("SELECT FROM sync_events WHERE 'availability:all' = ANY (channels) AND :id IS NOT NULL", id=a_told_hold),
    ],
    "set weekly hours": [route("PUT", "/dentists/<uuid:dentist_id>/working-hours")],
    "change dentists, treatments, chairs, the practice": [
        route("PATCH", "/dentists/<uuid:dentist_id>"),
        route("PUT", "/dentists/<uuid:dentist_id>/treatments"),
        route("PATCH", "/practice"),
        *(route(method, "/practice/logo") for method in ("PUT", "DELETE")),
        *(route("POST", f"/{kind}") for kind in ("treatments", "chairs")),
        *(route(method, "/treatments/<uuid:treatment_id>") for method in ("PATCH", "DELETE")),
        *(route(method, "/chairs/<uuid:chair_id>") for method in ("PATCH", "DELETE")),
    ],
    "change the own account's name and language": [
        route("PATCH", "/auth/me"),
        lambda world, who: route("PATCH", "/auth/me", {"name": world.callers[who].user["name"]})(world, who),
    ],
    "read a day as it was, what changed it and who did it": [
        route("GET", "/sync/day"),
        route("GET", "/sync/day/changes"),
        shown("SELECT FROM day_at(tstzrange('2000-01-01', '2100-01-01'), (SELECT position FROM log_head))"),
        shown("SELECT FROM day_changes(tstzrange('2000-01-01', '2100-01-01'), 0, (SELECT position FROM log_head))"),
    ],
    "read, change and invite accounts; read the audit trail and statistics": [
        route("GET", "/users"),
        route("POST", "/users"),
        *(route(method, "/users/<uuid:user_id>") for method in ("GET", "PATCH")),
        route("POST", "/users/<uuid:user_id>/invitation"),
        route("GET", "/audit"),
        route("GET", "/sync/stats"),
        shown("SELECT FROM audit"),
        shown("SELECT FROM users WHERE role = 'chatbot' AND id <> acting_user()"),
    ],
}


def rows() -> Iterator[tuple[str, dict[str, str]]]:
    """The lines of the table: what, and by role how far."""
    page = (ROOT / "docs" / "permissions.md").read_text()
    table = page[page.index("| What |") :].split("\n\n")[0].splitlines()
    head, _, *lines = ([cell.strip() for cell in line.strip("|").split("|")] for line in table)
    for what, *cells in lines:
        yield what, dict(zip(head[1:], cells, strict=True))


DOCUMENTED = dict(rows())


def test_the_table_has_every_role_and_each_line_its_places() -> None:
    """A new role is a new column, and a new line says where it is decided."""
    assert {tuple(line) for line in DOCUMENTED.values()} == {COLUMNS}
    assert DOCUMENTED.keys() == PLACES.keys()
    assert set(ACCOUNTS) == {*COLUMNS}
    assert {"confirm"} == {name for name in STEPS if "patient" in MOVES[name].roles}


@pytest.mark.parametrize("role", COLUMNS)
@pytest.mark.parametrize("what", PLACES)
def test_each_place_gives_a_role_what_the_table_says(world: World, what: str, role: str) -> None:
    """`all` to everybody of the role, `own` to whom it is about and to no other, `no` to nobody."""
    about, other = ACCOUNTS[role]
    for place in PLACES[what]:
        found = (place(world, about), place(world, other))
        assert found == {"all": (True, True), "own": (True, False), "no": (False, False)}[DOCUMENTED[what][role]]


def test_the_web_role_is_asked_by_whoever_may(shared_app: APIFlask, world: World) -> None:
    """The queries above are not the owner's, to whom row-level security shows everything."""
    assert world.web_url == services.of(shared_app, Settings).web_database_url
    with plain_sql.connect(world.web_url) as session:
        assert session.scalar(text("SELECT count(*) FROM appointments")) == 0
