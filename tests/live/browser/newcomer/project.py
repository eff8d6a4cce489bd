"""A newcomer's project: as `npm create vite@latest -- --template react-ts` makes it, with the package in it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from dental_sync.local.run import PROJECT_FOLDER

from ...conftest import PACKAGE

HERE = Path(__file__).parent
TEMPLATE = HERE / "node_modules" / "create-vite" / "template-react-ts"
EXAMPLE = PROJECT_FOLDER / "examples" / "react"
# The template's own, which no sample needs and nothing here runs.
NOT_INSTALLED = {"oxlint"}
# What the READMEs tell to install beside, and what the package brings along.
BESIDE = {"@tanstack/react-query": EXAMPLE, "socket.io-client": PACKAGE}


class ViteProject:
    """The template in a folder, with its strict settings as they are."""

    def __init__(self, folder: Path, packed: Path) -> None:
        self.folder = folder
        shutil.copytree(TEMPLATE, folder)
        made = json.loads((folder / "package.json").read_text())
        wanted = (made["dependencies"] | made["devDependencies"]).keys() - NOT_INSTALLED
        installed = dict.fromkeys(wanted, EXAMPLE) | {"@types/node": HERE} | BESIDE
        for name, place in installed.items():
            there = place / "node_modules" / name
            assert there.exists(), f"{name} of the template is not installed: run `make newcomer`"
            link = folder / "node_modules" / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(there)
        shutil.copytree(packed / "node_modules/@dental-sync/client", folder / "node_modules/@dental-sync/client")

    def paste(self, sample: str) -> None:
        """As `src/main.tsx`, in place of what is there."""
        (self.folder / "src" / "main.tsx").write_text(sample)

    def build(self) -> Path:
        """`npm run build`, which is `tsc -b && vite build`: fails with what either says. Returns the built page."""
        assert json.loads((self.folder / "package.json").read_text())["scripts"]["build"] == "tsc -b && vite build"
        # The page is served below a folder of its own.
        for command in (["tsc", "-b"], ["vite", "build", "--base", "./", "--logLevel", "warn"]):
            program = EXAMPLE / "node_modules" / ".bin" / command[0]
            ran = subprocess.run(
                [program, *command[1:]], cwd=self.folder, capture_output=True, text=True, check=False, timeout=120
            )
            assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout + ran.stderr
        built = self.folder.with_name(f"{self.folder.name}-built")
        shutil.copytree(self.folder / "dist", built)
        return built
