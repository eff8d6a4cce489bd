"""What the day sheet costs the browser's main thread while 542 appointments scroll and one of them is dragged.

The goal is less than 8 ms for 95 of 100 frames, in a window of 1280 by 800: of 16.7 ms that a frame has at 60 Hz, half.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import create_engine, text

from bench import frames, large_practice
from bench.parts import Figure, tell
from dental_sync.core.config import sqlalchemy_url
from dental_sync.local.embedded.postgres import Postgres
from dental_sync.local.embedded.temporary import temporary_servers
from dental_sync.records.demo import PASSWORD, TIME_ZONE
from tests.live.browser.browser import Browser, Page, Point
from tests.live.browser.executable import find
from tests.live.browser.screens import Screen
from tests.live.conftest import running_system

APPOINTMENTS = 542
SIZE = (1280, 800)
PRACTICE = "full_day"
# How far the sheet is scrolled, down, up, to the right and back, in pixels, and how many of them in a second.
DISTANCES = ((0, -600), (0, 600), (-4000, 0), (4000, 0))
SPEED = 1200
DRAG_FRAMES = 300
ALL_SHOWN = f"document.querySelectorAll('[data-appointment-id]').length === {APPOINTMENTS}"
SETTLED = "new Promise((settled) => setTimeout(settled, 2000))"
SHEET = """(({ left, top, width, bottom }) => [left + width / 2, (top + Math.min(bottom, innerHeight)) / 2])(
  document.querySelector("[data-sheet]").getBoundingClientRect())"""
# An appointment near the middle, so that it can be carried to all sides.
NEAR_THE_MIDDLE = """((x, y) => {
  const middles = [...document.querySelectorAll("[data-appointment-id]")].map((each) => {
    const { left, top, width, height } = each.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  });
  const far = ([left, top]) => Math.hypot(left - x, top - y);
  return middles.reduce((nearest, each) => (far(each) < far(nearest) ? each : nearest));
})"""


def figures() -> list[Figure]:
    """Fill a day, open it at the front desk, scroll and drag."""
    found = []
    with (
        tempfile.TemporaryDirectory() as folder,
        temporary_servers() as servers,
        running_system(servers, fill(servers.postgres), Path(folder), {"RATE_LIMIT_PER_MINUTE": "1000000"}) as system,
        Browser.running(find(), Path(folder)) as browser,
    ):
        screen = Screen(browser, f"{browser.road(system).url}/desk?date={day_of(system.urls.owner)}&lang=en")
        page = screen.page
        page.resize(*SIZE)
        screen.sign_in("desk@demo.test", PASSWORD)
        screen.wait_live()
        page.wait_for(ALL_SHOWN, "showing the whole day", 60)
        page.evaluate(SETTLED)
        for name, drive in (("scrolling", scroll), ("dragging", drag)):
            drawn = traced(page, Path(folder) / "trace.json", drive)
            what = f"{name} a day of {APPOINTMENTS} appointments, {len(drawn.work)} frames, {drawn.dropped} dropped"
            found += [
                (f"{what}: processor of the main thread", frames.said(drawn.work)),
                ("the same, by the clock", frames.said(drawn.clock)),
            ]
    return found


def fill(postgres: Postgres) -> str:
    """A practice of which one day has all the appointments; returns the name of its database, to be copied."""
    large_practice.make(postgres, PRACTICE, APPOINTMENTS)
    postgres.ready_to_be_copied(PRACTICE)
    return PRACTICE


def day_of(owner_url: str) -> str:
    """The date of that day, by the practice's clock."""
    engine = create_engine(sqlalchemy_url(owner_url))
    with engine.connect() as connection:
        query = text("SELECT DISTINCT (starts_at AT TIME ZONE :zone)::date FROM appointments")
        [[date]] = connection.execute(query, {"zone": TIME_ZONE}).all()
    engine.dispose()
    return str(date.isoformat())


def traced(page: Page, path: Path, drive: Callable[[Page], None]) -> frames.Frames:
    """What the browser itself noted meanwhile."""
    page.do("startTracing", categories=frames.CATEGORIES)
    drive(page)
    page.do("stopTracing", path=str(path))
    return frames.read(json.loads(path.read_bytes())["traceEvents"])


def scroll(page: Page) -> None:
    """By the wheel, over the middle of the sheet."""
    x, y = page.evaluate(SHEET)
    for x_distance, y_distance in DISTANCES:
        gesture = {"x": x, "y": y, "xDistance": x_distance, "yDistance": y_distance, "speed": SPEED}
        params = {**gesture, "gestureSourceType": "mouse"}
        page.do("send", method="Input.synthesizeScrollGesture", params=params)


def drag(page: Page) -> None:
    """Through columns and hours, one place for each frame, and back by Escape."""
    x, y = page.evaluate(SHEET)
    page.do("carry", places=circling(page.evaluate(f"{NEAR_THE_MIDDLE}({x}, {y})")))


def circling(start: Point) -> list[Point]:
    """A way that crosses about ten columns and many lines of the grid, without coming to an edge of the sheet."""
    x, y = start
    return [(x + 300 * math.sin(frame / 30), y + 120 * math.sin(frame / 17)) for frame in range(DRAG_FRAMES)]


if __name__ == "__main__":
    tell(figures())
