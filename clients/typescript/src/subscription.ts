import type { Appointment } from "./appointment.js";
import type { Availability } from "./availability.js";
import type { Owner } from "./account.js";
import type { SyncError } from "./error.js";
import type { Message, Place } from "./message.js";

/** What a subscription is to the application. */
export interface Subscription {
  readonly id: string;
  /** The account's own id in it gives way to the patient's or the dentist's once that is known. */
  readonly channelName: string;
  readonly active: boolean;
  readonly createdAt: string;
}

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

export interface SubscriptionOptions {
  /** Where the snapshot ends that is already here: what came after it is told first. */
  since?: Place;
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

export type Callbacks = AppointmentCallbacks & AvailabilityCallbacks;

/** What it is to this library. */
export class ActiveSubscription implements Subscription {
  active = true;
  /** What is not beyond it was told already, or is in the snapshot. */
  floor: Place | null = null;

  constructor(
    readonly id: string,
    public channelName: string,
    readonly createdAt: string,
    /** Whose appointments, where that is still to be found out. */
    readonly owner: Owner | null,
    readonly callbacks: Callbacks,
    /** Where it is to be told from, until the channel sees to that. */
    public since: Place | null,
  ) {}

  awaits({ position, epoch }: Place): boolean {
    return this.active && (this.floor === null || this.floor.epoch !== epoch || position > this.floor.position);
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
