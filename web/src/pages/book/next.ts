import type { FreeTimesWanted, Slot } from "@dental-sync/client";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api";
import { useAccount } from "../../session";
import { shifted } from "../../shared/times";
import { spanOf, weekOf } from "./weeks";

const WEEKS = 26;

/** The first free time from a date on, within half a year; null is none. Asked for only as long as it is wanted. */
export function useNextFree(from: string, zone: string, wanted: Pick<FreeTimesWanted, "treatmentIds" | "dentistId">, isWanted: boolean) {
  const isVisitor = useAccount() === null;
  return useQuery({
    queryKey: ["next-free", from, zone, wanted, isVisitor],
    queryFn: async ({ signal }): Promise<Slot | null> => {
      for (let week = 0; week < WEEKS; week += 1) {
        const within = { ...wanted, ...spanOf(weekOf(undefined, shifted(from, 7 * week)), zone) };
        const { slots } = isVisitor
          ? await api.publicFreeTimes(within, { signal })
          : await api.availability({ ...within, limit: 1 }, { signal });
        if (slots[0] !== undefined) return slots[0];
      }
      return null;
    },
    enabled: isWanted,
    // It is no list that is followed: asked anew whenever it is needed again.
    staleTime: 0,
    gcTime: 0,
  });
}
