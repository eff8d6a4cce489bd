import { BACKOFF, type Backoff, backoffMs } from "./backoff.js";
import type { Clock } from "./clock.js";
import { SyncError } from "./error.js";
import { asToldNow, type Message, type Place } from "./message.js";
import type { OpenSocket, Socket } from "./socket.js";
import { type GetToken, tokenError } from "./token.js";
import type { WatchWake } from "./wake.js";
import { type ClientEvents, MESSAGE_TYPES, type ServerEvents } from "./wire/events.js";

export interface ConnectionOptions {
  url: string;
  getToken: GetToken;
  transports: string[];
  clock: Clock;
  random: () => number;
  openSocket: OpenSocket;
  watchWake: WatchWake;
  backoff?: Backoff;
}

/** Who uses the connection. */
export interface ConnectionUser {
  onReady(): void;
  onMessage(message: Message): void;
  onBeat(place: Place): void;
  onResync(channelName: string, reason: string): void;
  onSubscriptionClosed(channelName: string, reason: string): void;
  /** The account acts for other patients than before. */
  onAccountChanged(): void;
  /** It broke, and comes back by itself. */
  onLost(error: SyncError): void;
  /** It does not come back. */
  onClosed(error: SyncError | null): void;
  /** Whether heartbeats are to be expected: the server sends them to subscribers only. */
  expectsHeartbeats(): boolean;
}

const READY_WITHIN_MS = 15_000;
const ANSWER_WITHIN_MS = 60_000;
/** For a client that was away and did not hear of it. */
const SIGN_OF_LIFE_WITHIN_MS = 5_000;
const REFUSALS_OF_TOKENS: ReadonlySet<string> = new Set(["unauthorized", "token-expired"]);

