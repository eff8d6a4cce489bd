"""What happened to an appointment, for the staff who may see it."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from dental_sync.api import openapi, pages
from dental_sync.api.requests import STAFF, actor, token_auth
from dental_sync.core.extensions import db
from dental_sync.core.wire_types import Answer, Id, Instant
from dental_sync.records import audit
from dental_sync.writes import history

blueprint = APIBlueprint("history", __name__, tag="Appointments")


class HistoryAnswer(Answer):
    """Who did what, when, and what they asked for; without an account for a change by plain SQL."""

    at: Instant
    action: Annotated[str, Field(examples=["reschedule"])]
    actor_id: Id | None
    actor_name: Annotated[str | None, Field(examples=["Mia Schmidt"])]
    actor_role: str | None
    changes: dict[str, Any] | None = None


@blueprint.get("/appointments/<uuid:appointment_id>/history")
@blueprint.auth_required(token_auth, roles=STAFF)
@blueprint.input(pages.Page, location="query", arg_name="wanted")
@openapi.answers(pages.PageOf[HistoryAnswer])
def get_history(appointment_id: uuid.UUID, wanted: pages.Page) -> Response:
    """Who did what to an appointment, the oldest first.

    `changes` has what was asked for, by the names of the appointment's members.
    """
    found = history.page(db.session(), actor(), appointment_id, after=wanted.after, limit=wanted.limit)
    audit.note_read(db.session(), actor(), "read", "history", appointment_id)
    return pages.respond([HistoryAnswer.model_validate(entry).wire() for entry in found.rows], found.next)
