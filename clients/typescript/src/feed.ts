import { type Account, appointmentsChannel } from "./account.js";
import type { Api } from "./api.js";
import { backoffMs } from "./backoff.js";
import { Channel } from "./channel.js";
import type { Clock } from "./clock.js";
import { Connection, type ConnectionOptions, type ConnectionUser } from "./connection.js";
import { SyncError } from "./error.js";
import type { Message, Place, Subscribed } from "./message.js";
import { StateKeeper, type SyncStatus } from "./state.js";
import type { ActiveSubscription, Resync } from "./subscription.js";

/** What a channel shows now, and from where to go on: what `api.appointments` gives has both. */
export type Snapshot = Place;

export type FetchSnapshot = (channelName: string) => Promise<Snapshot>;

export interface FeedOptions extends ConnectionOptions {
  api: Api;
  fetchSnapshot?: FetchSnapshot | undefined;
  onResync?: ((resync: Resync) => void) | undefined;
}

/** Keeps every channel complete over one connection, whatever becomes of that. */
export class Feed implements ConnectionUser {
  readonly state = new StateKeeper();
  readonly #channels = new Map<string, Channel>();
  /** Subscriptions whose channel is not known before the account is. */
  readonly #unresolved = new Set<ActiveSubscription>();
  /** Channels that were asked for on this connection, and not left since. */
  readonly #rooms = new Set<string>();
  /** What is to be done when the server has answered that a channel was left. */
  readonly #leaving = new Map<string, () => void>();
  readonly #connection: Connection;
  readonly #clock: Clock;
  #account: Account | null = null;
  #asksAccount: AbortController | null = null;
  /** Rises with every connection, so that what was begun on one is not ended on another. */
  #generation = 0;

  constructor(private readonly options: FeedOptions) {
    this.#clock = options.clock;
    this.#connection = new Connection(options, this);
  }

  add(subscription: ActiveSubscription): void {
    if (!this.#connection.isWanted) {
      this.state.set("connecting");
      this.state.notify();
      this.#connection.open();
    }
    const { status, error } = this.state.current;
    subscription.set(status === "live" ? "catching-up" : status, error);
    if (subscription.owner !== null && this.#account === null) {
      this.#unresolved.add(subscription);
      this.#resolve();
    } else {
      this.#place(subscription);
    }
    this.#notifyState();
  }

  remove(subscription: ActiveSubscription): void {
    subscription.end(null);
    this.#unresolved.delete(subscription);
    const channel = this.#channels.get(subscription.channelName);
    if (channel?.subscriptions.delete(subscription) && channel.subscriptions.size === 0) this.#leave(channel);
    this.#notifyState();
    this.#guarded([subscription], () => subscription.notifyState());
  }

  close(error: SyncError | null = null): void {
    this.#connection.close(error);
  }

  askForBeat(): void {
    this.#connection.askForBeat();
  }

  // What the connection tells.