/** The one connection of all subscriptions: it signs in, comes back after every loss, and notices silence. */
export class Connection {
  #socket: Socket | null = null;
  #isReady = false;
  #wantsFreshToken = false;
  #tokensRefused = 0;
  #failures = 0;
  #heartbeatMs = READY_WITHIN_MS;
  #heardAt = 0;
  #cancelWatch = (): void => {};
  #cancelAttempt = (): void => {};
  #cancelMove = (): void => {};
  #cancelRenewal = (): void => {};
  #cancelWake = (): void => {};
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
    this.#cancelWake = this.options.watchWake(this.options.clock, (isOtherNetwork) => this.#wake(isOtherNetwork));
    this.#attempt();
  }

  close(error: SyncError | null = null): void {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#cancelWake();
    this.#drop();
    this.user.onClosed(error);
  }

  /** Emits on this connection, and has the answer while the same connection lasts; silence ends it. */
  ask<Event extends keyof ClientEvents>(
    event: Event,
    payload: ClientEvents[Event]["payload"],
    answer: (answer: ClientEvents[Event]["answer"]) => void,
    withinMs = ANSWER_WITHIN_MS,
  ): void {
    const socket = this.#socket;
    if (socket === null || !this.#isReady) return;
    const cancel = this.options.clock.later(withinMs, () => {
      if (this.#socket === socket) this.lose(new SyncError("connection-lost", `${event} was not answered`));
    });
    this.#unanswered.add(cancel);
    socket.emit(event, payload, (given: ClientEvents[Event]["answer"]) => {
      cancel();
      this.#unanswered.delete(cancel);
      if (this.#socket !== socket) return;
      this.#heardAt = this.options.clock.now();
      answer(given);
    });
  }

  /** Asks for a heartbeat, as anybody may at any time. */
  askForBeat(withinMs?: number): void {
    const notify = (answer: ClientEvents["heartbeat"]["answer"]): void => {
      if (answer.ok) this.user.onBeat(answer);
    };
    this.ask("heartbeat", {}, notify, withinMs);
  }

  /** Gives up on this connection, and comes back. */
  lose(error: SyncError): void {
    if (!this.#isWanted) return;
    this.#drop();
    this.#failures += 1;
    this.user.onLost(error);
    if (!this.#isWanted) return;
    const { clock, random, backoff } = this.options;
    this.#cancelAttempt = clock.later(backoffMs(this.#failures, random(), backoff ?? BACKOFF), () => this.#attempt());
  }

  #attempt(): void {
    this.#drop();
    const { url, openSocket, transports } = this.options;
    const socket: Socket = openSocket(url, (give) => this.#signIn(socket, give), transports);
    this.#socket = socket;
    this.#heardAt = this.options.clock.now();
    this.#heartbeatMs = READY_WITHIN_MS;
    this.#watch();
    const on = <Values extends unknown[]>(event: string, listener: (...values: Values) => void): void => {
      socket.on(event, (...values: Values): void => {
        if (this.#socket !== socket) return;
        this.#heardAt = this.options.clock.now();
        listener(...values);
      });
    };
    const onServer = <Event extends keyof ServerEvents>(
      event: Event,
      listener: (payload: ServerEvents[Event]) => void,
    ): void => on(event, listener);
    on("connect_error", (error: Refusal) => this.#refused(error));
    on("disconnect", (reason: string) => this.#disconnected(reason));
    onServer("ready", (ready) => this.#ready(ready));
    onServer("heartbeat", (beat) => {
      this.#watch();
      this.user.onBeat(beat);
    });
    onServer("token:expiring", () => this.#renew());
    onServer("draining", ({ reconnectAfterMs }) => this.#moveAfter(reconnectAfterMs));
    onServer("resync", ({ channel, reason }) => this.user.onResync(channel, reason));
    onServer("subscription:closed", ({ channelName, reason }) => this.user.onSubscriptionClosed(channelName, reason));
    onServer("account:changed", () => this.user.onAccountChanged());
    for (const type of MESSAGE_TYPES) {
      onServer(type, (payload) => this.user.onMessage(asToldNow({ type, ...payload } as Message)));
    }
    socket.connect();
  }

  #signIn(socket: Socket, give: (auth: { token: string }) => void): void {
    this.#fetchToken().then(
      (token) => {
        if (this.#socket === socket) give({ token });
      },
      (cause: unknown) => {
        if (this.#socket !== socket) return;
        const error = tokenError(cause);
        if (error.retryable) this.lose(error);
        else this.close(error);
      },
    );
  }

  async #fetchToken(fresh = this.#wantsFreshToken): Promise<string> {
    const token = await this.options.getToken({ fresh });
    this.#wantsFreshToken = false;
    return token;
  }

  #ready(ready: ServerEvents["ready"]): void {
    this.#isReady = true;
    this.#failures = 0;
    this.#tokensRefused = 0;
    this.#heartbeatMs = ready.heartbeatSeconds * 1000;
    this.#watch();
    this.user.onReady();
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

  /** A connection on which nothing was heard for twice the time between two heartbeats is none. */
  #watch(): void {
    this.#cancelWatch();
    const mostMs = this.#isReady ? 2 * this.#heartbeatMs : READY_WITHIN_MS;
    const silentMs = this.options.clock.now() - this.#heardAt;
    this.#cancelWatch = this.options.clock.later(mostMs - silentMs, () => {
      const now = this.options.clock.now();
      if (this.#isReady && !this.user.expectsHeartbeats()) this.#heardAt = now;
      if (now - this.#heardAt < mostMs) return this.#watch();
      this.lose(new SyncError("connection-lost", this.#isReady ? "no heartbeat" : "not signed in in time"));
    });
  }

  #moveAfter(ms: number): void {
    this.#cancelMove();
    this.#cancelMove = this.options.clock.later(ms, () => this.#startOver("the server is about to stop"));
  }

  /** After being away, do not wait for the next attempt or for a missing heartbeat. */
  #wake(isOtherNetwork: boolean): void {
    const silentMs = this.options.clock.now() - this.#heardAt;
    if (this.#socket !== null && !isOtherNetwork) {
      if (this.#isReady && silentMs <= 2 * this.#heartbeatMs) return this.askForBeat(SIGN_OF_LIFE_WITHIN_MS);
      if (!this.#isReady && silentMs <= SIGN_OF_LIFE_WITHIN_MS) return;
    }
    this.#failures = 0;
    this.#startOver("away, or on another network");
  }

  /** Leaves this connection for another one, at once. */
  #startOver(why: string): void {
    this.#drop();
    this.user.onLost(new SyncError("connection-lost", why));
    if (this.#isWanted) this.#attempt();
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
      this.#cancelRenewal();
      this.#cancelRenewal = clock.later(backoffMs(failures + 1, random()), () => this.#renew(failures + 1));
    };
    this.#fetchToken(true).then((token) => {
      if (this.#socket !== socket) return;
      this.ask("authenticate", { token }, (answer) => {
        this.#isRenewing = false;
        if (answer.ok) return;
        const error = new SyncError(answer.error.code, answer.error.detail);
        if (error.code === "account-disabled") this.close(error);
        else if (error.retryable) again();
        else this.lose(error);
      });
    }, again);
  }

  #drop(): void {
    for (const cancel of [this.#cancelWatch, this.#cancelAttempt, this.#cancelMove, this.#cancelRenewal]) cancel();
    for (const cancel of this.#unanswered) cancel();
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
