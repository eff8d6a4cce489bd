"""What all tables have in common: how Python's types are stored, and columns that PostgreSQL makes."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import FetchedValue, Text, types
from sqlalchemy.dialects.postgresql import ARRAY, INT4RANGE, JSONB, TIMESTAMP, TSTZRANGE, Range
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column


def generated() -> MappedColumn[Any]:
    """A column that PostgreSQL makes of others, by the expression in the migration; text is folded to be compared."""
    return mapped_column(server_default=FetchedValue(), server_onupdate=FetchedValue())


class Base(DeclarativeBase):
    """All tables; every instant is aware UTC with milliseconds."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text,
        datetime: TIMESTAMP(timezone=True, precision=3),
        dict[str, Any]: JSONB,
        list[str]: ARRAY(Text),
        list[uuid.UUID]: ARRAY(types.Uuid),
        Range[datetime]: TSTZRANGE,
        Range[int]: INT4RANGE,
    }
