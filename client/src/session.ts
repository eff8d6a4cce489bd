import type { Account } from "./account.js";
import { type Clock, systemClock } from "./clock.js";
import { SyncError } from "./error.js";
import { type Fetch, request } from "./outcome.js";
import type { GetToken } from "./token.js";
import type { components } from "./wire/rest.js";

export interface SessionOptions {
  /** Where Dental Sync is, without `/api`. */
  url: string;
  /**
   * Where the tokens are kept: `localStorage` lasts, and all tabs share it; `sessionStorage` is one tab's. Without it
   * they are gone with the page. Whatever script runs on the page can read them there.
   */
  storage?: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  // For tests.
  clock?: Clock;
  fetch?: Fetch;
}

type Tokens = components["schemas"]["TokensAnswer"];
export type Registration = components["schemas"]["Register"];

interface Kept {
  accessToken: string;
  refreshToken: string;
  /** By this machine's clock. */
  expiresAt: number;
  account: Account;
}

const STILL_GOOD_FOR_MS = 10_000;

/**
 * Somebody who is signed in. `getToken` is for RealtimeSync and Api: it renews the access token before it expires. A
 * refresh token works once, and the second use ends the session: tabs that share a storage take turns.
 */
export class Session {
  readonly #url: string;
  readonly #key: string;
  readonly #storage: SessionOptions["storage"];
  readonly #clock: Clock;
  readonly #fetch: Fetch;
  #memory: string | null = null;
  /** The access token that was given out last. */
  #given: string | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ url, storage, clock = systemClock, fetch = (input, init) => globalThis.fetch(input, init) }: SessionOptions) {
    this.#url = url.replace(/\/+$/, "");
    this.#key = `dental-sync ${this.#url}`;
    this.#storage = storage;
    this.#clock = clock;
    this.#fetch = fetch;
  }

  /** Who is signed in, in this tab or another one that shares the storage. */
  get account(): Account | null {
    return this.#read()?.account ?? null;
  }

  /** Rejects with ApiError `invalid-credentials`. */
  async signIn(email: string, password: string): Promise<Account> {
    return this.#keep(await this.#post<Tokens>("login", {}, { email, password })).account;
  }

  /** Makes a patient's account, and signs in. Rejects with ApiError `email-taken`. */
  async register(registration: Registration): Promise<Account> {
    return this.#keep(await this.#post<Tokens>("register", {}, registration)).account;
  }

  /** Ends the session everywhere; here also when the service cannot be told. */
  async signOut(): Promise<void> {
    const kept = this.#read();
    this.#write(null);
    if (kept !== null) await this.#post("logout", bearer(kept.accessToken)).catch(() => {});
  }

  readonly getToken: GetToken = async ({ fresh }) => {
    const last = this.#given;
    const now = this.#read();
    if (now !== null && (!fresh || now.accessToken !== last) && this.#isGood(now)) return this.#give(now);
    return this.#inTurn(async () => {
      const kept = this.#read();
      if (kept === null) throw signedOut();
      // Somebody else has renewed it while this one waited.
      if (kept.accessToken !== last && this.#isGood(kept)) return this.#give(kept);
      try {
        return this.#give(this.#keep(await this.#post<Tokens>("refresh", bearer(kept.refreshToken))));
      } catch (error) {
        if (!(error instanceof SyncError) || error.retryable) throw error;
        this.#write(null);
        throw signedOut(error);
      }
    });
  };

  #isGood({ expiresAt }: Kept): boolean {
    return expiresAt - this.#clock.now() > STILL_GOOD_FOR_MS;
  }

  #give({ accessToken }: Kept): string {
    this.#given = accessToken;
    return accessToken;
  }

  #keep({ accessToken, refreshToken, expiresIn, user }: Tokens): Kept {
    const kept = { accessToken, refreshToken, expiresAt: this.#clock.now() + 1000 * expiresIn, account: user };
    this.#write(JSON.stringify(kept));
    return kept;
  }

  #read(): Kept | null {
    const text = this.#storage === undefined ? this.#memory : this.#storage.getItem(this.#key);
    try {
      return text === null ? null : (JSON.parse(text) as Kept);
    } catch {
      return null;
    }
  }

  #write(text: string | null): void {
    if (this.#storage === undefined) this.#memory = text;
    else if (text === null) this.#storage.removeItem(this.#key);
    else this.#storage.setItem(this.#key, text);
  }

  async #post<Answer>(what: string, headers: Record<string, string>, body?: object): Promise<Answer> {
    const outcome = await request<Answer>(this.#fetch, "POST", `${this.#url}/api/auth/${what}`, headers, body);
    if (outcome.error !== null) throw outcome.error;
    return outcome.answer;
  }

  /** One after the other, in all tabs where the browser has locks (on pages served over HTTPS, and on localhost). */
  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const locks = this.#storage === undefined ? undefined : globalThis.navigator?.locks;
    const turn = this.#turn.then(() => (locks === undefined ? task() : (locks.request(this.#key, task) as Promise<Result>)));
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
