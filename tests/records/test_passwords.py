"""What is compared when nobody has the address is as much work as a password that somebody has."""

from __future__ import annotations

import pytest
from argon2 import extract_parameters
from argon2.exceptions import VerifyMismatchError

from dental_sync.records import passwords


def test_nobodys_hash_costs_what_everybodys_costs() -> None:
    made = passwords._nobodys_hash()
    theirs = passwords._hasher.hash("a password of somebody")
    assert extract_parameters(made) == extract_parameters(theirs)
    assert len(made) == len(theirs)


def test_nobodys_hash_is_compared_to_the_end_and_fits_nothing() -> None:
    # And not refused at once, as what is no hash would be.
    with pytest.raises(VerifyMismatchError):
        passwords._hasher.verify(passwords._nobodys_hash(), "nobody has this password")
    assert passwords._nobodys_hash() != passwords._nobodys_hash()
