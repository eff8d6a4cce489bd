"""Closures and time off of a range: what overlaps `[from, to)`, page by page."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from dental_sync.core.instants import format_instant
from tests.api.hours import HOUR, MONDAY, SignIn, a_range
from tests.conftest import Practice

# By their names: from when to when, in hours from the Monday.
ABSENCES = {"before": (-5, -3), "until nine": (-2, 0), "nine to ten": (0, 1), "around": (-1, 3), "eleven": (2, 3)}


@pytest.mark.parametrize("kind", ["closures", "time-off"])
@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        (None, None, ["before", "until nine", "around", "nine to ten", "eleven"]),
        (0, 1, ["around", "nine to ten"]),
        (1, 2, ["around"]),
        (0, None, ["around", "nine to ten", "eleven"]),
        (None, 0, ["before", "until nine", "around"]),
        (None, -3, ["before"]),
        (3, None, []),
        (2, 1, ["around"]),
    ],
)
def test_what_overlaps_a_range_is_listed_by_start(
    sign_in: SignIn, practice: Practice, kind: str, start: int | None, end: int | None, shown: list[str]
) -> None:
    """What ends at `from` is over, and what begins at `to` is after it; a side that is not said is open."""
    admin = sign_in("admin")
    path = "/closures" if kind == "closures" else f"/dentists/{practice.dentists[0]}/time-off"
    names = {}
    for name, (begins, ends) in ABSENCES.items():
        made = admin.post(path, a_range(MONDAY + begins * HOUR, timedelta(hours=ends - begins)))
        assert made.status_code == 201, made.json
        names[made.json["id"]] = name
    sides = {"from": start, "to": end}
    wanted = {side: format_instant(MONDAY + hours * HOUR) for side, hours in sides.items() if hours is not None}
    found, after = [], {}
    while True:
        page = admin.get(f"{path}?{urlencode({**wanted, 'limit': 2, **after})}").json
        found += [names[absence["id"]] for absence in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == shown
