"""The templates of mails and of the page behind a link, with days and times as their language has them."""

from __future__ import annotations

import functools
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from dental_sync.mail import dates


def fill(template: str, language: str, **values: Any) -> str:
    """A template with what it asks for; in HTML whatever was typed is text."""
    clock = {"day": functools.partial(dates.day, language), "time": functools.partial(dates.time, language)}
    return _templates().get_template(template).render(language=language, **values, **clock)


@functools.cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("dental_sync.mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
