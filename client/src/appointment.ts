export type AppointmentStatus =
  | "pending"
  | "booked"
  | "arrived"
  | "checked-in"
  | "fulfilled"
  | "cancelled"
  | "noshow"
  | "entered-in-error";

/** As REST and the events show it. Instants are RFC 3339 in UTC. */
export interface Appointment {
  id: string;
  patientId: string;
  patientName: string;
  dentistId: string;
  dentistName: string;
  treatmentId: string | null;
  chairId: string | null;
  startsAt: string;
  endsAt: string;
  status: AppointmentStatus;
  confirmation: "unconfirmed" | "reminded" | "confirmed";
  reason: string | null;
  version: number;
  createdAt: string;
  updatedAt: string;
  cancelledAt: string | null;
  cancelledBy: "patient" | "dentist" | "admin" | null;
  cancelReason: string | null;
}
