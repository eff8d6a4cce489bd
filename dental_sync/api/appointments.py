"""Booking: make, list, read, change, cancel and strike out appointments."""

from __future__ import annotations

import uuid

from apiflask import APIBlueprint
from flask import Response, jsonify
from pydantic import field_validator

from dental_sync.api import openapi, pages, unchanged
from dental_sync.api.answers import (
    REFUSED_CHANGES,
    REFUSED_HELP,
    REFUSED_HOLDS,
    REFUSED_PATIENTS,
    REFUSED_TIMES,
    AppointmentPage,
    ChangedAnswer,
    HandedOverAnswer,
    SeriesAnswer,
)
from dental_sync.api.requests import DESK, PEOPLE, STAFF, WATCHERS, actor, token_auth
from dental_sync.api.writes import submit
from dental_sync.core import errors, preconditions
from dental_sync.core.extensions import db
from dental_sync.core.wire_types import Flag, Id, Nothing, Word
from dental_sync.diary import shapes, transitions
from dental_sync.diary.several_shapes import HandOver, Series
from dental_sync.diary.transitions import STATUSES
from dental_sync.queries import appointments
from dental_sync.records import audit
from dental_sync.sync import events, log
from dental_sync.sync.shapes import AppointmentAnswer

blueprint = APIBlueprint("appointments", __name__, tag="Appointments")


class Listing(pages.Overlapping):
    """Which appointments to list: those that overlap `[from, to)`; several statuses are separated by commas."""

    status: Word | None = None
    dentist_id: Id | None = None
    patient_id: Id | None = None
    chair_id: Id | None = None
    assistant_id: Id | None = None
    series_id: Id | None = None
    overbooked: Flag | None = None

    @field_validator("status")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and not set(value.split(",")) <= STATUSES:
            raise ValueError("must be one or more of " + ", ".join(sorted(STATUSES)))
        return value


@blueprint.post("/appointments")
@blueprint.auth_required(token_auth, roles=PEOPLE)
@blueprint.input(shapes.Book, arg_name="wish")
@openapi.answers(
    AppointmentAnswer,
    201,
    headers=["ETag", "Location"],
    refuses=[*REFUSED_PATIENTS, *REFUSED_TIMES, *REFUSED_HOLDS, *REFUSED_HELP],
    lane=True,
)
def book(wish: shapes.Book) -> Response:
    """Book a time."""
    return submit("book", wish)


@blueprint.post("/appointments/series")
@blueprint.auth_required(token_auth, roles=PEOPLE)
@blueprint.input(Series, arg_name="wish")
@openapi.answers(SeriesAnswer, 201, refuses=[*REFUSED_PATIENTS, *REFUSED_TIMES, *REFUSED_HELP], lane=True)
def book_series(wish: Series) -> Response:
    """Book the same again and again: those times that can be had, or all of them or none."""
    return submit("book-series", wish)


@blueprint.post("/dentists/<uuid:dentist_id>/hand-over")
@blueprint.auth_required(token_auth, roles=STAFF)
@blueprint.input(HandOver, arg_name="wish")
@openapi.answers(HandedOverAnswer, refuses=[errors.UnknownDentist], lane=True)
def hand_over(dentist_id: uuid.UUID, wish: HandOver) -> Response:
    """Give a dentist's appointments of some time to a colleague, each at its own time."""
    return submit("hand-over", wish, dentist_id)


@blueprint.get("/appointments")
@blueprint.auth_required(token_auth, roles=WATCHERS)
@blueprint.input(Listing, location="query", arg_name="wanted")
@openapi.answers(AppointmentPage, headers=["ETag"], takes=["If-None-Match"])
@openapi.answers(None, 304, headers=["ETag"])
def list_appointments(wanted: Listing) -> Response:
    """List the appointments that I may see, with the position to follow the log from."""
    session = db.session()
    held = unchanged.found(actor())
    if held is not None:
        if held.listed:
            audit.note_read(session, actor(), "list", "appointment", None, details={"etag": held.text})
        return unchanged.not_modified(held)
    # Before the rows: what changes in between comes again as an event, and its version tells.
    head = log.head(session)
    follow_from = appointments.followed_from(wanted.after) or (head.position, head.epoch)
    found = appointments.page(
        session,
        actor(),
        appointments.Filter(
            overlaps_from=wanted.overlaps_from,
            overlaps_to=wanted.overlaps_to,
            statuses=wanted.status.split(",") if wanted.status is not None else None,
            dentist_id=wanted.dentist_id,
            patient_id=wanted.patient_id,
            chair_id=wanted.chair_id,
            assistant_id=wanted.assistant_id,
            series_id=wanted.series_id,
            overbooked=wanted.overbooked,
        ),
        after=wanted.after,
        limit=wanted.limit,
        follow_from=follow_from,
    )
    items = [events.appointment(row) for row in found.rows]
    position, epoch = follow_from
    response = pages.respond(items, found.next, position=position, epoch=epoch)
    tag = unchanged.tag(actor(), head, len(items))
    audit.note_read(
        session, actor(), "list", "appointment", [row["id"] for row in found.rows], details={"etag": tag.text}
    )
    return unchanged.marked(response, tag)


