"""Whether a secret may be a random one: long enough, and not a word that is said again and again."""

from __future__ import annotations

SHORTEST_SECRET_BYTES = 32
# Random text repeats so many characters in a row once in some thousand secrets, and a repeated word every time.
_REPEATED = 5


def is_strong(secret: str) -> bool:
    """Whether this may be a random secret: 32 bytes or more, of which what was said before does not count."""
    return _new_characters(secret.casefold()) >= SHORTEST_SECRET_BYTES and len(set(secret)) >= 8


def _new_characters(text: str) -> int:
    """How long a text is without what it repeats of itself: as a compressor reads it."""
    new, place = 0, 0
    while place < len(text):
        length = 0
        while place + length < len(text) and text.find(text[place : place + length + 1], 0, place + length) >= 0:
            length += 1
        if length >= _REPEATED:
            place += length
        else:
            new += len(text[place].encode())
            place += 1
    return new
