"""The pages of docs/ that follow from this package: `python -m dental_sync.core.reference errors` or `settings`."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable

from dental_sync.core import errors
from dental_sync.core.config import Settings
from dental_sync.core.errors import Refusal

_ERRORS = """\
A refusal is an RFC 9457 problem over HTTP, and `{ok: false, error: {code, detail}}` on a socket. `code` is stable;
`detail` is for people and may change. First come the refusals about accounts, then those of a request's shape, of its
sender, of the booking rules in the order in which they are judged, of the log and the channels. The OpenAPI document
(`/api/docs/`) says which operation answers which code.
"""

_SETTINGS = """\
Settings are environment variables, read once when a process starts; an empty one counts as not set. A malformed or
unsafe value stops the process with a message that names the variable. [deploying.md](deploying.md) says which to set
where.
"""


def errors_page() -> str:
    """docs/errors.md: every code, in the order in which errors.py offers them."""
    rows = ((f"`{refusal.code}`", str(refusal.status), refusal().detail, refusal.remedy) for refusal in refusals())
    return _page("Errors", "errors", _ERRORS, ("Code", "Status", "When", "What to do"), rows)


def settings_page() -> str:
    """docs/settings.md: every setting, in the order of config.py."""
    rows = (
        (f"`{field.name.upper()}`", str(field.metadata["unit"]), _default(field), str(field.metadata["meaning"]))
        for field in dataclasses.fields(Settings)
    )
    return _page("Settings", "config", _SETTINGS, ("Setting", "Unit", "Default", "Meaning"), rows)


def refusals() -> list[type[Refusal]]:
    """Every refusal with a code of its own, in the order of their definitions."""
    classes = [found for found in vars(errors).values() if isinstance(found, type)]
    return [found for found in classes if issubclass(found, Refusal) and found is not Refusal]


def _default(field: dataclasses.Field[object]) -> str:
    if field.default is dataclasses.MISSING:
        return "none"
    if isinstance(field.default, bool):
        return str(int(field.default))
    if isinstance(field.default, int | float):
        return format(field.default, "g" if isinstance(field.default, float) else "d")
    return f"`{field.default}`" if field.default else "empty"


def _page(title: str, module: str, about: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    made = f"<!-- Made from dental_sync/core/{module}.py by `make docs`: edit that file. -->"
    table = "\n".join("| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows))
    return f"# {title}\n\n{made}\n\n{about}\n{table}\n"


PAGES = {"errors": errors_page, "settings": settings_page}

if __name__ == "__main__":
    sys.stdout.write(PAGES[sys.argv[1]]())
