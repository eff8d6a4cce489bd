import { type Account, appointmentsChannels, isOfAccount, patientChannels, patientOf } from "./account.js";
import type { Api } from "./api.js";
import type { Clock } from "./clock.js";
import { SyncError } from "./error.js";
import type { Place } from "./message.js";
import type { ActiveSubscription } from "./subscription.js";

/** The account acts for another patient. */
const GRANTED = "granted";
/** The account acts for the patient no more. */
export const ENDED = "ended";
export const ENDED_IN_WORDS = "ended: the account does not act for this patient any more";
/** The patient's record is part of another one. */
export const MERGED = "merged";

/** How long each answer is waited for, in milliseconds; after these the Api gives up before. */
const ANSWER_WITHIN_MS = [1_500, 1_500, 1_500, 3_000, 6_000, 12_000];
const LAST_ANSWER_WITHIN_MS = 60_000;

/** Who keeps the channels. */
export interface ChannelKeeper {
  /** Whether the server can be asked. */
  readonly isReady: boolean;
  /** Follows a channel, from a place or from now on; a gap is why something is missing before that. */
  follow(subscription: ActiveSubscription, channelName: string, since: Place | null, gap: string | null): void;
  leave(subscription: ActiveSubscription, channelName: string): void;
  end(subscription: ActiveSubscription, error: SyncError): void;
  /** What these show is another than before: a patient has gone. */
  replace(subscriptions: ActiveSubscription[], channelName: string, reason: string): void;
  onAccountUnknown(cause: unknown): void;
  onPlaced(): void;
}

/** Which channels each subscription has: as the account says, which is read again whenever it may act for others. */
export class Whose {
  #account: Account | null = null;
  #asks: AbortController | null = null;
  #cancelRepeat = (): void => {};
  #unanswered = 0;
  /** Their channels are not known, or may be others by now. */
  readonly #waiting = new Set<ActiveSubscription>();

  constructor(
    private readonly api: Api,
    private readonly clock: Clock,
    private readonly keeper: ChannelKeeper,
  ) {}

  isKnown(subscription: ActiveSubscription): boolean {
    return subscription.channelNames.length > 0 && !this.#waiting.has(subscription);
  }

  add(subscription: ActiveSubscription): void {
    if (subscription.owner === null) {
      subscription.place([subscription.channelName]);
      this.keeper.follow(subscription, subscription.channelName, subscription.since, null);
    } else if (this.#account !== null && this.#asks === null) {
      this.#placeAll([subscription], this.#account);
    } else {
      this.#waiting.add(subscription);
      this.#ask();
    }
  }

  remove(subscription: ActiveSubscription): void {
    this.#waiting.delete(subscription);
  }

  /** The account may act for others than it did: a change may have been missed, or was told. */
  readAgain(subscriptions: Iterable<ActiveSubscription>): void {
    for (const each of subscriptions) if (each.isOfAccount) this.#waiting.add(each);
    // Nor does it hold for whoever follows later; and an answer that is on its way may be older than the change.
    this.#account = null;
    this.#giveUp();
    this.#ask();
  }

  /** The server has closed a channel of these, or refused it: the account acts for the patient no more. */
  withdrawn(subscriptions: ActiveSubscription[], channelName: string, reason: string, error: SyncError): void {
    const own = subscriptions.filter(({ isOfAccount }) => isOfAccount);
    for (const each of own) each.place(each.channelNames.filter((name) => name !== channelName));
    for (const each of subscriptions.filter(({ isOfAccount }) => !isOfAccount)) {
      // Where a merge was undone the record that was named is there again.
      if (reason === ENDED && each.named === null) this.keeper.end(each, error);
      else this.#move(each, channelName, error);
    }
    // What was merged was told as gone before, and comes with the record that has it now.
    if (own.length > 0 && reason !== MERGED) this.keeper.replace(own, channelName, reason);
  }

  close(): void {
    this.#account = null;
    this.#giveUp();
    this.#waiting.clear();
  }

