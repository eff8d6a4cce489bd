"""What a dentist reads and writes about appointments in Chromium: the next patient, notes, history."""

from __future__ import annotations

from typing import Any

from ..rest import Account
from ..system import System
from ..witnesses import NEW_PASSWORD, somebody_new
from .browser import Browser
from .screens import Screen
from .sheets import block, date_of
from .visits import a_visit_soon

TEXT = "[data-notes] textarea"


def stored(account: Account, visit: dict[str, Any]) -> str:
    notes: str = account.get(f"/appointments/{visit['id']}/notes")["notes"]
    return notes


def test_notes_are_never_lost_and_never_written_over(system: System, browser: Browser) -> None:
    """Not by closing what they are typed in, nor by leaving the page; what somebody else has written is shown first."""
    (user, dentist), (_, patient) = somebody_new(system, "dentist"), somebody_new(system, "patient")
    visit = a_visit_soon(system, patient, user)
    screen = Screen(browser, f"{browser.road(system).url}/dentist?date={date_of(visit['startsAt'])}&lang=en")
    screen.sign_in(user["email"], NEW_PASSWORD)
    screen.wait_shown(visit, "booked")
    screen.page.click(f"{block(visit)} button:has-text('Notes')")
    screen.wait_read("Nothing is written yet.")
    screen.page.fill(TEXT, "Tooth 36 filled.")
    screen.page.click(f"{block(visit)} button:has-text('Notes')")
    screen.wait_read("Notes that are not saved yet:")
    screen.assert_accessible()
    screen.page.click("header a[aria-label*='start page']")
    screen.page.wait_for("location.pathname === '/'", "another page")
    screen.page.go_back()
    screen.page.click("[data-unsaved] a")
    screen.page.wait_for(f"document.querySelector('{TEXT}')?.value === 'Tooth 36 filled.'", "as it was typed")
    screen.assert_accessible()
    admin = system.account("admin")
    admin.done("PUT", f"/appointments/{visit['id']}/notes", {"notes": "Allergic to penicillin."})
    screen.is_refused = True
    screen.press("Save the notes")
    screen.wait_read("Somebody else has written here meanwhile.")
    screen.assert_accessible()
    assert stored(dentist, visit) == "Allergic to penicillin."
    screen.press("Put both together")
    screen.press("Save the notes")
    screen.wait_read("Saved ")
    assert stored(dentist, visit) == "Allergic to penicillin.\n\nTooth 36 filled."
    screen.page.click("summary:has-text('History')")
    screen.wait_read("Booked · Reception")
    screen.assert_accessible()
    screen.assert_quiet()


def test_the_next_patient_is_seen_at_once(system: System, browser: Browser) -> None:
    """Who comes next, when and what for, and whether they are here, as it changes."""
    (user, _), (_, patient) = somebody_new(system, "dentist"), somebody_new(system, "patient")
    visit = a_visit_soon(system, patient, user, hours=0)
    screen = Screen(browser, f"{browser.road(system).url}/dentist?lang=en")
    screen.sign_in(user["email"], NEW_PASSWORD)
    shown = "document.querySelector('[data-next-patient]')"
    screen.page.wait_for(f"{shown}?.dataset.nextPatient === '{visit['id']}'", "the next patient")
    screen.assert_accessible()
    system.account("desk").done("POST", f"/appointments/{visit['id']}/arrive", {})
    screen.page.wait_for(f"{shown}.innerText.includes('here for')", "here")
    screen.page.click("[data-next-patient] [data-move=checkIn]")
    screen.page.wait_for(f"{shown}.innerText.includes('Now')", "being seen")
    screen.assert_accessible()
    screen.page.click("[data-next-patient] [data-move=complete]")
    screen.page.wait_for(f"{shown} === null", "nobody to be seen any more")
    screen.assert_quiet()
