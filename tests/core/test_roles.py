"""Roles are listed in one module, and rules ask the actor instead of comparing words."""

from __future__ import annotations

import ast
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from dental_sync.core.actor import Actor
from dental_sync.core.roles import ASSISTANT, RIGHTS, ROLES, VISITOR, Reach
from tests.syntax import PACKAGE, words_compared, words_listed

MIA, ANNA, BEN = (uuid.UUID(int=number) for number in range(1, 4))

# What runs everything on one machine imports nothing of the app, and writes pg_hba.conf, whose words are others.
LOCAL = PACKAGE / "local"
ROLES_MODULE = PACKAGE / "core" / "roles.py"
# Where a role's word means something else: the record that a channel or an action is about.
HOMONYMS = {
    PACKAGE / "sync" / "channels.py": {"patient", "dentist"},
    PACKAGE / "sync" / "delivery.py": {"patient", "dentist"},
    PACKAGE / "sockets" / "handlers.py": {"patient", "dentist"},
    PACKAGE / "writes" / "actions.py": {"patient", "dentist"},
}
# What concerns the accounts themselves: which records and rights go with a role, and whether it changed.
OF_ACCOUNTS = {
    PACKAGE / "core" / "actor.py",
    PACKAGE / "records" / "accounts.py",
    PACKAGE / "records" / "tokens.py",
    PACKAGE / "sockets" / "connections.py",
}


def sources() -> list[Path]:
    """The modules in which no role may be compared or listed."""
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path != ROLES_MODULE and LOCAL not in path.parents]


def roles_compared(source: str) -> list[int]:
    """The lines where somebody's `role` is compared, matched, or looked for in a list."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        asked: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            asked = [node.left, *node.comparators]
        elif isinstance(node, ast.Match):
            asked = [node.subject]
        lines += [each.lineno for each in asked if isinstance(each, ast.Attribute) and each.attr == "role"]
    return lines


def test_no_other_module_compares_or_lists_a_role_by_its_word() -> None:
    """A new role is an entry of the table, and no list has to be searched for."""
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {word}"
        for path in sources()
        for words in [set(ROLES) - HOMONYMS.get(path, set())]
        for line, word in [*words_compared(path.read_text(), words), *words_listed(path.read_text(), words)]
    ]
    assert found == []


def test_no_rule_compares_an_actors_role() -> None:
    """Not with a constant either: rules ask what the actor may do."""
    found = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in sources()
        if path not in OF_ACCOUNTS
        for line in roles_compared(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    "source", ['x == "admin"', 'x in ("dentist", "admin")', 'match x:\n    case "chatbot":\n        pass']
)
def test_a_compared_word_is_found_in_each_of_its_forms(source: str) -> None:
    """The tests above must be able to fail."""
    assert list(words_compared(source, ROLES))


@pytest.mark.parametrize("source", ['f(roles=["admin"])', 'Role = Literal["patient", "chatbot"]', 'x = {"dentist"}'])
def test_a_listed_word_is_found_in_each_of_its_forms(source: str) -> None:
    """The tests above must be able to fail."""
    assert list(words_listed(source, ROLES))


@pytest.mark.parametrize(
    "source", ["actor.role == ADMIN", "actor().role in STAFF", "match actor.role:\n    case _:\n        pass"]
)
def test_a_compared_role_is_found_in_each_of_its_forms(source: str) -> None:
    """The tests above must be able to fail."""
    assert roles_compared(source)


def test_every_role_has_its_rights() -> None:
    """No role is forgotten in the table, and none is there that the type does not have."""
    assert tuple(RIGHTS) == (*ROLES, ASSISTANT, VISITOR)


def an_actor(role: str) -> Actor:
    """Somebody who has, or had, both a patient's record and a diary."""
    return Actor(uuid.uuid4(), role, "Somebody", "somebody@x.test", patient_id=MIA, dentist_id=ANNA)


@pytest.mark.parametrize(
    ("role", "patient", "dentist"),
    [
        ("patient", MIA, None),
        ("dentist", None, ANNA),
        ("receptionist", None, None),
        ("admin", None, None),
        ("chatbot", None, None),
    ],
)
def test_an_account_acts_in_one_role_at_a_time(role: str, patient: uuid.UUID | None, dentist: uuid.UUID | None) -> None:
    """A record from a former role gives no right."""
    actor = an_actor(role)
    assert (actor.own_patient_id, actor.own_dentist_id) == (patient, dentist)
    desk = ("receptionist", "admin")
    assert actor.keeps_diary_of(ANNA) == (role in ("dentist", *desk))
    assert actor.keeps_diary_of(BEN) == actor.sees_everything == (role in desk)
    assert actor.keeps_hours_of(ANNA) == (role in ("dentist", "admin"))
    assert actor.keeps_hours_of(BEN) == actor.administers == (role == "admin")
    assert actor.may_see(MIA, BEN, ANNA) == (role in ("patient", *desk))
    assert actor.is_staff == (role in ("dentist", *desk))
    assert actor.may_book == (role != "chatbot")
    assert actor.works_here == actor.is_staff
    assert actor.own_assistant_id is None


def test_a_visitor_may_nothing_and_is_told_apart_from_an_account() -> None:
    """Though somebody gave it a record and a diary."""
    visitor = an_actor(VISITOR)
    assert visitor.is_visitor
    assert not any(an_actor(role).is_visitor for role in (*ROLES, "one of a later release"))
    assert visitor.own_patient_ids == frozenset()
    assert (visitor.own_dentist_id, visitor.own_assistant_id) == (None, None)
    assert not visitor.may_see(MIA, ANNA, ANNA)
    assert not visitor.keeps_diary_of(ANNA)
    assert (visitor.may_book, visitor.works_here, visitor.administers) == (False, False, False)


def test_a_profession_counts_for_dentists_alone() -> None:
    """Whoever assists has none of a dentist's rights, and a former assistant none of an assistant's."""
    assistant = replace(an_actor("dentist"), profession="assistant")
    assert (assistant.own_patient_id, assistant.own_dentist_id, assistant.own_assistant_id) == (None, None, ANNA)
    assert assistant.may_see(MIA, BEN, ANNA)
    assert not assistant.may_see(MIA, ANNA, None)
    assert not assistant.may_see(MIA, ANNA, BEN)
    assert (assistant.is_staff, assistant.may_book, assistant.keeps_diary_of(ANNA)) == (False, False, False)
    assert assistant.works_here
    assert replace(an_actor("dentist"), profession="hygienist").keeps_diary_of(ANNA)
    assert replace(an_actor("admin"), profession="assistant").administers
    assert not replace(an_actor("patient"), profession="assistant").may_see(BEN, BEN, ANNA)


def test_a_role_that_only_a_later_release_knows_may_nothing() -> None:
    """Two releases run side by side while one replaces the other."""
    actor = an_actor("visitor of a later release")
    assert actor.reach is Reach.NOTHING
    assert not actor.administers
    assert not actor.may_see(MIA, ANNA, ANNA)
