"""Who may do what: every route and every channel, for a record's owner, for others of the same role, and for nobody.

A route that is not in the table, or among those that concern no record, fails: a new route has to decide.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest
from apiflask import APIFlask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from dental_sync.core.instants import format_instant
from dental_sync.diary.transitions import MOVES, STEPS
from dental_sync.storage.models import Dentist, Patient, Treatment
from dental_sync.sync import channels, log
from dental_sync.sync.channels import Channel
from tests import plain_sql
from tests.conftest import Caller, a_free_monday, sign_in_to

HALF_HOUR = timedelta(minutes=30)

# What is asked about belongs to patient1 and dentist1.
WHO = {
    "its patient": "patient1",
    "another patient": "patient2",
    "its dentist": "dentist1",
    "another dentist": "dentist2",
    "admin": "admin",
    "chatbot": "chatbot",
    "nobody": None,
}

# In the order of WHO.
Expected = tuple[int, int, int, int, int, int, int]


@dataclass
class World:
    """One practice for the whole table: each question gets a record of its own, at a time of its own."""

    session: Session
    callers: dict[str, Caller]
    patient: uuid.UUID
    dentist: uuid.UUID
    treatment: uuid.UUID
    write: str = ""
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def a_time(self) -> datetime:
        """A bookable time that nobody has asked for yet."""
        day, slot = divmod(next(self._numbers), 8)
        week, weekday = divmod(day, 5)
        return a_free_monday(weeks=5 + week, hour=8) + timedelta(days=weekday) + slot * HALF_HOUR

    def an_appointment(self, move: str = "reschedule") -> str:
        """One from which the move is possible."""
        at = self.a_time()
        if MOVES[move].when == "after the start":
            at -= timedelta(weeks=52)
        status = max(MOVES[move].sources & {"pending", "booked", "noshow", "arrived"})
        found = plain_sql.book(self.session, self.patient, self.dentist, at, treatment_id=self.treatment, status=status)
        self.session.commit()
        return str(found)

    def a_hold(self) -> str:
        """Held by the patient."""
        self.session.execute(text("DELETE FROM holds"))
        found = self.session.scalar(
            text(
                "INSERT INTO holds (user_id, dentist_id, starts_at, ends_at, expires_at)"
                " VALUES (:user, :dentist, :at, :to, clock_timestamp() + interval '5 minutes') RETURNING id"
            ),
            {
                "user": self.callers["its patient"].user["id"],
                "dentist": self.dentist,
                "at": (at := self.a_time()),
                "to": at + HALF_HOUR,
            },
        )
        self.session.commit()
        return str(found)

    def an_absence(self, table: str) -> str:
        """Time off of the dentist, or a closure, years from now and for an hour."""
        at = a_free_monday(weeks=500) + next(self._numbers) * timedelta(hours=2)
        columns, values = ("dentist_id, ", ":dentist, ") if table == "time_off" else ("", "")
        found = self.session.scalar(
            text(f"INSERT INTO {table} ({columns}starts_at, ends_at) VALUES ({values}:at, :to) RETURNING id"),
            {"dentist": self.dentist, "at": at, "to": at + timedelta(hours=1)},
        )
        self.session.commit()
        return str(found)

    def a_record(self, table: str) -> str:
        """A treatment or a chair that nobody needs."""
        column, value = {"treatments": ("duration_minutes", "30"), "chairs": ("kind", "'unused'")}[table]
        found = self.session.scalar(text(f"INSERT INTO {table} (name, {column}) VALUES ('x', {value}) RETURNING id"))
        self.session.commit()
        return str(found)

    def only_of_its_dentist(self) -> str:
        """The patient, who is in no other dentist's diary."""
        self.an_appointment()
        self.session.execute(
            text("DELETE FROM appointments WHERE patient_id = :patient AND dentist_id <> :dentist"),
            {"patient": self.patient, "dentist": self.dentist},
        )
        self.session.commit()
        return str(self.patient)

    def a_wish(self, **more: str) -> dict[str, str]:
        """A check-up with the dentist."""
        return {
            "dentistId": str(self.dentist),
            "startsAt": format_instant(self.a_time()),
            "treatmentId": str(self.treatment),
            **more,
        }

    def a_range(self) -> dict[str, str]:
        """A time in which nobody is booked."""
        at = a_free_monday(weeks=900) + next(self._numbers) * timedelta(hours=2)
        return {"startsAt": format_instant(at), "endsAt": format_instant(at + timedelta(hours=1))}

    def working_hours(self) -> list[dict[str, Any]]:
        """The dentist's, as they are."""
        hours: list[dict[str, Any]] = self.callers["admin"].get(f"/dentists/{self.dentist}").json["workingHours"]
        return hours

    def a_write(self) -> str:
        """A write that the patient asked for."""
        if not self.write:
            answer = self.callers["its patient"].post("/holds", self.a_wish(), Prefer="respond-async")
            self.write = answer.json["id"]
        return self.write


