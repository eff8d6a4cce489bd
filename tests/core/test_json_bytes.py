"""JSON by orjson has the values that `json` has."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dental_sync.core import json_bytes

# Texts that UTF-8 has, as everything that a caller may store.
texts = st.text()
numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)


@given(values)
def test_what_is_written_is_read_by_json_as_what_json_writes(value: Any) -> None:
    """Whatever the texts and numbers."""
    assert json.loads(json_bytes.dumps(value)) == json.loads(json.dumps(value))


@pytest.mark.parametrize("value", [datetime(2030, 1, 7, tzinfo=UTC), Decimal(1), {1, 2}], ids=repr)
def test_what_has_no_form_in_json_is_refused_and_not_written_in_a_form_of_its_own(value: object) -> None:
    """An instant has the contract's form or none."""
    with pytest.raises(TypeError):
        json_bytes.dumps({"value": value})
