import { rootOf } from "./address.js";
import { type Clock, systemClock } from "./clock.js";
import { type Fetch, request } from "./outcome.js";
import { goodForMs } from "./token.js";
import type { components } from "./wire/rest.js";

export interface VisitorSessionOptions {
  /** Base URL of Dental Sync, without `/api`; required. */
  url: string;
  // For tests.
  clock?: Clock;
  fetch?: Fetch;
}

interface Kept {
  token: string;
  /** By this machine's clock, with a little to spare. */
  goodUntil: number;
}

/**
 * Somebody without an account, who sees and follows what is free, and nothing else. `getToken` is for RealtimeSync and
 * Api; it rejects with ApiError `not-found` where the practice shows nothing to everybody.
 */
export class VisitorSession {
  readonly #url: string;
  readonly #clock: Clock;
  readonly #fetch: Fetch;
  #kept: Promise<Kept> | null = null;
  /** The token that was given out last. */
  #given: string | null = null;

  constructor({ url, clock, fetch }: VisitorSessionOptions) {
    this.#url = rootOf(url);
    this.#clock = clock ?? systemClock;
    this.#fetch = fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  /** A token, another one before it expires; with `fresh` another one than the last. */
  readonly getToken = async ({ fresh = false }: { fresh?: boolean } = {}): Promise<string> => {
    const last = this.#given;
    const asked = this.#kept;
    const kept = await asked;
    const isGood = kept !== null && this.#clock.now() < kept.goodUntil && !(fresh && kept.token === last);
    // Whoever asked meanwhile has begun the next one.
    if (!isGood && this.#kept === asked) this.#kept = this.#ask();
    const { token } = isGood ? kept : await (this.#kept as Promise<Kept>);
    this.#given = token;
    return token;
  };

  #ask(): Promise<Kept> {
    const asked = this.#fetchToken();
    asked.catch(() => {
      if (this.#kept === asked) this.#kept = null;
    });
    return asked;
  }

  async #fetchToken(): Promise<Kept> {
    type Answer = components["schemas"]["VisitorToken"];
    const outcome = await request<Answer>(this.#fetch, "POST", `${this.#url}/api/public/token`, {});
    if (outcome.error !== null) throw outcome.error;
    const { accessToken, expiresIn } = outcome.answer;
    return { token: accessToken, goodUntil: this.#clock.now() + goodForMs(expiresIn) };
  }
}
