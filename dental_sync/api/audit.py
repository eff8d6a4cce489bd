"""Who did and who read what, for admins."""

from __future__ import annotations

from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from dental_sync.api import openapi, pages
from dental_sync.api.requests import ADMINS, actor, token_auth
from dental_sync.core.extensions import db
from dental_sync.core.wire_types import Answer, Id, Instant, Word
from dental_sync.records import audit

blueprint = APIBlueprint("audit", __name__, tag="Audit")


class Listing(pages.Page):
    """Which entries: of an account, about a record, of one action, in `[from, to)`."""

    actor_id: Id | None = None
    record_id: Id | None = None
    action: Word | None = None
    noted_from: Instant | None = Field(None, alias="from")
    noted_to: Instant | None = Field(None, alias="to")


class RecordAnswer(Answer):
    """What it was about: one record, or those of the page that was read."""

    kind: Annotated[str, Field(examples=["appointment"])]
    id: Id | None = None
    ids: list[Id] | None = None


class EntryAnswer(Answer):
    """Who did or read what; without an account for a change by plain SQL."""

    id: Annotated[str, Field(examples=["4711"])]
    at: Instant
    actor_id: Id | None
    actor_name: Annotated[str | None, Field(examples=["Mia Schmidt"])]
    actor_role: str | None
    action: Annotated[str, Field(examples=["book"])]
    record: RecordAnswer
    request_id: str | None
    caller_request_id: str | None
    address: Annotated[str, Field(examples=["203.0.113.7"])] | None = None
    user_agent: Annotated[str, Field(examples=["Mozilla/5.0"])] | None = None
    details: dict[str, Any] | None = None


@blueprint.get("/audit")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(Listing, location="query", arg_name="wanted")
@openapi.answers(pages.PageOf[EntryAnswer])
def list_entries(wanted: Listing) -> Response:
    """List the audit trail, the newest first."""
    found = audit.page(
        db.session(),
        audit.Filter(
            actor_id=wanted.actor_id,
            record_id=wanted.record_id,
            action=wanted.action,
            since=wanted.noted_from,
            until=wanted.noted_to,
        ),
        after=wanted.after,
        limit=wanted.limit,
    )
    called = audit.names(db.session(), found.rows)
    # After the look, which would otherwise show itself.
    sought = wanted.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"limit", "after"})
    audit.note_read(db.session(), actor(), "list", "audit", None, details=sought or None)
    return pages.respond([audit.wire(entry, called) for entry in found.rows], found.next)
