"""Whom can be booked: dentists, and when they work."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from apiflask import APIBlueprint
from flask import Response
from sqlalchemy import select, tuple_

from dental_sync.api import openapi, pages
from dental_sync.api.answers import DentistAnswer
from dental_sync.api.requests import token_auth
from dental_sync.core import errors
from dental_sync.core.extensions import db
from dental_sync.diary import wire
from dental_sync.diary.model import DentistHours
from dental_sync.queries.rows import weekly_window
from dental_sync.storage.models import Dentist, WorkingHours

blueprint = APIBlueprint("dentists", __name__, tag="Practice")


@blueprint.get("/dentists")
@blueprint.auth_required(token_auth)
@blueprint.input(pages.Page, location="query", arg_name="page")
@openapi.answers(pages.PageOf[DentistAnswer])
def list_dentists(page: pages.Page) -> Response:
    """List the dentists with their weekly hours, by name."""
    query = select(Dentist).order_by(Dentist.name, Dentist.id).limit(page.limit + 1)
    after = pages.name_and_id(page)
    if after is not None:
        query = query.where(tuple_(Dentist.name, Dentist.id) > tuple_(*after))
    found = list(db.session.scalars(query))
    shown = {dentist["id"]: dentist for dentist in _dentists(found)}
    return pages.by_name(found, page, lambda dentist: shown[str(dentist.id)])


@blueprint.get("/dentists/<uuid:dentist_id>")
@blueprint.auth_required(token_auth)
@openapi.answers(DentistAnswer)
def get_dentist(dentist_id: uuid.UUID) -> dict[str, Any]:
    """One dentist."""
    dentist = db.session.get(Dentist, dentist_id)
    if dentist is None:
        raise errors.NotFound
    return _dentists([dentist])[0]


def _dentists(dentists: Sequence[Dentist]) -> list[dict[str, Any]]:
    hours = defaultdict(list)
    query = select(WorkingHours).where(WorkingHours.dentist_id.in_([dentist.id for dentist in dentists]))
    for row in db.session.scalars(query):
        hours[row.dentist_id].append(weekly_window(row))
    return [
        wire.dentist(
            DentistHours(dentist.id, dentist.name, ZoneInfo(dentist.time_zone), hours[dentist.id], dentist.active)
        )
        for dentist in dentists
    ]
