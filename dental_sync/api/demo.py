"""What only a demo practice answers: the mails that nobody's mail server has taken."""

from __future__ import annotations

from typing import Annotated, Any

from apiflask import APIBlueprint
from pydantic import Field

from dental_sync.api import openapi, pages
from dental_sync.core import errors
from dental_sync.core.services import settings
from dental_sync.core.wire_types import Answer, Email, Instant, Shape
from dental_sync.mail import reading
from dental_sync.mail.senders import folder_of

blueprint = APIBlueprint("demo", __name__, tag="Demo")


class Wanted(Shape):
    """To whom, all where nothing is said, and how many at most."""

    to: Email | None = None
    limit: Annotated[pages.Limit, Field(description="How many at most.")] = pages.DEFAULT_LIMIT


class MailAnswer(Answer):
    """A mail as its reader has it; `calendar` is its iCalendar part (RFC 5545), null where it has none."""

    id: Annotated[str, Field(examples=["<018f2b7e-7c1f-7cc3-9d6c-3f0c0a1b2c3d@127.0.0.1>"])]
    to: Annotated[str, Field(examples=["patient1@demo.test"])]
    from_: Annotated[str, Field(alias="from", examples=["noreply@127.0.0.1"])]
    subject: str
    date: Instant
    text: str
    html: str
    calendar: str | None


class MailsAnswer(Answer):
    """The newest first."""

    items: list[MailAnswer]


@blueprint.get("/demo/mail")
@blueprint.input(Wanted, location="query", arg_name="wanted")
@openapi.answers(MailsAnswer, refuses=[errors.NotFound])
def list_mails(wanted: Wanted) -> dict[str, Any]:
    """List the mails of a demo practice whose `MAIL_URL` is a folder; 404 in every other practice."""
    url = settings().mail_url
    if not settings().demo_mode or not url.startswith("file:"):
        raise errors.NotFound
    found = reading.newest(folder_of(url), to=wanted.to, limit=wanted.limit)
    return MailsAnswer.model_validate({"items": found}).wire()
