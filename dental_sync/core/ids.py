"""Identifiers of records."""

from __future__ import annotations

import uuid

import uuid6


def new_id() -> uuid.UUID:
    """A UUID version 7 (RFC 9562): ids made later sort later, which keeps indexes compact."""
    return uuid.UUID(bytes=uuid6.uuid7().bytes)
