import { type Clock, systemClock } from "./clock.js";
import type { Owner } from "./account.js";
import { Api } from "./api.js";
import type { Backoff } from "./backoff.js";
import { Feed, type FetchSnapshot } from "./feed.js";
import type { Fetch } from "./outcome.js";
import { type OpenSocket, openSocket } from "./socket.js";
import { CLOSED, NOT_CONFIGURED, type StateListener, type SyncState } from "./state.js";
import {
  ActiveSubscription,
  type AppointmentCallbacks,
  type AvailabilityCallbacks,
  type Callbacks,
  type OwnOptions,
  type PracticeCallbacks,
  type Resync,
  type Subscription,
  type SubscriptionOptions,
} from "./subscription.js";
import type { GetToken } from "./token.js";
import { type WatchWake, watchWake } from "./wake.js";

export interface RealtimeSyncOptions {
  /** Base URL of Dental Sync, without `/api`; required. */
  url: string;
  /** Gives the access token for connections and calls, `session.getToken` for example; required. */
  getToken: GetToken;
  /** What a channel shows now, with `position` and `epoch`; asked for when the log does not reach back. Default: none. */
  fetchSnapshot?: FetchSnapshot;
  /** The copy of a channel is to be replaced: by `snapshot`, or by what is fetched now. Default: none. */
  onResync?: (resync: Resync) => void;
  /** Socket.IO's, in the order in which they are tried; default `["websocket", "polling"]`. */
  transports?: string[];
  /** Waits between attempts, in milliseconds; default `{ firstMs: 500, longestMs: 30_000 }`. */
  backoff?: Backoff;
  /** How long the connection is kept after the last subscription has ended, in milliseconds; default 5,000. */
  lingerMs?: number;
  /** Makes the socket of each attempt to connect; default `openSocket`, which is Socket.IO's. */
  openSocket?: OpenSocket;
  // For tests.
  clock?: Clock;
  random?: () => number;
  watchWake?: WatchWake;
  fetch?: Fetch;
}

const LINGER_MS = 5_000;

/** The service that front ends use. One connection serves all its subscriptions. */
export class RealtimeSync {
  #api: Api | null = null;
  #feed: Feed | null = null;
  #options: RealtimeSyncOptions | null = null;
  #clock: Clock = systemClock;
  readonly #subscriptions = new Set<ActiveSubscription>();
  readonly #listeners = new Set<StateListener>();
  #lastId = 0;
  #session = 0;
  #cancelHeartbeat: (() => void) | null = null;
  #cancelLinger = (): void => {};

  constructor(options?: RealtimeSyncOptions) {
    if (options !== undefined) this.configure(options);
  }

