"""Reading a request: who asks, how often, and with what body and parameters."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from apiflask import APIFlask, HTTPTokenAuth
from apiflask.schema_adapters import registry
from apiflask.schema_adapters.pydantic import PydanticAdapter
from flask import Request, Response, current_app, g, request
from pydantic import BaseModel, ValidationError

from dental_sync.core import callers, errors, request_ids, roles
from dental_sync.core.actor import Actor
from dental_sync.core.extensions import db
from dental_sync.core.rate_limits import count_stranger, rate_limits
from dental_sync.core.services import settings
from dental_sync.core.wire_types import field_errors
from dental_sync.monitoring.request_log import OTHER, line_of
from dental_sync.records import refusals, tokens

View = TypeVar("View", bound=Callable[..., Any])

token_auth = HTTPTokenAuth(scheme="Bearer", description="The access token that login answered.")

# Who may use a route, as APIFlask takes it; core/roles.py says which roles these are.
PATIENTS = list(roles.PATIENT_ROLES)
PEOPLE = list(roles.BOOKING_ROLES)
WATCHERS = list(roles.WATCHING_ROLES)
STAFF = list(roles.STAFF_ROLES)
CALENDAR_OWNERS = list(roles.CALENDAR_ROLES)
WORKING_HERE = list(roles.WORKING_ROLES)
DESK = list(roles.DESK_ROLES)
ADMINS = list(roles.ADMIN_ROLES)
HOURS_KEEPERS = list(roles.HOURS_ROLES)
NOTE_KEEPERS = list(roles.NOTE_ROLES)

# The blueprints of what staff may do before they have the second factor that is asked of them.
OF_ONES_OWN = ("auth", "own_account")


class StrictShapes(PydanticAdapter):
    """Validation as the contract has it: APIFlask's own forgives a wrong media type and repeated parameters."""

    def validate_input(self, request: Request, location: str, **_options: Any) -> BaseModel:
        """Read the body or the query as this adapter's shape; raises a Refusal."""
        data = _json_object(request) if location == "json" else _query(request)
        try:
            shape: BaseModel = self.model_class.model_validate(data)
        except ValidationError as failure:
            raise errors.ValidationFailed(errors=field_errors(failure)) from None
        return shape


# Here and not in `register`: APIFlask picks the reader where a view is decorated, which is while doors are imported.
registry.register("pydantic", StrictShapes)


def register(app: APIFlask) -> None:
    """Give each request its ids, let its body arrive first, and refuse parameters that no door knows."""
    app.before_request(_begin)
    app.after_request(_show_request_ids)
    app.before_request(_count_stranger)
    app.before_request(_receive_body)
    app.before_request(_refuse_unknown_parameters)
    app.after_request(_note_refusal)


def actor() -> Actor:
    """The account that asks; only behind `token_auth`."""
    found: Actor = g.actor
    return found


def for_visitors(view: View) -> View:
    """Let visitors use a route as well; every other one that asks for a token refuses them. The topmost decorator."""
    view._for_visitors = True  # type: ignore[attr-defined]
    return view


def is_for_visitors(view: Callable[..., Any] | None) -> bool:
    """Whether visitors may use a route that asks for a token."""
    return getattr(view, "_for_visitors", False)


