"""`/admin` in Chromium: what an admin keeps, with what is in the way said before it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dental_sync.records.demo import PASSWORD
from dental_sync.records.logo import LARGEST_BYTES

from ..rest import call
from ..system import System
from ..witnesses import NEW_PASSWORD, somebody_new
from .browser import Browser
from .screens import Screen

OpenAdmin = Callable[..., Screen]
WIDTHS = (320, 2560, 1280)
WEEKDAYS = [{"isoWeekday": day, "start": "08:00", "end": "18:00"} for day in range(1, 6)]
# An image of noise, which does not compress: more than the server takes.
CHOOSE_LARGE_IMAGE = """(async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 900, height: 600 });
  const context = canvas.getContext("2d");
  const noise = context.createImageData(900, 600);
  let last = 1;
  for (let at = 0; at < noise.data.length; at += 1) {
    last = (last * 48271) % 2147483647;
    noise.data[at] = at % 4 === 3 ? 255 : last % 256;
  }
  context.putImageData(noise, 0, 0);
  const image = await new Promise((made) => canvas.toBlob(made, "image/png"));
  const files = new DataTransfer();
  files.items.add(new File([image], "logo.png", { type: "image/png" }));
  const input = document.querySelector("input[type=file]");
  input.files = files.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return image.size;
})()"""


@pytest.fixture
def open_admin(browser: Browser, system: System) -> Iterator[OpenAdmin]:
    """Open a view as the admin, in a browser of its own: `open_admin("view=chairs")`; its console stays empty."""
    opened: list[Screen] = []

    def open_one(search: str, email: str = "admin@demo.test", password: str = PASSWORD) -> Screen:
        screen = Screen(browser, f"{browser.road(system).url}/admin?{search}&lang=en")
        opened.append(screen)
        screen.sign_in(email, password)
        screen.wait_live()
        return screen

    yield open_one
    for screen in opened:
        screen.assert_quiet()


def assert_fits(screen: Screen) -> None:
    """At the width of a phone and of a wall, and accessible."""
    for width in WIDTHS:
        screen.page.resize(width)
        assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (screen.address, width)
    screen.assert_accessible()


def fill(screen: Screen, label: str, text: str) -> None:
    """Fill in the field of this label."""
    screen.page.fill(f"label:text-is('{label}') + input", text)


def choose(screen: Screen, label: str, name: str) -> None:
    """Choose from the list of this label, by keys."""
    screen.page.evaluate(
        f"[...document.querySelectorAll('label')].find((each) => each.innerText.startsWith('{label}'))"
        ".querySelector('select').focus()"
    )
    screen.page.type(name)
    chosen = "document.activeElement.selectedOptions?.[0]?.text"
    screen.page.wait_for(f"{chosen} === '{name}'", f"{name} chosen")


def open_record(screen: Screen, name: str) -> None:
    """Open what is listed by this name."""
    screen.page.click(f"[data-record-id]:has-text('{name}')")
    screen.page.wait_for(f"document.querySelector('h2')?.innerText === '{name}'", f"{name} opened")


def test_every_view_fits_and_can_be_read_by_everybody(open_admin: OpenAdmin) -> None:
    """Reached by the navigation, which is folded on a phone and keeps the address; the front desk is a link away."""
    screen = open_admin("view=accounts")
    screen.wait_read("Chatbot")
    for view in ("Practice", "Dentists", "Treatments", "Chairs", "Closures", "Accounts"):
        screen.page.click(f"nav a:has-text('{view}')")
        screen.page.wait_for(f"document.querySelector('h1').innerText === '{view}'", view)
        assert f"view={view.lower()}" in screen.address
        screen.page.wait_for("document.querySelector('main [role=status] ~ div > .unseen') === null", "loaded")
        assert_fits(screen)
    screen.page.resize(360)
    screen.page.wait_for("document.querySelector('nav details')?.open === false", "folded")
    screen.page.click("nav summary")
    screen.page.click("nav a:has-text('Front desk')")
    screen.page.wait_for("document.querySelector('[data-sheet]') !== null", "the day sheet")
    screen.page.click("main a:has-text('Administration')")
    screen.wait_read("Booking online")
    assert screen.is_the_same


def test_a_receptionist_is_led_to_the_front_desk(open_admin: OpenAdmin) -> None:
    """With a sentence; settings are not theirs."""
    screen = open_admin("view=practice", "desk@demo.test")
    screen.wait_read("That page is for the administration.")
    assert screen.address.startswith("/desk")


def test_a_dentist_is_invited_and_sets_the_password(system: System, open_admin: OpenAdmin, browser: Browser) -> None:
    """With the link that is shown once; the account is switched off, back on, and found by its name."""
    screen = open_admin("view=accounts&id=new")
    email = f"eva-{system.opening().starts_at}@live.test".replace(":", "-").lower()
    fill(screen, "Name", "Dr. Eva Stern")
    fill(screen, "E-mail", "admin@demo.test")
    screen.page.click("label:has-text('Treats patients')")
    screen.is_refused = True
    screen.press("Invite")
    screen.wait_read("There is an account with this address already.")
    assert_fits(screen)
    fill(screen, "E-mail", email)
    screen.press("Invite")
    screen.wait_read("Dr. Eva Stern is invited")
    screen.assert_accessible()
    address, _, code = screen.page.text("[data-invitation] dd").partition("#")
    theirs = Screen(browser, f"{address}?lang=en#{code}")
    theirs.page.wait_for("document.querySelector('input[type=password]') !== null", "asked for a password")
    fill(theirs, "E-mail", email)
    fill(theirs, "New password", NEW_PASSWORD)
    theirs.press("Set the password")
    theirs.wait_read("The password is set.")
    theirs.assert_quiet()
    screen.page.click("nav a:has-text('Accounts')")
    screen.page.fill("input[type=search]", "eva st")
    open_record(screen, "Dr. Eva Stern")
    screen.press("Switch off")
    screen.press("Switch it off", "[role=alertdialog]")
    screen.wait_read("Switched off")
    assert call(system.ports[0], "POST", "/api/auth/login", {"email": email, "password": NEW_PASSWORD}).status == 401
    screen.press("Undo", "body")
    screen.wait_read("can sign in again")
    assert call(system.ports[0], "POST", "/api/auth/login", {"email": email, "password": NEW_PASSWORD}).status == 200


def test_what_a_change_would_strand_is_shown_before_it_is_done(system: System, open_admin: OpenAdmin) -> None:
    """By name and time, with the way to its day; nothing changes until it is wanted all the same."""
    (dentist, _), (_, patient) = somebody_new(system, "dentist"), somebody_new(system, "patient")
    admin, path = system.account("admin"), f"/dentists/{dentist['dentistId']}"
    admin.done("PUT", f"{path}/working-hours", {"hours": WEEKDAYS})
    booked = patient.done("POST", "/appointments", system.opening().with_dentist(dentist["dentistId"]))
    screen = open_admin(f"view=dentists&id={dentist['dentistId']}")
    screen.is_refused = True
    screen.wait_read("Weekly hours")
    assert_fits(screen)
    choose(screen, "Bookings", "Takes no bookings")
    screen.press("Save")
    screen.wait_read("1 appointment is in the way.")
    screen.wait_shown(booked, "booked")
    screen.assert_accessible()
    assert f"date={booked['startsAt'][:10]}" in screen.page.evaluate(
        "document.querySelector('[data-appointment-id] a').href"
    )
    assert admin.get(path)["active"] is True
    screen.press("Do it anyway")
    screen.wait_read("Saved: ")
    assert admin.get(path)["active"] is False
    screen.press("Undo", "body")
    screen.wait_read("Undone: ")
    assert admin.get(path)["active"] is True


def test_what_one_admin_changes_another_one_sees_and_what_is_typed_stays(system: System, open_admin: OpenAdmin) -> None:
    """In a form that is open: the saved fields follow, those that were typed do not; leaving them is asked about."""
    admin = system.account("admin")
    made = admin.done("POST", "/treatments", {"name": "Veneers", "durationMinutes": 40})
    screen = open_admin("view=treatments")
    screen.wait_read("Veneers")
    open_record(screen, "Veneers")
    fill(screen, "Name", "Veneers, upper")
    admin.done("PATCH", f"/treatments/{made['id']}", {"durationMinutes": 50, "name": "Veneers, lower"})
    screen.page.wait_for("document.querySelector('h2').innerText === 'Veneers, lower'", "told of the other name")
    values = "[...document.querySelectorAll('form input')].slice(0, 2).map(({ value }) => value)"
    assert screen.page.evaluate(values) == ["Veneers, upper", "50 minutes"]
    screen.page.click("nav a:has-text('Chairs')")
    screen.wait_read("Leave without saving?")
    screen.press("Stay here", "[role=alertdialog]")
    screen.press("Save")
    screen.wait_read("Saved: ")
    assert admin.get(f"/treatments/{made['id']}") == {**made, "name": "Veneers, upper", "durationMinutes": 50}
    screen.press("No longer offer it")
    screen.wait_read("No longer offered")
    assert made["id"] not in [each["id"] for each in admin.get("/treatments?limit=200")["items"]]


def test_a_wrong_setting_is_said_at_its_field_and_a_large_logo_is_made_to_fit(
    system: System, open_admin: OpenAdmin
) -> None:
    """The rest of the form is kept; the image is shown at once, and gone when it is removed."""
    screen = open_admin("view=practice")
    screen.is_refused = True
    screen.wait_read("Booking online")
    fill(screen, "Country", "XX")
    screen.press("Save")
    wrong = "document.querySelector('input[name=country]').closest('[data-invalid]') !== null"
    screen.page.wait_for(wrong, "the country refused")
    screen.assert_accessible()
    screen.press("Discard the changes")
    assert screen.page.evaluate(CHOOSE_LARGE_IMAGE) > LARGEST_BYTES
    screen.page.wait_for("document.querySelector('[data-logo]')?.naturalWidth > 100", "the logo shown")
    screen.assert_accessible()
    assert len(call(system.ports[0], "GET", "/api/public/logo").body) <= LARGEST_BYTES
    screen.press("Remove it")
    screen.press("Remove it", "[role=alertdialog]")
    screen.wait_read("The logo is removed.")
    assert call(system.ports[0], "GET", "/api/public/logo").status == 404


def test_an_admin_sees_how_the_service_is_and_who_did_what(system: System, open_admin: OpenAdmin) -> None:
    """The checks, who listens, what is refused, the curve and its table; and the audit trail, by account."""
    screen = open_admin("view=live")
    screen.wait_read("All is well")
    assert call(system.ports[0], "GET", "/api/nowhere").code == "not-found"
    screen.page.wait_for("document.querySelector('[data-code=not-found]') !== null", "the refusal")
    screen.page.wait_for("document.querySelector('[data-role=admin] td')?.textContent === '1'", "the own socket")
    screen.page.click("summary:text-is('As a table')")
    screen.page.wait_for("document.querySelector('details tbody td') !== null", "rates")
    assert_fits(screen)
    screen.page.click("nav a:text-is('Audit trail')")
    screen.page.wait_for("document.querySelector('[data-audit-id]') !== null", "entries")
    screen.page.evaluate("document.querySelector('[data-audit-id] summary').click()")
    assert_fits(screen)
    screen.page.click("[data-audit-id] details[open] button:has-text('Everything by this account')")
    screen.wait_read("everybody again")
    screen.page.wait_for("location.search.includes('actor=')", "the address")
