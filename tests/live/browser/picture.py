"""Makes the picture of the day sheet that README shows: `.venv/bin/python -m tests.live.browser.picture`."""

from __future__ import annotations

import base64
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dental_sync.core.instants import format_instant
from dental_sync.local.embedded.temporary import temporary_servers
from dental_sync.local.run import PROJECT_FOLDER
from dental_sync.records.demo import PASSWORD, TIME_ZONE
from tests.practice import make_template

from ..conftest import running_system
from ..rest import Account
from ..system import System
from .browser import Browser
from .executable import find
from .screens import Screen

PICTURE = PROJECT_FOLDER / "docs" / "day-sheet.webp"
SIZE = (1280, 860)
SETTLE = "new Promise((settled) => setTimeout(settled, 6000))"  # what was just changed is marked no more

# Dentist, patient, hour, minute, treatment, and what else is said.
_DAY: tuple[tuple[int, int, int, int, str, dict[str, Any]], ...] = (
    (0, 0, 8, 0, "Check-up", {}),
    (0, 1, 8, 30, "Cleaning", {"reason": "Sensitive upper left"}),
    (0, 2, 9, 30, "Implant", {}),
    (0, 3, 11, 0, "Check-up", {}),
    (0, 5, 13, 0, "Root canal", {}),
    (0, 7, 13, 30, "Check-up", {"reason": "Pain since Sunday", "force": True}),
    (1, 9, 9, 0, "Filling", {}),
    (1, 10, 10, 0, "Cleaning", {}),
    (1, 11, 11, 15, "First visit", {}),
    (1, 4, 13, 0, "Filling", {}),
    (2, 8, 10, 0, "Check-up", {}),
    (2, 6, 10, 30, "Cleaning", {}),
    (2, 2, 13, 0, "Root canal", {}),
)


def make_day(system: System) -> str:
    """Fill a Tuesday that is empty; returns its date."""
    zone = ZoneInfo(TIME_ZONE)
    today = datetime.now(UTC).astimezone(zone).date()
    date = today + timedelta(days=28 + (1 - today.weekday()) % 7)

    def at(hour: int, minute: int = 0) -> str:
        return format_instant(datetime(date.year, date.month, date.day, hour, minute, tzinfo=zone))

    admin, desk = system.account("admin"), system.account("desk")
    implant = {"name": "Implant", "durationMinutes": 60, "bufferBeforeMinutes": 15, "bufferAfterMinutes": 15}
    admin.done("POST", "/treatments", implant)
    admin.done("POST", "/treatments", {"name": "First visit", "durationMinutes": 30, "requiresApproval": True})
    treatments = {each["name"]: each["id"] for each in desk.get("/treatments")["items"]}
    dentists = [each["id"] for each in desk.get("/dentists")["items"]]
    patients = [each["id"] for each in desk.get("/patients")["items"]]
    for dentist, patient, hour, minute, treatment, more in _DAY:
        body = {"dentistId": dentists[dentist], "patientId": patients[patient], "startsAt": at(hour, minute)}
        desk.done("POST", "/appointments", {**body, "treatmentId": treatments[treatment], **more})
    away = {"startsAt": at(8), "endsAt": at(10), "reason": "Training"}
    desk.done("POST", f"/dentists/{dentists[2]}/time-off", away)
    holder: Account = system.account("patient12")
    held = {"dentistId": dentists[1], "startsAt": at(8, 15), "treatmentId": treatments["Check-up"]}
    holder.done("POST", "/holds", held)
    return date.isoformat()


def main() -> None:
    """Start a demo practice, fill a day of it, and take the picture."""
    with (
        tempfile.TemporaryDirectory() as folder,
        temporary_servers() as servers,
        running_system(servers, make_template(servers.postgres), Path(folder), {}) as system,
        Browser.running(find(), Path(folder)) as browser,
    ):
        screen = Screen(browser, f"{browser.road(system).url}/desk?date={make_day(system)}&lang=en")
        screen.page.resize(*SIZE)
        screen.sign_in("desk@demo.test", PASSWORD)
        screen.wait_live()
        screen.page.click("[data-appointment-id] >> nth=1")
        screen.page.evaluate(SETTLE)
        taken = screen.page.do("send", method="Page.captureScreenshot", params={"format": "webp", "quality": 80})
        PICTURE.write_bytes(base64.b64decode(taken["data"]))
    print(f"{PICTURE.relative_to(PROJECT_FOLDER)}: {PICTURE.stat().st_size // 1024} KiB")  # noqa: T201


if __name__ == "__main__":
    main()
