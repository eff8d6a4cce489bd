import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { FreeTimes, FreeTimesWanted } from "../api.js";
import type { Slot } from "../error.js";
import type { Message } from "../message.js";
import { useDentalSync } from "./context.js";
import { FOLLOWED, type Followed, useFollowed } from "./followed.js";
import { useSession } from "./status.js";

export interface FreeTimesShown extends Followed {
  /** By `startsAt`; undefined until the first answer is here. */
  slots: Slot[] | undefined;
}

type Changed = Extract<Message, { type: "availability:changed" }>;

// Everybody who looks at the same day hears the same change, and should not ask in the same moment.
const ASK_AFTER_MS = 200;
const ASK_WITHIN_MS = 1_000;
// What is too soon to be booked becomes more as time passes, and no message says so.
const ASK_EVERY_MS = 300_000;

export interface AvailabilityOptions {
  /** What was fetched for the same times before, to be shown and followed from its place in the log on. Default: none. */
  initial?: FreeTimes | undefined;
}

/** What can be booked; null as long as it is not known what for. */
export function useAvailability(wanted: FreeTimesWanted | null, { initial }: AvailabilityOptions = {}): FreeTimesShown {
  const sync = useDentalSync();
  const session = useSession();
  const client = useQueryClient();
  const request = JSON.stringify(wanted);
  const key = useMemo(
    () => ["dental-sync", session, "availability", JSON.parse(request) as FreeTimesWanted | null] as const,
    [session, request],
  );
  const query = useQuery<FreeTimes>({
    queryKey: key,
    queryFn: ({ signal }) => sync.api.availability(key[3] as FreeTimesWanted, { signal }),
    enabled: session > 0 && wanted !== null,
    refetchInterval: ASK_EVERY_MS,
    ...(initial && { initialData: initial }),
    ...FOLLOWED,
  });
  const followed = useFollowed(query, key);
  const { refetch } = followed;

  const isFetched = query.data !== undefined;
  useEffect(() => {
    const since = client.getQueryData<FreeTimes>(key);
    const times = key[3];
    if (!isFetched || since === undefined || times === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const askSoon = (): void => {
      timer ??= setTimeout(
        () => {
          timer = undefined;
          refetch();
        },
        ASK_AFTER_MS + Math.random() * (ASK_WITHIN_MS - ASK_AFTER_MS),
      );
    };
    const callbacks = {
      onMessage: (message: Message): void => {
        if (message.type !== "availability:changed" || !concerns(message, times)) return;
        client.setQueryData<FreeTimes>(key, (free) => free && withoutTaken(free, message));
        askSoon();
      },
      onResync: refetch,
    };
    const subscription = times.dentistId
      ? sync.subscribeToAvailability(times.dentistId, callbacks, { since })
      : sync.subscribeToGlobalAvailability(callbacks, { since });
    return () => {
      clearTimeout(timer);
      sync.unsubscribe(subscription);
    };
  }, [sync, client, key, isFetched, refetch]);

  return { ...followed, slots: query.data?.slots };
}

function concerns({ dentistId, availability }: Changed, wanted: FreeTimesWanted): boolean {
  if (dentistId !== null && wanted.dentistId && wanted.dentistId !== dentistId) return false;
  const { from, to } = availability;
  return overlaps(from, to, wanted.from, wanted.to);
}

/** What is taken is gone at once; what else is different, only the service knows. */
function withoutTaken(free: FreeTimes, { dentistId, availability }: Changed): FreeTimes {
  const { change, from, to } = availability;
  if (change !== "busy") return free;
  const isTaken = (slot: Slot): boolean => slot.dentistId === dentistId && overlaps(from, to, slot.startsAt, slot.endsAt);
  return free.slots.some(isTaken) ? { ...free, slots: free.slots.filter((slot) => !isTaken(slot)) } : free;
}

/** Whether `[from, to)`, open where it is null, overlaps a range. */
function overlaps(from: string | null, to: string | null, start: string, end: string): boolean {
  return (
    (from === null || Date.parse(from) < Date.parse(end)) && (to === null || Date.parse(to) > Date.parse(start))
  );
}