  /** Says where the service is and who asks; whatever was subscribed to before ends. */
  configure(options: RealtimeSyncOptions): void {
    this.#feed?.close();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { url, getToken, fetchSnapshot, onResync, backoff, fetch } = options;
    const clock = this.#clock;
    const random = options.random ?? Math.random;
    const own = { url, getToken, clock, random, ...(backoff && { backoff }) };
    this.#api = new Api({ ...own, ...(fetch && { fetch }) });
    this.#feed = new Feed({
      ...own,
      api: this.#api,
      fetchSnapshot,
      onResync,
      transports: options.transports ?? ["websocket", "polling"],
      openSocket: options.openSocket ?? openSocket,
      watchWake: options.watchWake ?? watchWake,
    });
    this.#feed.state.listen((state) => this.#notify(state));
    this.#session += 1;
    this.#notify(CLOSED);
  }

  /** Another number after each `configure`: what was cached before may belong to another account. */
  get session(): number {
    return this.#session;
  }

  /** The REST API, as the same account. */
  get api(): Api {
    if (this.#api === null) throw NOT_CONFIGURED.error;
    return this.#api;
  }

  /** `userId` is the account's id, for all patients for whom it acts, or a patient's or dentist's. */
  subscribeToAppointments(
    userId: string,
    role: "patient" | "dentist" | "receptionist" | "admin",
    callbacks: AppointmentCallbacks,
    options?: SubscriptionOptions,
  ): Subscription {
    if (role === "receptionist" || role === "admin") return this.subscribeToAllAppointments(callbacks, options);
    return this.#subscribe(`appointments:${role}:${userId}`, callbacks, options, { userId, role });
  }

  /** Whatever the account may see: of all patients for whom it acts, a dentist's own, all to a receptionist or an admin. */
  subscribeToOwnAppointments(callbacks: AppointmentCallbacks, options: OwnOptions = {}): Subscription {
    const { patientId } = options;
    return this.#subscribe("appointments:own", callbacks, options, patientId === undefined ? "self" : { patientId });
  }

  subscribeToAllAppointments(callbacks: AppointmentCallbacks, options?: SubscriptionOptions): Subscription {
    return this.#subscribe("appointments:all", callbacks, options);
  }

  subscribeToAvailability(
    dentistId: string,
    callbacks: AvailabilityCallbacks,
    options?: SubscriptionOptions,
  ): Subscription {
    return this.#subscribe(`availability:${dentistId}`, callbacks, options);
  }

  subscribeToGlobalAvailability(callbacks: AvailabilityCallbacks, options?: SubscriptionOptions): Subscription {
    return this.#subscribe("availability:all", callbacks, options);
  }

  /** Which holds, patients, time off, closures, treatments, chairs and dentists have changed; for staff. */
  subscribeToPractice(callbacks: PracticeCallbacks, options?: SubscriptionOptions): Subscription {
    return this.#subscribe("practice", callbacks, options);
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
    this.#feed?.remove(subscription);
    if (this.#active().size === 0) this.#linger();
  }

  unsubscribeAll(): void {
    for (const subscription of [...this.#subscriptions]) this.unsubscribe(subscription);
  }

  /** Asks the server for a sign of life every `ms` milliseconds; it sends its own heartbeats without being asked. */
  startHeartbeat(ms: number): void {
    this.stopHeartbeat();
    const beat = (): void => {
      this.#cancelHeartbeat = this.#clock.later(ms, () => {
        this.#feed?.askForBeat();
        beat();
      });
    };
    beat();
  }

  stopHeartbeat(): void {
    this.#cancelHeartbeat?.();
    this.#cancelHeartbeat = null;
  }

  /** The same object as long as nothing in it has changed; before `configure` it is `closed`, with `not-configured`. */
  getState(): SyncState {
    return this.#feed?.state.current ?? NOT_CONFIGURED;
  }

  /** Tells of every change of the state; returns what ends that. */
  onStateChange(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Ends everything, the connection too. A later subscription opens it again. */
  close(): void {
    this.#cancelLinger();
    this.stopHeartbeat();
    this.#subscriptions.clear();
    this.#feed?.close();
  }

  #subscribe(
    channelName: string,
    callbacks: Callbacks,
    { since }: SubscriptionOptions = {},
    owner: Owner | null = null,
  ): Subscription {
    if (this.#feed === null) throw NOT_CONFIGURED.error;
    this.#cancelLinger();
    this.#lastId = Math.max(this.#lastId + 1, this.#clock.now());
    const createdAt = new Date(this.#clock.now()).toISOString();
    const subscription = new ActiveSubscription(
      `${channelName}-${this.#lastId}`,
      channelName,
      createdAt,
      owner,
      callbacks,
      since ? { position: since.position, epoch: since.epoch, ...(since.patients && { patients: since.patients }) } : null,
      (ended) => this.unsubscribe(ended),
    );
    this.#subscriptions.add(subscription);
    this.#feed.add(subscription);
    return subscription;
  }

  #notify(state: SyncState): void {
    for (const listener of [...this.#listeners]) listener(state);
  }

  /** Those that have not ended, for whatever reason. */
  #active(): ReadonlySet<ActiveSubscription> {
    for (const subscription of this.#subscriptions) {
      if (!subscription.active) this.#subscriptions.delete(subscription);
    }
    return this.#subscriptions;
  }

  /** A page that is changed for another subscribes again at once. */
  #linger(): void {
    this.#cancelLinger();
    this.#cancelLinger = this.#clock.later(this.#options?.lingerMs ?? LINGER_MS, () => this.#feed?.close());
  }
}

/** An instance of one's own. */
export function createRealtimeSync(options: RealtimeSyncOptions): RealtimeSync {
  return new RealtimeSync(options);
}

/** The instance that most applications need; `configure` comes first. */
export const realtimeSyncService = new RealtimeSync();
