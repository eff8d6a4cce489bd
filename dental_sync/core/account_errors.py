"""The refusals about accounts, and about which account acts for which record; `errors` offers them with all others."""

from __future__ import annotations

from dental_sync.core.refusal import Refusal


class EmailTaken(Refusal):
    """An account with this e-mail address exists already."""

    status, code = 409, "email-taken"
    remedy = "Sign in, or use another address."


class WeakPassword(Refusal):
    """This password is one of those that are tried first; choose another one."""

    status, code = 422, "weak-password"
    remedy = "Ask for another password: a common one, the own address and the practice's name are refused."


class SecondFactorSet(Refusal):
    """This account has a second factor already."""

    status, code = 409, "second-factor-set"
    remedy = "Take it away first: `DELETE /api/auth/second-factor`."


class NotActive(Refusal):
    """This account has been deactivated."""

    status, code = 409, "not-active"
    remedy = "Let it be active again first: `PATCH /api/users/{id}`."


class LastAdmin(Refusal):
    """The practice would be left without an active admin."""

    status, code = 409, "last-admin"
    remedy = "Give another account the role `admin` first."


class RegistrationClosed(Refusal):
    """This practice takes no new patients online. Please call the practice."""

    status, code = 403, "registration-closed"
    remedy = "Show how to reach the practice; who has an invitation registers with its code."


class UnknownAccount(Refusal):
    """There is no such account of a patient."""

    status, code = 422, "unknown-account"
    remedy = "Name the active account of a patient, or a patient who has one."


class UnknownInvitation(Refusal):
    """There is no such invitation; it is used, replaced by a later one, or has expired."""

    status, code = 404, "unknown-invitation"
    remedy = "Check the code, or ask the practice for a new invitation."


class UnknownCode(Refusal):
    """There is no such code; it is used, replaced by a later one, was tried wrongly too often, or has expired."""

    status, code = 404, "unknown-code"
    remedy = "Check the code, or ask for a new one."


class AlreadyJoined(Refusal):
    """The record and the account belong together already, or one of them to another."""

    status, code = 409, "already-joined"
    remedy = "Nothing is to be done where they belong together; else let the practice look at both records."


class PatientErased(Refusal):
    """This patient's data were erased; nothing is entered about them any more."""

    status, code = 409, "patient-erased"
    remedy = "Nothing; somebody who comes again is entered as a new patient."


class TooLate(Refusal):
    """A merge can be undone within a day, and that day is over."""

    status, code = 409, "too-late"
    remedy = "Say so; appointments can be booked for another record one by one."
