"""What was refused, in the audit trail: one entry for an account or an address, an action and a minute, with a count.

An entry for each refusal would let a client fill the table. The words of a refused request are not kept: not the e-mail
address of an account that does not exist, and no path, which may hold ids.
"""

from __future__ import annotations

import json
import logging
import uuid

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from dental_sync.core import callers, errors, request_ids
from dental_sync.core.actor import Actor
from dental_sync.core.extensions import db
from dental_sync.storage import locks, row_security

logger = logging.getLogger(__name__)

_NOTE = text("""
    SELECT note_refused(CAST(:actor_id AS uuid), :actor_role, :action, :kind, CAST(:account AS uuid), :address,
        :user_agent, :request_id, CAST(:details AS jsonb))
""")


def note_forbidden(actor: Actor, where: str) -> None:
    """An account was refused what its role may not do; `where` names the route or the event, never a path's values.

    A visitor has none, and is entered by their address.
    """
    _note("refused-access", where, actor=None if actor.is_visitor else actor)


def note_wrong_token(refusal: errors.Unauthorized, where: str) -> None:
    """A token was refused that is none of ours, or whose sign-in has ended; that one expires is an everyday thing."""
    if not isinstance(refusal, errors.TokenExpired):
        _note("refused-token", where)


def note_failed_sign_in(account: uuid.UUID | None) -> None:
    """A sign-in to this account failed; None where there is no such account, and only the caller's address is kept."""
    _note("login-failed", None, account=account)


def _note(action: str, where: str | None, *, actor: Actor | None = None, account: uuid.UUID | None = None) -> None:
    """Write it in a transaction of its own; that it could not be written changes nothing for who was refused."""
    address, user_agent = callers.current()
    ids = request_ids.current()
    whose = account if actor is None else actor.user_id
    session = db.session()
    try:
        session.rollback()
        row_security.become(session, row_security.SYSTEM)
        # The function below waits for the same, with an address in its arguments.
        locks.turn(session, "refused", action, str(whose or callers.network(address)))
        session.execute(
            _NOTE,
            {
                "actor_id": None if actor is None else str(actor.user_id),
                "actor_role": None if actor is None else actor.acts_as,
                "action": action,
                "kind": "user" if whose is not None or action == "login-failed" else "address",
                "account": None if whose is None else str(whose),
                "address": address if whose is not None else callers.network(address),
                "user_agent": user_agent,
                "request_id": ids and ids.own,
                "details": json.dumps({} if where is None else {"where": where}),
            },
        )
        session.commit()
    except SQLAlchemyError as failure:
        session.rollback()
        logger.warning("%s could not be entered in the audit trail: %s", action, failure)
