import type { SyncError } from "./error.js";

/**
 * `connecting` for the first time, `catching-up` until everything missed is here, `live`, `offline` while it tries to
 * come back, `closed` while there is nothing to follow, and, with an error, when trying again would be of no use.
 */
export type SyncStatus = "connecting" | "live" | "catching-up" | "offline" | "closed";

export interface SyncState {
  readonly status: SyncStatus;
  /** When everything subscribed to was last known to be complete, by this machine's clock. */
  readonly asOf: Date | null;
  readonly error: SyncError | null;
}

export const CLOSED: SyncState = { status: "closed", asOf: null, error: null };

export type StateListener = (state: SyncState) => void;

/** The state, and whoever wants to know when its status or error changes. */
export class StateKeeper {
  /** Another object only when something in it is different. */
  current: SyncState = CLOSED;
  readonly #listeners = new Set<StateListener>();

  listen(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  completeAt(now: number): void {
    if (this.current.asOf?.getTime() !== now) this.current = { ...this.current, asOf: new Date(now) };
  }

  become(status: SyncStatus, error: SyncError | null = null): void {
    if (status === this.current.status && error === this.current.error) return;
    this.current = { ...this.current, status, error };
    for (const listener of [...this.#listeners]) listener(this.current);
  }
}
