import { type QueryKey, type UseQueryResult, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { SyncError } from "../error.js";
import type { SyncStatus } from "../state.js";
import { useSyncStatus } from "./status.js";

/** How it is about something that was fetched and is followed. */
export interface Followed {
  isPending: boolean;
  /** Why there is nothing to show, or why it is not followed. */
  error: Error | null;
  /** `live`: what is shown is complete; else it is, as of `asOf`. */
  status: SyncStatus;
  asOf: Date | null;
  refetch: () => void;
}

/** What keeps a query fresh are the messages. The Api tries for half a minute; the query as long as there is hope. */
export const FOLLOWED = {
  staleTime: Number.POSITIVE_INFINITY,
  retry: (_failures: number, error: Error) => error instanceof SyncError && error.retryable,
  networkMode: "always",
} as const;

export function useFollowed(query: UseQueryResult, key: QueryKey): Followed {
  const { status, asOf, error: stopped } = useSyncStatus();
  const client = useQueryClient();
  const { isPending, error, dataUpdatedAt } = query;
  return {
    isPending,
    // Before `configure` a query is neither asked nor failed.
    error: error ?? (stopped?.code === "not-configured" ? stopped : null),
    status,
    asOf: dataUpdatedAt > (asOf?.getTime() ?? 0) ? new Date(dataUpdatedAt) : asOf,
    refetch: useCallback(() => void client.invalidateQueries({ queryKey: key, exact: true }), [client, key]),
  };
}
