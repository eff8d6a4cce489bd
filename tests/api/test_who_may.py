"""Who may do what: every route, for a record's owner, for others of the same role, and for nobody.

A route that is not in the table, or among those that concern no record, fails: a new route has to decide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text

from dental_sync.core.instants import format_instant
from dental_sync.diary.transitions import MOVES, STEPS
from tests.api.world import ASSISTANTS, EVERYBODY, GUARDIANS, HALF_HOUR, VISITORS, WHO, World
from tests.conftest import a_free_monday
from tests.images import A_PNG

# In the order of WHO.
Expected = tuple[int, int, int, int, int, int, int, int]

# What is asked: the address and the body, made anew for each who asks.
Question = tuple[str, Any]
Ask = Callable[[World], Question]

ANYBODY: Expected = (200, 200, 200, 200, 200, 200, 200, 401)
ADMINS: Expected = (403, 403, 403, 403, 403, 200, 403, 401)
DESK: Expected = (403, 403, 403, 403, 200, 200, 403, 401)
PATIENT_TOO: Expected = (200, 404, 200, 404, 200, 200, 403, 401)
STAFF: Expected = (403, 403, 200, 404, 200, 200, 403, 401)
NOTE_KEEPERS: Expected = (403, 403, 200, 404, 403, 200, 403, 401)
OWN_DENTIST: Expected = (403, 403, 200, 403, 200, 200, 403, 401)
OWN_HOURS: Expected = (403, 403, 200, 403, 403, 200, 403, 401)


def made(expected: Expected, status: int) -> Expected:
    """The same people, who make or delete something."""
    return tuple(status if code == 200 else code for code in expected)  # type: ignore[return-value]


def at(path: str, body: Any = None) -> Ask:
    """One address for everybody."""
    return lambda _: (path, body)


TABLE: dict[tuple[str, str], tuple[Ask, Expected]] = {
    ("GET", "/api/auth/me"): (at("/auth/me"), ANYBODY),
    ("PATCH", "/api/auth/me"): (at("/auth/me", {"language": "en"}), ANYBODY),
    # Whose appointments are everybody's has no calendar of its own.
    ("POST", "/api/auth/me/calendar"): (at("/auth/me/calendar", {}), (201, 201, 201, 201, 403, 403, 403, 401)),
    ("GET", "/api/users"): (at("/users"), ADMINS),
    ("POST", "/api/users"): (
        lambda w: (
            "/users",
            {"email": f"n{next(w._numbers)}@x.test", "name": "N", "role": "patient", "password": "long enough"},
        ),
        made(ADMINS, 201),
    ),
    ("GET", "/api/users/<uuid:user_id>"): (lambda w: (f"/users/{w.callers['its patient'].user['id']}", None), ADMINS),
    ("PATCH", "/api/users/<uuid:user_id>"): (
        lambda w: (f"/users/{w.callers['its patient'].user['id']}", {"name": "Mia"}),
        ADMINS,
    ),
    ("POST", "/api/users/<uuid:user_id>/invitation"): (
        lambda w: (f"/users/{w.callers['its patient'].user['id']}/invitation", None),
        made(ADMINS, 201),
    ),
    ("GET", "/api/dentists"): (at("/dentists"), ANYBODY),
    ("GET", "/api/dentists/<uuid:dentist_id>"): (lambda w: (f"/dentists/{w.dentist}", None), ANYBODY),
    ("PATCH", "/api/dentists/<uuid:dentist_id>"): (lambda w: (f"/dentists/{w.dentist}", {"active": True}), ADMINS),
    # The practice's own records.
    ("GET", "/api/practice"): (at("/practice"), ANYBODY),
    ("PATCH", "/api/practice"): (at("/practice", {"slotStepMinutes": 15}), ADMINS),
    ("PUT", "/api/practice/logo"): (at("/practice/logo", A_PNG), made(ADMINS, 204)),
    ("DELETE", "/api/practice/logo"): (at("/practice/logo"), made(ADMINS, 204)),
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
    ("GET", "/api/chairs/<uuid:chair_id>/time-off"): (
        lambda w: (f"/chairs/{w.a_record('chairs')}/time-off", None),
        DESK,
    ),
    ("POST", "/api/chairs/<uuid:chair_id>/time-off"): (
        lambda w: (f"/chairs/{w.a_record('chairs')}/time-off", w.a_range()),
        made(DESK, 201),
    ),
    ("DELETE", "/api/chairs/<uuid:chair_id>/time-off/<uuid:time_off_id>"): (
        lambda w: (w.a_chair_away(), None),
        made(DESK, 204),
    ),
    # Patients: a dentist sees those in the own diary.
    ("GET", "/api/patients"): (at("/patients"), (200, 200, 200, 200, 200, 200, 403, 401)),
    ("POST", "/api/patients"): (at("/patients", {"name": "Tess"}), made(DESK, 201)),
    ("GET", "/api/patients/<uuid:patient_id>"): (lambda w: (f"/patients/{w.only_of_its_dentist()}", None), PATIENT_TOO),
    ("PATCH", "/api/patients/<uuid:patient_id>"): (lambda w: (f"/patients/{w.patient}", {"phone": "110"}), DESK),
    ("GET", "/api/patients/<uuid:patient_id>/guardians"): (
        lambda w: (f"/patients/{w.only_of_its_dentist()}/guardians", None),
        PATIENT_TOO,
    ),
    ("POST", "/api/patients/<uuid:patient_id>/guardians"): (
        lambda w: (f"/patients/{w.only_of_its_dentist()}/guardians", {"userId": w.a_guardian()}),
        made(STAFF, 201),
    ),
    ("DELETE", "/api/patients/<uuid:patient_id>/guardians/<uuid:user_id>"): (
        lambda w: (f"/patients/{w.only_of_its_dentist()}/guardians/{w.a_guardian()}", None),
        made(PATIENT_TOO, 204),
    ),
    ("GET", "/api/patients/<uuid:patient_id>/duplicates"): (
        lambda w: (f"/patients/{w.only_of_its_dentist()}/duplicates", None),
        STAFF,
    ),
    # A file with everything: the practice's is the admins' to have, and a patient's own theirs.
    ("GET", "/api/patients/<uuid:patient_id>/export"): (
        lambda w: (f"/patients/{w.patient}/export", None),
        (200, 404, 403, 403, 403, 200, 403, 401),
    ),
    ("POST", "/api/patients/<uuid:patient_id>/erase"): (lambda w: (f"/patients/{w.a_patient()}/erase", None), ADMINS),
    ("POST", "/api/patients/<uuid:patient_id>/invitation"): (
        lambda w: (f"/patients/{w.only_of_its_dentist()}/invitation", {"as": "guardian"}),
        made(STAFF, 201),
    ),
    ("GET", "/api/patients/<uuid:patient_id>/merges"): (
        lambda w: (f"/patients/{w.a_caller()}/merges", None),
        DESK,
    ),
    ("POST", "/api/patients/<uuid:patient_id>/merge"): (
        lambda w: (f"/patients/{w.a_caller()}/merge", {"into": w.a_caller()}),
        DESK,
    ),
    ("POST", "/api/patients/merges/<uuid:merge_id>/undo"): (
        lambda w: (f"/patients/merges/{w.a_merge()}/undo", {}),
        DESK,
    ),
    ("GET", "/api/availability"): (
        lambda w: (
            f"/availability?from={format_instant(a_free_monday())}&treatmentId={w.treatment}"
            f"&to={format_instant(a_free_monday() + HALF_HOUR)}",
            None,
        ),
        ANYBODY,
    ),
    ("PUT", "/api/dentists/<uuid:dentist_id>/treatments"): (
        lambda w: (f"/dentists/{w.dentist}/treatments", {"treatments": None}),
        ADMINS,
    ),
    # Hours, time off, closures.
    ("PUT", "/api/dentists/<uuid:dentist_id>/working-hours"): (
        lambda w: (f"/dentists/{w.dentist}/working-hours", {"hours": w.working_hours()}),
        OWN_HOURS,
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
    ("POST", "/api/closures"): (lambda w: ("/closures", w.a_range()), made(DESK, 201)),
    ("GET", "/api/closures/<uuid:closure_id>"): (lambda w: (f"/closures/{w.an_absence('closures')}", None), ANYBODY),
    ("PATCH", "/api/closures/<uuid:closure_id>"): (
        lambda w: (f"/closures/{w.an_absence('closures')}", {"reason": "x"}),
        DESK,
    ),
    ("DELETE", "/api/closures/<uuid:closure_id>"): (
        lambda w: (f"/closures/{w.an_absence('closures')}", None),
        made(DESK, 204),
    ),
    # Holds: whoever books for somebody holds for them, with a dentist's own diary as the limit.
    ("GET", "/api/holds"): (at("/holds"), (200, 200, 200, 200, 200, 200, 403, 401)),
    ("POST", "/api/holds"): (lambda w: ("/holds", w.a_wish()), (201, 201, 201, 403, 201, 201, 403, 401)),
    ("DELETE", "/api/holds/<uuid:hold_id>"): (
        lambda w: (f"/holds/{w.a_hold()}", None),
        (204, 404, 404, 404, 204, 204, 403, 401),
    ),
    # Appointments.
    ("POST", "/api/appointments"): (
        lambda w: ("/appointments", w.a_wish(patientId=str(w.patient))),
        (201, 403, 201, 403, 201, 201, 403, 401),
    ),
    ("POST", "/api/appointments/series"): (
        lambda w: (
            "/appointments/series",
            w.a_wish(patientId=str(w.patient)) | {"every": {"unit": "day", "n": 1}, "count": 1},
        ),
        (201, 403, 201, 403, 201, 201, 403, 401),
    ),
    ("POST", "/api/dentists/<uuid:dentist_id>/hand-over"): (
        lambda w: (f"/dentists/{w.dentist}/hand-over", w.a_hand_over()),
        OWN_DENTIST,
    ),
    ("GET", "/api/appointments"): (at("/appointments"), (200, 200, 200, 200, 200, 200, 403, 401)),
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
    ("POST", "/api/appointments/<uuid:appointment_id>/undo"): (
        lambda w: (f"/appointments/{w.an_appointment_just_confirmed()}/undo", {}),
        PATIENT_TOO,
    ),
    ("DELETE", "/api/appointments/<uuid:appointment_id>"): (
        lambda w: (f"/appointments/{w.an_appointment('delete')}", None),
        made(DESK, 204),
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
        NOTE_KEEPERS,
    ),
    ("PUT", "/api/appointments/<uuid:appointment_id>/notes"): (
        lambda w: (f"/appointments/{w.an_appointment()}/notes", {"notes": "Tooth 36."}),
        NOTE_KEEPERS,
    ),
    ("GET", "/api/appointments/<uuid:appointment_id>/history"): (
        lambda w: (f"/appointments/{w.an_appointment()}/history", None),
        STAFF,
    ),
    ("GET", "/api/audit"): (at("/audit"), ADMINS),
    # Writes and the log: a write is its sender's, here the patient's.
    ("GET", "/api/writes/<uuid:write_id>"): (
        lambda w: (f"/writes/{w.a_write()}", None),
        (200, 404, 404, 404, 404, 200, 404, 401),
    ),
    ("GET", "/api/sync/status"): (at("/sync/status"), ANYBODY),
    ("GET", "/api/sync/stats"): (at("/sync/stats"), ADMINS),
    ("GET", "/api/sync/events"): (at("/sync/events?since=0"), ANYBODY),
    ("GET", "/api/sync/day"): (at("/sync/day?date=2030-01-07"), ADMINS),
    ("GET", "/api/sync/day/changes"): (at("/sync/day/changes?date=2030-01-07"), ADMINS),
}
# They concern no record, or only what is the account's own: tests/api/test_{auth,sessions,…}.py.
# What an assistant may beside what everybody may, for whoever assists and for another one.
ASSISTED: dict[tuple[str, str], tuple[int, int]] = {
    ("POST", "/api/auth/me/calendar"): (201, 201),
    ("GET", "/api/appointments"): (200, 200),
    ("GET", "/api/appointments/<uuid:appointment_id>"): (200, 404),
    ("POST", "/api/appointments/<uuid:appointment_id>/arrive"): (200, 404),
    ("POST", "/api/appointments/<uuid:appointment_id>/check-in"): (200, 404),
}

# What a guardian may otherwise than the patient: holds and writes are an account's, and so is another guardianship.
GUARDED: dict[tuple[str, str], int] = {
    # What the patient did is the patient's to take back.
    ("POST", "/api/appointments/<uuid:appointment_id>/undo"): 409,
    ("DELETE", "/api/holds/<uuid:hold_id>"): 404,
    ("GET", "/api/writes/<uuid:write_id>"): 404,
    ("DELETE", "/api/patients/<uuid:patient_id>/guardians/<uuid:user_id>"): 403,
}

# Everything else that asks for a token is 403 to a visitor.
VISITED: dict[tuple[str, str], int] = {
    ("GET", "/api/availability"): 200,
    ("GET", "/api/sync/events"): 200,
}

OF_NO_RECORD = {
    ("POST", "/api/auth/register"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/refresh"),
    ("POST", "/api/auth/logout"),
    ("POST", "/api/auth/password"),
    ("POST", "/api/auth/me/invitation"),
    ("POST", "/api/auth/email"),
    ("POST", "/api/auth/email/confirm"),
    ("POST", "/api/auth/forgotten"),
    ("POST", "/api/auth/reset"),
    ("GET", "/api/auth/me/calendar"),
    ("DELETE", "/api/auth/me/calendar"),
    ("GET", "/api/calendar/<secret>.ics"),
    ("POST", "/api/auth/second-factor"),
    ("GET", "/api/auth/second-factor"),
    ("DELETE", "/api/auth/second-factor"),
    ("GET", "/api/auth/sessions"),
    ("DELETE", "/api/auth/sessions"),
    ("DELETE", "/api/auth/sessions/<uuid:session_id>"),
    ("GET", "/api/public/practice"),
    ("GET", "/api/public/availability"),
    ("GET", "/api/public/logo"),
    ("POST", "/api/public/token"),
    ("GET", "/api/sync/health"),
    ("GET", "/api/live"),
    ("GET", "/api/ready"),
    ("GET", "/api/demo/mail"),
    ("GET", "/api"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/docs"),
    ("GET", "/api/docs/"),
    ("GET", "/api/docs/<path:name>"),
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


def expected_of(route: tuple[str, str], who: str) -> int:
    """What the tables say."""
    expected = TABLE[route][1]
    if who in ASSISTANTS:
        what_everybody_may = expected[list(WHO).index("chatbot")]
        return ASSISTED.get(route, (what_everybody_may,) * 2)[list(ASSISTANTS).index(who)]
    if who in VISITORS:
        return VISITED.get(route, 403)
    if who in GUARDIANS:
        return GUARDED.get(route, expected[list(WHO).index("its patient")])
    return expected[list(WHO).index(who)]


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("route", TABLE, ids=" ".join)
def test_a_route_answers_each_as_the_table_says(world: World, route: tuple[str, str], who: str) -> None:
    """2xx, 401 for nobody, 403 for what a role may never do, 404 for somebody else's record."""
    path, body = TABLE[route][0](world)
    if who == "nobody":
        answer = world.callers["admin"].call(route[0], path, body, Authorization="")
        assert "WWW-Authenticate" in answer.headers
    else:
        answer = world.callers[who].call(route[0], path, body)
    assert answer.status_code == expected_of(route, who), answer.text
    if answer.status_code >= 400:
        assert answer.json["code"] in ("unauthorized", "forbidden", "not-found", "nothing-to-undo")
    if route == ("POST", "/api/holds"):
        world.session.execute(text("DELETE FROM holds"))
        world.session.commit()
