import { realtimeSyncService } from "@dental-sync/client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { span } from "../../../shared/times";

const PAGE = 50;

/** Which entries are looked for, as it stands in the address; dates are whole days in the practice's zone. */
export interface Looked {
  actor?: string;
  record?: string;
  action?: string;
  from?: string;
  to?: string;
}

/** The entries that fit, the newest first, a page at a time. */
export function useEntries({ actor, record, action, from, to }: Looked, zone: string) {
  const wanted = {
    ...(actor && { actorId: actor }),
    ...(record && { recordId: record }),
    ...(action && { action }),
    ...(from && { from: span(from, zone).from }),
    ...(to && { to: span(to, zone).to }),
    limit: PAGE,
  };
  return useInfiniteQuery({
    queryKey: ["audit", wanted],
    queryFn: ({ pageParam, signal }) =>
      realtimeSyncService.api.listEntries({ ...wanted, ...(pageParam && { after: pageParam }) }, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    // Looking is entered too: what is shown is as of when it was asked for.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}
