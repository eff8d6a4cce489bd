import { useMutation, useMutationState, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { patientsOf } from "../account.js";
import type { Api, AppointmentsWanted, Booking, Change } from "../api.js";
import type { Appointment } from "../appointment.js";
import { newKey } from "../caller.js";
import type { SyncError } from "../error.js";
import { useDentalSync } from "./context.js";
import { FOLLOWED, type Followed, useFollowed } from "./followed.js";
import { type LiveList, narrowed, patched, rebased, wantedNow, withAppointment } from "./list.js";
import { useSession } from "./status.js";
import { type ShownAppointment, type Write, send, shown } from "./write.js";

export interface BookOptions {
  /** What is known of the appointment and not in the booking, to be shown until the answer is there. */
  shown?: Partial<Appointment>;
}

export interface AppointmentsShown extends Followed {
  /** By `startsAt`, with what was asked for and is not answered yet; undefined until the first list is here. */
  appointments: ShownAppointment[] | undefined;
  /**
   * Each is shown at once, and as it was before when it is refused: it rejects then with ApiError. In a list of one
   * patient a booking is for that patient, unless it says for whom.
   */
  book: (booking: Booking, options?: BookOptions) => Promise<Appointment>;
  reschedule: (appointment: Appointment, change: Change) => Promise<Appointment>;
  cancel: (appointment: Appointment, reason?: string) => Promise<Appointment>;
}

/** The appointments that are wanted of those that the account may see, of all its patients; from the cache, and live. */
export function useAppointments(wanted: AppointmentsWanted = {}): AppointmentsShown {
  const sync = useDentalSync();
  const session = useSession();
  const client = useQueryClient();
  const request = JSON.stringify(wanted);
  const { lists, writes } = useMemo(() => keys(session), [session]);
  const key = useMemo(() => [...lists, JSON.parse(request) as AppointmentsWanted] as const, [lists, request]);
  const query = useQuery<LiveList>({
    queryKey: key,
    queryFn: async ({ signal }) => {
      // Before the list, or whoever is granted in between would be missing in it and seem to be there.
      const patients = await patientsOfAll(sync.api, key[3], signal);
      const fetched = await sync.api.appointments(key[3], { signal });
      return rebased({ patients, ...fetched }, client.getQueryData<LiveList>(key), key[3]);
    },
    enabled: session > 0,
    structuralSharing: false,
    ...FOLLOWED,
  });
  const followed = useFollowed(query, key);
  const failure = useLive(key, query.data !== undefined);

  const { mutateAsync } = useMutation({
    mutationKey: writes,
    mutationFn: (write: Write) => send(sync.api, write),
    networkMode: "always",
    onSuccess: (appointment) => {
      for (const { queryKey, state } of client.getQueryCache().findAll({ queryKey: lists })) {
        const its = queryKey.at(-1) as AppointmentsWanted;
        client.setQueryData<LiveList>(
          queryKey,
          (list) => list && { ...list, items: withAppointment(list.items, appointment, wantedNow(its, list)) },
          // One answer does not make the whole list newer.
          { updatedAt: state.dataUpdatedAt },
        );
      }
    },
  });
  const pending = useMutationState({
    filters: { mutationKey: writes, status: "pending" },
    select: ({ state }) => state.variables as Write,
  });
  const items = query.data?.items;
  const { patientId } = wanted;
  return {
    ...followed,
    error: followed.error ?? failure,
    appointments: useMemo(() => items && shown(items, pending), [items, pending]),
    book: useCallback(
      (booking, options = {}) =>
        mutateAsync({
          kind: "book",
          key: newKey(),
          booking: { ...(patientId && { patientId }), ...booking },
          shown: options.shown ?? {},
        }),
      [mutateAsync, patientId],
    ),
    reschedule: useCallback(
      (appointment, change) => mutateAsync({ kind: "reschedule", key: newKey(), appointment, change }),
      [mutateAsync],
    ),
    cancel: useCallback(
      (appointment, reason) => mutateAsync({ kind: "cancel", key: newKey(), appointment, reason }),
      [mutateAsync],
    ),
  };
}

// Those whose account is no patient's, which stays so: it need not be asked again.
const OF_NO_PATIENT = new WeakSet<Api>();

/** For whom an account acts whose list is of all of them; else null. */
async function patientsOfAll(api: Api, { patientId }: AppointmentsWanted, signal: AbortSignal): Promise<string[] | null> {
  if (patientId || OF_NO_PATIENT.has(api)) return null;
  const account = await api.me({ signal });
  if (account.role === "patient") return patientsOf(account);
  OF_NO_PATIENT.add(api);
  return null;
}

function keys(session: number) {
  return {
    lists: ["dental-sync", session, "appointments"] as const,
    writes: ["dental-sync", session, "write"] as const,
  };
}

/** Follows the log from where the cached list ends; gives why that is not possible. */
function useLive(key: readonly [string, number, string, AppointmentsWanted], isFetched: boolean): SyncError | null {
  const sync = useDentalSync();
  const client = useQueryClient();
  const [failure, setFailure] = useState<SyncError | null>(null);
  useEffect(() => {
    const since = client.getQueryData<LiveList>(key);
    if (!isFetched || since === undefined) return;
    const { position, epoch, patients } = since;
    const { patientId } = key[3];
    const change = (by: (list: LiveList) => LiveList): void => {
      client.setQueryData<LiveList>(key, (list) => list && by(list));
    };
    const subscription = sync.subscribeToOwnAppointments(
      {
        onMessage: (message) => {
          const isFetching = client.getQueryState(key)?.fetchStatus === "fetching";
          const isLive = subscription.state.status === "live";
          change((list) => patched(list, message, key[3], { isFetching, isLive }));
        },
        onResync: () => {
          change((list) => narrowed(list, subscription.channelNames, key[3]));
          void client.invalidateQueries({ queryKey: key, exact: true });
        },
        onError: (error) => {
          if (error.retryable) return;
          setFailure(error);
          if (patientId && !subscription.active) change((list) => narrowed(list, [], key[3]));
        },
      },
      { since: { position, epoch, ...(patients && { patients }) }, ...(patientId && { patientId }) },
    );
    setFailure(null);
    return () => sync.unsubscribe(subscription);
  }, [sync, client, key, isFetched]);
  return failure;
}
