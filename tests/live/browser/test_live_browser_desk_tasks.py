"""What the front desk does beside the day sheet in Chromium: hand-over, series, invitations, records entered twice."""

from __future__ import annotations

from typing import Any

from dental_sync.records.demo import DENTISTS

from ..system import System
from ..witnesses import somebody_new
from .conftest import OpenDesk
from .sheets import FOCUSED, DaySheet, booked, date_of, later, two_half_hours, typed


def a_caller(system: System, name: str, **facts: str) -> dict[str, Any]:
    """A record that the desk has made."""
    made: dict[str, Any] = system.account("desk").done("POST", "/patients", {"name": name, **facts})
    return made


def choose(desk: DaySheet, label: str, option: str) -> None:
    """Choose in the list that has the label, as by keys."""
    desk.page.evaluate(
        f"""(() => {{
          const labels = [...document.querySelectorAll("label")];
          const list = labels.find((each) => each.innerText.startsWith({label!r})).querySelector("select");
          const wanted = [...list.options].find(({{ text }}) => text.startsWith({option!r}));
          const set = Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set;
          set.call(list, wanted.value);
          list.dispatchEvent(new Event("change", {{ bubbles: true }}));
        }})()"""
    )


def find(desk: DaySheet, name: str, seen: str) -> None:
    """Look for a patient by key, and open the record of the first who is found."""
    desk.page.bring_to_front()
    desk.page.press("Control+k")
    desk.page.wait_for(f"{FOCUSED}.patientSearch === ''", "asking for the patient")
    desk.page.type(name)
    desk.page.wait_for(f"document.querySelector('[role=option][data-focused]')?.innerText.includes({seen!r})", "found")
    desk.page.press("Enter")
    desk.page.wait_for("document.querySelector('[data-record] [data-duplicates]') !== null", "showing the record")


def test_a_day_is_handed_over_and_what_is_refused_is_put_in_anyway(system: System, open_desk: OpenDesk) -> None:
    """What would go is seen before; what the colleague cannot take stays with its reason, and is taken back."""
    first, second = two_half_hours(system)
    patient, another, third = (somebody_new(system, "patient")[1] for _ in range(3))
    going, staying = booked(system, patient, first), booked(system, another, second)
    in_the_way = booked(system, third, second, "dentist2")
    desk = open_desk(date_of(first))
    desk.screen.press("Hand over")
    desk.page.fill("label:text-is('Begins') + input", "2026-01-01T00:00")
    desk.screen.wait_read("by 31 days at most")
    for label, time in (("Begins", first), ("Ends", later(second, 30))):
        desk.page.fill(f"label:text-is('{label}') + input", typed(time))
    choose(desk, "Who takes them", DENTISTS[1])
    desk.screen.wait_read("2 appointments")
    desk.screen.wait_read(f"{DENTISTS[1]} has {in_the_way['patientName']} then")
    desk.screen.assert_accessible()
    desk.page.click("[data-hand-over] [type=submit]")
    desk.wait_at(going, first, 1)
    desk.page.wait_for("document.querySelector('[data-refused-code=slot-taken]') !== null", "refused")
    desk.screen.wait_read("The colleague is not free then.")
    desk.screen.assert_accessible()
    desk.page.click("[data-refused-code=slot-taken] button")
    desk.wait_at(staying, second, 1)
    desk.screen.wait_read("Nothing is left to hand over.")
    desk.screen.press("Undo", "body")
    desk.wait_at(staying, second, 0)
    desk.page.click("[data-hand-over] a")
    desk.page.wait_for("document.querySelector('[data-panel]') !== null", "opened from the list")
    assert "appointment=" not in desk.screen.address


