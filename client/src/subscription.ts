import type { Appointment } from "./appointment.js";
import type { Availability } from "./availability.js";
import type { SyncError } from "./error.js";
import type { Message } from "./message.js";

/** What a subscription is to the application. */
export interface Subscription {
  readonly id: string;
  /** The account's own id in it gives way to the patient's or the dentist's once that is known. */
  readonly channelName: string;
  readonly active: boolean;
  readonly createdAt: string;
}

export interface ErrorCallback {
  onError?: (error: SyncError) => void;
}

export interface AppointmentCallbacks extends ErrorCallback {
  onAppointmentCreated?: (appointment: Appointment) => void;
  onAppointmentUpdated?: (appointment: Appointment, previous: Partial<Appointment>) => void;
  onAppointmentDeleted?: (appointmentId: string) => void;
}

export interface AvailabilityCallbacks extends ErrorCallback {
  /** A closure of the whole practice has no dentist. */
  onAvailabilityChanged?: (dentistId: string | null, availability: Availability) => void;
}

export type Callbacks = AppointmentCallbacks & AvailabilityCallbacks;

/** What it is to this library. */
export class ActiveSubscription implements Subscription {
  active = true;

  constructor(
    readonly id: string,
    public channelName: string,
    readonly createdAt: string,
    /** Whose appointments, where that is still to be found out. */
    readonly owner: Owner | null,
    readonly callbacks: Callbacks,
  ) {}

  deliver(message: Message): void {
    const { callbacks } = this;
    switch (message.type) {
      case "appointment:created":
        return callbacks.onAppointmentCreated?.(message.appointment);
      case "appointment:updated":
        return callbacks.onAppointmentUpdated?.(message.appointment, message.previous);
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

export interface Owner {
  readonly userId: string;
  readonly role: "patient" | "dentist";
}
