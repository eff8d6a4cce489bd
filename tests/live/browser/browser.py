"""A Chromium of one's own, its pages, and the roads by which they reach the service."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from dental_sync.local.embedded.server import die_with_parent

from ..javascript import JsClient, Node
from ..rest import call
from ..system import System, wait_until
from .executable import Executable

START_SECONDS = 60.0
WAIT_SECONDS = 20.0

FLAGS = (
    "--headless=new",
    "--window-size=1280,800",
    "--remote-debugging-port=0",
    "--disable-gpu",
    "--no-first-run",
    "--disable-breakpad",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-dev-shm-usage",
)


# From the left and from the top, in pixels of the window.
Point = tuple[float, float]


class Browser:
    """One Chromium with an empty profile; whatever becomes of a test, it ends with `running`."""

    def __init__(self, process: subprocess.Popen[bytes], product: str, driver: JsClient) -> None:
        # A headless shell ("HeadlessChrome/…") has no windows, in which a tab could be behind another.
        self.hides_tabs = product.startswith("Chrome/")
        self._process = process
        self._driver = driver
        self._numbers = itertools.count(1)

    @classmethod
    @contextmanager
    def running(cls, executable: Executable, folder: Path) -> Iterator[Self]:
        """Start it; the profile and what it says are in the folder."""
        profile = folder / "profile"
        with (folder / "chromium.log").open("wb") as log:
            process = subprocess.Popen(
                [executable.path, *FLAGS, *executable.flags, f"--user-data-dir={profile}", "about:blank"],
                # Where none is set its language is "en-US@posix", which is no language tag.
                env={**os.environ, "LANG": "en_US.UTF-8", **executable.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - looked up before
            )
        try:
            address = profile / "DevToolsActivePort"
            wait_until(
                lambda: process.poll() is not None or (address.exists() and "\n" in address.read_text()),
                START_SECONDS,
                lambda: "Chromium did not start",
            )
            assert process.poll() is None, (folder / "chromium.log").read_text(errors="replace")
            with Node(Path(__file__).parent / "browser.mjs") as node:
                port = int(address.read_text().splitlines()[0])
                product = call(port, "GET", "/json/version").body["Browser"]
                browser = cls(process, product, node.client())
                browser.do("connect", address=f"http://127.0.0.1:{port}")
                yield browser
        finally:
            # Whatever is in it, paused or not.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def do(self, command: str, **more: object) -> Any:
        """Give a command and wait for its outcome."""
        answer = self._driver.emit(command, more)
        self._driver.forget()
        assert "error" not in answer, f"{command}: {answer['error']}"
        return answer["value"]

    def next_number(self) -> int:
        """A number that no page and no road has."""
        return next(self._numbers)

    def open(self, url: str | None = None) -> Page:
        """A new tab, in front of the others."""
        page = Page(self, self.next_number())
        self.do("open", page=page.number)
        if url is not None:
            page.go(url)
        return page

    def road(self, system: System, web: int = 0) -> Road:
        """A road to a web process."""
        number = self.next_number()
        return Road(self, number, self.do("road", road=number, port=system.ports[web]))

    def tidy(self) -> None:
        """Close all tabs and roads and forget what pages kept there; the network is there."""
        self.do("tidy")

    def set_offline(self, offline: bool) -> None:
        """The network goes, or comes back."""
        self.do("setOffline", offline=offline)

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """As with a lid that is shut: nothing in it runs, and nothing in it is told to stop."""
        os.killpg(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._process.pid, signal.SIGCONT)


class Page:
    """One tab."""

    def __init__(self, browser: Browser, number: int) -> None:
        self.browser = browser
        self.number = number

    def do(self, command: str, **more: object) -> Any:
        return self.browser.do(command, page=self.number, **more)

    def go(self, url: str) -> None:
        self.do("goto", url=url)

    def go_back(self) -> None:
        self.do("goBack")

    def bring_to_front(self) -> None:
        """Show this tab; the one that was in front is hidden."""
        self.do("bringToFront")

    def evaluate(self, expression: str) -> Any:
        """What an expression is in the page."""
        return self.do("evaluate", expression=expression)

    def click(self, selector: str) -> None:
        self.do("click", selector=selector)

    def press(self, key: str) -> None:
        """Press a key, such as `Enter` or `Shift+ArrowDown`."""
        self.do("press", key=key)

    def type(self, text: str) -> None:
        """Type where the focus is."""
        self.do("type", text=text)

    def click_at(self, at: Point) -> None:
        self.do("clickAt", at=at)

    def drag(self, start: Point, end: Point) -> None:
        """Carry something by the mouse."""
        self.do("drag", **{"from": start, "to": end})

    def touch(self, start: Point, end: Point, rest_ms: int = 0) -> None:
        """A finger rests somewhere, goes elsewhere, and leaves."""
        self.do("touch", **{"from": start, "to": end}, restMs=rest_ms)

    def text(self, selector: str) -> str:
        """What somebody reads there."""
        return str(self.evaluate(f"document.querySelector({selector!r}).innerText"))

    def wait_for(self, expression: str, what: str, seconds: float = WAIT_SECONDS) -> Any:
        """Wait until an expression is true in the page; returns its value."""
        found: list[Any] = []

        def is_so() -> bool:
            found[:] = [self.evaluate(expression)]
            return bool(found[0])

        wait_until(is_so, seconds, lambda: f"not {what}: {self.errors()}\n{self.text('body')}")
        return found[0]

    def emulate(self, **media: str) -> None:
        """Let it prefer something, such as `colorScheme="dark"`."""
        self.do("emulate", media=media)

    def resize(self, width: int, height: int = 800) -> None:
        """Make the window as large as a phone's, or as a wall's."""
        self.do("resize", width=width, height=height)

    def frame(self, selector: str) -> Page:
        """What a frame shows, as a page to be looked at, clicked and filled in; what is typed goes to the whole tab."""
        entered = Page(self.browser, self.browser.next_number())
        self.do("enter", selector=selector, frame=entered.number)
        return entered

    def set_zone(self, zone: str) -> None:
        """Let its clock be that of a zone, whatever the machine's is."""
        self.do("setZone", zone=zone)

    def set_lifecycle(self, state: str) -> None:
        """`frozen`, as a browser does with tabs that nobody looks at, or `active`."""
        self.do("send", method="Page.setWebLifecycleState", params={"state": state})

    def errors(self) -> list[str]:
        """What was thrown and not caught."""
        return list(self.do("describe")["errors"])

    def console(self) -> list[str]:
        """What its scripts said in the console."""
        return list(self.do("describe")["console"])

    def fill(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.do("fill", selector=selector, text=text)

    def prepare(self, script: str) -> None:
        """Run a script in every document that it shows from now on, before its own."""
        self.do("prepare", script=script)

    def crash(self) -> None:
        """End its process as a fault of the browser would."""
        self.do("crash")
        wait_until(lambda: self.do("describe")["hasCrashed"], WAIT_SECONDS, lambda: "the tab did not crash")

    def screenshot(self, path: Path) -> None:
        self.do("screenshot", path=str(path))

    def close(self) -> None:
        self.do("close")


class Road:
    """How pages reach the service."""

    def __init__(self, browser: Browser, number: int, url: str) -> None:
        self.url = url
        self._browser = browser
        self._number = number

    def forget(self) -> None:
        """Every connection is gone, and only the server hears of it; new ones are made as before."""
        self._browser.do("forget", road=self._number)
