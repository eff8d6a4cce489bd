"""Every refusal: its status, its stable code, its docstring as the message (RFC 9457), and what a client does about it.

`make docs` prints them into docs/errors.md.
"""

from __future__ import annotations

from typing import Any

from dental_sync.core.account_errors import *  # noqa: F403 - offered here too
from dental_sync.core.refusal import FieldError as FieldError  # noqa: PLC0414 - offered here too
from dental_sync.core.refusal import Refusal as Refusal  # noqa: PLC0414

# The shape of the request.


class BadRequest(Refusal):
    """The request is not one of HTTP, or did not arrive whole and in time."""

    status, code = 400, "bad-request"
    remedy = "Correct the client; after a slow body, send it again."


class MalformedJson(Refusal):
    """The body is not a JSON object in UTF-8."""

    status, code = 400, "malformed-json"
    remedy = "Send a JSON object."


class BodyTooLarge(Refusal):
    """The body is larger than this server accepts."""

    status, code = 413, "body-too-large"
    remedy = "Send less; the limit is `MAX_BODY_BYTES`."


class UnsupportedMediaType(Refusal):
    """The body must be sent as application/json."""

    status, code = 415, "unsupported-media-type"
    remedy = "Set `Content-Type: application/json`."


class ValidationFailed(Refusal):
    """The request does not have the documented shape."""

    status, code = 422, "validation-failed"
    remedy = "Correct the fields that `errors` points to."


class IdempotencyKeyReused(Refusal):
    """This Idempotency-Key was sent before with another body."""

    status, code = 422, "idempotency-key-reused"
    remedy = "Use a new key for each new request."


class RateLimited(Refusal):
    """Too many requests; try again after the time that Retry-After says."""

    status, code = 429, "rate-limited"
    remedy = "Wait for `Retry-After` seconds, then send it again; on a socket, send fewer events."


class MethodNotAllowed(Refusal):
    """This address does not answer to that method."""

    status, code = 405, "method-not-allowed"
    remedy = "Use a method that `Allow` lists."


# Who is asking.


class Unauthorized(Refusal):
    """A valid access token is needed."""

    status, code = 401, "unauthorized"
    remedy = "Sign in."

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        # RFC 6750: the challenge names the scheme, and the reason where a token was sent.
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="dental-sync"'}, **members)


class TokenExpired(Unauthorized):
    """The token has expired; fetch a new one with the refresh token."""

    code = "token-expired"
    remedy = "Fetch a new pair with the refresh token, then try again."


class AccountDisabled(Unauthorized):
    """This account has been deactivated."""

    code = "account-disabled"
    remedy = "Ask an admin of the practice."


class InvalidCredentials(Unauthorized):
    """The e-mail address or the password is wrong."""

    code = "invalid-credentials"
    remedy = "Ask for the address and the password again."


class SecondFactorRequired(Unauthorized):
    """This account has a second factor: a code of it is needed too."""

    code = "second-factor-required"
    remedy = "Ask for a code of the app, or a recovery code, and sign in again with `code`."


class Forbidden(Refusal):
    """Your role may not do this."""

    status, code = 403, "forbidden"
    remedy = "Do not offer this action to this role."


class SecondFactorMissing(Forbidden):
    """This practice asks its staff for a second factor, and this account has none yet."""

    code = "second-factor-missing"
    remedy = "Set it up: `POST /api/auth/second-factor`."


class NotFound(Refusal):
    """There is no such record, or it is not yours."""

    status, code = 404, "not-found"
    remedy = "Fetch the list again."


# What the booking rules say, in the order in which they are judged.


class BookingBarred(Forbidden):
    """You cannot book online. Please call the practice."""

    code = "booking-barred"
    remedy = "Show how to reach the practice: its staff can still book."


class AddressNotConfirmed(Forbidden):
    """This practice takes bookings from those who have confirmed their e-mail address."""

    code = "address-not-confirmed"
    remedy = "Let the account's address be confirmed, then book again."


class UnknownDentist(Refusal):
    """There is no such dentist at this practice, or they take no bookings."""

    status, code = 422, "unknown-dentist"
    remedy = "Fetch `GET /api/dentists` again."


class UnknownPatient(Refusal):
    """There is no such patient at this practice."""

    status, code = 422, "unknown-patient"
    remedy = "Fetch `GET /api/patients` again."


class UnknownTreatment(Refusal):
    """There is no such treatment at this practice."""

    status, code = 422, "unknown-treatment"
    remedy = "Fetch `GET /api/treatments` again."


class NotOffered(Refusal):
    """The dentist does not offer this treatment."""

    status, code = 422, "not-offered"
    remedy = "`GET /api/dentists` says who offers what, and `GET /api/availability` lists those who do."


class UnknownAssistant(Refusal):
    """There is no such assistant at this practice, or they do not work here now."""

    status, code = 422, "unknown-assistant"
    remedy = "Fetch `GET /api/dentists?profession=assistant` again."