  onReady(): void {
    this.#generation += 1;
    this.#set("catching-up");
    for (const channel of this.#channels.values()) this.#join(channel);
    this.#resolve();
    this.#notifyState();
  }

  onMessage(message: Message): void {
    const concerned = message.channels.flatMap((name) => this.#channels.get(name) ?? []);
    const heard = concerned.filter(({ phase }) => phase !== "away").length;
    for (const channel of concerned) this.#deliver(channel, channel.take(message, heard > 1 || this.#leaving.size > 0));
    this.#notifyState();
  }

  onBeat(place: Place): void {
    for (const channel of this.#channels.values()) channel.beat(place);
    this.#notifyState();
  }

  onResync(channelName: string, reason: string): void {
    const channel = this.#channels.get(channelName);
    if (channel === undefined || channel.phase === "away") return;
    this.#join(channel, reason);
    this.#notifyState();
  }

  onSubscriptionClosed(channelName: string, reason: string): void {
    const channel = this.#channels.get(channelName);
    if (channel !== undefined) this.#end(channel, new SyncError("subscription-closed", reason));
  }

  onLost(error: SyncError): void {
    this.#forgetConnection();
    this.#set("offline", error);
  }

  onClosed(error: SyncError | null): void {
    this.#forgetConnection();
    this.#account = null;
    this.#asksAccount?.abort();
    this.#asksAccount = null;
    const ended = this.#subscriptions();
    this.#unresolved.clear();
    this.#channels.clear();
    for (const subscription of ended) subscription.end(error);
    this.state.set("closed", error);
    this.#notify(ended);
    if (error !== null) for (const subscription of ended) subscription.fail(error);
  }

  expectsHeartbeats(): boolean {
    return [...this.#channels.values()].some(({ phase }) => phase === "joined");
  }

  // Whose channel it is.

  #resolve(): void {
    if (this.#unresolved.size === 0 || this.#asksAccount !== null || !this.#connection.isReady) return;
    const asks = new AbortController();
    this.#asksAccount = asks;
    this.options.api.me({ signal: asks.signal }).then(
      (account) => {
        if (this.#asksAccount !== asks) return;
        this.#asksAccount = null;
        this.#account = account;
        const found = [...this.#unresolved];
        this.#unresolved.clear();
        for (const subscription of found) this.#place(subscription);
        this.#notifyState();
      },
      (cause: unknown) => {
        if (this.#asksAccount !== asks) return;
        this.#asksAccount = null;
        if (!this.#connection.isReady) return;
        if (cause instanceof SyncError) {
          return this.#connection.lose(new SyncError("connection-lost", "the account could not be fetched", cause));
        }
        // A mistake in a program is the same mistake at the next attempt.
        console.error(cause);
        this.#connection.close(new SyncError("unexpected-failure", String(cause), cause));
      },
    );
  }

  #place(subscription: ActiveSubscription): void {
    try {
      if (subscription.owner !== null && this.#account !== null) {
        subscription.channelName = appointmentsChannel(subscription.owner, this.#account);
      }
    } catch (error) {
      subscription.end(error as SyncError);
      // Not before the caller has what it subscribed to.
      queueMicrotask(() => {
        this.#guarded([subscription], () => subscription.notifyState());
        subscription.fail(error as SyncError);
      });
      return;
    }
    const known = this.#channels.get(subscription.channelName);
    const channel = known ?? new Channel(subscription.channelName);
    this.#channels.set(channel.name, channel);
    channel.subscriptions.add(subscription);
    if (known === undefined || (channel.phase === "joined" && channel.rewind())) this.#join(channel);
  }

  // Joining and leaving.

  #join(channel: Channel, reason: string | null = null): void {
    if (!this.#connection.isReady || !this.#isFollowed(channel)) return;
    if (this.#leaving.has(channel.name)) {
      this.#leaving.set(channel.name, () => this.#join(channel, reason));
      return;
    }
    channel.rewind();
    const gap = reason ?? channel.gap;
    if (gap !== null) {
      if (this.options.fetchSnapshot !== undefined) return this.#takeSnapshot(channel, gap);
      channel.restart(null);
    }
    channel.join(this.#rooms.has(channel.name), gap);
    this.#rooms.add(channel.name);
    const { joins } = channel;
    const since = channel.place && { since: channel.place.position, epoch: channel.place.epoch };
    this.#connection.ask("subscribe", { channel: channel.name, ...since }, (answer) => {
      const isLast = joins === channel.joins;
      if (!answer.ok) {
        if (isLast) this.#joinRefused(channel, new SyncError(answer.error.code, answer.error.detail));
      } else if (!this.#isFollowed(channel)) {
        // Left meanwhile; a later subscriber of the channel shares the server's subscription.
        if (!this.#channels.has(channel.name)) this.#unsubscribe(channel.name, answer.subscription.id);
      } else if (isLast) {
        this.#joined(channel, answer);
      } else {
        channel.noteServer(answer.subscription.id);
      }
      this.#notifyState();
    });
  }

  #joined(channel: Channel, answer: Subscribed): void {
    const { id } = answer.subscription;
    let { gap } = channel;
    if (answer.resync) {
      const { isFromSnapshot } = channel;
      gap = "the log does not reach back";
      channel.refuse(gap, id);
      if (isFromSnapshot) return this.#later(channel, () => this.#join(channel));
      if (this.options.fetchSnapshot !== undefined) return this.#takeSnapshot(channel, gap);
      channel.restart(null);
    }
    const messages = channel.acknowledge(answer, id);
    if (gap !== null) this.#notifyResync(channel, gap, null);
    this.#deliver(channel, messages);
    if (channel.rewind()) this.#join(channel);
  }

  #joinRefused(channel: Channel, error: SyncError): void {
    if (!this.#isFollowed(channel)) return;
    if (error.retryable) this.#later(channel, () => this.#join(channel));
    else if (error.code === "unauthorized") this.#connection.lose(error);
    else this.#end(channel, error);
  }

  #leave(channel: Channel): void {
    this.#channels.delete(channel.name);
    if (channel.serverId !== null) this.#unsubscribe(channel.name, channel.serverId);
    channel.leave();
  }

  #unsubscribe(name: string, id: string): void {
    if (!this.#connection.isReady) return;
    this.#leaving.set(name, () => {});
    this.#connection.ask("unsubscribe", { id }, () => {
      const goOn = this.#leaving.get(name);
      this.#leaving.delete(name);
      this.#rooms.delete(name);
      goOn?.();
    });
  }

  #end(channel: Channel, error: SyncError): void {
    this.#channels.delete(channel.name);
    channel.leave();
    const ended = [...channel.subscriptions];
    for (const subscription of ended) subscription.end(error);
    for (const subscription of ended) this.#guarded([subscription], () => subscription.notifyState());
    for (const subscription of ended) subscription.fail(error);
    this.#notifyState();
  }

  // Snapshots.

  #takeSnapshot(channel: Channel, reason: string): void {
    const { fetchSnapshot } = this.options;
    if (fetchSnapshot === undefined) return;
    channel.awaitSnapshot(reason);
    const isCurrent = this.#whileAsked(channel);
    Promise.resolve()
      .then(() => fetchSnapshot(channel.name))
      .then(
        (snapshot) => {
          if (!isCurrent()) return;
          channel.takeSnapshot(snapshot);
          this.#notifyResync(channel, reason, snapshot);
          this.#join(channel);
        },
        (cause: unknown) => {
          if (!isCurrent()) return;
          const error = new SyncError("snapshot-failed", `no snapshot of ${channel.name}`, cause);
          for (const subscription of channel.subscriptions) subscription.fail(error);
          this.#later(channel, () => this.#takeSnapshot(channel, reason));
        },
      );
  }

  /** Without a snapshot or `onResync`, `onError` says that messages are missing. */
  #notifyResync(channel: Channel, reason: string, snapshot: Snapshot | null): void {
    const resync = { channelName: channel.name, reason, snapshot };
    const subscriptions = [...channel.subscriptions];
    this.#guarded(subscriptions, () => this.options.onResync?.(resync));
    for (const subscription of subscriptions) {
      const { onResync } = subscription.callbacks;
      if (onResync !== undefined) this.#guarded([subscription], () => onResync(resync));
      else if (snapshot === null && this.options.onResync === undefined) {
        subscription.fail(new SyncError("resync-required", `${channel.name}: ${reason}`));
      }
    }
  }

  // Small things.

  #deliver(channel: Channel, messages: Message[]): void {
    for (const message of messages) {
      for (const subscription of [...channel.subscriptions]) {
        if (subscription.accepts(message)) this.#guarded([subscription], () => subscription.deliver(message));
      }
    }
  }

