"""The day sheet in a browser: where something is on it, and where a time is."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from dental_sync.core.instants import format_instant
from dental_sync.records.demo import DENTISTS, TIME_ZONE

from ..rest import Account
from ..system import System
from .browser import Point
from .screens import Screen

FOCUSED = "document.activeElement?.dataset"


def block(appointment: dict[str, Any]) -> str:
    """The selector of an appointment."""
    return f"[data-appointment-id='{appointment['id']}']"


def date_of(instant: str) -> str:
    """The day by the practice's clock."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(TIME_ZONE)).date().isoformat()


def typed(instant: str) -> str:
    """The day and the time by the practice's clock, as a field for both takes them."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(TIME_ZONE)).strftime("%Y-%m-%dT%H:%M")


def later(instant: str, minutes: int) -> str:
    return format_instant(datetime.fromisoformat(instant) + timedelta(minutes=minutes))


def two_half_hours(system: System) -> tuple[str, str]:
    """The beginnings of two half hours that are free, the second right after the first, and a third one after it."""
    openings = [system.opening() for _ in range(3)]
    while any(one.ends_at != other.starts_at for one, other in pairwise(openings)):
        openings = [*openings[1:], system.opening()]
    return openings[0].starts_at, openings[1].starts_at


def booked(system: System, patient: Account, starts_at: str, dentist: str = "dentist1") -> dict[str, Any]:
    """Half an hour, booked by the patient."""
    booking = {"dentistId": system.account(dentist).dentist_id, "startsAt": starts_at, "endsAt": later(starts_at, 30)}
    done: dict[str, Any] = patient.done("POST", "/appointments", booking)
    return done


def _name_of(column: int | str) -> str:
    return DENTISTS[column] if isinstance(column, int) else column


class DaySheet:
    """The sheet of a screen."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.page = screen.page

    def wait_at(self, appointment: dict[str, Any], starts_at: str, column: int | str) -> None:
        """Wait until an appointment is shown at a time, in a column, and nothing waits for an answer.

        A column is a dentist's, by number, or has this name.
        """
        name = _name_of(column)
        self.page.wait_for(
            f"""(() => {{
              const at = document.querySelector({json.dumps(block(appointment))});
              if (at?.closest("[role=group]")?.getAttribute("aria-label") !== {json.dumps(name)}) return false;
              const shownIn = at.closest("[data-from]");
              const {{ top, height }} = shownIn.getBoundingClientRect();
              const [from, to] = [shownIn.dataset.from, shownIn.dataset.to].map(Date.parse);
              const shown = from + (at.parentElement.getBoundingClientRect().top - top) / height * (to - from);
              return Math.abs(shown - Date.parse({json.dumps(starts_at)})) < 120_000 && !at.dataset.pendingWrite;
            }})()""",
            f"at {starts_at} with {name}",
        )

    def wait_until_end(self, appointment: dict[str, Any], ends_at: str) -> None:
        """Wait until an appointment says, to screen readers, that it ends at a time."""
        time = datetime.fromisoformat(ends_at).astimezone(ZoneInfo(TIME_ZONE)).strftime("%H:%M")
        said = f"document.querySelector({json.dumps(block(appointment))})?.ariaLabel"
        self.page.wait_for(f"{said}?.includes('until {time}')", f"until {time}")

    def middle(self, appointment: dict[str, Any], part: str = "") -> Point:
        """Where an appointment, or a part of it, is in the window; it is scrolled there."""
        return self._point(
            f"""(() => {{
              const at = document.querySelector({json.dumps(f"{block(appointment)} {part}".strip())});
              at.scrollIntoView({{ block: "center", inline: "center", behavior: "instant" }});
              const {{ left, top, width, height }} = at.getBoundingClientRect();
              return [left + width / 2, top + height / 2];
            }})()"""
        )

    def wait_still(self) -> None:
        """Wait until what a finger has pushed scrolls no more."""
        at = 'JSON.stringify([scrollY, document.querySelector("[data-from]").getBoundingClientRect().top])'
        still = f"""(async () => {{
          const before = {at};
          for (let frame = 0; frame < 10; frame += 1) await new Promise((passed) => requestAnimationFrame(passed));
          return before === {at};
        }})()"""
        self.page.wait_for(still, "still")

    def place(self, instant: str, column: int | str) -> Point:
        """Where a time is in a column."""
        return self._point(
            f"""(() => {{
              const at = document.querySelector({json.dumps(f'[role=group][aria-label="{_name_of(column)}"]')});
              const {{ from, to }} = at.closest("[data-from]").dataset;
              const [first, last, wanted] = [from, to, {json.dumps(instant)}].map(Date.parse);
              const share = (wanted - first) / (last - first);
              const {{ left, top, width, height }} = at.getBoundingClientRect();
              return [left + width / 2, top + height * share];
            }})()"""
        )

    def reveal(self, instant: str, column: int) -> Point:
        """The same, scrolled to the middle of the sheet."""
        _, y = self.place(instant, column)
        middle = "sheet.getBoundingClientRect().top + sheet.clientHeight / 2"
        self.page.evaluate(f"(sheet => sheet.scrollBy(0, {y} - ({middle})))(document.querySelector('[data-sheet]'))")
        return self.place(instant, column)

    def focus(self, appointment: dict[str, Any]) -> None:
        self.page.evaluate(f"document.querySelector({json.dumps(block(appointment))}).focus()")

    def _point(self, expression: str) -> Point:
        x, y = self.page.evaluate(expression)
        return x, y
