import type { Appointment } from "@dental-sync/client";
import { realtimeSyncService } from "@dental-sync/client";
import { useAppointments } from "@dental-sync/client/react";
import { useQueries } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Range } from "../sheet/layout";
import { type Whose, wantedOf } from "./stranded";

const SETTLED_MS = 300;

/** The appointments of a range that can still be left without anybody to treat them, live; undefined until they are known. */
export function useBookings(whose: Whose, range: { from: number; to?: number }): Appointment[] | undefined {
  return useAppointments(wantedOf(whose, range)).appointments;
}

/** The last range that was complete, once nothing is typed for a moment: not every figure asks for another list. */
export function useSettled(range: Range | null, first: Range): Range {
  const [settled, setSettled] = useState(range ?? first);
  const { from, to } = range ?? settled;
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ from, to }), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [from, to]);
  return settled;
}

/** Appointments that are known, and those of some ids that are not: they are fetched. */
export function useNamed(known: readonly Appointment[], ids: readonly string[]): Appointment[] {
  const missing = ids.filter((id) => !known.some((each) => each.id === id));
  const fetched = useQueries({
    queries: missing.map((id) => ({
      queryKey: ["appointment", id],
      queryFn: () => realtimeSyncService.api.getAppointment(id),
    })),
    combine: (answers) => answers.flatMap(({ data }) => data ?? []),
  });
  return [...known, ...fetched].sort((a, b) => a.startsAt.localeCompare(b.startsAt));
}
