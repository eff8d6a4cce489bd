import { rootOf } from "./address.js";
import { BACKOFF, type Backoff, backoffMs } from "./backoff.js";
import { type Clock, systemClock } from "./clock.js";
import { ApiError, StillPending } from "./error.js";
import { KeptAnswers } from "./kept.js";
import type { CallOptions, ChangeOptions } from "./options.js";
import { type Fetch, type Outcome, failed, request } from "./outcome.js";
import { throwIfAborted } from "./signal.js";
import { type GetToken, tokenError } from "./token.js";
import type { components } from "./wire/rest.js";

export interface CallerOptions {
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

export type Verb = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Call extends ChangeOptions {
  path?: Record<string, string> | undefined;
  query?: Record<string, unknown> | undefined;
  body?: object | undefined;
}

type Write = components["schemas"]["WriteAnswer"];

const PATIENCE_MS = 30_000;

/** Sends requests as one account, until they are answered for good. */
export class Caller {
  readonly #options: Required<CallerOptions>;
  readonly #root: string;
  readonly #kept = new KeptAnswers();

  constructor(options: CallerOptions) {
    this.#root = rootOf(options.url);
    this.#options = {
      backoff: BACKOFF,
      patienceMs: PATIENCE_MS,
      clock: systemClock,
      random: Math.random,
      fetch: (input, init) => globalThis.fetch(input, init),
      ...options,
    };
  }

  /** `traits` are the letters of the operation's row in wire/operations. */
  async call<Answer>(method: Verb, path: string, traits: string, wanted: Call): Promise<Answer> {
    const hasKey = traits.includes("k");
    const call = hasKey ? { ...wanted, idempotencyKey: wanted.idempotencyKey ?? newKey() } : wanted;
    // Without a key the server cannot know that it did this before.
    const isRepeatable = method === "GET" || call.idempotencyKey !== undefined;
    const address = `${this.#root}${filled(path, call.path)}${search(call.query)}`;
    const needsToken = !traits.includes("o") || call.token !== undefined;
    const { clock, random, backoff, patienceMs } = this.#options;
    const fetch = traits.includes("t") ? this.#kept.through(this.#options.fetch) : this.#options.fetch;
    const giveUpAt = clock.now() + patienceMs;
    let wantsFreshToken = false;
    for (let failures = 1; ; failures += 1) {
      const outcome = await this.#try<Answer>(fetch, method, address, call, needsToken, wantsFreshToken);
      if (outcome.error === null) return outcome.answer;
      const { error, retryAfterMs, isUndone } = outcome;
      const isTokenRefused = error.code === "unauthorized" || error.code === "token-expired";
      if (isTokenRefused && needsToken && !wantsFreshToken && call.token === undefined) {
        wantsFreshToken = true;
        continue;
      }
      const waitMs = Math.max(retryAfterMs, backoffMs(failures, random(), backoff));
      const mayRepeat = error.retryable && (isRepeatable || isUndone);
      if (!mayRepeat || clock.now() + waitMs > giveUpAt) throw error;
      await this.#wait(waitMs, call.signal);
    }
  }

  /** Looks a write up until it is decided. */
  async settled(writeId: string, options: CallOptions): Promise<void> {
    const { clock, random, backoff, patienceMs } = this.#options;
    const giveUpAt = clock.now() + patienceMs;
    const wanted = { ...options, path: { writeId } };
    for (let looks = 1; ; looks += 1) {
      const { status, problem } = await this.call<Write>("GET", "/api/writes/{writeId}", "", wanted);
      if (problem) throw new ApiError(problem.status, problem);
      if (status !== "pending") return;
      const waitMs = backoffMs(looks, random(), backoff);
      if (clock.now() + waitMs > giveUpAt) throw new StillPending(writeId);
      await this.#wait(waitMs, options.signal);
    }
  }

  async #try<Answer>(
    fetch: Fetch,
    method: Verb,
    address: string,
    call: Call,
    needsToken: boolean,
    fresh: boolean,
  ): Promise<Outcome<Answer>> {
    const { getToken } = this.#options;
    throwIfAborted(call.signal);
    let token = call.token ?? null;
    if (needsToken && token === null) {
      try {
        token = await getToken({ fresh });
      } catch (cause) {
        const error = tokenError(cause);
        if (!error.retryable) this.#kept.forget();
        return failed(error, { isUndone: true });
      }
    }
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

function headers(token: string | null, { idempotencyKey, version }: Call): Record<string, string> {
  return {
    ...(token !== null && { Authorization: `Bearer ${token}` }),
    ...(idempotencyKey !== undefined && { "Idempotency-Key": idempotencyKey }),
    ...(version !== undefined && { "If-Match": `"${version}"` }),
  };
}

function filled(path: string, ids: Record<string, string> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const id = ids[name];
    // `undefined` in an address would be another question, answered 404.
    if (id === undefined || id === "") throw new TypeError(`${path} needs ${name}`);
    return encodeURIComponent(id);
  });
}

function search(query: Record<string, unknown> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  return given.length === 0 ? "" : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

/** An idempotency key that nobody else has. `crypto.randomUUID` is there on pages served over HTTPS only. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
