"""The samples of the READMEs, as they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dental_sync.local.run import PROJECT_FOLDER

from .system import System

ADDRESS = "http://127.0.0.1:3000"


@dataclass(frozen=True)
class Sample:
    """A block of code, and where it stands."""

    readme: str
    language: str
    text: str

    def at(self, system: System) -> str:
        """The same with the address of a system in place of that of `make run`."""
        return self.text.replace(ADDRESS, system.url())


def samples(readme: str, language: str) -> list[Sample]:
    """The blocks of a language in a README, in order."""
    text = (PROJECT_FOLDER / readme).read_text()
    return [Sample(readme, language, block) for block in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)]
