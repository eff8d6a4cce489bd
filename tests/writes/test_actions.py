"""The table of actions is the only place that knows what an action's name means."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import dental_sync
from dental_sync.writes.actions import ACTIONS

PACKAGE = Path(dental_sync.__file__).parent
# What runs the Procfile imports nothing of the app; it has a process that is called `release`.
LOCAL = PACKAGE / "local"
TABLES = {PACKAGE / "writes" / "actions.py", PACKAGE / "diary" / "transitions.py"}


def names_compared(source: str) -> Iterator[tuple[int, str]]:
    """Each place where an action's name is compared, matched, or used as a key, by line."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare(left=left, comparators=others):
                found = [left, *others]
            case ast.MatchValue(value=value):
                found = [value]
            case ast.Subscript(value=value, slice=key) if not (isinstance(value, ast.Name) and value.id == "Literal"):
                found = [key]
            case ast.Call(func=ast.Attribute(attr="get" | "pop" | "setdefault"), args=[key, *_]):
                found = [key]
            case ast.Dict(keys=keys):
                found = [key for key in keys if key is not None]
            case _:
                continue
        for each in found:
            for part in each.elts if isinstance(each, ast.Tuple | ast.List | ast.Set) else [each]:
                if isinstance(part, ast.Constant) and part.value in ACTIONS:
                    yield node.lineno, str(part.value)


def test_no_module_but_the_tables_compares_an_actions_name() -> None:
    """What depends on which action it is stands in one table, so that a new action is one entry."""
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path not in TABLES and LOCAL not in path.parents
        for line, name in names_compared(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        'x == "book"',
        'x in ("book", "hold")',
        'match x:\n    case "close" | "reopen":\n        pass',
        'table["cancel"]',
        'table.get("cancel")',
        '{"cancel": 1}',
    ],
)
def test_a_comparison_is_found_in_each_of_its_forms(source: str) -> None:
    """The test above must be able to fail."""
    assert list(names_compared(source))


def test_each_action_is_stored_under_its_own_name() -> None:
    """A stored request finds its action again, and two actions never share a name."""
    assert {name: action.name for name, action in ACTIONS.items()} == {name: name for name in ACTIONS}
