import { patientOf } from "./account.js";
import type { Api } from "./api.js";
import { backoffMs } from "./backoff.js";
import { Channel } from "./channel.js";
import type { Clock } from "./clock.js";
import { Connection, type ConnectionOptions, type ConnectionUser } from "./connection.js";
import { SyncError } from "./error.js";
import { guarded } from "./guarded.js";
import type { Message, Place, Subscribed } from "./message.js";
import { Rooms } from "./rooms.js";
import { StateKeeper, type SyncStatus } from "./state.js";
import type { ActiveSubscription, Resync } from "./subscription.js";
import { type ChannelKeeper, ENDED, ENDED_IN_WORDS, MERGED, Whose } from "./whose.js";

/** What a channel shows now, and from where to go on: what `api.appointments` gives has both. */
export type Snapshot = Place;

export type FetchSnapshot = (channelName: string) => Promise<Snapshot>;

export interface FeedOptions extends ConnectionOptions {
  api: Api;
  fetchSnapshot?: FetchSnapshot | undefined;
  onResync?: ((resync: Resync) => void) | undefined;
}

/** Keeps every channel complete over one connection, whatever becomes of that. */
export class Feed implements ConnectionUser, ChannelKeeper {
  readonly state = new StateKeeper();
  readonly #channels = new Map<string, Channel>();
  readonly #subscriptions = new Set<ActiveSubscription>();
  readonly #rooms = new Rooms();
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #whose: Whose;
  /** Rises with every connection, so that what was begun on one is not ended on another. */
  #generation = 0;

  constructor(private readonly options: FeedOptions) {
    this.#clock = options.clock;
    this.#connection = new Connection(options, this);
    this.#whose = new Whose(options.api, options.clock, this);
  }

  get isReady(): boolean {
    return this.#connection.isReady;
  }

  add(subscription: ActiveSubscription): void {
    if (!this.#connection.isWanted) {
      this.state.set("connecting");
      this.state.notify();
      this.#connection.open();
    }
    const { status, error } = this.state.current;
    subscription.set(status === "live" ? "catching-up" : status, error);
    this.#subscriptions.add(subscription);
    this.#whose.add(subscription);
    this.#notifyState();
  }

  remove(subscription: ActiveSubscription): void {
    subscription.end(null);
    this.#forget(subscription);
    this.#notifyState();
    guarded([subscription], () => subscription.notifyState());
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
    // Nobody has told what has changed meanwhile.
    this.onAccountChanged();
  }

  onAccountChanged(): void {
    this.#whose.readAgain(this.#subscriptions);
    this.#notifyState();
  }