@pytest.fixture(scope="module")
def world(shared_app: APIFlask) -> Iterator[World]:
    """The practice, and everybody signed in."""
    with plain_sql.connect(services.of(shared_app, Settings).database_url) as session:
        callers = {who: sign_in_to(shared_app, name) for who, name in WHO.items() if name is not None}
        patient = session.scalar(select(Patient.id).where(Patient.id == callers["its patient"].user["patientId"]))
        dentist = session.scalar(select(Dentist.id).where(Dentist.id == callers["its dentist"].user["dentistId"]))
        treatment = session.scalar(select(Treatment.id).where(Treatment.name == "Check-up"))
        assert patient
        assert dentist
        assert treatment
        session.rollback()
        yield World(session, callers, patient, dentist, treatment)


# What is asked: the address and the body, made anew for each who asks.
Question = tuple[str, Any]
Ask = Callable[[World], Question]

ANYBODY: Expected = (200, 200, 200, 200, 200, 200, 401)
ADMINS: Expected = (403, 403, 403, 403, 200, 403, 401)
PATIENT_TOO: Expected = (200, 404, 200, 404, 200, 403, 401)
STAFF: Expected = (403, 403, 200, 404, 200, 403, 401)
OWN_DENTIST: Expected = (403, 403, 200, 403, 200, 403, 401)


def made(expected: Expected, status: int) -> Expected:
    """The same people, who make or delete something."""
    return tuple(status if code == 200 else code for code in expected)  # type: ignore[return-value]


def at(path: str, body: Any = None) -> Ask:
    """One address for everybody."""
    return lambda _: (path, body)