  #ask(): void {
    if (this.#waiting.size === 0 || this.#asks !== null || !this.keeper.isReady) return;
    const asks = new AbortController();
    this.#asks = asks;
    // What is asked by way of a network that is gone is not answered, and not refused either: a browser keeps connections.
    this.#cancelRepeat = this.clock.later(ANSWER_WITHIN_MS[this.#unanswered] ?? LAST_ANSWER_WITHIN_MS, () => {
      this.#unanswered += 1;
      this.#giveUp();
      this.#ask();
    });
    this.api.me({ signal: asks.signal }).then(
      (account) => {
        if (this.#asks !== asks) return;
        this.#giveUp();
        this.#unanswered = 0;
        this.#account = account;
        const found = [...this.#waiting];
        this.#waiting.clear();
        this.#placeAll(found, account);
        this.keeper.onPlaced();
      },
      (cause: unknown) => {
        if (this.#asks !== asks) return;
        this.#giveUp();
        if (!(cause instanceof SyncError && cause.code === "forbidden")) return this.keeper.onAccountUnknown(cause);
        // A visitor is nobody, and has no appointments; whoever follows what is free goes on.
        for (const each of this.#waiting) this.keeper.end(each, cause);
        this.keeper.onPlaced();
      },
    );
  }

  #giveUp(): void {
    this.#cancelRepeat();
    this.#asks?.abort();
    this.#asks = null;
  }

  #placeAll(subscriptions: ActiveSubscription[], account: Account): void {
    const gone = new Map<string, ActiveSubscription[]>();
    for (const each of subscriptions) {
      for (const name of this.#place(each, account)) gone.set(name, [...(gone.get(name) ?? []), each]);
    }
    for (const [name, concerned] of gone) this.keeper.replace(concerned, name, ENDED);
  }

  /** Follows the channels that it is to have and leaves the others; returns those that it has lost. */
  #place(subscription: ActiveSubscription, account: Account): string[] {
    const { owner, since, isPlaced } = subscription;
    if (owner === null) return [];
    subscription.isOfAccount = isOfAccount(owner, account);
    let names: string[];
    try {
      names = appointmentsChannels(owner, account);
    } catch (error) {
      this.keeper.end(subscription, error as SyncError);
      return [];
    }
    // Those in the copy that the application has.
    const shown = isPlaced
      ? subscription.channelNames
      : subscription.isOfAccount && since?.patients
        ? patientChannels(since.patients)
        : names;
    const followed = isPlaced ? shown : [];
    const gone = shown.filter((name) => !names.includes(name));
    subscription.place(names);
    for (const name of gone) this.keeper.leave(subscription, name);
    for (const name of names) {
      if (followed.includes(name)) continue;
      if (shown.includes(name)) this.keeper.follow(subscription, name, since, null);
      else this.keeper.follow(subscription, name, null, GRANTED);
    }
    return gone;
  }

  /** Goes on with the record that the patient has now; where that is no other one it was the end. */
  #move(subscription: ActiveSubscription, channelName: string, error: SyncError): void {
    const patientId = patientOf(channelName);
    if (patientId === null) return this.keeper.end(subscription, error);
    subscription.place([]);
    subscription.named ??= patientId;
    this.api.getPatient(subscription.named).then(
      ({ id }) => {
        if (!subscription.active) return;
        if (id === patientId) return this.keeper.end(subscription, error);
        subscription.owner = { userId: id, role: "patient" };
        this.#go(subscription, id);
      },
      (cause: unknown) => {
        if (!subscription.active) return;
        if (cause instanceof SyncError && cause.retryable) this.#go(subscription, patientId);
        else this.keeper.end(subscription, error);
      },
    );
  }

  #go(subscription: ActiveSubscription, patientId: string): void {
    const names = patientChannels([patientId]);
    subscription.place(names);
    for (const name of names) this.keeper.follow(subscription, name, null, MERGED);
    this.keeper.onPlaced();
  }
}
