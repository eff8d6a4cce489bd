"""The scenarios that both clients are held to, in clients/scenarios: here those of Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .made_up_server import Payload
from .scenario import InEventLoop, Player, Threaded

FOLDER = Path(__file__).parents[3] / "clients/scenarios"
SCENARIOS = {
    f"{file.stem}: {scenario['name']}": scenario
    for file in sorted(FOLDER.glob("*.json"))
    for scenario in json.loads(file.read_text())["scenarios"]
}


@pytest.mark.parametrize("make", [Threaded, InEventLoop])
@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_the_client_does_what_the_scenario_says(scenario: Payload, make: type[Threaded | InEventLoop]) -> None:
    """After every step: what it sends, tells and is."""
    Player(scenario, make).play()


def test_there_are_scenarios() -> None:
    """A folder that has moved would be no scenario, and no failure."""
    assert len(SCENARIOS) >= 50
