"""The chairs: which there are, and when one is away. Everybody reads which there are and admins write; when one is away
is for the front desk."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from dental_sync.api import openapi, pages
from dental_sync.api.answers import StrandedBookings
from dental_sync.api.practice import Listing, for_reader
from dental_sync.api.requests import ADMINS, DESK, actor, token_auth
from dental_sync.api.writes import submit
from dental_sync.core import errors
from dental_sync.core.extensions import db
from dental_sync.core.wire_types import Answer, Flag, Id, Instant, Name, Shape
from dental_sync.diary import wire
from dental_sync.diary.chair_shapes import BringChairBack, ChairChanges, NewChair, TakeChairAway, WithdrawChair
from dental_sync.queries import chairs
from dental_sync.records import practice

blueprint = APIBlueprint("chairs", __name__, tag="Practice")


class ChairListing(Listing):
    """Which chairs to list: those of a kind, and for admins those that are used or are not."""

    kind: Annotated[Name | None, Field(description="Chairs of this kind alone.")] = None
    active: Annotated[Flag | None, Field(description="True: those that are used; false, for admins: the others.")] = (
        None
    )


class Forced(Shape):
    """How a chair is withdrawn."""

    force: Annotated[Flag, Field(description="Do it although bookings are in the way.")] = False


class ChairAnswer(Answer):
    """A place to treat in; `active` is there for admins."""

    id: Id
    name: Annotated[str, Field(examples=["Room 1"])]
    kind: Annotated[str, Field(examples=["surgery"])]
    active: bool | None = None


class ChairChanged(ChairAnswer, StrandedBookings):
    """The chair as changed, and the bookings that are stranded now."""


class ChairTimeOffAnswer(Answer):
    """When a chair is away."""

    id: Id
    chair_id: Id
    starts_at: Instant
    ends_at: Annotated[Instant, Field(examples=["2030-01-14T09:00:00.000Z"])]
    reason: str | None


class ChairTimeOffTaken(ChairTimeOffAnswer, StrandedBookings):
    """When a chair is away, and the bookings that are stranded now."""


@blueprint.get("/chairs")
@blueprint.auth_required(token_auth)
@blueprint.input(ChairListing, location="query", arg_name="wanted")
@openapi.answers(pages.PageOf[ChairAnswer], refuses=[errors.Forbidden])
def list_chairs(wanted: ChairListing) -> Response:
    """List the chairs, by name."""
    if (wanted.include_inactive or wanted.active is False) and not actor().administers:
        raise errors.Forbidden
    active = wanted.active
    if active is None and not wanted.include_inactive:
        active = True
    conditions = {"active": active, "kind": wanted.kind}
    found = practice.CHAIRS.page(
        db.session(),
        after=wanted.after,
        limit=wanted.limit,
        **{name: value for name, value in conditions.items() if value is not None},
    )
    return pages.respond([for_reader(ChairAnswer.model_validate(chair)) for chair in found.rows], found.next)


@blueprint.post("/chairs")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(NewChair, arg_name="wish")
@openapi.answers(ChairAnswer, 201, headers=["Location"], lane=True)
def add_chair(wish: NewChair) -> Response:
    """Put up a chair."""
    return submit("add-chair", wish)


@blueprint.get("/chairs/<uuid:chair_id>")
@blueprint.auth_required(token_auth)
@openapi.answers(ChairAnswer)
def get_chair(chair_id: uuid.UUID) -> dict[str, Any]:
    """One chair, also when it is no longer used."""
    return for_reader(ChairAnswer.model_validate(practice.CHAIRS.get(db.session(), chair_id)))


@blueprint.patch("/chairs/<uuid:chair_id>")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(ChairChanges, arg_name="wish")
@openapi.answers(ChairChanged, refuses=[errors.BookingsInTheWay], lane=True)
def change_chair(chair_id: uuid.UUID, wish: ChairChanges) -> Response:
    """Change a chair; with `force` although bookings are in the way, which keep it."""
    return submit("change-chair", wish, chair_id)


@blueprint.delete("/chairs/<uuid:chair_id>")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(Forced, location="query", arg_name="wanted")
@openapi.answers(None, 204, refuses=[errors.BookingsInTheWay], lane=True)
def withdraw_chair(chair_id: uuid.UUID, wanted: Forced) -> Response:
    """Use a chair no longer; with `force` although bookings are in the way, which keep it."""
    return submit("withdraw-chair", WithdrawChair(force=wanted.force), chair_id)


@blueprint.get("/chairs/<uuid:chair_id>/time-off")
@blueprint.auth_required(token_auth, roles=DESK)
@blueprint.input(pages.Overlapping, location="query", arg_name="wanted")
@openapi.answers(pages.PageOf[ChairTimeOffAnswer])
def list_chair_time_off(chair_id: uuid.UUID, wanted: pages.Overlapping) -> Response:
    """List when a chair is away, by start, as far as it overlaps `[from, to)`; for the front desk."""
    found = chairs.time_off(db.session(), chair_id, **wanted.model_dump())
    return pages.respond([wire.chair_absence(time_off) for time_off in found.rows], found.next)


@blueprint.post("/chairs/<uuid:chair_id>/time-off")
@blueprint.auth_required(token_auth, roles=DESK)
@blueprint.input(TakeChairAway, arg_name="wish")
@openapi.answers(ChairTimeOffTaken, 201, headers=["Location"], refuses=[errors.BookingsInTheWay], lane=True)
def take_chair_away(chair_id: uuid.UUID, wish: TakeChairAway) -> Response:
    """Enter when a chair is away; with `force` although bookings are in the way, which keep it."""
    return submit("take-chair-away", wish, chair_id)


@blueprint.delete("/chairs/<uuid:chair_id>/time-off/<uuid:time_off_id>")
@blueprint.auth_required(token_auth, roles=DESK)
@openapi.answers(None, 204, lane=True)
def bring_chair_back(chair_id: uuid.UUID, time_off_id: uuid.UUID) -> Response:
    """Let a chair be there after all."""
    # As a dentist's: whether it is there is for the lane to say.
    return submit("bring-chair-back", BringChairBack.model_validate({"chairId": chair_id}), time_off_id)
