"""The page behind a link of a reminder: beside the API, for people without an account."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from flask import Blueprint, Response, request

from dental_sync.api.writes import committed_outcome_of
from dental_sync.core import callers, request_ids
from dental_sync.core.extensions import db
from dental_sync.core.services import settings
from dental_sync.mail import pages
from dental_sync.mail.links import PATH, Link, Links
from dental_sync.writes import by_link
from dental_sync.writes.storing import NewRequest

# Flask's own kind: the API's document is about what is below /api.
blueprint = Blueprint("reminders", __name__)

_STATUSES = {
    "asks": 200,
    "done": 200,
    "waits": 202,
    "unknown": 404,
    "moved": 410,
    "over": 410,
    "gone": 410,
    "used": 410,
}


@blueprint.get(f"{PATH}<token>")
def ask(token: str) -> Response:
    """Ask whether to confirm, or to cancel; changes nothing."""
    link = _link(token)
    if link is None:
        return _page(_unread(), "unknown", None)
    shown, hindrance = by_link.look(db.session(), link, datetime.now(UTC))
    return _page(link, hindrance or "asks", shown)


@blueprint.post(f"{PATH}<token>")
def answer(token: str) -> Response:
    """Confirm or cancel for the patient, once, through the lane; and say what became of it."""
    link = _link(token)
    if link is None:
        return _page(_unread(), "unknown", None)
    session = db.session()
    shown, hindrance = by_link.look(session, link, datetime.now(UTC))
    if hindrance is not None:
        return _page(link, hindrance, shown)
    made = partial(
        NewRequest,
        method="POST",
        # Not the link, which would be good for something to who reads it.
        path=f"{PATH}…",
        request_ids=request_ids.current(),
        caller=callers.current(),
    )
    accepted = by_link.accept(session, link, made)
    if accepted is None:
        return _page(link, "used", shown)
    outcome = committed_outcome_of(accepted)
    if outcome is None:
        return _page(link, "waits", shown)
    return _page(link, "done" if outcome["status"] == 200 else outcome["body"]["code"], shown)


def _link(token: str) -> Link | None:
    return Links(settings().secret_key).read(token)


def _unread() -> str:
    """The language of who has a link that says none."""
    return request.accept_languages.best_match(["de", "en"]) or settings().mail_language


def _page(link: Link | str, state: str, shown: by_link.Shown | None) -> Response:
    language, answer = (link.language, link.answer) if isinstance(link, Link) else (link, "")
    page = pages.reminder(language, state, answer, shown=shown)
    headers = {"Content-Security-Policy": pages.POLICY}
    return Response(page, _STATUSES.get(state, 409), headers, mimetype="text/html")
