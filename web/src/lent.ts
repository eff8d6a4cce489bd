import type { OpenSocket, SessionStore } from "@dental-sync/client";
import { isDemo, isFramed } from "./place";

/** What the page `/demo` lends to the page in one of its frames. */
export interface Lent {
  /** Where the session is kept, in place of the browser's. */
  store: SessionStore;
  /** What the connection goes through. */
  through: (open: OpenSocket) => OpenSocket;
}

declare global {
  interface Window {
    /** By the frames' names. */
    dentalSyncLent?: ReadonlyMap<string, Lent>;
  }
}

/** Null but in the frames of `/demo`: each has a session of its own, and the browser's stays the visitor's. */
export const lent: Lent | null = isDemo && isFramed ? byParent() : null;

function byParent(): Lent | null {
  try {
    return window.parent.dentalSyncLent?.get(window.name) ?? null;
  } catch {
    // A page of another origin, which may not be asked.
    return null;
  }
}
