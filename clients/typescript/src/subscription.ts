/// <reference lib="esnext.disposable" preserve="true" />
import type { Appointment } from "./appointment.js";
import type { Availability } from "./availability.js";
import type { Owner } from "./account.js";
import type { SyncError } from "./error.js";
import type { Message, Place } from "./message.js";
import type { RecordChange } from "./record.js";
import { type StateListener, StateKeeper, type SyncState, type SyncStatus } from "./state.js";

/** What a subscription is to the application. */
export interface Subscription {
  readonly id: string;
  /** The account's own id in it gives way to the patient's or the dentist's once that is known; the first of several. */
  readonly channelName: string;
  /** All its channels: one of each patient for whom the account acts. Empty until they are known. */
  readonly channelNames: readonly string[];
  /** Whether it has not ended yet. */
  readonly active: boolean;
  /** When it was made, by this machine's clock: ISO 8601, UTC. */
  readonly createdAt: string;
  /**
   * How complete this one subscription is. `live` as soon as its own channel is, even while another one still catches up;
   * `closed` once it has ended, with the error that ended it, if any. The same object as long as nothing in it has changed.
   */
  readonly state: SyncState;
  /** Calls back after every change of the status or error of `state`; returns what ends that. */
  onStateChange(listener: StateListener): () => void;
  /** Ends it, as `unsubscribe(subscription)` of its service does; ending it again does nothing. */
  unsubscribe(): void;
  /** The same as `unsubscribe`, for `using subscription = …`. */
  [Symbol.dispose](): void;
}

// Where the symbol is missing, compilers put this one in its place for `using`.
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for("Symbol.dispose") as typeof Symbol.dispose);

export interface Resync {
  channelName: string;
  reason: string;
  /** What `fetchSnapshot` gave; without it, fetch now what the channel shows. */
  snapshot: Place | null;
}

export interface SubscriptionCallbacks {
  /** Every row of the log, as it is there, before the callback of its type. */
  onMessage?: (message: Message) => void;
  /** The copy of the channel is to be replaced: by `snapshot`, or by what is fetched now. */
  onResync?: (resync: Resync) => void;
  onError?: (error: SyncError) => void;
}

/** Where a snapshot ends. */
export interface Since extends Place {
  /** The ids of those for whom it was fetched, where it is of one's own appointments. Default: those of now. */
  readonly patients?: readonly string[];
}

export interface SubscriptionOptions {
  /** Where the snapshot ends that is already here: what came after it is told first. Default: the present. */
  since?: Since;
}

export interface OwnOptions extends SubscriptionOptions {
  /** Of this patient alone; a dentist follows the own diary. Default: of all patients for whom the account acts. */
  patientId?: string;
}

export interface AppointmentCallbacks extends SubscriptionCallbacks {
  onAppointmentCreated?: (appointment: Appointment) => void;
  onAppointmentUpdated?: (appointment: Appointment, previous: Partial<Appointment>) => void;
  onAppointmentDeleted?: (appointmentId: string) => void;
}

export interface AvailabilityCallbacks extends SubscriptionCallbacks {
  /** A closure of the whole practice has no dentist. */
  onAvailabilityChanged?: (dentistId: string | null, availability: Availability) => void;
}

export interface PracticeCallbacks extends SubscriptionCallbacks {
  onRecordChanged?: (record: RecordChange) => void;
}

export type Callbacks = AppointmentCallbacks & AvailabilityCallbacks & PracticeCallbacks;

/** What it is to this library. */
export class ActiveSubscription implements Subscription {
  active = true;
  channelNames: readonly string[] = [];
  /** Whether its channels were known once. */
  isPlaced = false;
  /** Whether they are those of all patients for whom the account acts. */
  isOfAccount = false;
  /** The patient that the application has named, where the record has been merged into another one. */
  named: string | null = null;
  readonly #state = new StateKeeper({ status: "connecting", asOf: null, error: null });
  readonly #unsubscribe: (subscription: Subscription) => void;

  constructor(
    readonly id: string,
    public channelName: string,
    readonly createdAt: string,
    /** Whose appointments, where that is still to be found out. */
    public owner: Owner | null,
    readonly callbacks: Callbacks,
    /** Where it is to be told from. */
    readonly since: Since | null,
    unsubscribe: (subscription: Subscription) => void,
  ) {
    this.#unsubscribe = unsubscribe;
  }

  place(channelNames: readonly string[]): void {
    this.isPlaced = true;
    this.channelNames = channelNames;
    this.channelName = channelNames[0] ?? this.channelName;
  }

  get state(): SyncState {
    return this.#state.current;
  }

  onStateChange(listener: StateListener): () => void {
    return this.#state.listen(listener);
  }

  unsubscribe(): void {
    this.#unsubscribe(this);
  }

  [DISPOSE](): void {
    this.unsubscribe();
  }

  /** Sets the state; `completeAt` is now when nothing is missing. Nothing follows the end. */
  set(status: SyncStatus, error: SyncError | null = null, completeAt: number | null = null): void {
    if (!this.active) return;
    if (completeAt !== null) this.#state.completeAt(completeAt);
    this.#state.set(status, error);
  }

  end(error: SyncError | null): void {
    this.active = false;
    this.#state.set("closed", error);
  }

  notifyState(): void {
    this.#state.notify();
  }

  deliver(message: Message): void {
    const { callbacks } = this;
    callbacks.onMessage?.(message);
    switch (message.type) {
      case "appointment:created":
        return callbacks.onAppointmentCreated?.(message.appointment);
      case "appointment:updated":
        return callbacks.onAppointmentUpdated?.(message.appointment, message.previous as Partial<Appointment>);
      case "appointment:deleted":
        return callbacks.onAppointmentDeleted?.(message.appointmentId);
      case "availability:changed":
        return callbacks.onAvailabilityChanged?.(message.dentistId, message.availability);
      case "record:changed":
        return callbacks.onRecordChanged?.({ kind: message.kind, id: message.id, change: message.change });
    }
  }

  fail(error: SyncError): void {
    if (this.callbacks.onError === undefined) return;
    try {
      this.callbacks.onError(error);
    } catch (thrown) {
      console.error("an onError callback threw", thrown);
    }
  }
}
