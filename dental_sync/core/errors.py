"""Every refusal: its status, its stable code, and its docstring as the message (RFC 9457)."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, TypedDict


class FieldError(TypedDict):
    """Where in the request something is wrong: a JSON pointer (RFC 6901) and what is wrong there."""

    pointer: str
    detail: str


class Refusal(Exception):
    """The request was refused."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        self.detail = detail or " ".join((inspect.getdoc(type(self)) or "").split())
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.members = members
        super().__init__(f"{self.code}: {self.detail}")

    def problem(self) -> dict[str, Any]:
        """The RFC 9457 object, without `instance`, which only the door knows."""
        problem: dict[str, Any] = {
            "type": f"urn:dental-sync:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.members,
        }
        if self.errors:
            problem["errors"] = self.errors
        return problem


# The shape of the request.


class BadRequest(Refusal):
    """The request is not one of HTTP, or did not arrive whole and in time."""

    status, code = 400, "bad-request"


class MalformedJson(Refusal):
    """The body is not a JSON object in UTF-8."""

    status, code = 400, "malformed-json"


class BodyTooLarge(Refusal):
    """The body is larger than this server accepts."""

    status, code = 413, "body-too-large"


class UnsupportedMediaType(Refusal):
    """The body must be sent as application/json."""

    status, code = 415, "unsupported-media-type"


class ValidationFailed(Refusal):
    """The request does not have the documented shape."""

    status, code = 422, "validation-failed"


class IdempotencyKeyReused(Refusal):
    """This Idempotency-Key was sent before with another body."""

    status, code = 422, "idempotency-key-reused"


class RateLimited(Refusal):
    """Too many requests; try again after the time that Retry-After says."""

    status, code = 429, "rate-limited"


class MethodNotAllowed(Refusal):
    """This address does not answer to that method."""

    status, code = 405, "method-not-allowed"


# Who is asking.


class Unauthorized(Refusal):
    """A valid access token is needed."""

    status, code = 401, "unauthorized"

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        # RFC 6750: the challenge names the scheme, and the reason where a token was sent.
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="dental-sync"'}, **members)


class TokenExpired(Unauthorized):
    """The token has expired; fetch a new one with the refresh token."""

    code = "token-expired"


class AccountDisabled(Unauthorized):
    """This account has been deactivated."""

    code = "account-disabled"


class InvalidCredentials(Unauthorized):
    """The e-mail address or the password is wrong."""

    code = "invalid-credentials"


class Forbidden(Refusal):
    """Your role may not do this."""

    status, code = 403, "forbidden"


class NotFound(Refusal):
    """There is no such record, or it is not yours."""

    status, code = 404, "not-found"


class EmailTaken(Refusal):
    """An account with this e-mail address exists already."""

    status, code = 409, "email-taken"


class LastAdmin(Refusal):
    """The practice would be left without an active admin."""

    status, code = 409, "last-admin"


# What the booking rules say, in the order in which they are judged.


class UnknownDentist(Refusal):
    """There is no such dentist at this practice, or they take no bookings."""

    status, code = 422, "unknown-dentist"


class UnknownPatient(Refusal):
    """There is no such patient at this practice."""

    status, code = 422, "unknown-patient"


class UnknownTreatment(Refusal):
    """There is no such treatment at this practice."""

    status, code = 422, "unknown-treatment"


class InvalidDuration(Refusal):
    """The end must come after the start, within the length that is allowed, and agree with the treatment."""

    status, code = 422, "invalid-duration"


class InThePast(Refusal):
    """The time lies in the past."""

    status, code = 422, "in-the-past"


class TooSoon(Refusal):
    """The practice needs more notice than this."""

    status, code = 422, "too-soon"


class TooFarAhead(Refusal):
    """The practice does not take bookings this far ahead."""

    status, code = 422, "too-far-ahead"


class OutsideWorkingHours(Refusal):
    """The dentist does not work then."""

    status, code = 422, "outside-working-hours"


class PastCutoff(Refusal):
    """It is too late to change this appointment online; please call the practice."""

    status, code = 409, "past-cutoff"


class TooManyHolds(Refusal):
    """You hold as many times as a patient may; book one of them, or let one go."""

    status, code = 409, "too-many-holds"


class HoldExpired(Refusal):
    """The hold has expired, was given up, or is not yours."""

    status, code = 409, "hold-expired"


class IllegalTransition(Refusal):
    """The appointment's status does not allow this."""

    status, code = 409, "illegal-transition"


class SlotTaken(Refusal):
    """This time has just been taken."""

    status, code = 409, "slot-taken"


class BookingsInTheWay(Refusal):
    """Appointments lie in this time; move them first, or say `force: true` and see to them yourself."""

    status, code = 409, "bookings-in-the-way"


class PatientDoubleBooked(Refusal):
    """The patient has another appointment at this time."""

    status, code = 409, "patient-double-booked"


class PreconditionFailed(Refusal):
    """The record has changed since you read it; fetch it again."""

    status, code = 412, "precondition-failed"


class WriteFailed(Refusal):
    """This request could not be applied and will not be tried again."""

    status, code = 409, "write-failed"


# The log and the channels.


class ResyncRequired(Refusal):
    """The log does not reach back (or forward) to that position; fetch a snapshot and go on from its position."""

    status, code = 410, "resync-required"


class UnknownChannel(Refusal):
    """There is no such channel."""

    status, code = 404, "unknown-channel"


class InvalidPayload(Refusal):
    """The event's payload does not have the documented shape."""

    status, code = 422, "invalid-payload"


class TooManyConnections(Refusal):
    """This account has as many connections as one may have."""

    status, code = 429, "too-many-connections"


class TooManySubscriptions(Refusal):
    """This connection has as many subscriptions as one may have."""

    status, code = 429, "too-many-subscriptions"


# Ours to mend, not the caller's.


class Unavailable(Refusal):
    """A part of the system is not reachable right now; nothing was lost, try again shortly."""

    status, code = 503, "unavailable"

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        super().__init__(detail, headers={"Retry-After": "1"}, **members)


class InternalError(Refusal):
    """Something went wrong on our side; it has been written down."""

    status, code = 500, "internal-error"
