"""The React hooks in Chromium: lists that keep themselves true, wishes shown before they are answered, no leaks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from dental_sync.records.demo import PASSWORD

from ..conftest import TOKEN_SECONDS
from ..families import Family
from ..openings import Opening
from ..rest import Account
from ..system import System, wait_until
from ..witnesses import NEW_PASSWORD, somebody_new
from .browser import Browser, Page, Road
from .site import Site

FRONT_DESK = Path(__file__).parent / "front_desk"
LIVE = "document.querySelector('[data-status]')?.dataset.status === 'live'"
IS_FOLLOWING = f"{LIVE} && document.querySelectorAll('#slots li').length > 0 && desk.subscriptions() === 3"

OpenDesk = Callable[..., Page]


@pytest.fixture
def open_desk(browser: Browser, site: Site, system: System) -> OpenDesk:
    """Open a front desk that shows the day of an opening: `open_desk(opening, email, password, road=…, system=…)`.

    Without a password it goes on with the session of another tab.
    """
    shared = system

    def open_one(
        opening: Opening,
        email: str = "",
        password: str = "",
        road: Road | None = None,
        system: System = shared,
        patient: str = "",
    ) -> Page:
        day = opening.starts_at[:10]
        # Signed in anew: tokens of the hasty system are gone by the second tab.
        treatments = Account.sign_in(system.ports, "admin@demo.test", PASSWORD).get("/treatments")["items"]
        treatment = next(row for row in treatments if row["name"].lower().startswith("check"))
        wish = {
            "api": system.url() if road is None else road.url,
            "email": email,
            "password": password,
            "from": f"{day}T00:00:00Z",
            "to": f"{day}T23:00:00Z",
            "treatment": treatment["id"],
            "patient": patient,
        }
        page = browser.open(f"{site.bundled(FRONT_DESK, 'page.tsx')}?{urlencode(wish)}")
        page.wait_for(IS_FOLLOWING, "following")
        return page

    return open_one


def shown(page: Page) -> dict[str, str]:
    """Which appointments are on the screen, by id, and in which state; a wish has `?` before it."""
    found: dict[str, str] = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#appointments li')].map((li) =>"
        " [li.id.slice(2), (li.ariaBusy === 'true' ? '?' : '') + li.dataset.state]))"
    )
    return found


def wait_shown(page: Page, expected: dict[str, str]) -> None:
    """Wait until exactly these are on the screen."""
    wait_until(lambda: shown(page) == expected, 15, lambda: f"{shown(page)} is shown, and not {expected}")


def test_a_list_keeps_itself_true(system: System, open_desk: OpenDesk) -> None:
    """What others book, move and cancel is on the screen, and nothing was fetched again for that."""
    user, patient = somebody_new(system, "patient")
    opening = system.opening()
    dentist_id = system.account("dentist1").dentist_id
    page = open_desk(opening, user["email"], NEW_PASSWORD)
    wait_shown(page, {})
    calls = "performance.getEntriesByType('resource').filter(({name}) => name.includes('/api/appointments?')).length"
    before = page.evaluate(calls)
    slot = f'document.querySelector(\'#slots [data-starts^="{opening.starts_at[:16]}"][data-dentist="{dentist_id}"]\')'
    assert page.evaluate(f"{slot} !== null")
    booked = patient.done("POST", "/appointments", opening.with_dentist(dentist_id))
    wait_shown(page, {booked["id"]: "booked"})
    page.wait_for(f"{slot} === null", "taken")
    patient.done("POST", f"/appointments/{booked['id']}/cancel", {})
    wait_shown(page, {booked["id"]: "cancelled"})
    page.wait_for(f"{slot} !== null", "free again")
    system.account("admin").done("DELETE", f"/appointments/{booked['id']}")
    wait_shown(page, {})
    assert page.evaluate(calls) == before
    told = page.evaluate("desk.told.map((each) => each.status ?? each)")
    assert told == ["booked", "cancelled", booked["id"]]
    assert page.errors() == []


def test_a_childs_appointments_are_on_the_page_from_the_grant_to_its_end(system: System, open_desk: OpenDesk) -> None:
    """Nobody does anything for that; and a list that is shown again knows who came and went meanwhile."""
    family, opening = Family.new(system), system.opening()
    booked = {family.book_for_child(**opening.with_dentist(system.account("dentist1").dentist_id)): "booked"}
    page = open_desk(opening, family.user["email"], NEW_PASSWORD)
    wait_shown(page, {})
    family.grant()
    wait_shown(page, booked)
    family.end()
    wait_shown(page, {})
    for change, then in ((family.grant, booked), (family.end, {})):
        page.evaluate("desk.unmount()")
        change()
        page.evaluate("desk.mount()")
        wait_shown(page, then)
    assert page.errors() == []


def test_a_list_of_one_child_says_why_it_ends(system: System, open_desk: OpenDesk) -> None:
    """What was on the page is gone, the mother's own matters are no part of it."""
    family, opening = Family.new(system), system.opening()
    family.grant()
    page = open_desk(opening, family.user["email"], NEW_PASSWORD, patient=family.child)
    booked = family.book_for_child(**opening.with_dentist(system.account("dentist1").dentist_id))
    wait_shown(page, {booked: "booked"})
    family.end()
    wait_shown(page, {})
    page.wait_for("document.querySelector('[role=alert]') !== null", "the reason")
    assert "ended" in page.text("[role=alert]")
    assert page.errors() == []


