"""The day again: the appointments of a day as they were at a position of the log, what changed them, and who did it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from apiflask import APIBlueprint
from flask import Response
from pydantic import AfterValidator, Field, model_validator

from dental_sync.api import openapi, pages
from dental_sync.api.answers import AppointmentPage
from dental_sync.api.requests import ADMINS, actor, token_auth
from dental_sync.core import errors
from dental_sync.core.extensions import db
from dental_sync.core.wire_types import Answer, Count, Date, Id, Instant
from dental_sync.diary.intervals import Interval
from dental_sync.records import audit, practice
from dental_sync.sync import day, log
from dental_sync.sync.shapes import AppointmentAnswer, AppointmentUpdated

blueprint = APIBlueprint("day", __name__, tag="Sync")


def _of_the_calendar(value: date) -> date:
    if not 1900 < value.year < 9989:
        raise ValueError("lies outside the years 1901 to 9988")
    return value


Day = Annotated[
    Date, AfterValidator(_of_the_calendar), Field(description="By the practice's clock.", examples=["2030-01-07"])
]


class DayListing(pages.Page):
    """Which day, and at which position of the log; at its end where none is named."""

    date: Day
    position: Count | None = None
    epoch: Id | None = None


class ChangesListing(pages.Page):
    """Of which day, after which position and up to which one: all that the log has where none is named."""

    date: Day
    changes_from: Annotated[Count | None, Field(alias="from", description="After this position.")] = None
    changes_to: Annotated[Count | None, Field(alias="to", description="Up to this position.")] = None
    epoch: Id | None = None

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.changes_from is not None and self.changes_to is not None and self.changes_to < self.changes_from:
            raise ValueError("to must not come before from")
        return self


class DayAnswer(AppointmentPage):
    """A page of the day's appointments as they were at the position; the log has `earliest` up to `latest`."""

    earliest: Count
    latest: Count


class DayChangeAnswer(Answer):
    """What changed an appointment of the day, how it was before and after, and who did it.

    `before` is null where it was not there, `after` where it is no more. `action` is as in the audit trail: of the
    write request that was applied, or `sql-insert`, `sql-update` and `sql-delete` for plain SQL, which has no actor.
    What follows from the change of another record has an actor and no action; what the service does by itself has the
    role `system`. All four are null where the log does not know.
    """

    position: Count
    type: Annotated[str, Field(examples=[AppointmentUpdated.type])]
    occurred_at: Instant
    appointment_id: Id
    before: AppointmentAnswer | None
    after: AppointmentAnswer | None
    action: Annotated[str | None, Field(examples=["reschedule"])]
    actor_id: Id | None
    actor_name: Annotated[str | None, Field(examples=["Mia Schmidt"])]
    actor_role: str | None


class DayChangesAnswer(pages.PageOf[DayChangeAnswer]):
    """A page of changes, the newest first; the log has `earliest` up to `latest`."""

    epoch: Id
    earliest: Count
    latest: Count


@blueprint.get("/sync/day")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(DayListing, location="query", arg_name="wanted")
@openapi.answers(DayAnswer, refuses=[errors.ResyncRequired])
def day_at(wanted: DayListing) -> Response:
    """List the appointments of a day as they were at a position of the log, by start."""
    session = db.session()
    head = log.head(session)
    asked = (head.position if wanted.position is None else wanted.position, _text(wanted.epoch) or head.epoch)
    at = day.carried(wanted.after) or asked
    head.check_since(*at)
    found = day.page(session, _span(wanted.date), at=at, after=wanted.after, limit=wanted.limit)
    _check_again(head, at[0])
    position, epoch = at
    details = {"date": wanted.date.isoformat(), "position": position}
    audit.note_read(session, actor(), "list", "appointment", [item["id"] for item in found.rows], details=details)
    return pages.respond([dict(item) for item in found.rows], found.next, position=position, epoch=epoch, **_kept(head))


@blueprint.get("/sync/day/changes")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(ChangesListing, location="query", arg_name="wanted")
@openapi.answers(DayChangesAnswer, refuses=[errors.ResyncRequired])
def day_changes(wanted: ChangesListing) -> Response:
    """List what changed the appointments of a day between two positions of the log, and who did it, the newest first.

    A change is of the day where the appointment was on it before, or is on it after.
    """
    session = db.session()
    head = log.head(session)
    since = head.pruned_through if wanted.changes_from is None else wanted.changes_from
    through = head.position if wanted.changes_to is None else wanted.changes_to
    for position in (since, through):
        head.check_since(position, _text(wanted.epoch))
    found = day.changes(
        session, _span(wanted.date), since=since, through=through, after=wanted.after, limit=wanted.limit
    )
    _check_again(head, since)
    details = {"date": wanted.date.isoformat(), "from": since, "to": through}
    ids = list(dict.fromkeys(row.appointment_id for row in found.rows))
    audit.note_read(session, actor(), "sync-events", "appointment", ids, details=details)
    return pages.respond([_change(row) for row in found.rows], found.next, epoch=head.epoch, **_kept(head))


def _span(wanted: date) -> Interval:
    return day.span(wanted, ZoneInfo(practice.rules(db.session()).time_zone))


def _check_again(head: log.Head, since: int) -> None:
    """What was pruned between the look at the head and the read would be missing in silence."""
    log.head(db.session()).check_since(since, head.epoch)


def _kept(head: log.Head) -> dict[str, int]:
    return {"earliest": head.pruned_through, "latest": head.position}


def _change(row: Any) -> dict[str, Any]:
    # What a message says was written by any release, and is passed on as it is.
    said = {"before": row.before, "after": row.after}
    named = {name: getattr(row, name) for name in DayChangeAnswer.model_fields if name not in said}
    return {**DayChangeAnswer.model_validate({**named, **dict.fromkeys(said)}).wire(), **said}


def _text(epoch: object) -> str | None:
    return None if epoch is None else str(epoch)
