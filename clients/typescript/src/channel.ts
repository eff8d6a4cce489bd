import type { Message, Place } from "./message.js";
import type { ActiveSubscription } from "./subscription.js";

/** Why the place cannot be relied on: messages before it are missing, or the server has not accepted the snapshot's yet. */
type Doubt = { readonly kind: "gap"; readonly reason: string } | { readonly kind: "snapshot" };

/** `serverId`: the server's id of the subscription on this connection; null before its first acknowledgement. */
type ChannelState =
  | { readonly phase: "away"; readonly doubt: Doubt | null }
  | {
      readonly phase: "joining";
      readonly doubt: Doubt | null;
      readonly serverId: string | null;
      /** Whether this connection may hear it live meanwhile. */
      readonly isInRoom: boolean;
      readonly waiting: Map<number, Message>;
    }
  | { readonly phase: "snapshot"; readonly reason: string; readonly serverId: string | null }
  | { readonly phase: "joined"; readonly serverId: string };

/** How far a subscription is in a channel. */
interface Part {
  /** Where it is to be told from, until the channel sees to that. */
  since: Place | null;
  /** What is not beyond it was told already, or is in the snapshot. */
  floor: Place | null;
}

/**
 * What is known of one channel: how far its messages were applied, and which wait.
 *
 *            join            acknowledge
 *     away --------> joining ------------> joined
 *      |             ^  |  ^                 |  |
 *      |   snapshot  |  |  +-----------------+  |  join, to replay from further back, or with a gap
 *      |   is here   |  | the log does not      |
 *      |             |  v reach back            |
 *      +----------> snapshot <------------------+
 *       with a gap
 *
 * `leave` goes from each of them to `away`; a gap, or a snapshot that was not accepted yet, is kept there.
 *
 * While it joins, a live message can overtake the replay: one that also goes to another of this connection's rooms, or any
 * when it joins a second time. It waits until the server says up to where the channel is complete; otherwise it would hide
 * the older ones.
 */
export class Channel {
  place: Place | null = null;
  /** Attempts to join, or to get a snapshot, that went wrong since the last that went well. */
  failures = 0;
  /** Rises with every question and every wait for a snapshot: only the answer to the last one counts. */
  joins = 0;
  #state: ChannelState = { phase: "away", doubt: null };
  readonly #parts = new Map<ActiveSubscription, Part>();

  constructor(readonly name: string) {}

