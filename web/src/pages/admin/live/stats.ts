import { ApiError, type components, realtimeSyncService } from "@dental-sync/client";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Sample, sampleOf, withSample } from "./samples";

type Schemas = components["schemas"];
export type Stats = Schemas["StatsAnswer"];
export type Health = Schemas["HealthAnswer"];

// Each process reports once a second.
const EVERY_MS = 1_000;

/** What the processes say of themselves, once a second while it is looked at, and how it went since this was opened. */
export function useStats() {
  const { data, error } = useQuery({
    queryKey: ["stats"],
    queryFn: ({ signal }) => realtimeSyncService.api.stats({ subscriptions: false }, { signal }),
    refetchInterval: EVERY_MS,
    staleTime: 0,
    gcTime: 0,
  });
  const [samples, setSamples] = useState<Sample[]>([]);
  useEffect(() => {
    if (data !== undefined) setSamples((before) => withSample(before, sampleOf(data)));
  }, [data]);
  return { stats: data, error, samples };
}

/** Whether bookings come through: an answer also where it says that they do not. */
export function useHealth() {
  return useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => health(signal),
    refetchInterval: EVERY_MS,
    staleTime: 0,
  });
}

async function health(signal: AbortSignal): Promise<Health> {
  try {
    return await realtimeSyncService.api.health({ signal });
  } catch (error) {
    // It is answered 503 then, and says why.
    if (error instanceof ApiError && "checks" in error.problem) return error.problem as unknown as Health;
    throw error;
  }
}
