"""The pages of `web/` in a browser: how somebody signs in on them, reads them, and what axe finds."""

from __future__ import annotations

from typing import Any

from dental_sync.api.front_ends import BUILT
from dental_sync.local.run import PROJECT_FOLDER

from .browser import Browser, Page

AXE = PROJECT_FOLDER / "web" / "node_modules" / "axe-core" / "axe.min.js"
LIVE = "document.querySelector('[data-sync-state]')?.dataset.syncState === 'live'"
SIGN_IN_FORM = "document.querySelector('input[type=password]') !== null"
# What is wrong, by rule, with where it is.
_FIND = """axe.run().then(({ violations }) =>
  violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`))"""

_REFUSED = ("Failed to load resource:", "WebSocket connection to")


class Screen:
    """A tab with one of the pages."""

    def __init__(self, browser: Browser, address: str) -> None:
        assert (BUILT / "index.html").exists(), "the pages are not built: run `make web`"
        self.page = browser.open()
        # Whether the browser may note calls that were refused, or found no network: it does so by itself.
        self.is_refused = False
        # Their contrast is looked at as it stays, and not halfway.
        self.page.emulate(reducedMotion="reduce")
        self.page.go(address)
        # Gone when the page is loaded anew.
        self.page.evaluate("window.isTheSame = true")

    @property
    def address(self) -> str:
        """The path with what follows it."""
        return str(self.page.evaluate("location.pathname + location.search"))

    @property
    def is_the_same(self) -> bool:
        """Whether it was never loaded anew."""
        return bool(self.page.evaluate("window.isTheSame === true"))

    def sign_in(self, email: str, password: str) -> None:
        """Fill in the form, once it is there, as somebody who reads its labels does."""
        self.page.wait_for(SIGN_IN_FORM, "asked to sign in")
        for label, text in (("E-mail", email), ("Password", password)):
            self.page.fill(f"label:text-is('{label}') + input", text)
        self.press("Sign in", "form")

    def press(self, words: str, within: str = "main") -> None:
        """Press the button with these words."""
        self.page.click(f"{within} button:has-text('{words}')")

    def wait_live(self) -> None:
        self.page.wait_for(LIVE, "live")

    def wait_shown(self, appointment: dict[str, Any], status: str) -> None:
        """Wait until an appointment is on the screen in a state."""
        shown = f"document.querySelector('[data-appointment-id=\"{appointment['id']}\"]')?.dataset.status"
        self.page.wait_for(f"{shown} === '{status}'", f"{status} on the screen")

    def is_marked(self, appointment: dict[str, Any]) -> bool:
        """Whether an appointment is marked as changed by somebody else."""
        return bool(
            self.page.evaluate(
                f"document.querySelector('[data-appointment-id=\"{appointment['id']}\"][data-just-changed]') !== null"
            )
        )

    def wait_read(self, words: str) -> None:
        """Wait until these words are on the screen."""
        self.page.wait_for(f"document.body.innerText.includes({words!r})", f"saying {words!r}")

    def assert_accessible(self) -> None:
        """Axe finds nothing, in light and in dark."""
        for scheme in ("dark", "light"):
            self.page.emulate(colorScheme=scheme)
            found = violations(self.page)
            assert not found, (self.address, scheme, found)

    def assert_quiet(self) -> None:
        """Nothing was thrown, and nothing stands in the console: no warning, no violation of the policy."""
        said = [line for line in self.page.console() if not (self.is_refused and line.startswith(_REFUSED))]
        noted = self.page.errors(), said
        assert noted == ([], []), noted


def violations(page: Page) -> list[str]:
    """What axe finds in a page, or in what a frame shows."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{AXE.read_text()}; true")
    return list(page.evaluate(_FIND))