def test_a_caller_is_booked_again_and_again(system: System, open_desk: OpenDesk) -> None:
    """What is taken is left out and named; those that follow are moved and taken back, and cancelled together."""
    first, second = two_half_hours(system)
    name = f"Series {first[-24:-8]}"
    caller = a_caller(system, name)
    desk = open_desk(date_of(first))
    find(desk, name, name)
    desk.page.click_at(desk.reveal(later(first, 5), 2))
    desk.page.wait_for("document.activeElement.type === 'submit'", "for the patient whose record is open")
    choose(desk, "Repeat", "Daily")
    choose(desk, "Treatment", "Check-up")
    desk.page.fill("label:text-is('How often in all') + input", "8")
    desk.page.click("[data-booking] [type=submit]")
    desk.page.wait_for("document.querySelector('[data-series-booked] [data-refused-code]') !== null", "some left out")
    desk.screen.wait_read("The dentist does not work at that time.")
    desk.screen.assert_accessible()

    def shown() -> list[tuple[str, str]]:
        found = system.account("desk").get(f"/appointments?patientId={caller['id']}")["items"]
        return [(each["startsAt"], each["status"]) for each in found]

    before = shown()
    desk.screen.wait_read(f"1 of {len(before)} in a series")
    desk.page.click("[data-following=move]")
    desk.page.fill("[data-series] input", typed(second))
    desk.page.click("[data-series] [type=submit]")
    desk.screen.wait_read("Moved: ")
    assert all(one != other for one, other in zip(shown(), before, strict=True))
    desk.screen.press("Undo", "body")
    desk.screen.wait_read(f"Undone: {len(before)} appointments.")
    assert shown() == before
    desk.page.click("[data-following=cancel]")
    desk.page.click("[role=alertdialog] >> text=Cancel them")
    desk.screen.wait_read(f"Cancelled: {len(before)} appointments.")
    assert {status for _, status in shown()} == {"cancelled"}


def test_an_invitation_is_a_card_alone_on_paper_and_lets_somebody_in(system: System, open_desk: OpenDesk) -> None:
    """As guardian: whoever has the code acts for the patient, which the desk sees, and ends."""
    first, _ = two_half_hours(system)
    name = f"Child {first[-24:-8]}"
    child = a_caller(system, name)
    mother, account = somebody_new(system, "patient")
    desk = open_desk(date_of(first))
    find(desk, name, name)
    desk.screen.press("Invite")
    choose(desk, "Who is invited", "Somebody who acts")
    desk.page.fill("[data-invite] input", "mother")
    desk.page.click("[data-invite] [type=submit]")
    desk.page.wait_for("document.querySelector('[data-invitation] svg path')?.getAttribute('d') || null", "drawn")
    desk.screen.assert_accessible()
    code = desk.page.text("[data-code]")
    # Paper is narrower than the window.
    desk.page.emulate(media="print")
    desk.page.resize(700)
    printed = "[...document.querySelectorAll('#root, [data-invitation] article, [data-invitation] button')]"
    assert desk.page.evaluate(f"{printed}.map((each) => each.checkVisibility())")[:2] == [False, True]
    assert desk.page.evaluate(f"{printed}.filter((each) => each.checkVisibility()).length") == 1
    desk.page.resize(1280)
    desk.page.emulate(media="screen")
    assert desk.page.text("[data-code]") == code
    desk.page.click("[data-invitation] >> text=Close")
    account.done("POST", "/auth/me/invitation", {"code": code})
    find(desk, name, name)
    desk.page.wait_for("document.querySelector('[data-guardians]').innerText.includes('mother')", "listed")
    desk.page.click("[data-guardians] li button")
    desk.page.click("[role=alertdialog] >> text=End it")
    desk.page.wait_for("!document.querySelector('[data-guardians]').innerText.includes('mother')", "ended")
    assert [each["id"] for each in account.get("/auth/me")["patients"]] == [mother["patientId"]]
    assert system.account("desk").get(f"/patients/{child['id']}/guardians")["items"] == []


