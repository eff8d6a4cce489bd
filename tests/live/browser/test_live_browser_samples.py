"""The hook and the component that front ends were written by, in Chromium, as they stand."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from ..samples import write_samples
from ..system import System
from ..witnesses import NEW_PASSWORD, booking, somebody_new
from .browser import Browser
from .site import Site

INDEX = '<!doctype html><html lang="en"><title>Samples</title><script type="module" src="page.js"></script></html>'
# The application around the component: who is signed in, and where `['appointments']` comes from. The sample's way of
# calling useQuery is that of TanStack Query 4.
APPLICATION = """
import { Session, realtimeSyncService } from "@dental-sync/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query-4";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { MyAppointments } from "./MyAppointments";

const { api: url, email, password } = Object.fromEntries(new URLSearchParams(location.search));
const session = new Session({ url });
const account = await session.signIn(email, password);
realtimeSyncService.configure({ url, getToken: session.getToken });
const fetched = [];
async function queryFn() {
  const { items } = await realtimeSyncService.api.appointments();
  fetched.push(items.map(({ status }) => status));
  return items;
}
const client = new QueryClient({ defaultOptions: { queries: { queryFn } } });
const root = createRoot(document.body);
const page = <StrictMode><QueryClientProvider client={client}><MyAppointments /></QueryClientProvider></StrictMode>;
Object.assign(window, { userId: account.id, fetched, root, sync: realtimeSyncService });
root.render(page);
"""


def test_the_component_that_front_ends_were_written_by_runs(
    system: System, browser: Browser, site: Site, tmp_path: Path
) -> None:
    """It fetches its appointments again with every change of them, and leaves nothing when it is left."""
    folder = tmp_path / "samples"
    folder.mkdir()
    write_samples(folder)
    (folder / "index.html").write_text(INDEX)
    (folder / "page.tsx").write_text(APPLICATION)
    user, patient = somebody_new(system, "patient")
    wish = {"api": system.url(), "email": user["email"], "password": NEW_PASSWORD}
    page = browser.open(f"{site.bundled(folder, 'page.tsx')}?{urlencode(wish)}")
    page.wait_for("window.fetched?.length > 0 && sync.getState().status === 'live'", "live")
    booked = patient.done("POST", "/appointments", booking(system))
    page.wait_for("String(fetched.at(-1)) === 'booked'", "fetched after the booking")
    patient.done("POST", f"/appointments/{booked['id']}/cancel", {})
    page.wait_for("String(fetched.at(-1)) === 'cancelled'", "fetched after the cancellation")
    # Every rendering brings another callback, and with it another subscription in place of the last.
    assert page.evaluate("sync.getActiveSubscriptionsCount()") == 1
    page.evaluate("root.unmount()")
    assert page.evaluate("sync.getActiveSubscriptionsCount()") == 0
    assert page.errors() == []
