"""A Chromium, pages for it, and systems that it can reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.records.demo import PASSWORD

from ..conftest import assert_no_complaints, running_system
from ..system import System
from .browser import Browser, Road
from .diary import FOLDER, Diary, Person
from .executable import find
from .screens import Screen
from .sheets import DaySheet
from .site import Site


@pytest.fixture(scope="session")
def site(packed: Path) -> Iterator[Site]:
    """Where pages are served, made with the packed client."""
    with Site.running(packed) as running:
        yield running


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser of all tests."""
    with Browser.running(find(), tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """A browser without tabs; those of the test are closed at the end, and the network is there."""
    yield chromium
    chromium.tidy()


@pytest.fixture(scope="session")
def calm_system(servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system whose heart beats as slowly as in production."""
    with running_system(servers, template, tmp_path_factory.mktemp("calm"), {"HEARTBEAT_SECONDS": "30"}) as running:
        yield running


@pytest.fixture
def calm(calm_system: System) -> Iterator[System]:
    """It beats every thirty seconds: without waking, silence would be noticed after a minute only."""
    yield calm_system
    assert_no_complaints(calm_system)


OpenDesk = Callable[..., DaySheet]


@pytest.fixture
def open_desk(browser: Browser, system: System) -> Iterator[OpenDesk]:
    """Open the sheet of a day in a browser of its own: `open_desk("2026-11-30")`; its console stays empty.

    `view` is what else the address says, such as `by=chair`.
    """
    opened: list[Screen] = []

    def open_one(date: str, width: int = 1280, view: str = "") -> DaySheet:
        screen = Screen(browser, f"{browser.road(system).url}/desk?date={date}&lang=en&{view}")
        opened.append(screen)
        screen.page.resize(width)
        screen.sign_in("desk@demo.test", PASSWORD)
        screen.wait_live()
        screen.page.wait_for("document.querySelector('[data-sheet]') !== null", "showing the sheet")
        return DaySheet(screen)

    yield open_one
    for screen in opened:
        screen.assert_quiet()


OpenDiary = Callable[..., Diary]


@pytest.fixture
def open_diary(browser: Browser, site: Site) -> Iterator[OpenDiary]:
    """Open a diary in a tab: `open_diary(road, person)`; nothing that it did was left uncaught."""
    opened: list[Diary] = []

    def open_one(road: Road, person: Person, **more: object) -> Diary:
        opened.append(Diary.open(browser, site.bundled(FOLDER), road, person, **more))
        return opened[-1]

    yield open_one
    assert [diary.page.errors() for diary in opened] == [[]] * len(opened)
