"""When the practice is open: weekly hours, time off and closures."""

from __future__ import annotations

import uuid
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from dental_sync.api import openapi, pages
from dental_sync.api.answers import ClosureAnswer, ClosureMade, DentistChanged, TimeOffAnswer, TimeOffTaken
from dental_sync.api.requests import ADMINS, DESK, HOURS_KEEPERS, STAFF, actor, token_auth
from dental_sync.api.writes import submit
from dental_sync.core import errors
from dental_sync.core.extensions import db
from dental_sync.diary import wire
from dental_sync.diary.hours_shapes import (
    CancelTimeOff,
    ChangeClosure,
    ChangeDentist,
    Close,
    Reopen,
    SetHours,
    SetTreatments,
    TakeTimeOff,
)
from dental_sync.queries import opening_hours

blueprint = APIBlueprint("timetable", __name__, tag="Timetable")


@blueprint.put("/dentists/<uuid:dentist_id>/working-hours")
@blueprint.auth_required(token_auth, roles=HOURS_KEEPERS)
@blueprint.input(SetHours, arg_name="wish")
@openapi.answers(DentistChanged, refuses=[errors.BookingsInTheWay], lane=True)
def set_hours(dentist_id: uuid.UUID, wish: SetHours) -> Response:
    """Replace a dentist's weekly hours; with `force` although bookings are in the way."""
    return submit("set-hours", wish, dentist_id)


@blueprint.put("/dentists/<uuid:dentist_id>/treatments")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(SetTreatments, arg_name="wish")
@openapi.answers(DentistChanged, refuses=[errors.UnknownTreatment, errors.BookingsInTheWay], lane=True)
def set_treatments(dentist_id: uuid.UUID, wish: SetTreatments) -> Response:
    """Say what a dentist offers, and how long it takes with them; with `force` although bookings are in the way."""
    return submit("set-treatments", wish, dentist_id)


@blueprint.patch("/dentists/<uuid:dentist_id>")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(ChangeDentist, arg_name="wish")
@openapi.answers(DentistChanged, refuses=[errors.BookingsInTheWay], lane=True)
def change_dentist(dentist_id: uuid.UUID, wish: ChangeDentist) -> Response:
    """Change a dentist's time zone, profession, or whether they take bookings.

    With `force` although bookings are in the way.
    """
    return submit("change-dentist", wish, dentist_id)


@blueprint.get("/dentists/<uuid:dentist_id>/time-off")
@blueprint.auth_required(token_auth, roles=STAFF)
@blueprint.input(pages.Overlapping, location="query", arg_name="wanted")
@openapi.answers(pages.PageOf[TimeOffAnswer])
def list_time_off(dentist_id: uuid.UUID, wanted: pages.Overlapping) -> Response:
    """List when a dentist is away in `[from, to)`, by start; for that dentist and the front desk."""
    found = opening_hours.time_off(db.session(), actor(), dentist_id, **wanted.model_dump())
    return pages.respond([wire.absence(time_off) for time_off in found.rows], found.next)


@blueprint.post("/dentists/<uuid:dentist_id>/time-off")
@blueprint.auth_required(token_auth, roles=STAFF)
@blueprint.input(TakeTimeOff, arg_name="wish")
@openapi.answers(TimeOffTaken, 201, headers=["Location"], refuses=[errors.BookingsInTheWay], lane=True)
def take_time_off(dentist_id: uuid.UUID, wish: TakeTimeOff) -> Response:
    """Enter when a dentist is away; with `force` although bookings are in the way."""
    return submit("take-time-off", wish, dentist_id)


@blueprint.delete("/dentists/<uuid:dentist_id>/time-off/<uuid:time_off_id>")
@blueprint.auth_required(token_auth, roles=STAFF)
@openapi.answers(None, 204, lane=True)
def cancel_time_off(dentist_id: uuid.UUID, time_off_id: uuid.UUID) -> Response:
    """Let a dentist be there after all."""
    # Whether it is there is for the lane to say: a repeat with an Idempotency-Key must find what the first one did.
    return submit("cancel-time-off", CancelTimeOff.model_validate({"dentistId": dentist_id}), time_off_id)


@blueprint.get("/closures")
@blueprint.auth_required(token_auth)
@blueprint.input(pages.Overlapping, location="query", arg_name="wanted")
@openapi.answers(pages.PageOf[ClosureAnswer])
def list_closures(wanted: pages.Overlapping) -> Response:
    """List when the whole practice is closed, by start, as far as it overlaps `[from, to)`."""
    found = opening_hours.closures(db.session(), **wanted.model_dump())
    return pages.respond([wire.absence(closure) for closure in found.rows], found.next)


@blueprint.get("/closures/<uuid:closure_id>")
@blueprint.auth_required(token_auth)
@openapi.answers(ClosureAnswer)
def get_closure(closure_id: uuid.UUID) -> dict[str, Any]:
    """One closure."""
    return wire.absence(opening_hours.closure(db.session(), closure_id))


@blueprint.post("/closures")
@blueprint.auth_required(token_auth, roles=DESK)
@blueprint.input(Close, arg_name="wish")
@openapi.answers(ClosureMade, 201, headers=["Location"], refuses=[errors.BookingsInTheWay], lane=True)
def add_closure(wish: Close) -> Response:
    """Close the whole practice for a time; with `force` although bookings are in the way."""
    return submit("close", wish)


@blueprint.patch("/closures/<uuid:closure_id>")
@blueprint.auth_required(token_auth, roles=DESK)
@blueprint.input(ChangeClosure, arg_name="wish")
@openapi.answers(ClosureMade, refuses=[errors.BookingsInTheWay], lane=True)
def change_closure(closure_id: uuid.UUID, wish: ChangeClosure) -> Response:
    """Change a closure; with `force` although bookings are in the way."""
    return submit("change-closure", wish, closure_id)


@blueprint.delete("/closures/<uuid:closure_id>")
@blueprint.auth_required(token_auth, roles=DESK)
@openapi.answers(None, 204, lane=True)
def withdraw_closure(closure_id: uuid.UUID) -> Response:
    """Take a closure back."""
    return submit("reopen", Reopen(), closure_id)
