"""Calendar feeds: an account makes the address of its own, and a calendar program reads it without signing in."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field

from dental_sync.api import openapi
from dental_sync.api.requests import CALENDAR_OWNERS, actor, token_auth
from dental_sync.core import errors
from dental_sync.core.blocking import run_blocking
from dental_sync.core.extensions import db
from dental_sync.core.rate_limits import rate_limits
from dental_sync.core.wire_types import Answer, Instant, Nothing
from dental_sync.monitoring.request_log import line_of
from dental_sync.queries import appointments
from dental_sync.records import audit, calendar_feeds, calendar_text, practice

blueprint = APIBlueprint("calendar_feeds", __name__, tag="Accounts")

# Of one feed; a calendar program looks every few minutes, and somebody has a few of them.
READS_PER_MINUTE = 30


class CalendarAddress(Answer):
    """Where the feed is read, shown this once; `url` is null where `PUBLIC_URL` is not set."""

    path: Annotated[str, Field(examples=["/api/calendar/3q2-7wXyMZ0Rkq8m0nB1vG5hJtS6uPfLd4cEaQo9iTk.ics"])]
    url: Annotated[
        str | None,
        Field(examples=["https://practice.example/api/calendar/3q2-7wXyMZ0Rkq8m0nB1vG5hJtS6uPfLd4cEaQo9iTk.ics"]),
    ]
    created_at: Instant


class CalendarFeedAnswer(Answer):
    """Since when the feed has its address, absent where there is none, and when it was read, to the hour."""

    created_at: Instant | None = None
    read_at: Instant | None = None


@blueprint.post("/auth/me/calendar")
@blueprint.auth_required(token_auth, roles=CALENDAR_OWNERS)
@blueprint.input(Nothing, arg_name="_wish")
@openapi.answers(CalendarAddress, 201)
def renew_calendar(_wish: Nothing) -> tuple[dict[str, Any], int]:
    """Make my calendar feed, or give it another address: the last one is not found any more."""
    made = calendar_feeds.renew(db.session(), actor())
    audit.note_and_commit(db.session(), actor(), "make-calendar", "user", actor().user_id)
    return CalendarAddress.model_validate(made).wire(), 201


@blueprint.get("/auth/me/calendar")
@blueprint.auth_required(token_auth, roles=CALENDAR_OWNERS)
@openapi.answers(CalendarFeedAnswer)
def get_calendar() -> dict[str, Any]:
    """Since when I have a calendar feed, if I have one, and when it was read."""
    found = calendar_feeds.find(db.session(), actor())
    if found is None:
        return CalendarFeedAnswer().wire()
    return CalendarFeedAnswer(created_at=found.created_at, read_at=found.noted_at).wire()


@blueprint.delete("/auth/me/calendar")
@blueprint.auth_required(token_auth, roles=CALENDAR_OWNERS)
@openapi.answers(None, 204, refuses=[errors.NotFound])
def end_calendar() -> tuple[str, int]:
    """End my calendar feed: its address is not found any more."""
    calendar_feeds.end(db.session(), actor())
    audit.note_and_commit(db.session(), actor(), "end-calendar", "user", actor().user_id)
    return "", 204


@blueprint.get("/calendar/<secret>.ics")
@openapi.answers(None, media_types=[calendar_text.MEDIA_TYPE], headers=["ETag"])
@openapi.answers(None, 304, headers=["ETag"])
def read_calendar(secret: str) -> Response:
    """Read the appointments of a calendar feed, as its account may see them now.

    From 90 days ago to 400 days ahead, and of more than 1,000 those that are nearest to now. A patient's have no names
    and no treatments, those of the practice the patients' initials.
    """
    session = db.session()
    reader = calendar_feeds.read_as(session, secret)
    line_of(request).account_id = str(reader.user_id)
    rate_limits().check(READS_PER_MINUTE, "calendar", str(reader.user_id))
    shown = appointments.around(session, reader, datetime.now(UTC))
    rules = practice.rules(session)
    name, language = rules.name, calendar_text.language_of(rules.country)
    if shown and calendar_feeds.is_to_be_noted(session, reader):
        audit.note_read(session, reader, "read-calendar", "appointment", [row["id"] for row in shown])
    # No connection is held while the text is made.
    session.commit()
    text = run_blocking(calendar_text.calendar, shown, name, language, reader.is_patient)
    response = Response(text, content_type=f"{calendar_text.MEDIA_TYPE}; charset=utf-8")
    response.set_etag(hashlib.sha256(text).hexdigest()[:32])
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
