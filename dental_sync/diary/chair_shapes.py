"""What may be asked about chairs: which there are, and when one is away. Pure."""

from __future__ import annotations

from typing import ClassVar

from dental_sync.core.wire_types import Changes, Id, Name, Shape
from dental_sync.diary.hours_shapes import Force, TakeTimeOff


class NewChair(Shape):
    """A place to treat in."""

    name: Name
    kind: Name


class ChairChanges(Changes):
    """What is to be different about a chair."""

    options: ClassVar[frozenset[str]] = frozenset({"force"})

    name: Name | None = None
    kind: Name | None = None
    active: bool | None = None
    force: Force = False


class WithdrawChair(Shape):
    """Use a chair no longer."""

    force: bool = False


class TakeChairAway(TakeTimeOff):
    """A chair is away; the reason is for the front desk."""


class BringChairBack(Shape):
    """A chair is there after all; it must be that chair's time off."""

    chair_id: Id
