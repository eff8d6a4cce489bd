"""Clinical notes about an appointment, for its dentist and admins only."""

from __future__ import annotations

import uuid
from typing import Annotated

from apiflask import APIBlueprint
from flask import Response, jsonify
from pydantic import Field

from dental_sync.api import openapi
from dental_sync.api.conditions import if_match
from dental_sync.api.requests import NOTE_KEEPERS, actor, token_auth
from dental_sync.core import errors
from dental_sync.core.extensions import db
from dental_sync.core.wire_types import Answer, Instant, LongText, Shape
from dental_sync.records import audit, notes

blueprint = APIBlueprint("notes", __name__, tag="Appointments")


class WriteNotes(Shape):
    """The notes as they are to be from now on."""

    notes: LongText


class NotesAnswer(Answer):
    """What was written about an appointment; version 0 and no instant when nothing was."""

    notes: Annotated[str, Field(examples=["Tooth 36 filled."])]
    updated_at: Instant | None
    version: Annotated[int, Field(ge=0, examples=[1])]


@blueprint.get("/appointments/<uuid:appointment_id>/notes")
@blueprint.auth_required(token_auth, roles=NOTE_KEEPERS)
@openapi.answers(NotesAnswer, headers=["ETag"])
def get_notes(appointment_id: uuid.UUID) -> Response:
    """Read the clinical notes."""
    written = notes.read(db.session(), actor(), appointment_id)
    audit.note_read(db.session(), actor(), "read", "notes", appointment_id)
    return _respond(written)


@blueprint.put("/appointments/<uuid:appointment_id>/notes")
@blueprint.auth_required(token_auth, roles=NOTE_KEEPERS)
@blueprint.input(WriteNotes, arg_name="wish")
@openapi.answers(NotesAnswer, headers=["ETag"], refuses=[errors.PatientErased], versioned=True)
def write_notes(appointment_id: uuid.UUID, wish: WriteNotes) -> Response:
    """Replace the clinical notes; with `If-Match`, only what I have read."""
    written = notes.write(db.session(), actor(), appointment_id, wish.notes, if_match=if_match())
    audit.note_and_commit(db.session(), actor(), "change", "notes", appointment_id)
    return _respond(written)


def _respond(written: notes.Notes) -> Response:
    response = jsonify(NotesAnswer.model_validate(written).wire())
    response.headers["ETag"] = written.etag
    response.headers["Cache-Control"] = "no-store"
    return response
