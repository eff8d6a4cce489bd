import type { Account } from "./account.js";
import type { Appointment } from "./appointment.js";
import { BACKOFF, type Backoff, backoffMs } from "./backoff.js";
import { type Clock, systemClock } from "./clock.js";
import { ApiError } from "./error.js";
import type { Place } from "./message.js";
import { type Fetch, type Outcome, failed, request } from "./outcome.js";
import { type GetToken, tokenError } from "./token.js";
import type { components, operations } from "./wire/rest.js";

type Schemas = components["schemas"];

export type Booking = Schemas["Book"];
export type Change = Schemas["Reschedule"];
export type Hold = Schemas["HoldAnswer"];
export type HoldTime = Schemas["HoldTime"];
export type FreeTimes = Schemas["SlotsAnswer"];
export type FreeTimesWanted = operations["list_free_times"]["parameters"]["query"];
export type AppointmentsWanted = Omit<
  NonNullable<operations["list_appointments"]["parameters"]["query"]>,
  "limit" | "after"
>;

/** What there was at a place in the log: subscribing `since` it leaves no gap. */
export interface AppointmentList extends Place {
  items: Appointment[];
}

export interface ApiOptions {
  /** Base URL of Dental Sync, without `/api`; required. */
  url: string;
  /** Gives the access token for connections and calls, `session.getToken` for example; required. */
  getToken: GetToken;
  /** Waits between attempts, in milliseconds; default `{ firstMs: 500, longestMs: 30_000 }`. */
  backoff?: Backoff;
  /** How long a call is tried again before it fails with what went wrong last, in milliseconds; default 30,000. */
  patienceMs?: number;
  // For tests.
  clock?: Clock;
  random?: () => number;
  fetch?: Fetch;
}

export interface CallOptions {
  /** Gives up at once; a write that was sent may be applied nevertheless. Default: none. */
  signal?: AbortSignal;
}

export interface WriteOptions extends CallOptions {
  /** The same key is the same write, however often it is sent; up to 255 visible characters. Default: a new one for each call. */
  idempotencyKey?: string;
}

export interface ChangeOptions extends WriteOptions {
  /** The `version` that was looked at; when it has changed since, the change is refused (`precondition-failed`). Default: any. */
  version?: number;
}

interface Call extends ChangeOptions {
  query?: Record<string, unknown> | undefined;
  body?: object;
}

const PATIENCE_MS = 30_000;
const PAGE = 200;

/**
 * Calls the REST API as one account. What fails on the way, or is not ready yet, is tried again; a write carries a key
 * by which the server knows it, so that trying again never does it twice. Rejects with ApiError when the server refuses,
 * and with SyncError when it cannot be reached.
 */
export class Api {
  readonly #options: Required<ApiOptions>;

  constructor(options: ApiOptions) {
    this.#options = {
      backoff: BACKOFF,
      patienceMs: PATIENCE_MS,
      clock: systemClock,
      random: Math.random,
      fetch: (input, init) => globalThis.fetch(input, init),
      ...options,
      url: options.url.replace(/\/+$/, ""),
    };
  }

  /** Who is signed in. */
  me(options?: CallOptions): Promise<Account> {
    return this.#call("GET", "/auth/me", { ...options });
  }

  /** What can be booked. `from` and `to` are instants with an offset, at most 31 days apart. */
  availability(wanted: FreeTimesWanted, options?: CallOptions): Promise<FreeTimes> {
    return this.#call("GET", "/availability", { ...options, query: wanted });
  }

  /** All appointments that the account may see and that overlap `[from, to)`, by `startsAt`. */
  async appointments(wanted: AppointmentsWanted = {}, options?: CallOptions): Promise<AppointmentList> {
    let page = await this.#page({ ...wanted, limit: PAGE }, options);
    const list: AppointmentList = { items: page.items, position: page.position, epoch: page.epoch };
    while (page.next !== null) {
      page = await this.#page({ ...wanted, limit: PAGE, after: page.next }, options);
      list.items.push(...page.items);
    }
    return list;
  }

  book(booking: Booking, options?: WriteOptions): Promise<Appointment> {
    return this.#write("POST", "/appointments", { ...options, body: booking });
  }

  /** Changes the time, the dentist, the treatment or the reason; a new start alone keeps the duration. */
  reschedule(appointmentId: string, change: Change, options?: ChangeOptions): Promise<Appointment> {
    return this.#write("PATCH", `/appointments/${encodeURIComponent(appointmentId)}`, { ...options, body: change });
  }

  cancel(appointmentId: string, { reason, ...options }: ChangeOptions & { reason?: string } = {}): Promise<Appointment> {
    const body = reason === undefined ? {} : { reason };
    return this.#write("POST", `/appointments/${encodeURIComponent(appointmentId)}/cancel`, { ...options, body });
  }

  /** Keeps a time for this account until `expiresAt`; book it with `holdId`. */
  hold(time: HoldTime, options?: WriteOptions): Promise<Hold> {
    return this.#write("POST", "/holds", { ...options, body: time });
  }

  /** Gives a held time back; one that has expired is no mistake. */
  async release(holdId: string, options?: WriteOptions): Promise<void> {
    try {
      await this.#write("DELETE", `/holds/${encodeURIComponent(holdId)}`, { ...options });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "not-found")) throw error;
    }
  }

  #page(query: Record<string, unknown>, options?: CallOptions): Promise<Schemas["AppointmentPage"]> {
    return this.#call("GET", "/appointments", { ...options, query });
  }

  #write<Answer>(method: string, path: string, call: Call): Promise<Answer> {
    return this.#call(method, path, { ...call, idempotencyKey: call.idempotencyKey ?? newKey() });
  }

  /** Sends a request until it is answered for good. */
  async #call<Answer>(method: string, path: string, call: Call): Promise<Answer> {
    const { clock, random, backoff, patienceMs } = this.#options;
    const giveUpAt = clock.now() + patienceMs;
    let wantsFreshToken = false;
    for (let failures = 1; ; failures += 1) {
      const outcome = await this.#try<Answer>(method, path, call, wantsFreshToken);
      if (outcome.error === null) return outcome.answer;
      const { error, retryAfterMs } = outcome;
      const isTokenRefused = error.code === "unauthorized" || error.code === "token-expired";
      if (isTokenRefused && !wantsFreshToken) {
        wantsFreshToken = true;
        continue;
      }
      const waitMs = Math.max(retryAfterMs, backoffMs(failures, random(), backoff));
      if (!error.retryable || clock.now() + waitMs > giveUpAt) throw error;
      await this.#wait(waitMs, call.signal);
    }
  }

  async #try<Answer>(method: string, path: string, call: Call, fresh: boolean): Promise<Outcome<Answer>> {
    const { url, getToken, fetch } = this.#options;
    call.signal?.throwIfAborted();
    let token: string;
    try {
      token = await getToken({ fresh });
    } catch (cause) {
      return failed(tokenError(cause));
    }
    const address = `${url}/api${path}${search(call.query)}`;
    return request(fetch, method, address, headers(token, call), call.body, call.signal);
  }

  #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.#options.clock.later(ms, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      signal?.addEventListener("abort", abort, { once: true });
    });
  }
}

function headers(token: string, { idempotencyKey, version }: Call): Record<string, string> {
  return {
    Authorization: `Bearer ${token}`,
    ...(idempotencyKey !== undefined && { "Idempotency-Key": idempotencyKey }),
    ...(version !== undefined && { "If-Match": `"${version}"` }),
  };
}

function search(query: Record<string, unknown> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  return given.length === 0 ? "" : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

/** `crypto.randomUUID` is there on pages served over HTTPS only. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
