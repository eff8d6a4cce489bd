import type { Account } from "./account.js";
import { rootOf } from "./address.js";
import { type Clock, systemClock } from "./clock.js";
import { SyncError } from "./error.js";
import { type Fetch, request } from "./outcome.js";
import { type SessionStore, memoryStore } from "./store.js";
import { goodForMs } from "./token.js";
import type { components } from "./wire/rest.js";

export interface SessionOptions {
  /** Base URL of Dental Sync, without `/api`; required. */
  url: string;
  /** Where tokens are kept: `browserStore()` lasts, and all tabs share it; default `memoryStore()`, gone with the page. */
  store?: SessionStore;
  // For tests.
  clock?: Clock;
  fetch?: Fetch;
}

type Tokens = components["schemas"]["TokensAnswer"];
export type Registration = components["schemas"]["Register"];

export interface SignInOptions {
  /** Six digits of the app, or a recovery code; default: none. */
  code?: string | undefined;
}

interface Kept {
  accessToken: string;
  refreshToken: string;
  /** By this machine's clock, with a little to spare. */
  goodUntil: number;
  account: Account;
}

/**
 * One sign-in. `getToken` is for RealtimeSync and Api: it renews the access token before it expires. A
 * refresh token works once: tabs that share a store take turns. Where the answer is lost on the way, the same token is
 * sent again and gives the same successor within 30 seconds; later its second use ends the session.
 */
export class Session {
  readonly #url: string;
  readonly #store: SessionStore;
  readonly #clock: Clock;
  readonly #fetch: Fetch;
  /** The access token that was given out last. */
  #given: string | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ url, store, clock, fetch }: SessionOptions) {
    this.#url = rootOf(url);
    this.#store = store ?? memoryStore();
    this.#clock = clock ?? systemClock;
    this.#fetch = fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  /** Who is signed in, in this tab or another one that shares the store. */
  async account(): Promise<Account | null> {
    return (await this.#read())?.account ?? null;
  }

  /**
   * `code` is one of the account's second factor, or a recovery code. Rejects with ApiError `invalid-credentials`, and
   * `second-factor-required` where the password is right and a code is missing or wrong: ask for it and sign in again.
   */
  signIn(email: string, password: string, { code }: SignInOptions = {}): Promise<Account> {
    return this.#begin("login", { email, password, ...(code === undefined ? {} : { code }) });
  }

  /** Makes a patient's account, and signs in. Rejects with ApiError `email-taken`. */
  register(registration: Registration): Promise<Account> {
    return this.#begin("register", registration);
  }

  /** Ends the session everywhere; here also when the service cannot be told. */
  async signOut(): Promise<void> {
    const kept = await this.#inTurn(async () => {
      const ended = await this.#read();
      await this.#store.write(null);
      return ended;
    });
    if (kept !== null) await this.#post("logout", bearer(kept.accessToken)).catch(() => {});
  }

  /** The access token, renewed before it expires; with `fresh` another one than the last. Rejects where nobody is signed in. */
  readonly getToken = async ({ fresh = false }: { fresh?: boolean } = {}): Promise<string> => {
    const last = this.#given;
    const now = await this.#read();
    if (now !== null && (!fresh || now.accessToken !== last) && this.#isGood(now)) return this.#give(now);
    return this.#inTurn(async () => {
      const kept = await this.#read();
      if (kept === null) throw signedOut();
      // Another tab renewed it while this one waited.
      if (kept.accessToken !== last && this.#isGood(kept)) return this.#give(kept);
      try {
        return this.#give(await this.#keep(await this.#post<Tokens>("refresh", bearer(kept.refreshToken))));
      } catch (error) {
        if (!(error instanceof SyncError) || error.retryable) throw error;
        await this.#store.write(null);
        throw signedOut(error);
      }
    });
  };

  /** In turn, or a renewal of the session before could be kept in its place. */
  #begin(how: string, facts: object): Promise<Account> {
    return this.#inTurn(async () => (await this.#keep(await this.#post<Tokens>(how, {}, facts))).account);
  }

  #isGood({ goodUntil }: Kept): boolean {
    return this.#clock.now() < goodUntil;
  }

  #give({ accessToken }: Kept): string {
    this.#given = accessToken;
    return accessToken;
  }

  async #keep({ accessToken, refreshToken, expiresIn, user }: Tokens): Promise<Kept> {
    const goodUntil = this.#clock.now() + goodForMs(expiresIn);
    const kept = { accessToken, refreshToken, goodUntil, account: user };
    await this.#store.write(JSON.stringify(kept));
    return kept;
  }

  async #read(): Promise<Kept | null> {
    const text = await this.#store.read();
    try {
      return text === null ? null : (JSON.parse(text) as Kept);
    } catch {
      return null;
    }
  }

  async #post<Answer>(what: string, headers: Record<string, string>, body?: object): Promise<Answer> {
    const outcome = await request<Answer>(this.#fetch, "POST", `${this.#url}/api/auth/${what}`, headers, body);
    if (outcome.error !== null) throw outcome.error;
    return outcome.answer;
  }

  /** One after the other, in all tabs where the browser has locks (on pages served over HTTPS, and on localhost). */
  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const { locks } = globalThis.navigator ?? {};
    const name = `dental-sync ${this.#url}`;
    const turn = this.#turn.then(() => (locks === undefined ? task() : (locks.request(name, task) as Promise<Result>)));
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

function signedOut(cause?: unknown): SyncError {
  return new SyncError("unauthorized", "nobody is signed in", cause);
}