def test_a_booking_is_shown_before_it_is_answered(system: System, open_desk: OpenDesk) -> None:
    """It is there at once, as a wish, while the worker stands still; then it is an appointment, once."""
    user, patient = somebody_new(system, "patient")
    opening = system.opening()
    page = open_desk(opening, user["email"], NEW_PASSWORD)
    system.worker.pause()
    try:
        page.click(f"#slots [data-starts^='{opening.starts_at[:16]}']")
        page.wait_for("document.querySelectorAll('#appointments li[aria-busy=true]').length === 1", "shown as a wish")
    finally:
        system.worker.resume()
    page.wait_for("document.querySelectorAll('#appointments li[aria-busy=false]').length === 1", "answered")
    [booked] = patient.get("/appointments")["items"]
    wait_shown(page, {booked["id"]: "booked"})
    assert page.errors() == []


def test_a_refused_booking_is_taken_back_and_nothing_else(system: System, open_desk: OpenDesk) -> None:
    """Somebody was faster: the wish is gone, other times are offered, and what came in meanwhile stays."""
    user, patient = somebody_new(system, "patient")
    opening, other = system.opening(), system.opening()
    dentist_id = system.account("dentist1").dentist_id
    page = open_desk(opening, user["email"], NEW_PASSWORD)
    # Nothing is told and nothing is decided until both have asked.
    system.worker.pause()
    try:
        faster = system.account("patient1").call(
            "POST", "/appointments", opening.with_dentist(dentist_id), Prefer="respond-async"
        )
        assert faster.status == 202
        page.click(f"#slots [data-starts^='{opening.starts_at[:16]}'][data-dentist='{dentist_id}']")
        page.wait_for("document.querySelectorAll('#appointments li[aria-busy=true]').length === 1", "shown as a wish")
    finally:
        system.worker.resume()
    page.wait_for("document.querySelector('[role=alert]')?.dataset.code === 'slot-taken'", "refused")
    wait_shown(page, {})
    assert page.text("[role=alert]").count("T") >= 1
    if other.starts_at[:10] == opening.starts_at[:10]:
        booked = patient.done("POST", "/appointments", other.with_dentist(dentist_id))
        wait_shown(page, {booked["id"]: "booked"})
    assert page.errors() == []


