"""An account that has signed in, without a password."""

from __future__ import annotations

import uuid
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.queries import load
from dental_sync.storage import row_security

_SIGN_IN = text("""
    INSERT INTO auth_sessions (id, user_id, refresh_id, created_at, expires_at)
    VALUES (gen_random_uuid(), :user_id, gen_random_uuid(), now(), now() + interval '1 day') RETURNING id
""")


def sign_in(session: Session, user_id: uuid.UUID) -> Actor:
    """The account with a sign-in that stands, as which the session goes on; committed."""
    row_security.become(session, row_security.SYSTEM)
    actor = load.actors(session, [user_id])[user_id]
    actor = replace(actor, session_id=session.scalar(_SIGN_IN, {"user_id": user_id}))
    session.commit()
    row_security.become(session, actor)
    return actor
