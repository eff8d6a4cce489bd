"""Versions of an appointment: which change raises them, and which `If-Match` lets a change pass."""

from __future__ import annotations

import pytest

from dental_sync.core import errors, preconditions
from tests.diary.diaries import HOUR, PATIENT_NOAH, TUESDAY_NINE, a_diary, cancel, change, delete, entered


@pytest.mark.parametrize(
    ("if_match", "passes"),
    [
        (None, True),
        ("*", True),
        (' "7" ', True),
        ('"1", "7"', True),
        ('"6"', False),
        # As a proxy that compresses sends ours on.
        ('W/"7"', True),
        ('W/"6"', False),
        ('w/"7"', False),
        ("7", False),
        ("", False),
        ('"77"', False),
    ],
)
def test_a_change_is_applied_only_to_the_version_that_was_read(if_match: str | None, passes: bool) -> None:
    """The weak form of our own tag is the version too; without `If-Match` nobody asked."""
    diary = a_diary()
    appointment = entered(diary, version=7)
    if passes:
        assert change(diary, appointment, if_match=if_match, reason="x").version == 8
    else:
        with pytest.raises(errors.PreconditionFailed):
            change(diary, appointment, if_match=if_match, reason="x")
        assert diary.appointments[appointment.id] == appointment


def test_an_entity_tag_is_the_version_in_quotes() -> None:
    """What `ETag` says is what `If-Match` takes."""
    diary = a_diary()
    appointment = entered(diary, version=7)
    assert preconditions.etag(7) == '"7"'
    assert change(diary, appointment, if_match=preconditions.etag(7), reason="x").version == 8


def test_the_precondition_is_judged_before_the_rules_and_after_the_rights() -> None:
    """A stranger learns nothing from a stale tag, and a stale tag is the answer whatever else is wrong."""
    diary = a_diary()
    appointment = entered(diary, status="cancelled")
    with pytest.raises(errors.NotFound):
        change(diary, appointment, PATIENT_NOAH, if_match='"9"', reason="x")
    with pytest.raises(errors.PreconditionFailed):
        change(diary, appointment, if_match='"9"', reason="x")


def test_the_version_rises_with_every_change_and_with_nothing_else() -> None:
    """The next request of the same batch is judged by the version that this one made."""
    diary = a_diary()
    appointment = entered(diary)
    assert change(diary, appointment, if_match='"1"', reason="x").version == 2
    assert change(diary, appointment, if_match='"2"', reason="x").version == 2
    assert change(diary, appointment, if_match='"2"', starts_at=TUESDAY_NINE).version == 2
    assert change(diary, appointment, if_match='"2"', starts_at=TUESDAY_NINE + HOUR).version == 3
    cancel(diary, appointment)
    assert diary.appointments[appointment.id].version == 4
    delete(diary, appointment)
    assert diary.appointments[appointment.id].version == 5
