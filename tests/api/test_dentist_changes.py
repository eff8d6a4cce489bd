"""Changing a dentist: another zone is other hours, and who takes no bookings any more has none left over."""

from __future__ import annotations

from collections.abc import Callable

from dental_sync.core.instants import format_instant
from tests.conftest import Caller, Practice, a_free_monday

SignIn = Callable[..., Caller]


def test_another_zone_lists_the_bookings_that_it_would_strand(sign_in: SignIn, practice: Practice) -> None:
    """Nine o'clock in Berlin is three in New York, when nobody works; with force it is done and they are listed."""
    admin, anna = sign_in("admin"), str(practice.dentists[0])
    wish = {"dentistId": anna, "startsAt": format_instant(a_free_monday())}
    treatment = str(practice.treatments["Check-up"])
    booked = sign_in("patient1").post("/appointments", {**wish, "treatmentId": treatment}).json["id"]
    refused = admin.patch(f"/dentists/{anna}", {"timeZone": "America/New_York"})
    assert (refused.status_code, refused.json["code"]) == (409, "bookings-in-the-way")
    assert booked in refused.json["appointments"]
    changed = admin.patch(f"/dentists/{anna}", {"timeZone": "America/New_York", "force": True})
    assert (changed.status_code, changed.json["timeZone"]) == (200, "America/New_York")
    assert booked in changed.json["appointments"]
    assert admin.get(f"/dentists/{anna}").json["timeZone"] == "America/New_York"


def test_who_takes_no_bookings_cannot_be_booked(sign_in: SignIn, practice: Practice) -> None:
    """And takes them again when that is changed back."""
    admin, patient, carla = sign_in("admin"), sign_in("patient1"), str(practice.dentists[2])
    treatment = str(practice.treatments["Check-up"])
    wish = {"dentistId": carla, "startsAt": format_instant(a_free_monday()), "treatmentId": treatment}
    assert admin.patch(f"/dentists/{carla}", {"active": False, "force": True}).json["active"] is False
    assert patient.post("/appointments", wish).json["code"] == "unknown-dentist"
    assert admin.patch(f"/dentists/{carla}", {"active": True}).status_code == 200
    assert patient.post("/appointments", wish).status_code == 201


def test_only_admins_change_a_dentist(sign_in: SignIn, practice: Practice) -> None:
    """A zone that does not exist is refused; nothing to change is refused too."""
    anna = f"/dentists/{practice.dentists[0]}"
    for name in ("patient1", "dentist1", "chatbot"):
        assert sign_in(name).patch(anna, {"active": False}).status_code == 403
    for wish in ({}, {"timeZone": "Europe/Nowhere"}, {"active": None}, {"force": True}, {"name": "Anna"}):
        assert sign_in("admin").patch(anna, wish).status_code == 422
