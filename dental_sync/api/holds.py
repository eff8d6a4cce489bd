"""Holds: a time that is kept for an account before it books."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from apiflask import APIBlueprint
from flask import Response

from dental_sync.api import openapi, pages
from dental_sync.api.answers import REFUSED_PATIENTS, REFUSED_TIMES, HoldAnswer
from dental_sync.api.requests import PEOPLE, actor, token_auth
from dental_sync.api.writes import submit
from dental_sync.core import errors
from dental_sync.core.extensions import db
from dental_sync.core.wire_types import Id, Nothing
from dental_sync.diary import shapes, wire
from dental_sync.queries import holds

blueprint = APIBlueprint("holds", __name__, tag="Booking")


class Listing(pages.Overlapping):
    """Which holds to list: those that overlap `[from, to)`, of one dentist."""

    dentist_id: Id | None = None


@blueprint.get("/holds")
@blueprint.auth_required(token_auth, roles=PEOPLE)
@blueprint.input(Listing, location="query", arg_name="wanted")
@openapi.answers(pages.PageOf[HoldAnswer])
def list_holds(wanted: Listing) -> Response:
    """List the holds that have not expired and that I may see, by start: my own, and as a dentist those in my diary."""
    filters = holds.Filter(
        overlaps_from=wanted.overlaps_from, overlaps_to=wanted.overlaps_to, dentist_id=wanted.dentist_id
    )
    found = holds.page(db.session(), actor(), filters, at=datetime.now(UTC), after=wanted.after, limit=wanted.limit)
    return pages.respond([wire.hold(hold) for hold in found.rows], found.next)


@blueprint.post("/holds")
@blueprint.auth_required(token_auth, roles=PEOPLE)
@blueprint.input(shapes.HoldTime, arg_name="wish")
@openapi.answers(
    HoldAnswer,
    201,
    headers=["Location"],
    refuses=[*REFUSED_PATIENTS, *REFUSED_TIMES, errors.TooManyHolds],
    lane=True,
)
def hold(wish: shapes.HoldTime) -> Response:
    """Keep a time for a few minutes; to others it is busy."""
    return submit("hold", wish)


@blueprint.delete("/holds/<uuid:hold_id>")
@blueprint.auth_required(token_auth, roles=PEOPLE)
@openapi.answers(None, 204, lane=True)
def release(hold_id: uuid.UUID) -> Response:
    """Let a held time go."""
    return submit("release", Nothing(), hold_id)
