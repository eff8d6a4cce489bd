import { ApiError, type Appointment, realtimeSyncService } from "@dental-sync/client";
import { useRealtimeSync, useSyncStatus } from "@dental-sync/client/react";
import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import type { Range } from "../../../sheet/layout";
import { allOf } from "../all";
import { type DayChange, type Past, touches } from "./history";

const PAGE = 200;
/** Messages that come together are one question. */
const TOGETHER_MS = 300;

interface Part {
  /** The day at the end of the log, in the part that was fetched first. */
  items: Appointment[] | null;
  /** The newest first. */
  changes: DayChange[];
  next: string | null;
  epoch: string;
  earliest: number;
  latest: number;
}

/** Which part: nothing is the newest, else what came before a cursor, or what has happened since a position. */
type Wanted = { after?: string; since?: { position: number; epoch: string } };

export interface PastDay {
  past: Past | undefined;
  /** The position after which the log begins. */
  earliest: number;
  error: Error | null;
  hasOlder: boolean;
  isFetchingOlder: boolean;
  fetchOlder: () => void;
}

/** A day with all that has changed it, as far back as was asked for, and with what changes it now. */
export function usePastDay(date: string, day: Range): PastDay {
  const client = useQueryClient();
  const { status } = useSyncStatus();
  const key = useMemo(() => ["past-day", date] as const, [date]);
  const query = useInfiniteQuery<Part, Error, InfiniteData<Part, Wanted>, typeof key, Wanted>({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => fetchPart(date, pageParam, signal),
    initialPageParam: {},
    // What has happened does not change: only what comes after it is fetched.
    staleTime: Number.POSITIVE_INFINITY,
    getNextPageParam: ({ next }) => (next === null ? undefined : { after: next }),
    getPreviousPageParam: ({ latest: position, epoch }) => ({ since: { position, epoch } }),
  });
  const parts = query.data?.pages;
  const past = useMemo(() => parts && pastOf(parts), [parts]);

  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { fetchPreviousPage } = query;
  async function catchUp(): Promise<void> {
    const { error } = await fetchPreviousPage();
    // Another log: everything is fetched anew.
    if (error instanceof ApiError && error.code === "resync-required") await client.resetQueries({ queryKey: key });
  }
  function catchUpSoon(): void {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void catchUp();
    }, TOGETHER_MS);
  }
  useEffect(() => () => clearTimeout(timer.current), []);
  useRealtimeSync("appointments", (told) => {
    const isKnown = (id: string) => past !== undefined && isOf(past, id);
    if (told === null || isKnown(typeof told === "string" ? told : told.id)) catchUpSoon();
    else if (typeof told !== "string" && touches(told, day)) catchUpSoon();
  });
  // What changed while nothing was heard, or nobody looked.
  const isFetched = parts !== undefined;
  useEffect(() => {
    if (status === "live" && isFetched) catchUpSoon();
  }, [status, isFetched, key]);

  return {
    past,
    earliest: parts?.[0]?.earliest ?? 0,
    error: past === undefined ? query.error : null,
    hasOlder: query.hasNextPage,
    isFetchingOlder: query.isFetchingNextPage,
    fetchOlder: () => void query.fetchNextPage(),
  };
}

function pastOf(parts: readonly Part[]): Past {
  return {
    items: parts.find(({ items }) => items !== null)?.items ?? [],
    changes: parts.flatMap(({ changes }) => changes).reverse(),
  };
}

function isOf({ items, changes }: Past, id: string): boolean {
  return items.some((each) => each.id === id) || changes.some(({ appointmentId }) => appointmentId === id);
}

async function fetchPart(date: string, { after, since }: Wanted, signal: AbortSignal): Promise<Part> {
  const { api } = realtimeSyncService;
  const isNewest = after === undefined && since === undefined;
  // Before the changes: what happens in between is one of them.
  const items = isNewest ? await allOf((page) => api.dayAt({ ...page, date }, { signal })) : null;
  const query = {
    date,
    limit: PAGE,
    ...(after !== undefined && { after }),
    ...(since && { from: since.position, epoch: since.epoch }),
  };
  const part = await api.dayChanges(query, { signal });
  const changes = [...part.items];
  let { next } = part;
  // There must be no gap between what was known and what is new.
  while (since && next !== null) {
    const more = await api.dayChanges({ ...query, to: part.latest, after: next }, { signal });
    changes.push(...more.items);
    next = more.next;
  }
  return { ...part, items: items as Appointment[] | null, changes: changes as DayChange[], next };
}