@blueprint.get("/appointments/<uuid:appointment_id>")
@blueprint.auth_required(token_auth, roles=WATCHERS)
@openapi.answers(AppointmentAnswer, headers=["ETag"])
def get_appointment(appointment_id: uuid.UUID) -> Response:
    """One appointment."""
    row = appointments.get(db.session(), actor(), appointment_id)
    if row is None:
        raise errors.NotFound
    audit.note_read(db.session(), actor(), "read", "appointment", appointment_id)
    response = jsonify(events.appointment(row))
    response.headers["ETag"] = preconditions.etag(row["version"])
    return response


@blueprint.patch("/appointments/<uuid:appointment_id>")
@blueprint.auth_required(token_auth, roles=PEOPLE)
@blueprint.input(shapes.Reschedule, arg_name="wish")
@openapi.answers(
    ChangedAnswer,
    headers=["ETag"],
    refuses=[*REFUSED_TIMES, *REFUSED_CHANGES, *REFUSED_HELP],
    lane=True,
    versioned=True,
)
def reschedule(appointment_id: uuid.UUID, wish: shapes.Reschedule) -> Response:
    """Change the time, the dentist, the treatment, the chair, the assistant or the reason."""
    return submit("reschedule" if wish.scope == "this" else "reschedule-following", wish, appointment_id)


@blueprint.post("/appointments/<uuid:appointment_id>/cancel")
@blueprint.auth_required(token_auth, roles=PEOPLE)
@blueprint.input(shapes.Cancel, arg_name="wish")
@openapi.answers(ChangedAnswer, headers=["ETag"], refuses=REFUSED_CHANGES, lane=True, versioned=True)
def cancel(appointment_id: uuid.UUID, wish: shapes.Cancel) -> Response:
    """Cancel; the time is free at once."""
    return submit("cancel" if wish.scope == "this" else "cancel-following", wish, appointment_id)


def _refusals_of(move: transitions.Move) -> list[type[errors.Refusal]]:
    """A move that takes a time again may find it taken."""
    taken = [errors.SlotTaken, errors.PatientDoubleBooked] if move.retakes_time else []
    return [errors.IllegalTransition, *taken]


def _step_door(move: transitions.Move) -> None:
    """One door for each move that only changes the status or the confirmation."""

    @blueprint.post(f"/appointments/<uuid:appointment_id>/{move.name}", endpoint=move.name)
    @blueprint.auth_required(token_auth, roles=sorted(move.roles))
    @blueprint.input(Nothing, arg_name="wish")
    @openapi.answers(AppointmentAnswer, headers=["ETag"], refuses=_refusals_of(move), lane=True, versioned=True)
    @openapi.named(move.name.replace("-", "_"), move.summary)
    def step(appointment_id: uuid.UUID, wish: Nothing) -> Response:
        return submit(move.name, wish, appointment_id)


for _move in transitions.STEP_MOVES:
    _step_door(_move)


@blueprint.post("/appointments/<uuid:appointment_id>/undo")
@blueprint.auth_required(token_auth, roles=PEOPLE)
@blueprint.input(Nothing, arg_name="wish")
@openapi.answers(
    AppointmentAnswer,
    headers=["ETag"],
    refuses=[errors.NothingToUndo, errors.TooManyBookings, errors.SlotTaken, errors.PatientDoubleBooked],
    lane=True,
    versioned=True,
)
def undo(appointment_id: uuid.UUID, wish: Nothing) -> Response:
    """Take the last move back, one step: a booking is cancelled, what was deleted is there again."""
    return submit("undo", wish, appointment_id)


@blueprint.delete("/appointments/<uuid:appointment_id>")
@blueprint.auth_required(token_auth, roles=DESK)
@openapi.answers(None, 204, lane=True, versioned=True)
def delete_appointment(appointment_id: uuid.UUID) -> Response:
    """Strike out what was entered in error."""
    return submit("delete", Nothing(), appointment_id)
