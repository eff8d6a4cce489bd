"""Conditional requests (RFC 9110, section 13): the entity tag of a record is its version."""

from __future__ import annotations


def etag(version: int) -> str:
    """The strong entity tag of a version."""
    return f'"{version}"'


def is_unconditional(if_match: str | None) -> bool:
    """Whether an `If-Match` is absent, or `*`: any version will do."""
    return if_match is None or if_match.strip() == "*"


def allows(if_match: str | None, version: int) -> bool:
    """Whether an `If-Match` is unconditional or lists the version's tag.

    The weak form of it too, although a weak tag matches nothing (13.1.1): a proxy that compresses makes our tag weak,
    and a version is one whatever the bytes that showed it.
    """
    if if_match is None or is_unconditional(if_match):
        return True
    return etag(version) in [tag.strip().removeprefix("W/") for tag in if_match.split(",")]
