import { SyncError } from "./error.js";

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

/** Of a service that was not told yet where to ask, and as whom. */
export const NOT_CONFIGURED: SyncState & { readonly error: SyncError } = {
  ...CLOSED,
  error: new SyncError("not-configured", "nothing is fetched or followed before configure({ url, getToken })"),
};

export type StateListener = (state: SyncState) => void;

/** A state, and the listeners for changes of its status and error. */
export class StateKeeper {
  /** Another object only when something in it is different. */
  current: SyncState;
  #told: SyncState;
  readonly #listeners = new Set<StateListener>();

  constructor(initial: SyncState = CLOSED) {
    this.current = initial;
    this.#told = initial;
  }

  listen(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  completeAt(now: number): void {
    if (this.current.asOf?.getTime() !== now) this.current = { ...this.current, asOf: new Date(now) };
  }

  /** Silently: states that change together are all set before a listener hears of one. */
  set(status: SyncStatus, error: SyncError | null = null): void {
    if (status !== this.current.status || error !== this.current.error) this.current = { ...this.current, status, error };
  }

  /** Calls the listeners, unless they were called for this status and error already. */
  notify(): void {
    const { current } = this;
    if (current.status === this.#told.status && current.error === this.#told.error) return;
    this.#told = current;
    for (const listener of [...this.#listeners]) listener(current);
  }
}
