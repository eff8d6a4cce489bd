"""Each channel is heard in the order of the log, through fifty losses of the connection."""

from __future__ import annotations

import pytest

from .storm import Storm


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
