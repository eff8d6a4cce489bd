"""What is free: for patients, staff and the chatbot, and never a word about patients."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Self

from apiflask import APIBlueprint
from flask import Response
from pydantic import BeforeValidator, Field, model_validator

from dental_sync.api import openapi, packed, pages, unchanged
from dental_sync.api.answers import SlotsAnswer
from dental_sync.api.requests import actor, for_visitors, token_auth
from dental_sync.core import errors, json_bytes
from dental_sync.core.blocking import run_blocking
from dental_sync.core.extensions import db
from dental_sync.core.services import settings
from dental_sync.core.wire_types import Id, Instant, to_count
from dental_sync.diary.intervals import NEVER, Interval
from dental_sync.diary.shapes import MOST_TREATMENTS, NamesTreatments
from dental_sync.queries import availability, public_times
from dental_sync.queries.availability import Asked, Place, SlotWire
from dental_sync.sync import log

blueprint = APIBlueprint("availability", __name__, tag="Booking")


MOST_SLOTS = 500

Minutes = Annotated[int, Field(ge=1, le=720, examples=[20]), BeforeValidator(to_count)]
Few = Annotated[int, Field(ge=1, le=MOST_SLOTS, examples=[3]), BeforeValidator(to_count)]

Ids = Annotated[
    list[Id],
    Field(min_length=1, max_length=MOST_TREATMENTS),
    BeforeValidator(lambda text: text.split(",") if isinstance(text, str) else text, json_schema_input_type=str),
]


class WantedTimes(NamesTreatments):
    """What to look for, wholly within `[from, to)`, which may be so many days long."""

    longest: ClassVar[timedelta] = availability.LONGEST_RANGE

    range_from: Instant = Field(alias="from")
    range_to: Instant = Field(alias="to")
    treatment_ids: Annotated[
        Ids | None, Field(description="Several in one visit, in their order, separated by commas; in place of one.")
    ] = None
    dentist_id: Id | None = None

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.range_to <= self.range_from:
            raise ValueError("to must come after from")
        if self.range_to - self.range_from > self.longest:
            raise ValueError(f"from and to may be {self.longest.days} days apart at most")
        return self


class Wanted(WantedTimes):
    """The same, a few at a time, and for staff with another length."""

    duration_minutes: Annotated[
        Minutes | None, Field(description="Staff only: how long it is to be, with a treatment or without one.")
    ] = None
    limit: Annotated[Few | None, Field(description="How many at most; all where nothing is said.")] = None
    after: Annotated[pages.Cursor | None, Field(description="The `next` of the answer before.")] = None


@blueprint.get("/availability")
@for_visitors
@blueprint.auth_required(token_auth)
@blueprint.input(Wanted, location="query", arg_name="wanted")
@openapi.answers(
    SlotsAnswer,
    headers=["ETag", "Link"],
    takes=["If-None-Match"],
    refuses=[
        errors.Forbidden,
        errors.UnknownDentist,
        errors.UnknownTreatment,
        errors.NotOffered,
        errors.InvalidDuration,
    ],
)
@openapi.answers(None, 304, headers=["ETag"])
def list_free_times(wanted: Wanted) -> Response:
    """List the times at which a treatment can be booked, by start; with `limit` the first of them.

    Later pages have the position of the first one.
    """
    session = db.session()
    if not wanted.treatments() and wanted.duration_minutes is None:
        missing: errors.FieldError = {"pointer": "/treatmentId", "detail": "is required, or of staff durationMinutes"}
        raise errors.ValidationFailed(errors=[missing])
    if wanted.duration_minutes is not None and not actor().is_staff:
        raise errors.Forbidden("How long a time is to be is for the practice to say.")
    if actor().is_visitor:
        _check_visitor(wanted)
    place = availability.place(wanted.after)
    held = unchanged.found(actor())
    if held is not None:
        return packed.varying(unchanged.not_modified(held))
    now = datetime.now(UTC)
    # Before the claims are read: what changes in between comes again as an event.
    head = log.head(session)
    followed = head if place is None else place
    found: list[SlotWire] = []
    until = NEVER
    within = Interval(wanted.range_from, wanted.range_to)
    for step in availability.steps(within, place, few=wanted.limit is not None):
        of_step, good_until = _slots_of_step(wanted, step, place, at=now)
        found += of_step
        until = min(until, good_until)
        if wanted.limit is not None and len(found) > wanted.limit:
            break
    shown = found[: wanted.limit]
    members: dict[str, Any] = {"slots": shown, "position": followed.position, "epoch": followed.epoch}
    cursor = None
    if len(shown) < len(found):
        cursor = availability.cursor(shown[-1], position=followed.position, epoch=followed.epoch)
        members["next"] = cursor
    response = packed.respond(lambda: json_bytes.dumps(members))
    tag = unchanged.tag(actor(), head, len(shown), since=now, until=until)
    return unchanged.marked(pages.linked(response, cursor), tag)


def _check_visitor(wanted: Wanted) -> None:
    """Raise ValidationFailed or UnknownTreatment for what those without an account are not told here either."""
    if wanted.range_to - wanted.range_from > public_times.LONGEST_RANGE:
        too_long: errors.FieldError = {"pointer": "/to", "detail": "may be 7 days after from for who has no account"}
        raise errors.ValidationFailed(errors=[too_long])
    public_times.check_public(db.session(), wanted.treatments())


def _slots_of_step(
    wanted: Wanted, step: Interval, place: Place | None, *, at: datetime
) -> tuple[list[SlotWire], datetime]:
    """What is free in one range of starts, and until when; nobody computes with a connection in hand."""
    session, until = db.session(), wanted.range_to
    keeps_diary = actor().sees_everything
    if wanted.dentist_id is not None:
        keeps_diary = actor().keeps_diary_of(wanted.dentist_id)
    minutes = wanted.duration_minutes
    asked = Asked(
        wanted.dentist_id,
        wanted.treatments(),
        None if minutes is None else timedelta(minutes=minutes),
        notice_binds=not keeps_diary,
    )
    diary, treatment_of = availability.load(session, settings(), step, asked, at=at, until=until)
    session.close()
    return run_blocking(lambda: availability.slots_of_step(diary, treatment_of, step, place, until=until, at=at))
