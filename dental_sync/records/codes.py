"""Codes that are handed over or mailed, and work once: how they are made, written, and told from one another."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from dental_sync.core.services import settings

# Of these letters and digits none is taken for another one (Crockford's Base 32), and 16 of them are 80 bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 16, 4
_MISREAD = str.maketrans("OIL", "011", "- ")


@dataclass(frozen=True, slots=True)
class Handed:
    """What is handed over: the code, a link with it where pages are reachable, and until when it works (aware UTC)."""

    code: str
    url: str | None
    expires_at: datetime


def make(page: str, expires_at: datetime) -> Handed:
    """A new code, in groups of four, with a link to the page that takes it."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    shown = "-".join(code[place : place + GROUP] for place in range(0, LENGTH, GROUP))
    base = settings().public_url.rstrip("/")
    # Behind the sign that no browser sends: a proxy's log has the page, and not the code.
    return Handed(shown, f"{base}/{page}#{shown}" if base else None, expires_at)


def digest(code: str) -> bytes:
    """Of a code however it was typed: in small letters, without its dashes, an O for a zero."""
    return hashlib.sha256(code.upper().translate(_MISREAD).encode()).digest()
