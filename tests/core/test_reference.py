"""docs/errors.md and docs/settings.md say what the code says."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from pathlib import Path

import pytest

from dental_sync.core import account_errors, errors, reference
from dental_sync.core.config import Settings

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("page", reference.PAGES)
def test_the_page_is_the_one_that_make_docs_writes(page: str) -> None:
    """`make docs` was run after the last change."""
    assert (DOCS / f"{page}.md").read_text() == reference.PAGES[page]()


def test_every_refusal_has_a_code_of_its_own_and_a_remedy() -> None:
    """A class that forgot one of them would answer with its base's."""
    bodies = [ast.parse(inspect.getsource(module)).body for module in (account_errors, errors)]
    refusals = reference.refusals()
    assert [refusal.__name__ for refusal in refusals] == [
        node.name for body in bodies for node in body if isinstance(node, ast.ClassDef)
    ]
    for refusal in refusals:
        assert {"code", "remedy", "__doc__"} <= set(vars(refusal)), refusal
        assert refusal.remedy.endswith("."), refusal
    assert len({refusal.code for refusal in refusals}) == len(refusals)


def test_every_setting_has_a_unit_and_a_meaning() -> None:
    """What docs/settings.md says of it."""
    for field in dataclasses.fields(Settings):
        assert field.metadata["unit"], field.name
        assert str(field.metadata["meaning"]).endswith("."), field.name