def test_a_cancellation_that_comes_too_late_is_taken_back(system: System, open_desk: OpenDesk) -> None:
    """Somebody has changed the appointment since it was looked at: what is shown is what they made of it."""
    user, patient = somebody_new(system, "patient")
    opening = system.opening()
    booked = patient.done("POST", "/appointments", opening.with_dentist(system.account("dentist1").dentist_id))
    page = open_desk(opening, user["email"], NEW_PASSWORD)
    wait_shown(page, {booked["id"]: "booked"})
    system.worker.pause()
    try:
        changed = patient.call("PATCH", f"/appointments/{booked['id']}", {"reason": "It hurts"}, Prefer="respond-async")
        assert changed.status == 202
        page.click(f"#a-{booked['id']} .cancel")
        wait_shown(page, {booked["id"]: "?cancelled"})
    finally:
        system.worker.resume()
    page.wait_for("document.querySelector('[role=alert]')?.dataset.code === 'precondition-failed'", "refused")
    wait_shown(page, {booked["id"]: "booked"})


def test_what_is_shown_offline_says_as_of_when_and_is_complete_again_afterwards(
    system: System, browser: Browser, open_desk: OpenDesk
) -> None:
    """A list that was offline is offered as of then; back again it has what was missed, without fetching."""
    user, patient = somebody_new(system, "patient")
    opening = system.opening()
    page = open_desk(opening, user["email"], NEW_PASSWORD, browser.road(system))
    browser.set_offline(True)
    page.wait_for(f"!({LIVE})", "offline")
    as_of = page.evaluate("document.querySelector('main').dataset.asOf")
    booked = patient.done("POST", "/appointments", opening.with_dentist(system.account("dentist1").dentist_id))
    assert shown(page) == {}
    assert page.evaluate("document.querySelector('main').dataset.asOf") == as_of < booked["createdAt"]
    browser.set_offline(False)
    wait_shown(page, {booked["id"]: "booked"})
    page.wait_for(LIVE, "live")
    assert page.evaluate("document.querySelector('main').dataset.asOf") > booked["createdAt"]


def test_strict_mode_and_fifty_visits_leave_nothing(system: System, open_desk: OpenDesk) -> None:
    """Each of three hooks has one subscription however often the page is shown, and none when it is left."""
    user, patient = somebody_new(system, "patient")
    opening = system.opening()
    page = open_desk(opening, user["email"], NEW_PASSWORD)

    def followed() -> list[str]:
        return sorted(each["channelName"] for each in patient.get("/sync/status")["subscriptions"])

    channels = [f"appointments:patient:{user['patientId']}", "availability:all"]
    wait_until(lambda: followed() == channels, 10, lambda: f"the server has {followed()}")
    page.evaluate(
        "(async () => { for (let visit = 0; visit < 50; visit += 1) {"
        " desk.unmount(); document.body.replaceChildren(); desk.mount();"
        " await new Promise((resolve) => setTimeout(resolve, visit % 5 ? 0 : 100)); } })()"
    )
    page.wait_for(IS_FOLLOWING, "following")
    wait_until(lambda: followed() == channels, 10, lambda: f"the server has {followed()}")
    booked = patient.done("POST", "/appointments", opening.with_dentist(system.account("dentist1").dentist_id))
    wait_shown(page, {booked["id"]: "booked"})
    page.evaluate("desk.told.length = 0")
    patient.done("PATCH", f"/appointments/{booked['id']}", {"reason": "It hurts"})
    page.wait_for("desk.told.length > 0", "told")
    page.evaluate("desk.unmount()")
    assert page.evaluate("[desk.told.length, desk.subscriptions()]") == [1, 0]
    wait_until(lambda: followed() == [], 10, lambda: f"the server still has {followed()}")
    assert page.errors() == []