class UnknownChair(Refusal):
    """There is no such chair at this practice, or it is not in use."""

    status, code = 422, "unknown-chair"
    remedy = "Fetch `GET /api/chairs` again."


class InvalidDuration(Refusal):
    """The end must come after the start, within the length that is allowed, and agree with the treatment."""

    status, code = 422, "invalid-duration"
    remedy = "Ask for the length of the treatment."


class InThePast(Refusal):
    """The time lies in the past."""

    status, code = 422, "in-the-past"
    remedy = "Choose a later time."


class TooSoon(Refusal):
    """The practice needs more notice than this."""

    status, code = 422, "too-soon"
    remedy = "Choose a later time from `GET /api/availability`."


class TooFarAhead(Refusal):
    """The practice does not take bookings this far ahead."""

    status, code = 422, "too-far-ahead"
    remedy = "Choose an earlier time from `GET /api/availability`."


class OutsideWorkingHours(Refusal):
    """The dentist does not work then."""

    status, code = 422, "outside-working-hours"
    remedy = "Choose a time from `GET /api/availability`."


class PastCutoff(Refusal):
    """It is too late to change this appointment online; please call the practice."""

    status, code = 409, "past-cutoff"
    remedy = "Call the practice; the cut-off is its `cancelCutoffHours`, else `CANCEL_CUTOFF_HOURS`, before the start."


class TooManyHolds(Refusal):
    """You hold as many times as a patient may; book one of them, or let one go."""

    status, code = 409, "too-many-holds"
    remedy = "Book or delete a hold first; the limit is `HOLDS_PER_PATIENT`."


class TooManyBookings(Refusal):
    """The patient has as many appointments to come as may be booked online."""

    status, code = 409, "too-many-bookings"
    remedy = "Cancel one first, or call the practice; the limit is the practice's `openBookingsPerPatient`."


class HoldExpired(Refusal):
    """The hold has expired, was given up, or is not yours."""

    status, code = 409, "hold-expired"
    remedy = "Make a new hold, or book without one."


class IllegalTransition(Refusal):
    """The appointment's status does not allow this."""

    status, code = 409, "illegal-transition"
    remedy = "Fetch the appointment again and offer only the moves of its status."


class NothingToUndo(Refusal):
    """There is no move that can still be taken back."""

    status, code = 409, "nothing-to-undo"
    remedy = "Fetch the appointment again; make the move that leads where it should be."


class SlotTaken(Refusal):
    """This time has just been taken."""

    status, code = 409, "slot-taken"
    remedy = "Choose one of `alternatives`, or a time from `GET /api/availability`."


class BookingsInTheWay(Refusal):
    """Appointments lie in this time; move them first, or say `force: true` and see to them yourself."""

    status, code = 409, "bookings-in-the-way"
    remedy = "Move the `appointments`, or send the request again with `force: true`."


class PatientDoubleBooked(Refusal):
    """The patient has another appointment at this time."""

    status, code = 409, "patient-double-booked"
    remedy = "Choose another time, or cancel the other appointment."


class PreconditionFailed(Refusal):
    """The record has changed since you read it; fetch it again."""

    status, code = 412, "precondition-failed"
    remedy = "Fetch the record, apply the change to it and send its new `ETag`."


class WriteFailed(Refusal):
    """This request could not be applied and will not be tried again."""

    status, code = 409, "write-failed"
    remedy = "Report it with the `X-Request-ID`; the same request fails again."


# The log and the channels.


class ResyncRequired(Refusal):
    """The log does not reach back (or forward) to that position; fetch a snapshot and go on from its position."""

    status, code = 410, "resync-required"
    remedy = "Fetch a snapshot and go on from its `position` and `epoch`."


class UnknownChannel(Refusal):
    """There is no such channel."""

    status, code = 404, "unknown-channel"
    remedy = "Correct the channel's name."


class InvalidPayload(Refusal):
    """The event's payload does not have the documented shape."""

    status, code = 422, "invalid-payload"
    remedy = "Correct the event's payload; docs/asyncapi.yaml has its shape."


class TooManyConnections(Refusal):
    """This account has as many connections as one may have."""

    status, code = 429, "too-many-connections"
    remedy = "Close connections that are not used; the limit is `CONNECTIONS_PER_ACCOUNT`."


class TooManySubscriptions(Refusal):
    """This connection has as many subscriptions as one may have."""

    status, code = 429, "too-many-subscriptions"
    remedy = "Unsubscribe from channels that are not shown; 100 a connection."


# Ours to mend, not the caller's.


class Unavailable(Refusal):
    """A part of the system is not reachable right now; nothing was lost, try again shortly."""

    status, code = 503, "unavailable"
    remedy = "Try again after `Retry-After` seconds, with the same `Idempotency-Key`."

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        super().__init__(detail, headers={"Retry-After": "1"}, **members)


class InternalError(Refusal):
    """Something went wrong on our side; it has been written down."""

    status, code = 500, "internal-error"
    remedy = "Report it with the `X-Request-ID`; retry only with the same `Idempotency-Key`."
