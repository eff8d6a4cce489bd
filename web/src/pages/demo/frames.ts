import type { Appointment } from "@dental-sync/client";
import { apiUrl } from "../../place";
import { spoken } from "../../words/language";
import type { Who } from "./people";
import type { Stage } from "./stage";

export type Frames = Record<Who, HTMLIFrameElement>;

/** The page that belongs into a frame. */
export function pageOf({ date, column }: Stage, who: Who): string {
  const asked = new URLSearchParams({ lang: spoken() });
  if (who !== "patient") asked.set("date", date);
  // A frame is too narrow for the columns of all.
  if (who === "desk") asked.set("dentist", column);
  return `${apiUrl}/${who === "patient" ? "my" : who}?${asked}`;
}

const LONGEST_MS = 10_000;

/** Looks at every frame of the screen until there is something; null where there is nothing in time. */
export async function until<Found>(look: () => Found | false | null | undefined, longestMs = LONGEST_MS): Promise<Found | null> {
  const end = performance.now() + longestMs;
  while (performance.now() < end) {
    const found = look();
    if (found) return found;
    await new Promise(requestAnimationFrame);
  }
  return null;
}

/** What the sign of freshness in a frame says; undefined where there is none. */
export function syncStateOf(frame: HTMLIFrameElement): string | undefined {
  return signOf(frame)?.dataset["syncState"];
}

/** Waits until the sign says this, and scrolls there. */
export async function signed(frame: HTMLIFrameElement, state: string): Promise<void> {
  const sign = await until(() => syncStateOf(frame) === state && signOf(frame));
  if (sign !== null) reveal(sign);
}

function signOf(frame: HTMLIFrameElement): HTMLElement | null | undefined {
  return frame.contentDocument?.querySelector<HTMLElement>("[data-sync-state]");
}

/** Leads a frame back to its page, where somebody has left it, and waits until that says how fresh it is. */
export async function lead(frame: HTMLIFrameElement, page: string): Promise<void> {
  if (frame.contentWindow === null || shows(frame.contentWindow.location, new URL(page))) return;
  frame.contentWindow.location.replace(page);
  await until(() => shows(frame.contentWindow?.location, new URL(page)) && syncStateOf(frame) !== undefined);
}

function shows(now: Location | undefined, { pathname, searchParams }: URL): boolean {
  const asked = new URLSearchParams(now?.search);
  return now?.pathname === pathname && [...searchParams].every(([name, value]) => asked.get(name) === value);
}

/** When a frame shows an appointment, by `performance.now()`; null where it does not. It is scrolled there. */
export async function shown(frame: HTMLIFrameElement, { id }: Appointment): Promise<number | null> {
  const found = await until(() => frame.contentDocument?.querySelector<HTMLElement>(`[data-appointment-id="${id}"]`));
  const at = performance.now();
  if (found !== null) reveal(found);
  return found === null ? null : at;
}

/** Scrolls what is around it, up to the frame: `scrollIntoView` would scroll the page around the frame too. */
function reveal(found: HTMLElement): void {
  for (let box = found.parentElement; box !== null; box = box.parentElement) {
    const { top, height } = found.getBoundingClientRect();
    const isPage = box.parentElement === null;
    const boxTop = isPage ? 0 : box.getBoundingClientRect().top;
    box.scrollBy({ top: top + height / 2 - boxTop - box.clientHeight / 2 });
  }
}
