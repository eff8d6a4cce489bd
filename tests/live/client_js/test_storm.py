"""A dashboard is cut off fifty times during two thousand bookings: it has all of them, once, in the order of the log.

In one file, since each worker of pytest would let a storm of its own pass.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dental_sync.local.embedded.temporary import TemporaryServers

from ..conftest import assert_no_complaints, running_system
from .front_end import front_ends
from .storm import BOOKINGS, CUTS, Storm, storm


@pytest.fixture(scope="module")
def after_the_storm(
    servers: TemporaryServers, template: str, packed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Storm:
    """What a dashboard was told that was cut off fifty times during two thousand bookings."""
    logs = tmp_path_factory.mktemp("storm")
    with running_system(servers, template, logs, {}) as system, front_ends(packed) as open_one:
        passed = storm(system, open_one)
        assert_no_complaints(system)
    return passed


def test_fifty_losses_during_two_thousand_bookings_cost_nothing(after_the_storm: Storm) -> None:
    """A dashboard's copy of the diary, made from what it was told alone, is what a fresh snapshot shows."""
    assert len(after_the_storm.losses) >= CUTS
    assert after_the_storm.errors == []
    snapshot = after_the_storm.snapshot
    assert len(snapshot) == BOOKINGS
    assert after_the_storm.copy("all") == snapshot
    own = {key: row for key, row in snapshot.items() if row["dentistId"] == after_the_storm.dentist_id}
    assert len(own) > BOOKINGS / 4
    assert after_the_storm.copy("one") == own


@pytest.mark.parametrize("name", ["all", "one"])
def test_nothing_is_told_twice_through_fifty_losses(after_the_storm: Storm, name: str) -> None:
    """What a replay brings once more is not told once more, in channels that overlap neither."""
    heard = after_the_storm.heard(name)
    assert len(heard) > 500
    assert len(set(heard)) == len(heard)


@pytest.mark.parametrize("name", ["all", "one"])
def test_what_happened_first_is_told_first(after_the_storm: Storm, name: str) -> None:
    """Creations, changes and cancellations come as the log has them, in channels that overlap too."""
    assert after_the_storm.heard(name) == after_the_storm.log[name]


@pytest.mark.parametrize("name", ["all", "one"])
def test_the_versions_of_an_appointment_rise(after_the_storm: Storm, name: str) -> None:
    """Nothing that is older is told after something newer of the same appointment."""
    versions: dict[str, list[int]] = {}
    for _what, appointment_id, version in after_the_storm.heard(name):
        versions.setdefault(appointment_id, []).append(version)
    assert max(map(len, versions.values())) > 2
    assert all(each == sorted(set(each)) for each in versions.values())
