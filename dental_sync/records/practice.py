"""The practice: its rules, the treatments that it offers and the chairs that it has.

What is no longer offered stays, inactive: the appointments that have it keep it, and its name can still be read.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.ids import new_id
from dental_sync.storage.models import Chair, Practice, Treatment

Offer = TypeVar("Offer", Treatment, Chair)


def page(
    session: Session, kind: type[Offer], *, inactive_too: bool, after: tuple[str, uuid.UUID] | None, limit: int
) -> list[Offer]:
    """At most `limit` treatments or chairs, by name and id, after the given place."""
    query = select(kind).order_by(kind.name, kind.id).limit(limit)
    if not inactive_too:
        query = query.where(kind.active)
    if after is not None:
        query = query.where(tuple_(kind.name, kind.id) > tuple_(*after))
    return list(session.scalars(query))


def get(session: Session, kind: type[Offer], offer_id: uuid.UUID) -> Offer:
    """One of them, whether it is still offered or not; raises NotFound."""
    found = session.get(kind, offer_id)
    if found is None:
        raise errors.NotFound
    return found


def add(session: Session, kind: type[Offer], values: Mapping[str, Any]) -> Offer:
    """Something new to be booked."""
    offer = kind(id=new_id(), active=True, **values)
    session.add(offer)
    session.flush()
    return offer


def change(session: Session, kind: type[Offer], offer_id: uuid.UUID, values: Mapping[str, Any]) -> Offer:
    """From now on it is so; appointments that were made before stay as they are. Raises NotFound."""
    # Locked, or of two changes at once one would be compared with what the other has just replaced.
    offer = session.get(kind, offer_id, with_for_update={"key_share": True})
    if offer is None:
        raise errors.NotFound
    for name, value in values.items():
        setattr(offer, name, value)
    session.flush()
    return offer


def rules(session: Session) -> Practice:
    """The practice's name, zone and booking rules."""
    return session.scalars(select(Practice)).one()


def change_rules(session: Session, values: Mapping[str, Any]) -> Practice:
    """New rules, for the bookings that come; a new zone is that of dentists who start from now on."""
    practice = session.scalars(select(Practice).with_for_update(key_share=True)).one()
    for name, value in values.items():
        setattr(practice, name, value)
    session.flush()
    return practice