  /** What one callback does is no reason to keep a message from the others. */
  #guarded(subscriptions: ActiveSubscription[], callBack: () => void): void {
    try {
      callBack();
    } catch (thrown) {
      const error = new SyncError("callback-failed", "a callback threw", thrown);
      for (const subscription of subscriptions) subscription.fail(error);
      if (!subscriptions.some(({ callbacks }) => callbacks.onError)) console.error(error, thrown);
    }
  }

  #later(channel: Channel, task: () => void): void {
    const isCurrent = this.#whileAsked(channel);
    channel.failures += 1;
    this.#clock.later(backoffMs(channel.failures, this.options.random(), this.options.backoff), () => {
      if (isCurrent()) task();
    });
  }

  /** Tells whether nothing was asked for the channel since now, on the same connection. */
  #whileAsked(channel: Channel): () => boolean {
    const generation = this.#generation;
    const { joins } = channel;
    return () => generation === this.#generation && joins === channel.joins && this.#isFollowed(channel);
  }

  #isFollowed(channel: Channel): boolean {
    return this.#channels.get(channel.name) === channel;
  }

  #forgetConnection(): void {
    this.#generation += 1;
    this.#leaving.clear();
    this.#rooms.clear();
    for (const channel of this.#channels.values()) channel.leave();
  }

  #subscriptions(): ActiveSubscription[] {
    return [...this.#unresolved, ...[...this.#channels.values()].flatMap((each) => [...each.subscriptions])];
  }

  /** Sets and tells the state of the whole, and of every subscription alike. */
  #set(status: SyncStatus, error: SyncError | null = null): void {
    const subscriptions = this.#subscriptions();
    for (const subscription of subscriptions) subscription.set(status, error);
    this.state.set(status, error);
    this.#notify(subscriptions);
  }

  /** The state while connected: each subscription's is its channel's, and the whole is live when all of them are. */
  #notifyState(): void {
    if (!this.#connection.isReady) return;
    const now = this.#clock.now();
    for (const subscription of this.#unresolved) subscription.set("catching-up");
    for (const { phase, subscriptions } of this.#channels.values()) {
      for (const subscription of subscriptions) {
        if (phase === "joined") subscription.set("live", null, now);
        else subscription.set("catching-up");
      }
    }
    const isComplete =
      this.#unresolved.size === 0 && [...this.#channels.values()].every(({ phase }) => phase === "joined");
    if (isComplete) this.state.completeAt(now);
    this.state.set(isComplete ? "live" : "catching-up");
    this.#notify(this.#subscriptions());
  }

  #notify(subscriptions: ActiveSubscription[]): void {
    this.state.notify();
    for (const subscription of subscriptions) this.#guarded([subscription], () => subscription.notifyState());
  }
}
