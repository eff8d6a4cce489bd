"""Tabs are clients of their own: what becomes of one is nothing to the others, and none leaves anything behind."""

from __future__ import annotations

from pathlib import Path

from ..system import System
from .browser import Browser
from .conftest import OpenDiary
from .diary import FOLDER, Diary, Person
from .site import Site


def test_two_tabs_hear_a_booking_once_each_and_one_goes_on_without_the_other(
    system: System, browser: Browser, open_diary: OpenDiary
) -> None:
    """The server counts both, and forgets the one that is closed."""
    person, road = Person(system), browser.road(system)
    tabs = [open_diary(road, person) for _ in range(2)]
    person.wait_for_subscriptions(2)
    first = person.books()
    for tab in tabs:
        tab.wait_told(first)
    tabs[0].page.close()
    person.wait_for_subscriptions(1)
    second = person.books()
    tabs[1].wait_told(first, second)


def test_a_tab_that_crashes_harms_no_other(system: System, browser: Browser, open_diary: OpenDiary) -> None:
    """Its process is gone in mid-air; the server forgets it, and the other tab does not notice."""
    person, road = Person(system), browser.road(system)
    crashing, other = (open_diary(road, person) for _ in range(2))
    person.wait_for_subscriptions(2)
    crashing.page.crash()
    person.wait_for_subscriptions(1)
    other.wait_told(person.books())
    assert other.states() == ["connecting", "catching-up", "live"]


def test_a_page_that_is_left_leaves_nothing_behind(system: System, browser: Browser, open_diary: OpenDiary) -> None:
    """Away and back again and again: the server counts one while it is shown, and the page shows what was missed."""
    person, road = Person(system), browser.road(system)
    diary = open_diary(road, person)
    for _ in range(3):
        person.wait_for_subscriptions(1)
        diary.page.go("about:blank")
        person.wait_for_subscriptions(0)
        missed = person.books()
        diary.page.go_back()
        diary.wait_for("live")
        assert diary.shows(missed)
    person.wait_for_subscriptions(1)
    diary.page.click("#leave")
    diary.wait_for("closed")
    person.wait_for_subscriptions(0)


def test_a_page_without_a_bundler_takes_the_module_as_it_is(
    system: System, browser: Browser, site: Site, packed: Path
) -> None:
    """The same page, unbundled: its script imports what the package has for that."""
    module = packed / "node_modules/@dental-sync/client/dist/browser/dental-sync.js"
    url = site.as_it_is(FOLDER, module)
    person = Person(system)
    diary = Diary.open(browser, url, browser.road(system), person)
    diary.wait_told(person.books())
    loaded = diary.page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert f"{url}{module.name}" in loaded
    assert diary.page.errors() == []