TABLE: dict[tuple[str, str], tuple[Ask, Expected]] = {
    ("GET", "/api/auth/me"): (at("/auth/me"), ANYBODY),
    ("GET", "/api/users"): (at("/users"), ADMINS),
    ("POST", "/api/users"): (
        lambda w: (
            "/users",
            {"email": f"n{next(w._numbers)}@x.test", "name": "N", "role": "patient", "password": "long enough"},
        ),
        made(ADMINS, 201),
    ),
    ("PATCH", "/api/users/<uuid:user_id>"): (
        lambda w: (f"/users/{w.callers['its patient'].user['id']}", {"name": "Mia"}),
        ADMINS,
    ),
    ("GET", "/api/dentists"): (at("/dentists"), ANYBODY),
    ("GET", "/api/dentists/<uuid:dentist_id>"): (lambda w: (f"/dentists/{w.dentist}", None), ANYBODY),
    ("PATCH", "/api/dentists/<uuid:dentist_id>"): (lambda w: (f"/dentists/{w.dentist}", {"active": True}), ADMINS),
    # The practice's own records.
    ("GET", "/api/practice"): (at("/practice"), ANYBODY),
    ("PATCH", "/api/practice"): (at("/practice", {"slotStepMinutes": 15}), ADMINS),
    ("GET", "/api/treatments"): (at("/treatments"), ANYBODY),
    ("POST", "/api/treatments"): (at("/treatments", {"name": "Whitening", "durationMinutes": 30}), made(ADMINS, 201)),
    ("GET", "/api/treatments/<uuid:treatment_id>"): (lambda w: (f"/treatments/{w.treatment}", None), ANYBODY),
    ("PATCH", "/api/treatments/<uuid:treatment_id>"): (
        lambda w: (f"/treatments/{w.a_record('treatments')}", {"name": "Whitening"}),
        ADMINS,
    ),
    ("DELETE", "/api/treatments/<uuid:treatment_id>"): (
        lambda w: (f"/treatments/{w.a_record('treatments')}", None),
        made(ADMINS, 204),
    ),
    ("GET", "/api/chairs"): (at("/chairs"), ANYBODY),
    ("POST", "/api/chairs"): (at("/chairs", {"name": "Room 1", "kind": "surgery"}), made(ADMINS, 201)),
    ("GET", "/api/chairs/<uuid:chair_id>"): (lambda w: (f"/chairs/{w.a_record('chairs')}", None), ANYBODY),
    ("PATCH", "/api/chairs/<uuid:chair_id>"): (
        lambda w: (f"/chairs/{w.a_record('chairs')}", {"name": "Room 2"}),
        ADMINS,
    ),
    ("DELETE", "/api/chairs/<uuid:chair_id>"): (
        lambda w: (f"/chairs/{w.a_record('chairs')}", None),
        made(ADMINS, 204),
    ),
    # Patients: a dentist sees those in the own diary.
    ("GET", "/api/patients"): (at("/patients"), (200, 200, 200, 200, 200, 403, 401)),
    ("POST", "/api/patients"): (at("/patients", {"name": "Tess"}), made(ADMINS, 201)),
    ("GET", "/api/patients/<uuid:patient_id>"): (lambda w: (f"/patients/{w.only_of_its_dentist()}", None), PATIENT_TOO),
    ("PATCH", "/api/patients/<uuid:patient_id>"): (lambda w: (f"/patients/{w.patient}", {"phone": "110"}), ADMINS),
    ("GET", "/api/availability"): (
        lambda w: (
            f"/availability?from={format_instant(a_free_monday())}&treatmentId={w.treatment}"
            f"&to={format_instant(a_free_monday() + HALF_HOUR)}",
            None,
        ),
        ANYBODY,
    ),
    # Hours, time off, closures.
    ("PUT", "/api/dentists/<uuid:dentist_id>/working-hours"): (
        lambda w: (f"/dentists/{w.dentist}/working-hours", {"hours": w.working_hours()}),
        OWN_DENTIST,
    ),
    ("GET", "/api/dentists/<uuid:dentist_id>/time-off"): (
        lambda w: (f"/dentists/{w.dentist}/time-off", None),
        OWN_DENTIST,
    ),
    ("POST", "/api/dentists/<uuid:dentist_id>/time-off"): (
        lambda w: (f"/dentists/{w.dentist}/time-off", w.a_range()),
        made(OWN_DENTIST, 201),
    ),
    ("DELETE", "/api/dentists/<uuid:dentist_id>/time-off/<uuid:time_off_id>"): (
        lambda w: (f"/dentists/{w.dentist}/time-off/{w.an_absence('time_off')}", None),
        made(OWN_DENTIST, 204),
    ),
    ("GET", "/api/closures"): (at("/closures"), ANYBODY),
    ("POST", "/api/closures"): (lambda w: ("/closures", w.a_range()), made(ADMINS, 201)),
    ("GET", "/api/closures/<uuid:closure_id>"): (lambda w: (f"/closures/{w.an_absence('closures')}", None), ANYBODY),
    ("PATCH", "/api/closures/<uuid:closure_id>"): (
        lambda w: (f"/closures/{w.an_absence('closures')}", {"reason": "x"}),
        ADMINS,
    ),
    ("DELETE", "/api/closures/<uuid:closure_id>"): (
        lambda w: (f"/closures/{w.an_absence('closures')}", None),
        made(ADMINS, 204),
    ),
    # Holds: whoever books for somebody holds for them, with a dentist's own diary as the limit.
    ("POST", "/api/holds"): (lambda w: ("/holds", w.a_wish()), (201, 201, 201, 403, 201, 403, 401)),
    ("DELETE", "/api/holds/<uuid:hold_id>"): (
        lambda w: (f"/holds/{w.a_hold()}", None),
        (204, 404, 404, 404, 204, 403, 401),
    ),
    # Appointments.
    ("POST", "/api/appointments"): (
        lambda w: ("/appointments", w.a_wish(patientId=str(w.patient))),
        (201, 403, 201, 403, 201, 403, 401),
    ),
    ("GET", "/api/appointments"): (at("/appointments"), (200, 200, 200, 200, 200, 403, 401)),
    ("GET", "/api/appointments/<uuid:appointment_id>"): (
        lambda w: (f"/appointments/{w.an_appointment()}", None),
        PATIENT_TOO,
    ),
    ("PATCH", "/api/appointments/<uuid:appointment_id>"): (
        lambda w: (f"/appointments/{w.an_appointment()}", {"reason": "x"}),
        PATIENT_TOO,
    ),
    ("POST", "/api/appointments/<uuid:appointment_id>/cancel"): (
        lambda w: (f"/appointments/{w.an_appointment('cancel')}/cancel", {}),
        PATIENT_TOO,
    ),
    ("DELETE", "/api/appointments/<uuid:appointment_id>"): (
        lambda w: (f"/appointments/{w.an_appointment('delete')}", None),
        made(ADMINS, 204),
    ),
    **{
        ("POST", f"/api/appointments/<uuid:appointment_id>/{step}"): (
            lambda w, step=step: (f"/appointments/{w.an_appointment(step)}/{step}", {}),  # type: ignore[misc]
            PATIENT_TOO if "patient" in MOVES[step].roles else STAFF,
        )
        for step in STEPS
    },
    ("GET", "/api/appointments/<uuid:appointment_id>/notes"): (
        lambda w: (f"/appointments/{w.an_appointment()}/notes", None),
        STAFF,
    ),
    ("PUT", "/api/appointments/<uuid:appointment_id>/notes"): (
        lambda w: (f"/appointments/{w.an_appointment()}/notes", {"notes": "Tooth 36."}),
        STAFF,
    ),
    ("GET", "/api/audit"): (at("/audit"), ADMINS),
    # Writes and the log: a write is its sender's, here the patient's.
    ("GET", "/api/writes/<uuid:write_id>"): (
        lambda w: (f"/writes/{w.a_write()}", None),
        (200, 404, 404, 404, 200, 404, 401),
    ),
    ("GET", "/api/sync/status"): (at("/sync/status"), ANYBODY),
    ("GET", "/api/sync/stats"): (at("/sync/stats"), ADMINS),
    ("GET", "/api/sync/events"): (at("/sync/events?since=0"), ANYBODY),
}

