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

export type StateListener = (state: SyncState) => void;

/** The state, and whoever wants to know when its status or error changes. */
export class StateKeeper {
  #status: SyncStatus = "closed";
  #error: SyncError | null = null;
  #asOf: number | null = null;
  readonly #listeners = new Set<StateListener>();

  get current(): SyncState {
    return { status: this.#status, asOf: this.#asOf === null ? null : new Date(this.#asOf), error: this.#error };
  }

  listen(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  completeAt(now: number): void {
    this.#asOf = now;
  }

  become(status: SyncStatus, error: SyncError | null = null): void {
    if (status === this.#status && error === this.#error) return;
    this.#status = status;
    this.#error = error;
    for (const listener of [...this.#listeners]) listener(this.current);
  }
}
