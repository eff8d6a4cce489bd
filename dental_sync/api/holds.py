"""Holds: a time that is kept for an account before it books."""

from __future__ import annotations

import uuid

from apiflask import APIBlueprint
from flask import Response

from dental_sync.api import openapi
from dental_sync.api.answers import REFUSED_PATIENTS, REFUSED_TIMES, HoldAnswer
from dental_sync.api.requests import PEOPLE, token_auth
from dental_sync.api.writes import submit
from dental_sync.core import errors
from dental_sync.core.wire_types import Nothing
from dental_sync.diary import shapes

blueprint = APIBlueprint("holds", __name__, tag="Booking")


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
