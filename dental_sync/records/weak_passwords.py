"""Passwords that an attacker tries first: refused where a new one is set, and nothing is scored.

The list has the most frequent of the passwords that were leaked (from zxcvbn, MIT), and some that a dental practice
comes upon. Only a whole password counts: a long one may contain any of them.
"""

from __future__ import annotations

import functools
import unicodedata
from pathlib import Path

from dental_sync.core.errors import WeakPassword

_LIST = Path(__file__).with_name("common_passwords.txt")


def check(password: str, *, email: str, practice: str | None) -> None:
    """Raise WeakPassword for one of the list, for the account's address or the part before its @, and the practice's
    name; capitals do not count."""
    folded = _folded(password)
    own = {_folded(email), _folded(email.partition("@")[0]), _folded(practice or "")}
    if folded in _common() or folded in own:
        raise WeakPassword


@functools.cache
def _common() -> frozenset[str]:
    return frozenset(_LIST.read_text(encoding="utf-8").split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).strip()
