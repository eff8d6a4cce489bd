"""The REST doors: each parses, calls one verb, replies."""

from __future__ import annotations

from apiflask import APIFlask
from flask import redirect
from flask_swagger_ui import get_swaggerui_blueprint

from dental_sync.api import (
    appointments,
    auth,
    dentists,
    notes,
    openapi,
    patients,
    practice,
    problems,
    requests,
    sync,
    users,
    writes,
)
from dental_sync.api.answers import REFUSED_CHANGES, REFUSED_TIMES, AppointmentAnswer, AppointmentPage

# What the appointments' routes answer; elsewhere this is said beside each route.
openapi.answers(AppointmentAnswer, 201, headers=["ETag", "Location"], refuses=REFUSED_TIMES, lane=True)(
    appointments.book
)
openapi.answers(AppointmentPage)(appointments.list_appointments)
openapi.answers(AppointmentAnswer, headers=["ETag"])(appointments.get_appointment)
openapi.answers(AppointmentAnswer, headers=["ETag"], refuses=[*REFUSED_TIMES, *REFUSED_CHANGES], lane=True)(
    appointments.reschedule
)
openapi.answers(AppointmentAnswer, headers=["ETag"], refuses=REFUSED_CHANGES, lane=True)(appointments.cancel)
openapi.answers(None, 204, lane=True)(appointments.delete)


def register(app: APIFlask) -> None:
    """Hang every blueprint below /api, and make every error a problem."""
    problems.register(app)
    requests.register(app)
    openapi.register(app)
    for door in (auth, users, patients, dentists, practice, appointments, notes, writes, sync):
        app.register_blueprint(door.blueprint, url_prefix="/api")
    app.add_url_rule("/", "front_page", lambda: redirect("/api/docs/"))
    # Served from here: a practice's browser need not ask a third party for the page that explains its API.
    app.register_blueprint(get_swaggerui_blueprint("/api/docs", "/api/openapi.json"))
