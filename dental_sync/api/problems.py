"""The only place where errors become JSON: RFC 9457 problems, whatever went wrong."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from dental_sync.core import errors, json_bytes, services
from dental_sync.core.database_failures import is_disconnection, is_passing
from dental_sync.core.extensions import db
from dental_sync.core.logs import facts
from dental_sync.core.refusal_counts import RefusalCounts
from dental_sync.monitoring.request_log import line_of

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

# What Werkzeug refuses before a door is reached, as refusals of ours.
_FROM_HTTP: dict[int, type[errors.Refusal]] = {
    400: errors.BadRequest,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.BodyTooLarge,
    415: errors.UnsupportedMediaType,
}


def respond(refusal: errors.Refusal) -> Response:
    """A refusal as a response."""
    problem = {**refusal.problem(), "instance": request.path}
    response = Response(json_bytes.dumps(problem), status=refusal.status, mimetype=MEDIA_TYPE)
    response.headers.update(refusal.headers)
    return response


def register(app: Flask) -> None:
    """Catch everything, and count what is refused."""
    services.provide(app, RefusalCounts())
    app.after_request(_count)
    app.register_error_handler(errors.Refusal, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SQLAlchemyError, _database_error)
    app.register_error_handler(Exception, _unexpected)


def _count(response: Response) -> Response:
    # Stored outcomes are refusals too, and were not raised.
    if response.mimetype == MEDIA_TYPE:
        services.current(RefusalCounts)[json.loads(response.get_data())["code"]] += 1
    return response


def _refused(refusal: errors.Refusal) -> Response:
    _roll_back()
    return respond(refusal)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 and error.response is not None:
        redirect = error.get_response()
        # Werkzeug puts the caller's Host into it, which may be anything.
        to = urlsplit(redirect.headers.get("Location", "/"))._replace(scheme="", netloc="").geturl()
        return Response(status=status, headers={"Location": to})
    refusal = _FROM_HTTP.get(status, errors.Refusal)()
    if status not in _FROM_HTTP:
        phrase = HTTPStatus(status).phrase
        problem = {
            "type": "about:blank",
            "title": phrase,
            "status": status,
            "code": phrase.lower().replace(" ", "-"),
            "detail": error.description or phrase,
            "instance": request.path,
        }
        return Response(json_bytes.dumps(problem), status=status, mimetype=MEDIA_TYPE)
    response = respond(refusal)
    if status == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))  # type: ignore[attr-defined]
    return response


def _database_error(error: SQLAlchemyError) -> Response:
    _roll_back()
    if isinstance(error, PoolTimeout) or (isinstance(error, DBAPIError) and is_disconnection(error)):
        logger.warning("the database is not reachable: %s", error, extra=_where())
        return respond(errors.Unavailable())
    if isinstance(error, DBAPIError) and is_passing(error):
        logger.warning("gave way to another transaction: %s", error, extra=_where())
        return respond(errors.Unavailable("Somebody else is changing the same record; try again shortly."))
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    _roll_back()
    logger.error("a request failed", exc_info=error, extra=_where())
    return respond(errors.InternalError())


def _roll_back() -> None:
    """End the transaction, also where its connection was lost before: an answer is owed in any case."""
    try:
        db.session.rollback()
    except SQLAlchemyError:
        db.session().invalidate()


def _where() -> dict[str, Any]:
    """Which request it was; its ids are in every line that is written while it is answered."""
    line = line_of(request)
    return facts(method=line.method, route=line.route)
