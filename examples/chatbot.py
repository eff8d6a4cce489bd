"""When is the next free hour for a filling? A chatbot's answer, kept true while others book. It never sees a patient.

Run `make run` in one terminal and `.venv/bin/python examples/chatbot.py` in another; Ctrl-C ends it.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import requests
from dental_sync_client import RealtimeSync, SyncError

ANSWERS = 3
DAYS = 31
TIMEOUT_SECONDS = 10
SERVER_ERRORS = 500
NO_ADDRESS = (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema)
# While the diary is busy, one question is enough for many changes; what failed is asked again.
PAUSE_SECONDS = 0.5
AGAIN_SECONDS = 5.0


class Practice:
    """What a chatbot's account may ask over REST."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self.url = url.rstrip("/")
        self._credentials = {"email": email, "password": password}
        self._token = ""

    def token(self, fresh: bool) -> str:
        """An access token; with `fresh` another than the last one."""
        return self.sign_in() if fresh or not self._token else self._token

    def sign_in(self) -> str:
        """A fresh access token."""
        answer = requests.post(f"{self.url}/api/auth/login", json=self._credentials, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        self._token = str(answer.json()["accessToken"])
        return self._token

    def get(self, path: str, **parameters: str) -> Any:
        """What is there; a token that has expired is replaced."""
        for is_last in (False, True):
            answer = requests.get(
                f"{self.url}/api{path}",
                params=parameters,
                headers={"Authorization": f"Bearer {self.token(False)}"},
                timeout=TIMEOUT_SECONDS,
            )
            if answer.status_code != requests.codes.unauthorized or is_last:
                break
            self.sign_in()
        answer.raise_for_status()
        return answer.json()


def next_times(practice: Practice, treatment: dict[str, Any], dentists: dict[str, str], zone: ZoneInfo) -> list[str]:
    """The next free times, as one would say them."""
    now = datetime.now(UTC)
    found = practice.get(
        "/availability",
        **{"from": now.isoformat(), "to": (now + timedelta(days=DAYS)).isoformat(), "treatmentId": treatment["id"]},
    )
    said: dict[str, list[str]] = {}
    for slot in found["slots"]:
        start = datetime.fromisoformat(slot["startsAt"]).astimezone(zone)
        said.setdefault(f"{start:%A %d %B, %H:%M}", []).append(dentists.get(slot["dentistId"], "a colleague"))
    return [f"{time} with {' or '.join(names)}" for time, names in list(said.items())[:ANSWERS]]


def reach(practice: Practice, say: Callable[[str], None]) -> None:
    """Sign in, as soon as there is a practice that answers."""
    is_said = False
    while True:
        try:
            practice.sign_in()
        except requests.HTTPError as refusal:
            if refusal.response.status_code < SERVER_ERRORS:
                raise SystemExit(f"{practice.url} does not sign us in: {refusal}") from None
        except NO_ADDRESS as mistake:
            raise SystemExit(str(mistake)) from None
        except requests.RequestException:
            pass
        else:
            return
        if not is_said:
            say(f"({practice.url} does not answer; asking every {AGAIN_SECONDS:.0f} seconds. Is `make run` running?)")
            is_said = True
        time.sleep(AGAIN_SECONDS)


def follow(practice: Practice, treatment_name: str, say: Callable[[str], None]) -> None:
    """Answer at once, and again whenever the answer has changed."""
    reach(practice, say)
    zone = ZoneInfo(practice.get("/practice")["timeZone"])
    dentists = {dentist["id"]: dentist["name"] for dentist in practice.get("/dentists")["items"]}
    treatments = {each["name"].casefold(): each for each in practice.get("/treatments")["items"]}
    treatment = treatments.get(treatment_name.casefold())
    if treatment is None:
        raise SystemExit(f"There is no {treatment_name!r} here; there is {', '.join(sorted(treatments))}.")
    changed = threading.Event()
    # First listen, then look: whatever happens in between is looked at again.
    sync = RealtimeSync(
        practice.url,
        practice.token,
        on_resync=lambda *_: changed.set(),
        on_error=lambda error: None if error.retryable else changed.set(),
    )
    # What was seen before it was live may have changed, and who is offline says so.
    sync.on_state_change(lambda _: changed.set())
    try:
        subscription = sync.subscribe_to_global_availability(on_availability_changed=lambda *_: changed.set())
        subscription.wait_until_live(AGAIN_SECONDS)
        answered: list[str] | None = None
        is_reached = True
        while True:
            changed.clear()
            try:
                answer = next_times(practice, treatment, dentists, zone)
            except requests.RequestException:
                if is_reached:
                    say(f"(The practice does not answer; asking every {AGAIN_SECONDS:.0f} seconds.)")
                is_reached = False
                changed.wait(AGAIN_SECONDS)
                continue
            if answer != answered or not is_reached:
                say(f"The next free times for: {treatment['name']} ({treatment['durationMinutes']} minutes)")
                for line in answer or [f"none within {DAYS} days"]:
                    say(f"  {line}")
                answered, is_reached = answer, True
            # Time passes too: what has begun is no answer any more.
            changed.wait(60)
            if isinstance(sync.error, SyncError):
                raise SystemExit(str(sync.error))
            threading.Event().wait(PAUSE_SECONDS)
    finally:
        sync.close()


def main() -> None:
    """Read the command line, and answer until Ctrl-C."""
    options = argparse.ArgumentParser(description="When is the next free time? As a chatbot sees it.")
    options.add_argument("treatment", nargs="?", default="Filling")
    options.add_argument("--url", default="http://127.0.0.1:3000")
    options.add_argument("--email", default="chatbot@demo.test")
    options.add_argument("--password", default="demo-password-1")
    chosen = options.parse_args()
    practice = Practice(chosen.url, chosen.email, chosen.password)
    try:
        follow(practice, chosen.treatment, lambda line: print(line, flush=True))
    except KeyboardInterrupt:
        print()
    except requests.RequestException as failure:
        raise SystemExit(f"{chosen.url} stopped answering: {failure}") from None


if __name__ == "__main__":
    main()
