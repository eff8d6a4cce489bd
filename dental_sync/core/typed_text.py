"""What people type, in the one form in which it is stored: so that what looks the same is the same.

NFC, trimmed, with single spaces, without control and direction characters: a name from a Mac's clipboard, a CSV or a
page that was copied comes with any of them, and nobody sees it. What PostgreSQL could not store is left for the check
after this one, which refuses it.
"""

from __future__ import annotations

import re
import unicodedata

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

# A practice may have addresses of its own network (`.local`), and the demo has `.test`; what gets there is not asked.
SPECIAL_USE_DOMAIN_NAMES.clear()

# Controls but NUL, tab and the line ends; soft hyphen and zero-width space; what sets the direction of writing; BOM.
# Joiners (U+200C, U+200D) stay: Persian and several scripts of India are written with them.
_UNSEEN = re.compile(
    "[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_LINE_END = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")
_SEVERAL_EMPTY_LINES = re.compile(r"\n{3,}")


def note(value: str) -> str:
    """Text of several lines as it was laid out: NFC, line feeds as line ends, nothing unseen, nothing at its end."""
    return _LINE_END.sub("\n", _UNSEEN.sub("", unicodedata.normalize("NFC", value))).rstrip()


def paragraphs(value: str) -> str:
    """Text that may have several lines: each is trimmed and has single spaces, and one empty line divides two."""
    lines = [_BLANKS.sub(" ", part).strip() for part in note(value).split("\n")]
    return _SEVERAL_EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def line(value: str) -> str:
    """Text of one line: a line end is a space."""
    return " ".join(note(value).split())


def email(value: str) -> str:
    """An address, its domain in lower case and as people write it; raises ValueError for what is none."""
    try:
        found = validate_email(line(value), check_deliverability=False, globally_deliverable=False, strict=True)
    except EmailNotValidError:
        raise ValueError("must be an e-mail address") from None
    return found.normalized


def email_as_stored(value: str) -> str:
    """What an address is stored as; what is none stays what was typed, for it is looked up and not refused."""
    try:
        return email(value)
    except ValueError:
        return line(value)
