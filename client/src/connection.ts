import { BACKOFF, type Backoff, backoffMs } from "./backoff.js";
import type { Clock } from "./clock.js";
import { SyncError } from "./error.js";
import { MESSAGE_TYPES, type Beat, type Message, type Ready, type Refused } from "./message.js";
import type { OpenSocket, Socket } from "./socket.js";

/** Gives an access token; `fresh` asks for another one than the last, which was refused or is about to expire. */
export type GetToken = (wish: { fresh: boolean }) => string | Promise<string>;

export interface ConnectionOptions {
  url: string;
  getToken: GetToken;
  transports: string[];
  clock: Clock;
  random: () => number;
  openSocket: OpenSocket;
  backoff?: Backoff;
}

/** Who uses the connection. */
export interface ConnectionUser {
  onReady(token: string): void;
  onMessage(message: Message): void;
  onBeat(beat: Beat): void;
  onResync(channelName: string, reason: string): void;
  onSubscriptionClosed(channelName: string, reason: string): void;
  /** It broke, and comes back by itself. */
  onLost(error: SyncError): void;
  /** It does not come back. */
  onClosed(error: SyncError | null): void;
  /** Whether heartbeats are to be expected: the server sends them to subscribers only. */
  expectsHeartbeats(): boolean;
}

const READY_WITHIN_MS = 30_000;
const ANSWER_WITHIN_MS = 60_000;
const REFUSALS_OF_TOKENS: ReadonlySet<string> = new Set(["unauthorized", "token-expired"]);

/** The one connection of all subscriptions: it signs in, comes back after every loss, and notices silence. */
export class Connection {
  #socket: Socket | null = null;
  #isReady = false;
  #token = "";
  #wantsFreshToken = false;
  #tokensRefused = 0;
  #failures = 0;
  #heartbeatMs = READY_WITHIN_MS;
  #callOffWatch = (): void => {};
  #callOffAttempt = (): void => {};
  #callOffMove = (): void => {};
  #callOffRenewal = (): void => {};
  #isRenewing = false;
  readonly #unanswered = new Set<() => void>();
  #isWanted = false;

  constructor(
    private readonly options: ConnectionOptions,
    private readonly user: ConnectionUser,
  ) {}

  get isReady(): boolean {
    return this.#isReady;
  }

  get isWanted(): boolean {
    return this.#isWanted;
  }

  open(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#failures = 0;
    this.#tokensRefused = 0;
    this.#attempt();
  }

  close(error: SyncError | null = null): void {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#drop();
    this.user.onClosed(error);
  }

