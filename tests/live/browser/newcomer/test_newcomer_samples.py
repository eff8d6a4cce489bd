"""The READMEs' samples for pages, as a newcomer pastes them into Vite's template, against a running practice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ...conftest import PACKAGE
from ...readmes import Sample, samples
from ...system import System, wait_until
from ...witnesses import booking
from ..browser import Browser, Page
from ..site import Site
from .project import ViteProject

# In TypeScript, which both kinds of pages are.
PAGES = {
    f"{sample.readme} {sample.language} {number}": sample
    for language in ("ts", "tsx")
    for number, sample in enumerate(samples("README.md", language) + samples("clients/typescript/README.md", language))
}
ITEMS = "[...document.querySelectorAll('li')].map((item) => item.innerText)"

# Beside what `clients/typescript/tests/old-browser.mjs` takes away from Node, what a page over HTTP lacks.
WITHOUT_NEWER = """
for (const [owner, name] of [
  [AbortSignal, "any"], [AbortSignal, "timeout"], [AbortSignal.prototype, "throwIfAborted"],
  [Navigator.prototype, "locks"], [Crypto.prototype, "randomUUID"], [window, "structuredClone"],
  [Promise, "withResolvers"], [Object, "groupBy"], [Array, "fromAsync"], [URL, "canParse"], [URL, "parse"],
  ...["findLast", "findLastIndex", "toSorted", "toReversed", "with"].map((name) => [Array.prototype, name]),
]) delete owner[name];
const OldSymbol = Symbol.bind(undefined);
for (const name of Object.getOwnPropertyNames(Symbol)) {
  if (!(name in OldSymbol) && !name.toLowerCase().includes("dispose")) OldSymbol[name] = Symbol[name];
}
window.Symbol = OldSymbol;
"""

Pasted = Callable[[Sample], Page]


@pytest.fixture
def pasted(browser: Browser, site: Site, packed: Path, system: System, tmp_path: Path) -> Pasted:
    """Open the page that a sample makes of the template."""

    def open_one(sample: Sample) -> Page:
        project = ViteProject(tmp_path / f"my-page-{abs(hash(sample.text))}", packed)
        project.paste(sample.at(system))
        return browser.open(site.as_it_is(project.build()))

    return open_one


def test_every_sample_is_here() -> None:
    """One of each language in each README."""
    assert [(sample.readme, sample.language) for sample in PAGES.values()] == [
        ("README.md", "ts"),
        ("clients/typescript/README.md", "ts"),
        ("README.md", "tsx"),
        ("clients/typescript/README.md", "tsx"),
    ]


@pytest.mark.parametrize("name", [name for name, sample in PAGES.items() if sample.language == "ts"])
def test_a_page_says_in_the_console_what_happens(name: str, pasted: Pasted, system: System) -> None:
    """It compiles by the template's strict settings, is live, and tells of a booking and of its end."""
    page = pasted(PAGES[name])

    def wait_said(words: str) -> None:
        wait_until(lambda: any(words in line for line in page.console()), 20, lambda: f"{words}: {page.console()}")

    wait_said("live")
    patient = system.account("patient1")
    booked = patient.done("POST", "/appointments", booking(system))
    wait_said("New appointment:")
    patient.done("POST", f"/appointments/{booked['id']}/cancel", {})
    wait_said("Updated appointment:")
    assert page.errors() == []


def test_the_sample_in_react_shows_appointments_and_cancels(pasted: Pasted, system: System) -> None:
    """It is no blank page: what is booked appears by itself, by the clock of the browser, and the button cancels it."""
    page = pasted(PAGES["README.md tsx 0"])
    page.wait_for("document.body.innerText.includes('Up to date')", "live")
    before = page.evaluate(ITEMS)
    patient = system.account("patient1")
    booked = patient.done("POST", "/appointments", booking(system))
    when = page.evaluate(f"new Date('{booked['startsAt']}').toLocaleString()")
    page.wait_for(f"{ITEMS}.length === {len(before) + 1}", "booked")
    [item] = [item for item in page.evaluate(ITEMS) if when in item]
    assert booked["dentistName"] in item
    page.evaluate(
        f"[...document.querySelectorAll('li')].find((item) => item.innerText.includes('{when}'))"
        ".querySelector('button').click()"
    )
    page.wait_for(f"{ITEMS}.length === {len(before)}", "cancelled")
    wait_until(
        lambda: patient.get(f"/appointments/{booked['id']}")["status"] == "cancelled",
        10,
        lambda: "it was not cancelled",
    )
    assert page.errors() == []


def test_the_packages_sample_in_react_shows_what_is_free_and_books_it(pasted: Pasted, system: System) -> None:
    """Its treatment is one that there is, and its weeks have free times."""
    page = pasted(PAGES["clients/typescript/README.md tsx 1"])
    free = "document.querySelectorAll('#root > button').length"
    page.wait_for(f"document.body.innerText.includes('Up to date') && {free} > 0", "live with free times")
    patient = system.account("patient1")
    before = len(patient.get("/appointments?limit=200&status=booked")["items"])
    count = page.evaluate(f"{ITEMS}.length")
    page.click("#root > button")
    page.wait_for(f"{ITEMS}.length === {count + 1}", "booked")
    wait_until(
        lambda: len(patient.get("/appointments?limit=200&status=booked")["items"]) == before + 1,
        10,
        lambda: "nothing was booked",
    )
    assert page.errors() == []


def test_a_page_without_a_bundler_follows_in_an_old_browser(
    system: System, browser: Browser, site: Site, tmp_path: Path
) -> None:
    """The one module, without what browsers gained since the oldest that its README names."""
    source = tmp_path / "old"
    source.mkdir()
    (source / "index.html").write_text('<!doctype html><title>Old</title><script type="module" src="page.js"></script>')
    [sample] = samples("README.md", "ts")
    (source / "page.js").write_text(sample.at(system).replace('"@dental-sync/client"', '"./dental-sync.js"'))
    page = browser.open()
    page.prepare(WITHOUT_NEWER)
    page.go(site.as_it_is(source, PACKAGE / "dist/browser/dental-sync.js"))
    assert page.evaluate("[AbortSignal.any, AbortSignal.timeout, Symbol.dispose, navigator.locks].join()") == ",,,"
    wait_until(lambda: any("live" in line for line in page.console()), 20, lambda: f"not live: {page.console()}")
    system.account("patient1").done("POST", "/appointments", booking(system))
    wait_until(
        lambda: any("New appointment:" in line for line in page.console()), 20, lambda: f"not told: {page.console()}"
    )
    assert page.errors() == []


def test_a_page_that_does_not_configure_says_so(pasted: Pasted) -> None:
    """In the console, and on the screen by the sample's own words; it is not silent for ever."""
    sample = PAGES["README.md tsx 0"]
    lines = [line for line in sample.text.splitlines() if "session" not in line.lower() and "url" not in line]
    page = pasted(Sample(sample.readme, sample.language, "\n".join(lines)))
    page.wait_for("document.body.innerText.includes('configure({ url, getToken })')", "said on the screen")
    wait_until(
        lambda: any("configure({ url, getToken })" in line for line in page.console()),
        10,
        lambda: f"not said in the console: {page.console()}",
    )
    assert len([line for line in page.console() if "configure" in line]) == 1