def test_two_records_of_one_person_become_one_and_two_again(system: System, open_desk: OpenDesk) -> None:
    """Compared side by side; appointments at one time are named; parted from the record at another desk."""
    first, second = two_half_hours(system)
    tag = first[-24:-8]
    one = a_caller(system, f"Jürgen Müller {tag}", phone="030 1")
    other = a_caller(system, f"Müller {tag}, Jürgen", phone="030 2", email="jm@live.test")
    dentists = [system.account(f"dentist{number}").dentist_id for number in (1, 2)]
    for record, dentist in zip((one, other), dentists, strict=True):
        body = {"dentistId": dentist, "patientId": record["id"], "startsAt": first, "endsAt": later(first, 30)}
        clashing = system.account("desk").done("POST", "/appointments", body)
    desk = open_desk(date_of(first))
    find(desk, f"jürgen müller {tag}", f"Jürgen Müller {tag}")
    desk.page.click("[data-duplicates] li button")
    desk.page.wait_for("document.querySelectorAll('[data-compare] [data-fate=dropped]').length === 2", "compared")
    desk.screen.assert_accessible()
    desk.screen.is_refused = True
    desk.screen.press("Merge them", "[data-compare]")
    desk.screen.wait_read("Both have an appointment at one time.")
    move = {"startsAt": second, "endsAt": later(second, 30)}
    system.account("desk").done("PATCH", f"/appointments/{clashing['id']}", move)
    desk.screen.press("Merge them", "[data-compare]")
    desk.page.wait_for("document.querySelector('[data-merges]') !== null", "merged")
    desk.screen.wait_read("jm@live.test")
    desk.screen.assert_accessible()
    elsewhere = open_desk(date_of(first))
    find(elsewhere, f"jürgen müller {tag}", f"Jürgen Müller {tag}")
    elsewhere.page.click("[data-merges] button")
    for each in (elsewhere, desk):
        each.page.wait_for("document.querySelector('[data-duplicates] li') !== null", "two again")
        each.page.wait_for("document.querySelector('[data-merges]') === null", "nothing left to part")
    assert system.account("desk").get(f"/patients/{other['id']}")["email"] == "jm@live.test"


def test_a_record_is_corrected_at_the_desk_and_back_again(system: System, open_desk: OpenDesk) -> None:
    """A wrong address is said at its field; what was saved is undone by a press; an emptied field is nothing."""
    tag = system.opening().starts_at[-24:-8]
    record = a_caller(system, f"Berta Falsch {tag}", phone="030 1", birthDate="1990-02-03")
    desk = open_desk(date_of(system.opening().starts_at))
    find(desk, f"berta falsch {tag}", f"Berta Falsch {tag}")
    desk.screen.press("Correct the record", "[data-correct]")
    desk.page.wait_for("document.activeElement.name === 'name'", "asking for the name")
    desk.page.fill("[data-correct] input[name=name]", f"Berta Richtig {tag}")
    desk.page.fill("[data-correct] input[name=phone]", "")
    desk.page.fill("[data-correct] input[name=email]", "berta..x@live.test")
    desk.screen.is_refused = True
    desk.screen.press("Save", "[data-correct]")
    desk.screen.wait_read("This is no e-mail address.")
    desk.screen.assert_accessible()
    desk.page.fill("[data-correct] input[name=email]", "berta@live.test")
    desk.screen.press("Save", "[data-correct]")
    desk.screen.wait_read(f"Saved: Berta Richtig {tag}.")
    changed = system.account("desk").get(f"/patients/{record['id']}")
    assert (changed["name"], changed["phone"], changed["email"]) == (f"Berta Richtig {tag}", None, "berta@live.test")
    assert changed["birthDate"] == "1990-02-03"
    desk.screen.press("Undo", "body")
    desk.page.wait_for(f"document.querySelector('[data-record] h2').innerText === 'Berta Falsch {tag}'", "undone")
    restored = system.account("desk").get(f"/patients/{record['id']}")
    assert (restored["phone"], restored["email"]) == ("030 1", None)
