"""How long a booking takes from the click in one window to the picture in two others: real processes, real Chromium.

A patient presses "Book this time"; a dentist's day and the front desk's day sheet show it. A screen counts when it has
drawn the frame with the appointment in it. Each window is a browser of its own, as in a practice; all of them share
this machine with the service.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode

from bench.parts import Figure, tell
from dental_sync.local.embedded.temporary import temporary_servers
from dental_sync.records.demo import PASSWORD
from tests.live.browser.browser import Browser
from tests.live.browser.executable import find
from tests.live.browser.screens import Screen
from tests.live.browser.sheets import date_of
from tests.live.conftest import running_system
from tests.live.openings import Opening
from tests.live.system import System
from tests.practice import make_template

ROUNDS = 30
# Milliseconds of the machine's clock, which all browsers share.
CLICKED = """addEventListener("click", ({ timeStamp }) => {
  window.clickedAt = performance.timeOrigin + timeStamp;
}, { capture: true })"""
DRAWN = """(() => {
  window.drawnAt = {};
  const note = () => {
    for (const { dataset: { appointmentId: id } } of document.querySelectorAll("[data-appointment-id]")) {
      if (id in drawnAt) continue;
      drawnAt[id] = null;
      // The frame after the next task is the one with it.
      requestAnimationFrame(() => setTimeout(() => { drawnAt[id] = performance.timeOrigin + performance.now(); }));
    }
  };
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
  note();
})()"""
BOOKED = "document.querySelector('[data-appointment-id]')?.dataset.appointmentId"


def main() -> None:
    """Print how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    tell(figures(parser.parse_args().rounds))


def figures(rounds: int = ROUNDS) -> list[Figure]:
    """Start a system and three browsers, and book again and again."""
    with temporary_servers() as servers, tempfile.TemporaryDirectory() as logs:
        template = make_template(servers.postgres)
        settings = {"RATE_LIMIT_PER_MINUTE": "1000000"}
        with running_system(servers, template, Path(logs), settings) as system, windows(system, Path(logs)) as screens:
            took = [measured(system, *screens) for _ in range(rounds + 1)]
    found = []
    # The first is slower: scripts and caches are cold.
    for where in took[0]:
        ms = sorted(one[where] for one in took[1:])
        value = f"{statistics.median(ms):.0f} ms and {ms[int(0.95 * rounds)]:.0f} ms"
        found.append((f"from a patient's click to the {where}'s screen, half and 95 % of {rounds}", value))
    return found


@contextmanager
def windows(system: System, folder: Path) -> Iterator[tuple[Opening, Screen, Screen, Screen]]:
    """A time, and the windows of a patient, a dentist and the front desk; the last two show its day."""
    opening = system.opening()
    with ExitStack() as stack:

        def window(name: str, path: str, **asked: str) -> Screen:
            own = folder / name
            own.mkdir()
            browser = stack.enter_context(Browser.running(find(), own))
            screen = Screen(browser, f"{system.url()}{path}?{urlencode({'lang': 'en', **asked})}")
            screen.sign_in(f"{name}@demo.test", PASSWORD)
            screen.wait_live()
            return screen

        date = date_of(opening.starts_at)
        patient, dentist = window("patient1", "/my"), window("dentist1", "/dentist", date=date)
        desk = window("desk", "/desk", date=date)
        for screen in (dentist, desk):
            screen.page.evaluate(DRAWN)
        yield opening, patient, dentist, desk


def measured(system: System, opening: Opening, patient: Screen, dentist: Screen, desk: Screen) -> dict[str, float]:
    """Book once, by a click; gives the milliseconds until each screen shows it, and takes it back."""
    at = {"at": opening.starts_at, "with": system.account("dentist1").dentist_id, "lang": "en"}
    patient.page.go(f"{system.url()}/book?{urlencode(at)}")
    patient.page.wait_for("document.querySelector('[role=timer]') !== null", "held")
    patient.page.evaluate(CLICKED)
    patient.press("Book this time", "form")
    booked = patient.page.wait_for(BOOKED, "booked")
    clicked = patient.page.evaluate("clickedAt")
    took = {name: drawn(screen, booked) - clicked for name, screen in (("dentist", dentist), ("front desk", desk))}
    system.account("admin").done("DELETE", f"/appointments/{booked}")
    for screen in (dentist, desk):
        screen.page.wait_for(f"document.querySelector('[data-appointment-id=\"{booked}\"]') === null", "gone")
    return took


def drawn(screen: Screen, booked: str) -> float:
    """When a screen had drawn it, by the machine's clock."""
    return float(screen.page.wait_for(f"drawnAt['{booked}']", "drawn"))


if __name__ == "__main__":
    main()
