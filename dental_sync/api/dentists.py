"""Whom can be booked: dentists, and when they work."""

from __future__ import annotations

import uuid
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from dental_sync.api import openapi, pages
from dental_sync.api.answers import DentistAnswer
from dental_sync.api.requests import token_auth
from dental_sync.core.extensions import db
from dental_sync.core.roles import Profession
from dental_sync.diary import wire
from dental_sync.queries import opening_hours

blueprint = APIBlueprint("dentists", __name__, tag="Practice")


class Listing(pages.Page):
    """Which of them: all who can be booked, or those of one profession."""

    profession: Profession | None = None


@blueprint.get("/dentists")
@blueprint.auth_required(token_auth)
@blueprint.input(Listing, location="query", arg_name="wanted")
@openapi.answers(pages.PageOf[DentistAnswer])
def list_dentists(wanted: Listing) -> Response:
    """List who can be booked, with their weekly hours, by name; those who assist only where they are asked for."""
    found = opening_hours.dentists(db.session(), **wanted.model_dump())
    return pages.respond([wire.dentist(dentist) for dentist in found.rows], found.next)


@blueprint.get("/dentists/<uuid:dentist_id>")
@blueprint.auth_required(token_auth)
@openapi.answers(DentistAnswer)
def get_dentist(dentist_id: uuid.UUID) -> dict[str, Any]:
    """One dentist."""
    return wire.dentist(opening_hours.dentist(db.session(), dentist_id))