  onMessage(message: Message): void {
    const concerned = message.channels.flatMap((name) => this.#channels.get(name) ?? []);
    const heard = concerned.filter(({ phase }) => phase !== "away").length;
    for (const channel of concerned) this.#deliver(channel, channel.take(message, heard > 1 || this.#rooms.areLeft));
    this.#notifyState();
  }

  onBeat(place: Place): void {
    for (const channel of this.#channels.values()) channel.beat(place);
    this.#notifyState();
  }

  onResync(channelName: string, reason: string): void {
    const channel = this.#channels.get(channelName);
    if (channel === undefined || channel.phase === "away") return;
    channel.noteGap(reason);
    this.#join(channel);
    this.#notifyState();
  }

  onSubscriptionClosed(channelName: string, reason: string): void {
    const channel = this.#channels.get(channelName);
    if (channel === undefined) return;
    const error = new SyncError("subscription-closed", reason === ENDED ? ENDED_IN_WORDS : reason);
    if (reason !== ENDED && reason !== MERGED) return this.#end(channel, error);
    this.#withdraw(channel, channel.subscriptions, reason, error);
    this.onAccountChanged();
  }

  onLost(error: SyncError): void {
    this.#forgetConnection();
    this.#set("offline", error);
  }

  onClosed(error: SyncError | null): void {
    this.#forgetConnection();
    this.#whose.close();
    const ended = [...this.#subscriptions];
    this.#subscriptions.clear();
    this.#channels.clear();
    for (const subscription of ended) subscription.end(error);
    this.state.set("closed", error);
    this.#notify(ended);
    if (error !== null) for (const subscription of ended) subscription.fail(error);
  }

  expectsHeartbeats(): boolean {
    return [...this.#channels.values()].some(({ phase }) => phase === "joined");
  }

  // What is asked for the subscriptions whose channels are known, or others than before.

  onPlaced(): void {
    this.#notifyState();
  }

  onAccountUnknown(cause: unknown): void {
    if (!this.isReady) return;
    if (cause instanceof SyncError) {
      return this.#connection.lose(new SyncError("connection-lost", "the account could not be fetched", cause));
    }
    // A mistake in a program is the same mistake at the next attempt.
    console.error(cause);
    this.#connection.close(new SyncError("unexpected-failure", String(cause), cause));
  }

  follow(subscription: ActiveSubscription, channelName: string, since: Place | null, gap: string | null): void {
    const known = this.#channels.get(channelName);
    const channel = known ?? new Channel(channelName);
    this.#channels.set(channelName, channel);
    channel.add(subscription, since);
    if (gap !== null) channel.noteGap(gap);
    if (known === undefined || gap !== null || (channel.phase === "joined" && channel.rewind())) this.#join(channel);
  }

  leave(subscription: ActiveSubscription, channelName: string): void {
    const channel = this.#channels.get(channelName);
    if (channel?.remove(subscription)) this.#leave(channel);
  }

  replace(subscriptions: ActiveSubscription[], channelName: string, reason: string): void {
    if (this.options.fetchSnapshot === undefined) {
      // Not before the caller has what it subscribed to.
      return queueMicrotask(() => this.#notifyResync(subscriptions, channelName, reason, null));
    }
    for (const name of new Set(subscriptions.flatMap(({ channelNames }) => channelNames[0] ?? []))) {
      const channel = this.#channels.get(name);
      channel?.noteGap(reason);
      if (channel !== undefined) this.#join(channel);
    }
  }

  /** Ends one by itself, but not before the caller has what it subscribed to. */
  end(subscription: ActiveSubscription, error: SyncError): void {
    subscription.end(error);
    this.#forget(subscription);
    queueMicrotask(() => {
      guarded([subscription], () => subscription.notifyState());
      subscription.fail(error);
    });
  }

  // Joining and leaving.

  #join(channel: Channel): void {
    if (!this.isReady || !this.#isFollowed(channel)) return;
    if (this.#rooms.onceLeft(channel.name, () => this.#join(channel))) return;
    channel.rewind();
    if (channel.gap !== null) {
      if (this.options.fetchSnapshot !== undefined) return this.#takeSnapshot(channel, channel.gap);
      channel.restart(null);
    }
    channel.join(this.#rooms.ask(channel.name));
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
    if (gap !== null) this.#notifyResync(channel.subscriptions, channel.name, gap, null);
    this.#deliver(channel, messages);
    if (channel.rewind()) this.#join(channel);
  }

  #joinRefused(channel: Channel, error: SyncError): void {
    if (!this.#isFollowed(channel)) return;
    if (error.retryable) this.#later(channel, () => this.#join(channel));
    else if (error.code === "unauthorized") this.#connection.lose(error);
    else if (error.code !== "forbidden" || patientOf(channel.name) === null) this.#end(channel, error);
    else {
      this.#withdraw(channel, channel.subscriptions.filter(({ isOfAccount }) => !isOfAccount), error.code, error);
      if (!this.#isFollowed(channel)) return;
      // Those of the account follow it until they know that the account does not act for the patient.
      this.#later(channel, () => this.#join(channel));
      this.onAccountChanged();
    }
  }

  /** What the server has closed, or refused, is not to be told to it. */
  #withdraw(channel: Channel, subscriptions: ActiveSubscription[], reason: string, error: SyncError): void {
    if (subscriptions.length === channel.subscriptions.length) {
      this.#channels.delete(channel.name);
      channel.leave();
    }
    for (const subscription of subscriptions) channel.remove(subscription);
    this.#whose.withdrawn(subscriptions, channel.name, reason, error);
  }

  #leave(channel: Channel): void {
    this.#channels.delete(channel.name);
    if (channel.serverId !== null) this.#unsubscribe(channel.name, channel.serverId);
  }

  #unsubscribe(name: string, id: string): void {
    if (!this.isReady) return;
    this.#rooms.beginToLeave(name);
    this.#connection.ask("unsubscribe", { id }, () => this.#rooms.left(name));
  }

  #end(channel: Channel, error: SyncError): void {
    this.#channels.delete(channel.name);
    channel.leave();
    const ended = channel.subscriptions;
    for (const subscription of ended) {
      subscription.end(error);
      this.#forget(subscription);
    }
    for (const subscription of ended) guarded([subscription], () => subscription.notifyState());
    for (const subscription of ended) subscription.fail(error);
    this.#notifyState();
  }

  #forget(subscription: ActiveSubscription): void {
    this.#subscriptions.delete(subscription);
    this.#whose.remove(subscription);
    for (const name of subscription.channelNames) this.leave(subscription, name);
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
          this.#notifyResync(channel.subscriptions, channel.name, reason, snapshot);
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
  #notifyResync(subscriptions: ActiveSubscription[], channelName: string, reason: string, snapshot: Snapshot | null): void {
    const resync = { channelName, reason, snapshot };
    guarded(subscriptions, () => this.options.onResync?.(resync));
    for (const subscription of subscriptions.filter(({ active }) => active)) {
      const { onResync } = subscription.callbacks;
      if (onResync !== undefined) guarded([subscription], () => onResync(resync));
      else if (snapshot === null && this.options.onResync === undefined) {
        subscription.fail(new SyncError("resync-required", `${channelName}: ${reason}`));
      }
      // A snapshot is of all that it shows: its other channels go on from there too.
      const others = subscription.channelNames.filter((name) => name !== channelName);
      for (const name of snapshot === null ? [] : others) this.follow(subscription, name, snapshot, null);
    }
  }

  // Small things.

  #deliver(channel: Channel, messages: Message[]): void {
    for (const message of messages) {
      for (const subscription of channel.hearers(message)) {
        // Who has several of its channels is told by the first.
        const first = message.channels.find((name) => subscription.channelNames.includes(name));
        if (first === channel.name && subscription.active) guarded([subscription], () => subscription.deliver(message));
      }
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
    this.#rooms.clear();
    for (const channel of this.#channels.values()) channel.leave();
  }

  /** Sets and tells the state of the whole, and of every subscription alike. */
  #set(status: SyncStatus, error: SyncError | null = null): void {
    for (const subscription of this.#subscriptions) subscription.set(status, error);
    this.state.set(status, error);
    this.#notify(this.#subscriptions);
  }

  /** The state while connected: each is as its last channel to be complete, and the whole is live when all of them are. */
  #notifyState(): void {
    if (!this.isReady) return;
    const now = this.#clock.now();
    let isAllComplete = true;
    for (const subscription of this.#subscriptions) {
      const isComplete =
        this.#whose.isKnown(subscription) &&
        subscription.channelNames.every((name) => this.#channels.get(name)?.phase === "joined");
      subscription.set(isComplete ? "live" : "catching-up", null, isComplete ? now : null);
      isAllComplete &&= isComplete;
    }
    if (isAllComplete) this.state.completeAt(now);
    this.state.set(isAllComplete ? "live" : "catching-up");
    this.#notify(this.#subscriptions);
  }

  #notify(subscriptions: Iterable<ActiveSubscription>): void {
    const concerned = [...subscriptions];
    this.state.notify();
    for (const subscription of concerned) guarded([subscription], () => subscription.notifyState());
  }
}