  get subscriptions(): ActiveSubscription[] {
    return [...this.#parts.keys()];
  }

  /** A subscription is to be told from a place on, or from now on; `rewind` sees to that. */
  add(subscription: ActiveSubscription, since: Place | null): void {
    const floor = this.#parts.get(subscription)?.floor ?? null;
    this.#parts.set(subscription, { since: since && { position: since.position, epoch: since.epoch }, floor });
  }

  /** Returns whether it was the last. */
  remove(subscription: ActiveSubscription): boolean {
    return this.#parts.delete(subscription) && this.#parts.size === 0;
  }

  /** Who is to be told of a message that is new here: not who has heard it, or has it in the snapshot. */
  hearers({ position, epoch }: Place): ActiveSubscription[] {
    const parts = [...this.#parts].filter(([, { floor }]) => floor?.epoch !== epoch || position > floor.position);
    return parts.map(([subscription]) => subscription);
  }

  get phase(): ChannelState["phase"] {
    return this.#state.phase;
  }

  get serverId(): string | null {
    return this.#state.phase === "away" ? null : this.#state.serverId;
  }

  /** Why something is missing before its place, until the application was told or given a snapshot. */
  get gap(): string | null {
    const doubt = this.#doubt;
    return doubt?.kind === "gap" ? doubt.reason : null;
  }

  /** Whether its place is a snapshot's that the server has not accepted yet. */
  get isFromSnapshot(): boolean {
    return this.#doubt?.kind === "snapshot";
  }

  get #doubt(): Doubt | null {
    const state = this.#state;
    if (state.phase === "joined") return null;
    return state.phase === "snapshot" ? { kind: "gap", reason: state.reason } : state.doubt;
  }

  /** Goes back for who has a snapshot from further back, and returns whether; the others do not hear it again. */
  rewind(): boolean {
    const { place } = this;
    const parts = [...this.#parts.values()];
    const waiting = parts.flatMap(({ since }) => since ?? []);
    const epoch = (place ?? waiting[0])?.epoch;
    const isOtherLog = waiting.some((since) => since.epoch !== epoch);
    if (isOtherLog || this.gap !== null) {
      // What lies between two logs is unknown, and with a gap all of them start anew.
      if (isOtherLog) this.noteGap("two places of different logs");
      for (const each of parts) each.since = each.floor = null;
      return isOtherLog;
    }
    const goesBack = waiting.some((since) => isBefore(since, place));
    for (const each of parts) {
      if (each.since !== null) {
        if (isBefore(each.since, this.place)) this.place = each.since;
        each.floor = each.since;
        each.since = null;
      } else if (goesBack) {
        each.floor = place;
      }
    }
    return goesBack;
  }

  /** Messages are missing before its place; it is to be joined again. */
  noteGap(reason: string): void {
    const state = this.#state;
    const doubt: Doubt = { kind: "gap", reason };
    if (state.phase === "away" || state.phase === "joining") this.#state = { ...state, doubt };
    else this.#state = { phase: "joining", doubt, serverId: state.serverId, isInRoom: true, waiting: new Map() };
  }

  /** The connection is gone; what waited comes again with the replay. */
  leave(): void {
    this.#state = { phase: "away", doubt: this.#doubt };
  }

  join(isInRoom: boolean): void {
    this.joins += 1;
    const doubt = this.#doubt;
    const waiting = this.#state.phase === "joining" ? this.#state.waiting : new Map<number, Message>();
    this.#state = { phase: "joining", doubt, serverId: this.serverId, isInRoom, waiting };
  }

  /** A snapshot is on its way; what waited is in it, or comes again after it. */
  awaitSnapshot(reason: string, serverId = this.serverId): void {
    this.joins += 1;
    this.#state = { phase: "snapshot", reason, serverId };
  }

  /** The snapshot is here; to be joined from where it ends. */
  takeSnapshot(place: Place): void {
    this.restart(place);
    const { serverId } = this;
    this.#state = { phase: "joining", doubt: { kind: "snapshot" }, serverId, isInRoom: true, waiting: new Map() };
  }

  /** The server has acknowledged a question of this connection, but not the last. */
  noteServer(serverId: string): void {
    if (this.#state.phase !== "away") this.#state = { ...this.#state, serverId };
  }

  /** The server did not accept the place; it is still to be joined, by another one. */
  refuse(reason: string, serverId: string): void {
    if (this.#state.phase !== "joining") return this.awaitSnapshot(reason, serverId);
    this.#state = { ...this.#state, doubt: { kind: "gap", reason }, serverId };
  }

  /** Takes a message; returns those to be applied now. `isShared`: another room of this connection gets it too. */
  take(message: Message, isShared: boolean): Message[] {
    // What comes before the snapshot is in it, or comes again after it.
    const state = this.#state;
    if (state.phase === "away" || state.phase === "snapshot") return [];
    if (state.phase === "joining" && (this.place === null || isShared || state.isInRoom || state.waiting.size > 0)) {
      state.waiting.set(message.position, message);
      return [];
    }
    return this.#apply([message]);
  }

  /** The server has sent everything up to a place; returns the messages that waited for that, in order. */
  acknowledge(place: Place, serverId: string): Message[] {
    const kept = this.#state.phase === "joining" ? [...this.#state.waiting.values()] : [];
    const waiting = kept.sort((one, other) => one.position - other.position);
    this.#state = { phase: "joined", serverId };
    this.failures = 0;
    this.place ??= { position: place.position, epoch: place.epoch };
    const messages = this.#apply(waiting);
    const { epoch, position } = this.place;
    if (epoch !== place.epoch || position < place.position) {
      this.place = { position: place.position, epoch: place.epoch };
    }
    return messages;
  }

  /** Goes on from another place: a snapshot's, or, with null, wherever the server says that it is. */
  restart(place: Place | null): void {
    this.place = place && { position: place.position, epoch: place.epoch };
  }

  /** Moves on with a heartbeat, which says that everything up to its position was sent. */
  beat({ position, epoch }: Place): void {
    if (this.phase === "joined" && this.place?.epoch === epoch && position > this.place.position) {
      this.place = { position, epoch };
    }
  }

  /** The position comes first, then the data: what a callback does, even to throw, is not done again. */
  #apply(messages: Message[]): Message[] {
    return messages.filter(({ position, epoch }) => {
      if (this.place !== null && position <= this.place.position) return false;
      this.place = { position, epoch };
      return true;
    });
  }
}

/** Of the same log, where there is another place. */
function isBefore(one: Place, other: Place | null): boolean {
  return other === null || one.position < other.position;
}