def bearer_token() -> str:
    """The token of the Authorization header, of whatever kind; raises Unauthorized."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise errors.Unauthorized
    return token.strip()


@token_auth.verify_token  # type: ignore[untyped-decorator]
def _verify(_token: str) -> Actor:
    try:
        signed_in = tokens.authenticate(db.session(), bearer_token(), enrolling=request.blueprint in OF_ONES_OWN)
    except errors.Unauthorized as refusal:
        count_stranger("invalid-token", request.remote_addr)
        refusals.note_wrong_token(refusal, _route())
        raise
    g.actor = signed_in.actor
    if signed_in.actor.is_visitor:
        _let_in_as_visitor()
        return signed_in.actor
    callers.keep(request.environ)
    line_of(request).account_id = str(signed_in.actor.user_id)
    rate_limits().check(settings().rate_limit_per_minute, "account", str(signed_in.actor.user_id))
    return signed_in.actor


def _let_in_as_visitor() -> None:
    """Count it by the address, as what nobody has signed in for; raises Forbidden where visitors have no business."""
    count_stranger("visitor", request.remote_addr)
    if not is_for_visitors(current_app.view_functions.get(request.endpoint or "")):
        raise errors.Forbidden("Sign in for this; without an account you see what is free.")


@token_auth.get_user_roles  # type: ignore[untyped-decorator]
def _role(actor: Actor) -> str:
    return actor.acts_as


@token_auth.error_processor
def _refuse(error: Any) -> Any:
    if error.status_code == 403:
        raise errors.Forbidden
    count_stranger("invalid-token", request.remote_addr)
    raise errors.Unauthorized


def _begin() -> None:
    line = line_of(request)
    line.route = OTHER if request.url_rule is None else request.url_rule.rule
    line.ids = replace(line.ids, callers=request_ids.acceptable(request.headers.get(request_ids.HEADER)))
    request_ids.begin(line.ids)


def _show_request_ids(response: Response) -> Response:
    ids = line_of(request).ids
    response.headers[request_ids.HEADER] = ids.callers or ids.own
    response.headers[request_ids.SERVER_HEADER] = ids.own
    return response


def _count_stranger() -> None:
    """What nobody needs to sign in for is bounded by the address, each operation for itself.

    Everything that is no operation counts as one: documents, pages, addresses that do not exist. OPTIONS has no work in
    it, and /metrics is a Prometheus's, which is bounded by its token.
    """
    if request.method == "OPTIONS" or request.path == "/metrics":
        return
    view = current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, "_spec", {}).get("auth"):
        is_operation = hasattr(view, "_described")
        count_stranger(str(request.endpoint) if is_operation else "documents", request.remote_addr)


def _route() -> str:
    """The route of this request without the values in its path, such as `GET /api/patients/<uuid:patient_id>`."""
    return f"{request.method} {request.url_rule.rule if request.url_rule is not None else ''}"


def _note_refusal(response: Response) -> Response:
    """What a role may not do is entered in the audit trail, whoever refused it."""
    if response.status_code == 403 and "actor" in g:
        refusals.note_forbidden(actor(), _route())
    return response


def _receive_body() -> None:
    """Read the whole body first: a slow sender must not hold a connection to the database."""
    request.get_data()
    # A body without a Content-Length is cut off at the limit; that there was more shows only to who asks for it.
    request.stream.read(1)


def _refuse_unknown_parameters() -> None:
    """A parameter that no shape names is a misunderstanding, and the caller should learn of it.

    OPTIONS is a browser's question, before a page of another origin calls with whatever parameters its call will have.
    """
    if request.method == "OPTIONS":
        return
    view = current_app.view_functions.get(request.endpoint or "")
    takes_query = bool(getattr(view, "_spec", {}).get("args"))
    if request.args and not takes_query and request.path.startswith("/api/") and request.endpoint is not None:
        unknown: list[errors.FieldError] = [
            {"pointer": f"/{name}", "detail": "is not a parameter of this address"} for name in request.args
        ]
        raise errors.ValidationFailed(errors=unknown)


def _json_object(request: Request) -> dict[str, Any]:
    raw = request.get_data(cache=False)
    if not raw:
        return {}
    if request.mimetype != "application/json":
        raise errors.UnsupportedMediaType
    try:
        # A deep nest of brackets ends the parser with RecursionError, a number of thousands of digits with ValueError.
        # As text: given bytes, the parser would guess UTF-16 and UTF-32 too (RFC 8259 allows UTF-8 only).
        body = json.loads(raw.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise errors.MalformedJson from None
    if not isinstance(body, dict):
        raise errors.MalformedJson
    return body


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _query(request: Request) -> dict[str, str]:
    repeated: list[errors.FieldError] = [
        {"pointer": f"/{name}", "detail": "is given more than once"}
        for name, values in request.args.lists()
        if len(values) > 1
    ]
    if repeated:
        raise errors.ValidationFailed(errors=repeated)
    return request.args.to_dict()
