"""REST: parse, authorise, call one function, reply; imports `monitoring` and below."""

from __future__ import annotations

from apiflask import APIFlask

from dental_sync.api import (
    appointments,
    audit,
    auth,
    availability,
    behind_a_path,
    calendar_feeds,
    chairs,
    conditions,
    day,
    demo,
    dentists,
    front_ends,
    guardians,
    guide,
    history,
    holds,
    invitations,
    merging,
    metrics,
    notes,
    openapi_document,
    opening_hours,
    own_account,
    patients,
    personal_data,
    practice,
    probes,
    problems,
    public,
    reminders,
    requests,
    sync,
    users,
    writes,
)


def register(app: APIFlask) -> None:
    """Hang every blueprint below /api, and make every error a problem."""
    # First, so that it sees all of a request.
    metrics.register(app)
    problems.register(app)
    requests.register(app)
    conditions.register(app)
    openapi_document.register(app)
    behind_a_path.register(app)
    personal_data.register(app)
    for door in (
        auth, own_account, users, patients, personal_data, guardians, invitations, merging, calendar_feeds, dentists,
        opening_hours, practice, chairs, availability, public, holds, appointments, notes, history, writes, sync, day,
        audit, probes, demo,
    ):  # fmt: skip
        app.register_blueprint(door.blueprint, url_prefix="/api")
    app.register_blueprint(reminders.blueprint)
    guide.register(app)
    front_ends.register(app)
