import { type Clock, systemClock } from "./clock.js";
import type { Backoff } from "./backoff.js";
import type { GetToken } from "./connection.js";
import { SyncError } from "./error.js";
import { Feed, type FetchSnapshot, type Resync } from "./feed.js";
import { type OpenSocket, openSocket } from "./socket.js";
import type { StateListener, SyncState } from "./state.js";
import {
  ActiveSubscription,
  type AppointmentCallbacks,
  type AvailabilityCallbacks,
  type Callbacks,
  type Owner,
  type Subscription,
} from "./subscription.js";
import type { Fetch } from "./account.js";

export interface RealtimeSyncOptions {
  /** Where Dental Sync is, without `/api`. */
  url: string;
  getToken: GetToken;
  /** What a channel shows now, with `position` and `epoch`; asked for when the log does not reach back. */
  fetchSnapshot?: FetchSnapshot;
  /** The copy of a channel is to be replaced: by `snapshot`, or by what is fetched now. */
  onResync?: (resync: Resync) => void;
  /** Socket.IO's, in the order in which they are tried. */
  transports?: string[];
  backoff?: Backoff;
  /** For how long the connection is kept when nothing is subscribed to any more. */
  lingerMs?: number;
  // For tests.
  clock?: Clock;
  random?: () => number;
  openSocket?: OpenSocket;
  fetch?: Fetch;
}

const LINGER_MS = 5_000;

/** The service that front ends use. One connection serves all its subscriptions. */
export class RealtimeSync {
  #feed: Feed | null = null;
  #options: RealtimeSyncOptions | null = null;
  #clock: Clock = systemClock;
  readonly #subscriptions = new Set<ActiveSubscription>();
  readonly #listeners = new Set<StateListener>();
  #lastId = 0;
  #callOffHeartbeat: (() => void) | null = null;
  #callOffLinger = (): void => {};

  constructor(options?: RealtimeSyncOptions) {
    if (options !== undefined) this.configure(options);
  }

  /** Says where the service is and who asks; whatever was subscribed to before ends. */
  configure(options: RealtimeSyncOptions): void {
    this.#feed?.close();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#feed = new Feed({
      url: options.url,
      getToken: options.getToken,
      fetchSnapshot: options.fetchSnapshot,
      onResync: options.onResync,
      transports: options.transports ?? ["websocket", "polling"],
      clock: this.#clock,
      random: options.random ?? Math.random,
      openSocket: options.openSocket ?? openSocket,
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      ...(options.backoff && { backoff: options.backoff }),
    });
    this.#feed.state.listen((state) => {
      for (const listener of [...this.#listeners]) listener(state);
    });
  }

  /** `userId` is the account's id, or the patient's or the dentist's. */
  subscribeToAppointments(
    userId: string,
    role: "patient" | "dentist" | "admin",
    callbacks: AppointmentCallbacks,
  ): Subscription {
    if (role === "admin") return this.subscribeToAllAppointments(callbacks);
    return this.#subscribe(`appointments:${role}:${userId}`, callbacks, { userId, role });
  }

  subscribeToAllAppointments(callbacks: AppointmentCallbacks): Subscription {
    return this.#subscribe("appointments:all", callbacks);
  }

  subscribeToAvailability(dentistId: string, callbacks: AvailabilityCallbacks): Subscription {
    return this.#subscribe(`availability:${dentistId}`, callbacks);
  }

  subscribeToGlobalAvailability(callbacks: AvailabilityCallbacks): Subscription {
    return this.#subscribe("availability:all", callbacks);
  }

  getActiveSubscriptions(): Subscription[] {
    return [...this.#active()];
  }

  getActiveSubscriptionsCount(): number {
    return this.#active().size;
  }

  /** Ends a subscription; one that has ended is no mistake. */
  unsubscribe(subscription: Subscription): void {
    if (!(subscription instanceof ActiveSubscription) || !this.#subscriptions.delete(subscription)) return;
    subscription.active = false;
    this.#feed?.remove(subscription);
    if (this.#active().size === 0) this.#linger();
  }

  unsubscribeAll(): void {
    for (const subscription of [...this.#subscriptions]) this.unsubscribe(subscription);
  }

  /** Asks the server for a sign of life so often; it sends its own heartbeats without being asked. */
  startHeartbeat(ms: number): void {
    this.stopHeartbeat();
    const beat = (): void => {
      this.#callOffHeartbeat = this.#clock.later(ms, () => {
        this.#feed?.askForBeat();
        beat();
      });
    };
    beat();
  }

  stopHeartbeat(): void {
    this.#callOffHeartbeat?.();
    this.#callOffHeartbeat = null;
  }

  getState(): SyncState {
    return this.#feed?.state.current ?? { status: "closed", asOf: null, error: null };
  }

  /** Tells of every change of the state; returns what ends that. */
  onStateChange(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Ends everything, the connection too. Whoever subscribes afterwards opens it again. */
  close(): void {
    this.#callOffLinger();
    this.stopHeartbeat();
    this.#subscriptions.clear();
    this.#feed?.close();
  }

  #subscribe(channelName: string, callbacks: Callbacks, owner: Owner | null = null): Subscription {
    if (this.#feed === null) throw new SyncError("not-configured", "call configure({ url, getToken }) first");
    this.#callOffLinger();
    this.#lastId = Math.max(this.#lastId + 1, this.#clock.now());
    const createdAt = new Date(this.#clock.now()).toISOString();
    const subscription = new ActiveSubscription(
      `${channelName}-${this.#lastId}`,
      channelName,
      createdAt,
      owner,
      callbacks,
    );
    this.#subscriptions.add(subscription);
    this.#feed.add(subscription);
    return subscription;
  }

  /** Those that have not ended, whoever ended them. */
  #active(): ReadonlySet<ActiveSubscription> {
    for (const subscription of this.#subscriptions) {
      if (!subscription.active) this.#subscriptions.delete(subscription);
    }
    return this.#subscriptions;
  }

  /** A page that is changed for another subscribes again at once. */
  #linger(): void {
    this.#callOffLinger();
    this.#callOffLinger = this.#clock.later(this.#options?.lingerMs ?? LINGER_MS, () => this.#feed?.close());
  }
}

/** An instance of one's own. */
export function createRealtimeSync(options: RealtimeSyncOptions): RealtimeSync {
  return new RealtimeSync(options);
}

/** The instance that most applications need; `configure` comes first. */
export const realtimeSyncService = new RealtimeSync();
