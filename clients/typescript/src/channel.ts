import type { Message, Place } from "./message.js";
import type { ActiveSubscription } from "./subscription.js";

/**
 * What is known of one channel: how far its messages were applied, and which wait.
 *
 * While it joins, a live message can overtake the replay: one that also goes to another of this connection's rooms, or any
 * when it joins a second time. It waits until the server says up to where the channel is complete; otherwise it would hide
 * the older ones.
 */
export class Channel {
  readonly subscriptions = new Set<ActiveSubscription>();
  /** `away` from the server, `joining`, in need of a `snapshot`, or `joined`. */
  phase: "away" | "joining" | "snapshot" | "joined" = "away";
  /** The server's id of the subscription on this connection. */
  serverId: string | null = null;
  place: Place | null = null;
  /** Why something is missing before its place, until the application was told or given a snapshot. */
  gap: string | null = null;
  /** Whether this connection may hear it live while it joins. */
  isInRoom = false;
  /** Whether its place is a snapshot's that the server has not accepted yet. */
  isFromSnapshot = false;
  /** Attempts to join, or to get a snapshot, that went wrong since the last that went well. */
  failures = 0;
  #waiting = new Map<number, Message>();

  constructor(readonly name: string) {}

  /** Goes back for who has a snapshot from further back, and returns whether; the others do not hear it again. */
  rewind(): boolean {
    const { place } = this;
    const waiting = [...this.subscriptions].filter(({ since }) => since !== null);
    const goesBack = waiting.some(({ since }) => isBefore(since, place));
    for (const each of this.subscriptions) {
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

  /** The connection is gone; what waited comes again with the replay. */
  leave(): void {
    this.phase = "away";
    this.serverId = null;
    this.#waiting.clear();
  }

  join(isInRoom: boolean): void {
    this.phase = "joining";
    this.isInRoom = isInRoom;
  }

  /** Takes a message; returns those to be applied now. `isShared`: another room of this connection gets it too. */
  take(message: Message, isShared: boolean): Message[] {
    // What comes before the snapshot is in it, or comes again after it.
    if (this.phase === "away" || this.phase === "snapshot") return [];
    const mustWait = this.place === null || isShared || this.isInRoom || this.#waiting.size > 0;
    if (this.phase === "joining" && mustWait) {
      this.#waiting.set(message.position, message);
      return [];
    }
    return this.#apply([message]);
  }

  /** The server has sent everything up to a place; returns the messages that waited for that, in order. */
  acknowledge(place: Place): Message[] {
    this.phase = "joined";
    this.failures = 0;
    this.isFromSnapshot = false;
    const waiting = [...this.#waiting.values()].sort((one, other) => one.position - other.position);
    this.#waiting.clear();
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

function isBefore(one: Place | null, other: Place | null): boolean {
  if (one === null || other === null) return one !== null;
  return one.epoch !== other.epoch || one.position < other.position;
}