  /** Emits on this connection, and has the answer while the same connection lasts; silence ends it. */
  ask<Answer>(event: string, payload: unknown, answer: (answer: Answer | Refused) => void): void {
    const socket = this.#socket;
    if (socket === null || !this.#isReady) return;
    const callOff = this.options.clock.later(ANSWER_WITHIN_MS, () => {
      if (this.#socket === socket) this.lose(new SyncError("connection-lost", `${event} was not answered`));
    });
    this.#unanswered.add(callOff);
    socket.emit(event, payload, (given: Answer | Refused) => {
      callOff();
      this.#unanswered.delete(callOff);
      if (this.#socket === socket) answer(given);
    });
  }

  /** Gives up on this connection, and comes back. */
  lose(error: SyncError): void {
    if (!this.#isWanted) return;
    this.#drop();
    this.#failures += 1;
    this.user.onLost(error);
    if (!this.#isWanted) return;
    const { clock, random, backoff } = this.options;
    this.#callOffAttempt = clock.later(backoffMs(this.#failures, random(), backoff ?? BACKOFF), () => this.#attempt());
  }

  #attempt(): void {
    this.#drop();
    const { url, openSocket, transports } = this.options;
    const socket: Socket = openSocket(url, (give) => this.#signIn(socket, give), transports);
    this.#socket = socket;
    this.#heartbeatMs = READY_WITHIN_MS;
    this.#watch();
    const whileCurrent =
      <Values extends unknown[]>(listener: (...values: Values) => void) =>
      (...values: Values): void => {
        if (this.#socket === socket) listener(...values);
      };
    socket.on("ready", whileCurrent((ready: Ready) => this.#ready(ready)));
    socket.on("connect_error", whileCurrent((error: Refusal) => this.#refused(error)));
    socket.on("disconnect", whileCurrent((reason: string) => this.#disconnected(reason)));
    socket.on(
      "heartbeat",
      whileCurrent((beat: Beat) => {
        this.#watch();
        this.user.onBeat(beat);
      }),
    );
    socket.on("token:expiring", whileCurrent(() => this.#renew()));
    socket.on("draining", whileCurrent((news: { reconnectAfterMs: number }) => this.#moveAfter(news.reconnectAfterMs)));
    socket.on(
      "resync",
      whileCurrent((news: { channel: string; reason: string }) => this.user.onResync(news.channel, news.reason)),
    );
    socket.on(
      "subscription:closed",
      whileCurrent((news: { channelName: string; reason: string }) =>
        this.user.onSubscriptionClosed(news.channelName, news.reason),
      ),
    );
    for (const type of MESSAGE_TYPES) {
      socket.on(
        type,
        whileCurrent((payload: object) => this.user.onMessage({ type, ...payload } as Message)),
      );
    }
    socket.connect();
  }

  #signIn(socket: Socket, give: (auth: { token: string }) => void): void {
    this.#fetchToken().then(
      (token) => {
        if (this.#socket !== socket) return;
        this.#token = token;
        give({ token });
      },
      (cause: unknown) => {
        if (this.#socket === socket) this.lose(new SyncError("token-unavailable", "getToken failed", cause));
      },
    );
  }

  async #fetchToken(fresh = this.#wantsFreshToken): Promise<string> {
    const token = await this.options.getToken({ fresh });
    this.#wantsFreshToken = false;
    return token;
  }

  #ready(ready: Ready): void {
    this.#isReady = true;
    this.#failures = 0;
    this.#tokensRefused = 0;
    this.#heartbeatMs = ready.heartbeatSeconds * 1000;
    this.#watch();
    this.user.onReady(this.#token);
  }

  #refused(refusal: Refusal): void {
    const code = refusal.data?.code ?? "connection-lost";
    const error = new SyncError(code, refusal.data?.detail ?? refusal.message, refusal);
    if (code === "account-disabled") return this.close(error);
    if (REFUSALS_OF_TOKENS.has(code)) {
      this.#tokensRefused += 1;
      // A fresh token was refused as well.
      if (this.#tokensRefused > 1) return this.close(error);
      this.#wantsFreshToken = true;
    }
    this.lose(error);
  }

  #disconnected(reason: string): void {
    if (reason === "io server disconnect") this.close(new SyncError("revoked", "the session was ended"));
    else this.lose(new SyncError("connection-lost", reason));
  }

  /** A connection on which nothing beats for twice the time between two heartbeats is none. */
  #watch(): void {
    this.#callOffWatch();
    const ms = this.#isReady ? 2 * this.#heartbeatMs : READY_WITHIN_MS;
    this.#callOffWatch = this.options.clock.later(ms, () => {
      if (this.#isReady && !this.user.expectsHeartbeats()) return this.#watch();
      this.lose(new SyncError("connection-lost", this.#isReady ? "no heartbeat" : "not signed in in time"));
    });
  }

  #moveAfter(ms: number): void {
    this.#callOffMove();
    this.#callOffMove = this.options.clock.later(ms, () => {
      this.#drop();
      this.user.onLost(new SyncError("connection-lost", "the server is about to stop"));
      if (this.#isWanted) this.#attempt();
    });
  }

  /** Shows a fresh token on the open socket; when that does not help, connecting again decides. */
  #renew(failures = 0): void {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    const socket = this.#socket;
    const { clock, random } = this.options;
    const again = (): void => {
      if (this.#socket !== socket) return;
      this.#isRenewing = false;
      this.#callOffRenewal();
      this.#callOffRenewal = clock.later(backoffMs(failures + 1, random()), () => this.#renew(failures + 1));
    };
    this.#fetchToken(true).then((token) => {
      if (this.#socket !== socket) return;
      this.#token = token;
      this.ask<{ ok: true }>("authenticate", { token }, (answer) => {
        this.#isRenewing = false;
        if (answer.ok) return;
        const error = new SyncError(answer.error.code, answer.error.detail ?? answer.error.code);
        if (error.code === "account-disabled") this.close(error);
        else if (error.retryable) again();
        else this.lose(error);
      });
    }, again);
  }

  #drop(): void {
    for (const callOff of [this.#callOffWatch, this.#callOffAttempt, this.#callOffMove, this.#callOffRenewal]) callOff();
    for (const callOff of this.#unanswered) callOff();
    this.#unanswered.clear();
    this.#isRenewing = false;
    const socket = this.#socket;
    this.#socket = null;
    this.#isReady = false;
    socket?.removeAllListeners();
    socket?.disconnect();
  }
}

interface Refusal extends Error {
  data?: { code?: string; detail?: string };
}
