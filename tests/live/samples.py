"""The samples that front ends were written by, as they stand in samples.md, and what they take from elsewhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from dental_sync.local.run import PROJECT_FOLDER

PACKAGE = PROJECT_FOLDER / "clients" / "typescript"
IMPORT = 'import { realtimeSyncService } from "@dental-sync/client";\n'

# By their names in samples.md: which file each becomes, and what comes before and after it there.
_PLACES = {
    "Subscribe to Patient Appointments": ("patient.ts", IMPORT, ""),
    "Subscribe to Dentist Appointments": ("dentist.ts", IMPORT, ""),
    "Subscribe to All Appointments (Admin)": ("admin.ts", IMPORT, ""),
    "Subscribe to Specific Dentist Availability": ("availability.ts", IMPORT, ""),
    "Subscribe to Global Availability (Chatbot)": ("chatbot.ts", IMPORT, ""),
    "Get Active Subscriptions": ("active.ts", IMPORT, "export { count, subscriptions };\n"),
    "Unsubscribe": ("unsubscribe.ts", IMPORT, ""),
    "Heartbeat": ("heartbeat.ts", IMPORT, ""),
    "React Hook Example": ("useRealtimeSync.ts", "", ""),
    "Usage in Component": (
        "MyAppointments.tsx",
        'import { useQuery } from "@tanstack/react-query-4";\nimport { useRealtimeSync } from "./useRealtimeSync";\n',
        "export { MyAppointments };\n",
    ),
}

# What is in scope where the samples are pasted.
GLOBALS = """\
declare const userId: string;
declare const dentistId: string;
declare const callbacks: import("@dental-sync/client").AppointmentCallbacks &
  import("@dental-sync/client").AvailabilityCallbacks;
declare const subscription: import("@dental-sync/client").Subscription;
"""


def write_samples(folder: Path) -> list[str]:
    """Write each sample into a file of its own, unchanged but for where it imports the service from."""
    text = (Path(__file__).parent / "samples.md").read_text()
    found = re.findall(r"^(?:\*\*|### )([^\n*]+?)(?::\*\*)?\n+```typescript\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    assert [name for name, _ in found] == list(_PLACES)
    for name, sample in found:
        file, before, after = _PLACES[name]
        imported = sample.replace("'@/services/realtimeSyncService'", "'@dental-sync/client'")
        (folder / file).write_text(before + imported + after)
    (folder / "globals.d.ts").write_text(GLOBALS)
    return [file for file, _, _ in _PLACES.values()]


def compile_strictly(folder: Path, *files: str) -> None:
    """Type-check files in a project that has the package installed; fails with what the compiler says."""
    options = ["--noEmit", "--strict", "--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022"]
    options += ["--lib", "es2022,dom", "--jsx", "react-jsx", "--types", "", "--skipLibCheck"]
    command = [PACKAGE / "node_modules" / ".bin" / "tsc", *options, *files]
    compiled = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert compiled.returncode == 0, compiled.stdout + compiled.stderr
