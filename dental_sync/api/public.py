"""What everybody may see before they sign up, as far as the practice shows it: itself, what is free, its logo.

None of it is about anybody: it is read as a visitor, whom row-level security shows no patient and no appointment.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Any, Self

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field, model_validator

from dental_sync.api import openapi, packed, unchanged
from dental_sync.api.answers import SlotsAnswer
from dental_sync.api.availability import WantedTimes
from dental_sync.core import callers, errors, json_bytes, services
from dental_sync.core.blocking import run_blocking
from dental_sync.core.extensions import db
from dental_sync.core.rate_limits import rate_limits
from dental_sync.core.services import settings
from dental_sync.core.wire_types import Answer, Id, Nothing
from dental_sync.diary.intervals import Interval
from dental_sync.diary.practice_shapes import NewPatients, PublicBooking
from dental_sync.queries import availability, public_times
from dental_sync.queries.availability import Asked
from dental_sync.queries.public_times import AnsweredTimes, SharedTimes
from dental_sync.records import logo, practice, tokens
from dental_sync.sync import log

blueprint = APIBlueprint("public", __name__, tag="Public")

# A minute, of one address: a page asks for one and renews it.
TOKENS_PER_MINUTE = 60
LOGO_SECONDS = 300


class PublicTreatment(Answer):
    """What can be booked, and how long it takes."""

    id: Id
    name: Annotated[str, Field(examples=["Check-up"])]
    duration_minutes: Annotated[int, Field(examples=[30])]


class PublicDentist(Answer):
    """Somebody who can be booked."""

    id: Id
    name: Annotated[str, Field(examples=["Dr. Anna Keller"])]


class PublicPractice(Answer):
    """The practice as it shows itself to everybody."""

    name: Annotated[str, Field(examples=["Smile Street Dental"])]
    time_zone: Annotated[str, Field(examples=["Europe/Berlin"])]
    address: Annotated[str, Field(examples=["Smile Street 1\n10115 Berlin"])] | None
    phone: Annotated[str, Field(examples=["030 5550123"])] | None
    public_booking: PublicBooking
    new_patients: NewPatients
    has_logo: bool
    treatments: list[PublicTreatment]
    dentists: list[PublicDentist]


class VisitorToken(Answer):
    """A token of somebody without an account, and how many seconds it is good for."""

    access_token: str
    expires_in: Annotated[int, Field(examples=[900])]


class PublicWanted(WantedTimes):
    """What those without an account may look for, wholly within `[from, to)`, which may be 7 days long."""

    longest = public_times.LONGEST_RANGE

    @model_validator(mode="after")
    def _names_a_treatment(self) -> Self:
        if not self.treatments():
            raise ValueError("treatmentId or treatmentIds is required")
        return self


@blueprint.before_request
def _only_where_it_is_public() -> None:
    practice.enter_as_visitor(db.session())


@blueprint.get("/public/practice")
@openapi.answers(PublicPractice, refuses=[errors.NotFound])
def public_practice() -> dict[str, Any]:
    """The practice, what it offers to everybody, and who can be booked."""
    found = practice.shown(db.session())
    beside = {
        "has_logo": logo.exists(db.session()),
        "treatments": found.treatments,
        "dentists": found.dentists,
    }
    of_practice = {name: getattr(found.practice, name) for name in PublicPractice.model_fields.keys() - beside.keys()}
    return PublicPractice.model_validate({**of_practice, **beside}).wire()


@blueprint.get("/public/availability")
@blueprint.input(PublicWanted, location="query", arg_name="wanted")
@openapi.answers(
    SlotsAnswer,
    headers=["ETag"],
    takes=["If-None-Match"],
    refuses=[
        errors.NotFound,
        errors.UnknownDentist,
        errors.UnknownTreatment,
        errors.NotOffered,
        errors.InvalidDuration,
    ],
)
@openapi.answers(None, 304, headers=["ETag"])
def public_free_times(wanted: PublicWanted) -> Response:
    """List the times at which a treatment that is shown to everybody can be booked, by start, within a week."""
    held = unchanged.found(None)
    if held is not None:
        return packed.varying(unchanged.not_modified(held))
    # Before the claims are read: what changes in between comes again as an event.
    head = log.head(db.session())
    # Nobody waits for another one with a connection to the database in hand.
    db.session.close()
    asked = Asked(wanted.dentist_id, wanted.treatments())
    within = Interval(wanted.range_from, wanted.range_to)

    def make(at: datetime) -> tuple[AnsweredTimes, datetime]:
        session = db.session()
        public_times.check_public(session, asked.treatment_ids)
        diary, treatment_of = availability.load(session, settings(), within, asked, at=at)
        session.close()

        def compute() -> AnsweredTimes:
            found = availability.slots_of_step(diary, treatment_of, within, None, until=within.end, at=at)
            shown = {"slots": found[0], "position": head.position, "epoch": head.epoch}
            return AnsweredTimes(json_bytes.dumps(shown), len(found[0]), at, found[1])

        answered: AnsweredTimes = run_blocking(compute)
        return answered, answered.until

    key = (head.epoch, head.position, within, asked.dentist_id, asked.treatment_ids)
    answered = services.current(SharedTimes).get(key, make)
    response = packed.respond(lambda: answered.body)
    return unchanged.marked(
        response, unchanged.tag(None, head, answered.listed, since=answered.since, until=answered.until)
    )


@blueprint.post("/public/token")
@blueprint.input(Nothing, arg_name="_wish")
@openapi.answers(VisitorToken, refuses=[errors.NotFound])
def visit(_wish: Nothing) -> dict[str, Any]:
    """Get a token for somebody without an account: with it what is free can be followed, and nothing else."""
    rate_limits().check(TOKENS_PER_MINUTE, "visitor-token", callers.network(request.remote_addr))
    token, seconds = tokens.issue_to_visitor()
    return VisitorToken(access_token=token, expires_in=seconds).wire()


@blueprint.get("/public/logo")
@openapi.answers(None, media_types=logo.MEDIA_TYPES, headers=["ETag"], refuses=[errors.NotFound])
@openapi.answers(None, 304, headers=["ETag"])
def public_logo() -> Response:
    """The practice's logo."""
    found = logo.get(db.session())
    response = Response(found.image, content_type=found.media_type)
    response.set_etag(hashlib.sha256(found.image).hexdigest()[:32])
    response.cache_control.public = True
    response.cache_control.max_age = LOGO_SECONDS
    response.make_conditional(request)
    return response
