"""The signatures of tokens: which keys are accepted, who has issued a token, and for whom."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import jwt
from flask_jwt_extended import create_access_token, create_refresh_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException

from dental_sync.core import errors, roles
from dental_sync.core.services import settings
from dental_sync.core.wire_types import to_uuid

ISSUER = "dental-sync"
AUDIENCE = "dental-sync-api"
_ALGORITHM = "HS256"

Kind = Literal["access", "refresh"]


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a token says: whose it is, of which sign-in, its own id, and until when it is valid (aware UTC).

    A visitor's is of no sign-in.
    """

    subject: uuid.UUID
    session_id: uuid.UUID | None
    token_id: uuid.UUID
    expires_at: datetime


def sign(kind: Kind, user_id: uuid.UUID, session_id: uuid.UUID, *, seconds: float, token_id: uuid.UUID) -> str:
    """A token of an account's sign-in, valid for so long."""
    make = create_access_token if kind == "access" else create_refresh_token
    claims = {"sid": str(session_id), "jti": str(token_id), "iss": ISSUER, "aud": AUDIENCE}
    token: str = make(str(user_id), additional_claims=claims, expires_delta=timedelta(seconds=seconds))
    return token


def sign_visitor(visitor_id: uuid.UUID, *, seconds: float) -> str:
    """An access token of somebody without an account, valid for so long; the release before refuses it."""
    claims = {"role": roles.VISITOR, "iss": ISSUER, "aud": AUDIENCE}
    expires = timedelta(seconds=seconds)
    token: str = create_access_token(str(visitor_id), additional_claims=claims, expires_delta=expires)
    return token


def read(token: str, kind: Kind) -> TokenClaims:
    """Read a token of ours; every way of its being wrong is Unauthorized or TokenExpired."""
    try:
        claims = _decoded(token)
        # The release before named neither; its tokens hold until they expire.
        if claims.get("iss", ISSUER) != ISSUER or claims.get("aud", AUDIENCE) != AUDIENCE:
            raise errors.Unauthorized("The token is of another service.")
        if claims["type"] != kind:
            raise errors.Unauthorized(f"This is not a token for {kind}.")
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        session_id = None if claims.get("role") == roles.VISITOR else to_uuid(claims["sid"])
        return TokenClaims(to_uuid(claims["sub"]), session_id, to_uuid(claims["jti"]), expires_at)
    except jwt.exceptions.ExpiredSignatureError:
        raise errors.TokenExpired from None
    except (jwt.exceptions.PyJWTError, JWTExtendedException, LookupError, ValueError, TypeError, OverflowError):
        raise errors.Unauthorized("The token is not valid.") from None


def _decoded(token: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = decode_token(token)
    except jwt.exceptions.InvalidSignatureError:
        # The key was replaced: what the one before it has signed holds until it expires.
        former = settings().jwt_secret_key_previous
        if not former:
            raise
        options: Any = {"verify_aud": False, "require": ["exp", "sub"]}
        claims = jwt.decode(token, former, algorithms=[_ALGORITHM], options=options)
    return claims
