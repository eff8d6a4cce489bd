"""Whom and what can be booked: dentists and treatments."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from apiflask import APIBlueprint
from flask import Response
from sqlalchemy import select, tuple_

from dental_sync import errors
from dental_sync.api import pages
from dental_sync.api.requests import token_auth
from dental_sync.diary_store import weekly_window
from dental_sync.extensions import db
from dental_sync.models import Dentist, Treatment, WorkingHours
from dental_sync.timetable import dentist_wire
from dental_sync.wire import to_uuid

blueprint = APIBlueprint("dentists", __name__, tag="Practice")


@blueprint.get("/dentists")
@blueprint.auth_required(token_auth)
@blueprint.input(pages.Page, location="query", arg_name="page")
def list_dentists(page: pages.Page) -> Response:
    """List the dentists with their weekly hours, by name."""
    found, after = _by_name(Dentist, page)
    return pages.respond(_dentists(found), after)


@blueprint.get("/dentists/<uuid:dentist_id>")
@blueprint.auth_required(token_auth)
def get_dentist(dentist_id: uuid.UUID) -> dict[str, Any]:
    """One dentist."""
    dentist = db.session.get(Dentist, dentist_id)
    if dentist is None:
        raise errors.NotFound
    return _dentists([dentist])[0]


@blueprint.get("/treatments")
@blueprint.auth_required(token_auth)
@blueprint.input(pages.Page, location="query", arg_name="page")
def list_treatments(page: pages.Page) -> Response:
    """List what can be booked, by name."""
    found, after = _by_name(Treatment, page)
    return pages.respond([_treatment(treatment) for treatment in found], after)


def _by_name(table: Any, page: pages.Page) -> tuple[list[Any], list[str] | None]:
    query = select(table).order_by(table.name, table.id).limit(page.limit + 1)
    if table is Treatment:
        query = query.where(Treatment.active)
    if page.after is not None:
        name, record_id = pages.decode(page.after, 2)
        try:
            query = query.where(tuple_(table.name, table.id) > tuple_(name, to_uuid(record_id)))
        except ValueError:
            raise pages.invalid_cursor() from None
    found = list(db.session.scalars(query))
    shown = found[: page.limit]
    return shown, [shown[-1].name, str(shown[-1].id)] if len(found) > page.limit else None


def _dentists(dentists: Sequence[Dentist]) -> list[dict[str, Any]]:
    hours = defaultdict(list)
    query = select(WorkingHours).where(WorkingHours.dentist_id.in_([dentist.id for dentist in dentists]))
    for row in db.session.scalars(query):
        hours[row.dentist_id].append(weekly_window(row))
    return [
        dentist_wire(dentist.id, dentist.name, dentist.time_zone, hours[dentist.id], active=dentist.active)
        for dentist in dentists
    ]


def _treatment(treatment: Treatment) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": str(treatment.id),
        "name": treatment.name,
        "durationMinutes": treatment.duration_minutes,
        "bufferBeforeMinutes": treatment.buffer_before_minutes,
        "bufferAfterMinutes": treatment.buffer_after_minutes,
        "requiresApproval": treatment.requires_approval,
    }
    if treatment.chair_kind is not None:
        shown["chairKind"] = treatment.chair_kind
    return shown
