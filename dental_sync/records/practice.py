"""The practice: its rules, the treatments that it offers and the chairs that it has.

What is no longer offered stays, inactive: the appointments that have it keep it, and its name can still be read.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.ids import new_id
from dental_sync.core.roles import ASSISTANT
from dental_sync.storage import keyset, one_row, row_security
from dental_sync.storage.models import Chair, Dentist, Practice, Treatment

Offer = TypeVar("Offer", bound=Treatment | Chair)


class Offers(Generic[Offer]):
    """The treatments or the chairs of the practice."""

    def __init__(self, table: type[Offer]) -> None:
        self._table = table
        self._by_name = keyset.Keyset(keyset.by_text(table.folded_name), keyset.by_id(table.id))

    def page(self, session: Session, *, after: str | None, limit: int, **values: object) -> keyset.Page[Offer]:
        """Those whose columns have these values, by name; raises ValidationFailed for another list's cursor."""
        query = self._by_name.select(select(self._table).filter_by(**values), after=after, limit=limit)
        return self._by_name.page(session.scalars(query), limit=limit)

    def get(self, session: Session, offer_id: uuid.UUID) -> Offer:
        """One of them, whether it is still offered or not; raises NotFound."""
        return one_row.get(session, self._table, offer_id)

    def add(self, session: Session, values: Mapping[str, Any]) -> Offer:
        """Something new to be booked. Chairs are put up in the lane instead."""
        offer = self._table(id=new_id(), active=True, **values)
        session.add(offer)
        session.flush()
        return offer

    def change(self, session: Session, offer_id: uuid.UUID, values: Mapping[str, Any]) -> Offer:
        """From now on it is so; appointments that were made before stay as they are. Raises NotFound."""
        return one_row.change(session, self._table, offer_id, values)


TREATMENTS = Offers(Treatment)
CHAIRS = Offers(Chair)


def rules(session: Session) -> Practice:
    """The practice's name, zone and booking rules."""
    return session.scalars(select(Practice)).one()


def enter_as_visitor(session: Session) -> None:
    """Go on as somebody without an account; raises NotFound where the practice shows nothing of itself."""
    row_security.become(session, row_security.VISITOR)
    if session.scalar(select(Practice.public_booking)) == "off":
        raise errors.NotFound("This practice shows nothing here.")


@dataclass(frozen=True, slots=True)
class Shown:
    """The practice as it shows itself to everybody: what it offers them, and who can be booked, by name."""

    practice: Practice
    treatments: Sequence[Treatment]
    dentists: Sequence[Dentist]


def shown(session: Session) -> Shown:
    """What everybody may know of the practice."""
    offered = select(Treatment).where(Treatment.active, Treatment.public)
    bookable = select(Dentist).where(Dentist.active, Dentist.profession != ASSISTANT)
    return Shown(
        rules(session),
        session.scalars(offered.order_by(Treatment.folded_name, Treatment.id)).all(),
        session.scalars(bookable.order_by(Dentist.folded_name, Dentist.id)).all(),
    )