# They concern no record, or only the own password and session: tests/api/test_auth.py.
OF_NO_RECORD = {
    ("POST", "/api/auth/register"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/refresh"),
    ("POST", "/api/auth/logout"),
    ("POST", "/api/auth/password"),
    ("GET", "/api/sync/health"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/docs/"),
    ("GET", "/api/docs/<path:path>"),
}


def test_every_route_is_in_the_table(shared_app: APIFlask) -> None:
    """No hole: whoever adds a route says who may use it, and nothing stays that is no route any more."""
    routes = {
        (method, rule.rule)
        for rule in shared_app.url_map.iter_rules()
        if rule.rule.startswith("/api")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == set(TABLE) | OF_NO_RECORD
    assert not set(TABLE) & OF_NO_RECORD


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("route", TABLE, ids=" ".join)
def test_a_route_answers_each_as_the_table_says(world: World, route: tuple[str, str], who: str) -> None:
    """2xx, 401 for nobody, 403 for what a role may never do, 404 for somebody else's record."""
    ask, expected = TABLE[route]
    path, body = ask(world)
    if who == "nobody":
        answer = world.callers["admin"].call(route[0], path, body, Authorization="")
        assert "WWW-Authenticate" in answer.headers
    else:
        answer = world.callers[who].call(route[0], path, body)
    assert answer.status_code == expected[list(WHO).index(who)], answer.text
    if answer.status_code >= 400:
        assert answer.json["code"] in ("unauthorized", "forbidden", "not-found")
    if route == ("POST", "/api/holds"):
        world.session.execute(text("DELETE FROM holds"))
        world.session.commit()


# The channels.

# Who may hear each kind of channel, of the records above.
HEARD: dict[str, set[str]] = {
    "appointments:patient": {"its patient", "admin"},
    "appointments:dentist": {"its dentist", "admin"},
    "appointments:all": {"admin"},
    "availability:dentist": set(WHO) - {"nobody"},
    "availability:all": set(WHO) - {"nobody"},
}


def channel_of(world: World, kind: str) -> Channel:
    """The channel of that kind that concerns the records above."""
    names = {
        "appointments:patient": channels.of_patient(world.patient),
        "appointments:dentist": channels.of_dentist(world.dentist),
        "availability:dentist": channels.of_availability(world.dentist),
    }
    return Channel.parse(names.get(kind, kind))


def actor_of(caller: Caller) -> Actor:
    """The account as the sockets see it."""
    user = caller.user
    patient, dentist = user.get("patientId"), user.get("dentistId")
    return Actor(
        uuid.UUID(user["id"]),
        user["role"],
        user["name"],
        user["email"],
        uuid.UUID(patient) if patient else None,
        uuid.UUID(dentist) if dentist else None,
    )


@pytest.mark.parametrize("who", [who for who in WHO if who != "nobody"])
@pytest.mark.parametrize("kind", HEARD)
def test_a_channel_is_heard_by_each_as_the_table_says(world: World, kind: str, who: str) -> None:
    """The rule that `subscribe` asks; nobody has no connection to ask from."""
    assert channel_of(world, kind).may_be_heard_by(actor_of(world.callers[who])) == (who in HEARD[kind])


def test_the_kinds_of_channels_are_all_in_the_table(world: World) -> None:
    """A new kind of channel has to decide too."""
    assert {channel_of(world, kind).kind for kind in HEARD} == set(get_args(channels.Kind))


@pytest.fixture
def told(world: World) -> tuple[int, list[Any]]:
    """What one appointment's life leaves in the log, as an admin reads it, and the position before it."""
    log.publish(world.session, wait=True)
    world.session.commit()
    since = log.head(world.session).position
    appointment = world.an_appointment()
    for change in ("reason = 'x'", "status = 'entered-in-error'"):
        world.session.execute(text(f"UPDATE appointments SET {change} WHERE id = :id"), {"id": appointment})
    world.session.commit()
    log.publish(world.session, wait=True)
    world.session.commit()
    events = world.callers["admin"].get(f"/sync/events?since={since}").json["events"]
    assert [event["type"] for event in events if event["type"].startswith("appointment:")] == [
        "appointment:created",
        "appointment:updated",
        "appointment:deleted",
    ]
    return since, events


@pytest.mark.parametrize("who", [who for who in WHO if who != "nobody"])
def test_what_is_read_over_http_is_what_the_channels_would_have_brought(
    world: World, told: tuple[int, list[Any]], who: str
) -> None:
    """Each event to exactly those who may hear one of its channels; nothing to others, nor a word of the patient."""
    since, events = told
    actor = actor_of(world.callers[who])
    mine = world.callers[who].get(f"/sync/events?since={since}").json["events"]
    assert mine == [
        event for event in events if any(Channel.parse(name).may_be_heard_by(actor) for name in event["channels"])
    ]
    appointments = [event for event in mine if event["type"].startswith("appointment:")]
    assert len(appointments) == (3 if who in ("its patient", "its dentist", "admin") else 0)
    if not appointments:
        assert str(world.patient) not in str(mine)
        assert "patient" not in str(mine)
