import { useEffect, useRef } from "react";
import type { Appointment } from "../appointment.js";
import type { Availability } from "../availability.js";
import type { RecordChange } from "../record.js";
import type { SyncError } from "../error.js";
import { useDentalSync } from "./context.js";
import { useSession } from "./status.js";

/** What a callback is told; null says that something was missed, and that everything is to be fetched again. */
export interface RealtimePayloads {
  /** As it is now, or the id of one that is not to be seen any more. */
  appointments: Appointment | string | null;
  availability: (Availability & { dentistId: string | null }) | null;
  /** For staff: which record is to be fetched again. */
  practice: RecordChange | null;
}

interface Latest {
  callback: (payload: RealtimePayloads[keyof RealtimePayloads]) => void;
  onError: ((error: SyncError) => void) | undefined;
}

/** Calls back with every change of what the account may see, for as long as the component is there. */
export function useRealtimeSync<Table extends keyof RealtimePayloads>(
  table: Table,
  callback: (payload: RealtimePayloads[Table]) => void,
  onError?: (error: SyncError) => void,
): void {
  const sync = useDentalSync();
  const session = useSession();
  // A callback is another function at every rendering, and no reason to subscribe anew.
  const latest = useRef<Latest>({ callback: () => {}, onError: undefined });
  useEffect(() => {
    latest.current = { callback: callback as Latest["callback"], onError };
  });
  useEffect(() => {
    if (session === 0) return;
    const notify: Latest["callback"] = (payload) => latest.current.callback(payload);
    const others = {
      onResync: () => notify(null),
      onError: (error: SyncError) => latest.current.onError?.(error),
    };
    const subscribe = {
      appointments: () =>
        sync.subscribeToOwnAppointments({
          onAppointmentCreated: notify,
          onAppointmentUpdated: notify,
          onAppointmentDeleted: notify,
          ...others,
        }),
      availability: () =>
        sync.subscribeToGlobalAvailability({
          onAvailabilityChanged: (dentistId, availability) => notify({ ...availability, dentistId }),
          ...others,
        }),
      practice: () => sync.subscribeToPractice({ onRecordChanged: notify, ...others }),
    };
    const subscription = subscribe[table]();
    return () => sync.unsubscribe(subscription);
  }, [sync, session, table]);
}
