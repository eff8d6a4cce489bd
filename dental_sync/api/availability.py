"""What is free: for patients, staff and the chatbot alike, and never a word about patients."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Self

from apiflask import APIBlueprint
from pydantic import Field, model_validator

from dental_sync.api import openapi
from dental_sync.api.answers import SlotsAnswer
from dental_sync.api.requests import token_auth
from dental_sync.core import errors
from dental_sync.core.blocking import run_blocking
from dental_sync.core.extensions import db
from dental_sync.core.services import settings
from dental_sync.core.wire_types import Id, Instant, Shape
from dental_sync.diary.intervals import Interval
from dental_sync.queries import availability
from dental_sync.sync import log

blueprint = APIBlueprint("availability", __name__, tag="Booking")


class Wanted(Shape):
    """What to look for, wholly within `[from, to)`, which may be 31 days long."""

    range_from: Instant = Field(alias="from")
    range_to: Instant = Field(alias="to")
    treatment_id: Id
    dentist_id: Id | None = None

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.range_to <= self.range_from:
            raise ValueError("to must come after from")
        if self.range_to - self.range_from > availability.LONGEST_RANGE:
            raise ValueError("from and to may be 31 days apart at most")
        return self


@blueprint.get("/availability")
@blueprint.auth_required(token_auth)
@blueprint.input(Wanted, location="query", arg_name="wanted")
@openapi.answers(SlotsAnswer, refuses=[errors.UnknownDentist, errors.UnknownTreatment])
def list_free_times(wanted: Wanted) -> dict[str, Any]:
    """List the times at which a treatment can be booked, by start."""
    session = db.session()
    now = datetime.now(UTC)
    within = Interval(wanted.range_from, wanted.range_to)
    # Before the claims are read: what changes in between comes again as an event.
    head = log.head(session)
    diary, treatment = availability.load(session, settings(), within, wanted.treatment_id, wanted.dentist_id, at=now)
    session.close()
    slots = run_blocking(lambda: [slot.wire() for slot in availability.slots(diary, treatment, within, at=now)])
    return {"slots": slots, "position": head.position, "epoch": head.epoch}