def test_hot_reload_leaves_nothing(system: System, open_desk: OpenDesk) -> None:
    """A component that is saved anew, with the same hooks or with others, is subscribed once and told once."""
    user, patient = somebody_new(system, "patient")
    opening = system.opening()
    page = open_desk(opening, user["email"], NEW_PASSWORD)
    page.evaluate(
        "(async () => { for (let save = 0; save < 20; save += 1) {"
        " desk.reload(save % 2 === 1); await new Promise((resolve) => setTimeout(resolve, 20)); } })()"
    )
    page.wait_for(IS_FOLLOWING, "following")
    booked = patient.done("POST", "/appointments", opening.with_dentist(system.account("dentist1").dentist_id))
    wait_shown(page, {booked["id"]: "booked"})
    assert page.evaluate("[desk.told.length, desk.subscriptions()]") == [1, 3]
    page.evaluate("desk.unmount()")
    assert page.evaluate("desk.subscriptions()") == 0
    assert page.errors() == []


def test_two_tabs_take_turns_at_one_session(hasty: System, open_desk: OpenDesk) -> None:
    """Tokens that live for seconds are renewed by the one or the other, and no refresh token is used twice."""
    user, _ = somebody_new(hasty, "patient")
    opening = hasty.opening()
    tabs = [
        open_desk(opening, user["email"], NEW_PASSWORD, system=hasty),
        open_desk(opening, system=hasty),
    ]
    refreshed = "performance.getEntriesByType('resource').filter(({name}) => name.endsWith('/auth/refresh')).length"
    wait_until(
        lambda: sum(tab.evaluate(refreshed) for tab in tabs) >= 4,
        10 * TOKEN_SECONDS,
        lambda: f"renewed {[tab.evaluate(refreshed) for tab in tabs]} times",
    )
    patient = Account.sign_in(hasty.ports, user["email"], NEW_PASSWORD)
    booked = patient.done("POST", "/appointments", opening.with_dentist(hasty.account("dentist1").dentist_id))
    for tab in tabs:
        wait_shown(tab, {booked["id"]: "booked"})
        assert tab.evaluate("desk.sync.getState().error") is None
        assert tab.errors() == []


def test_whoever_signs_in_next_sees_nothing_of_the_one_before(system: System, open_desk: OpenDesk) -> None:
    """The page stays, the account is another: the list is that account's, from its first moment on."""
    user, patient = somebody_new(system, "patient")
    next_user, _ = somebody_new(system, "patient")
    opening = system.opening()
    booked = patient.done("POST", "/appointments", opening.with_dentist(system.account("dentist1").dentist_id))
    page = open_desk(opening, user["email"], NEW_PASSWORD)
    wait_shown(page, {booked["id"]: "booked"})
    seen = page.evaluate(
        "(async () => { const seen = []; "
        f" await desk.signIn('{next_user['email']}', '{NEW_PASSWORD}');"
        " for (let look = 0; look < 40; look += 1) {"
        "  await new Promise((resolve) => setTimeout(resolve, 50));"
        "  seen.push(document.querySelectorAll('#appointments li').length); }"
        " return seen; })()"
    )
    assert set(seen) == {0}
    page.wait_for(IS_FOLLOWING, "following")
    patient.done("POST", f"/appointments/{booked['id']}/cancel", {})
    assert shown(page) == {}


def test_a_desk_is_told_which_record_to_fetch_again(system: System, open_desk: OpenDesk) -> None:
    """By a hook that has one subscription, and none once it is taken away."""
    page = open_desk(system.opening(), "dentist1@demo.test", PASSWORD)
    page.evaluate("desk.leavePractice = desk.followPractice()")
    page.wait_for(f"{LIVE} && desk.subscriptions() === 4", "following the practice")
    admin = system.account("admin")
    made = admin.done("POST", "/patients", {"name": "Nora Neu"})
    page.wait_for(f"desk.records.some((record) => record.id === '{made['id']}')", "told")
    told = page.evaluate(f"desk.records.filter((record) => record.id === '{made['id']}')")
    assert told == [{"kind": "patient", "id": made["id"], "change": "created"}]
    page.evaluate("desk.leavePractice()")
    page.wait_for("desk.subscriptions() === 3", "left")
    assert page.errors() == []
