"""The table of actions is the only place that knows what an action's name means."""

from __future__ import annotations

import pytest

from dental_sync.writes.actions import ACTIONS
from tests.syntax import PACKAGE, words_compared

# What runs the Procfile imports nothing of the app; it has a process that is called `release`.
LOCAL = PACKAGE / "local"
TABLES = {PACKAGE / "writes" / "actions.py", PACKAGE / "diary" / "transitions.py"}


def test_no_module_but_the_tables_compares_an_actions_name() -> None:
    """What depends on which action it is stands in one table, so that a new action is one entry."""
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path not in TABLES and LOCAL not in path.parents
        for line, name in words_compared(path.read_text(), ACTIONS)
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
    assert list(words_compared(source, ACTIONS))


def test_each_action_is_stored_under_its_own_name() -> None:
    """A stored request finds its action again, and two actions never share a name."""
    assert {name: action.name for name, action in ACTIONS.items()} == {name: name for name in ACTIONS}
