"""Pictures of the main pages, which are shown in README and compared by a test.

`.venv/bin/python -m tests.live.browser.pictures` takes all of them anew, into docs/pictures: look at them, then commit.
"""

from __future__ import annotations

import base64
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dental_sync.local.embedded.temporary import temporary_servers
from dental_sync.local.run import PROJECT_FOLDER
from dental_sync.records.demo import PASSWORD, TIME_ZONE
from tests.practice import make_template

from ..conftest import running_system
from ..system import System
from .browser import Browser, Page
from .days import ONLY, make_day
from .executable import find
from .screens import Screen

FOLDER = PROJECT_FOLDER / "docs" / "pictures"
WIDE, NARROW = (1280, 860), (360, 760)

SHOWN = "[data-appointment-id]"


@dataclass(frozen=True)
class Picture:
    """A page at a size; `{date}` in its path is the day that `days.make_day` has filled."""

    path: str
    size: tuple[int, int]
    email: str = ""
    scheme: str = "light"
    # What is there when it is complete.
    waits_for: str = SHOWN
    is_live: bool = True
    # What is pressed before it is taken.
    press: str = ""


PICTURES = {
    "start": Picture("/?lang=en", WIDE, waits_for="#demo", is_live=False),
    "start-narrow": Picture("/?lang=en", NARROW, scheme="dark", waits_for="#demo", is_live=False),
    "book": Picture("/book?date={date}&lang=en", NARROW, waits_for="[data-slot]"),
    "my": Picture("/my?lang=en", NARROW, ONLY["email"], scheme="dark"),
    "dentist": Picture("/dentist?date={date}&lang=en", NARROW, "dentist2@demo.test"),
    "day-sheet": Picture("/desk?date={date}&lang=en", WIDE, "desk@demo.test", press=f"{SHOWN} >> nth=1"),
}

# The page's own letters, which it goes without where they come late.
_LETTERS = """(async () => {
  const { href } = document.querySelector("link[as=font]");
  document.fonts.add(await new FontFace("Figtree", `url(${href})`, { weight: "300 900" }).load());
})()"""
# What is said of the day, which is another one each time: left, top, right and bottom in pixels.
_DATES = """[...document.querySelectorAll("main :is(h1, h2, [class*=when], [class*=date], label:has([name=day]))")]
  .map((said) => said.getBoundingClientRect()).map(({ left, top, right, bottom }) => [left, top, right, bottom])"""
# Pictures are looked at from afar, in cells of 8 by 8 pixels; gives the share of those whose colour is another one.
_DIFFERENCE = """(async ({ sources, ignored }) => {
  const SIDE = 8, MUCH = 48;
  const seen = async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = new OffscreenCanvas(Math.ceil(image.width / SIDE), Math.ceil(image.height / SIDE));
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    for (const [left, top, right, bottom] of ignored) {
      context.fillRect(left / SIDE - 1, top / SIDE - 1, (right - left) / SIDE + 2, (bottom - top) / SIDE + 2);
    }
    return context.getImageData(0, 0, canvas.width, canvas.height);
  };
  const [one, other] = await Promise.all(sources.map(seen));
  if (one.width !== other.width || one.height !== other.height) return 1;
  let others = 0;
  for (let at = 0; at < one.data.length; at += 4) {
    if ([0, 1, 2].some((channel) => Math.abs(one.data[at + channel] - other.data[at + channel]) > MUCH)) others += 1;
  }
  return others / (one.data.length / 4);
})"""


@dataclass(frozen=True)
class Taken:
    """A WebP, and where something in it is another one each time."""

    content: bytes
    ignored: list[list[float]]


def take(browser: Browser, system: System, picture: Picture, date: str) -> Taken:
    """Open a page in a session of its own, and take its picture."""
    screen = Screen(browser, "about:blank")
    screen.page.set_zone(TIME_ZONE)
    screen.page.resize(*picture.size)
    screen.page.emulate(colorScheme=picture.scheme)
    screen.page.go(browser.road(system).url + picture.path.format(date=date))
    if picture.email:
        screen.sign_in(picture.email, PASSWORD)
    screen.page.wait_for(f"document.querySelector({json.dumps(picture.waits_for)}) !== null", "there")
    if picture.is_live:
        screen.wait_live()
    if picture.press:
        screen.page.click(picture.press)
    screen.page.evaluate(_LETTERS)
    shot = screen.page.do("send", method="Page.captureScreenshot", params={"format": "webp", "quality": 80})
    return Taken(base64.b64decode(shot["data"]), screen.page.evaluate(_DATES))


def difference(page: Page, taken: Taken, kept: bytes) -> float:
    """By how much of it a picture differs from one that was taken before: 0 is nothing, 1 is all."""
    sources = [f"data:image/webp;base64,{base64.b64encode(one).decode()}" for one in (taken.content, kept)]
    asked = json.dumps({"sources": sources, "ignored": taken.ignored})
    return float(page.evaluate(f"{_DIFFERENCE}({asked})"))


def main() -> None:
    """Start a demo practice, fill a day of it, and take all pictures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        temporary_servers() as servers,
        running_system(servers, make_template(servers.postgres), Path(folder), {}) as system,
        Browser.running(find(), Path(folder)) as browser,
    ):
        date = make_day(system)
        for name, picture in PICTURES.items():
            file = FOLDER / f"{name}.webp"
            file.write_bytes(take(browser, system, picture, date).content)
            print(f"{file.relative_to(PROJECT_FOLDER)}: {file.stat().st_size // 1024} KiB")  # noqa: T201


if __name__ == "__main__":
    main()
