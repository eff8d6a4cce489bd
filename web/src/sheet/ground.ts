import { type components, realtimeSyncService } from "@dental-sync/client";
import { useRealtimeSync, useSyncStatus } from "@dental-sync/client/react";
import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

type Schemas = components["schemas"];
export type Dentist = Schemas["DentistAnswer"];
export type Hold = Schemas["HoldAnswer"];
export type Treatment = Schemas["TreatmentAnswer"];
export type TimeOff = Schemas["TimeOffAnswer"];
export type Closure = Schemas["ClosureAnswer"];

/** What a sheet shows beside appointments; empty until it is known. */
export interface Ground {
  holds: Hold[];
  timeOff: TimeOff[];
  closures: Closure[];
}

// Which queries have to be asked again when a record of a kind has changed.
const CONCERNED: Record<string, string> = {
  hold: "holds",
  "time-off": "time-off",
  closure: "closures",
  dentist: "dentist",
  patient: "patient",
  treatment: "treatments",
  practice: "practice",
};
const ALL = { limit: 200 } as const;

/** Who can be booked, in the order of their names. */
export function useDentists() {
  return useQuery({
    queryKey: ["dentist", "all"],
    queryFn: async () => (await realtimeSyncService.api.listDentists(ALL)).items.filter(({ active }) => active),
  });
}

export function useTreatments() {
  return (
    useQuery({ queryKey: ["treatments"], queryFn: () => realtimeSyncService.api.listTreatments(ALL) }).data?.items ??
    NONE
  );
}

const NONE: Treatment[] = [];

/** What treatments are called, in their order. */
export function namesOf(treatmentIds: readonly string[], treatments: readonly Treatment[]): string {
  return treatmentIds
    .map((id) => treatments.find((each) => each.id === id)?.name)
    .filter(Boolean)
    .join(", ");
}

/** The holds, time off and closures of a day. */
export function useGround(day: { from: string; to: string }, dentistIds: readonly string[]): Ground {
  const { api } = realtimeSyncService;
  const { from, to } = day;
  const within = { from, to, ...ALL };
  const closures = useQuery({
    queryKey: ["closures", from, to],
    queryFn: async () => (await api.listClosures(within)).items,
  });
  const holds = useQuery({ queryKey: ["holds", from, to], queryFn: async () => (await api.listHolds(within)).items });
  const timeOff = useQueries({
    queries: dentistIds.map((id) => ({
      queryKey: ["time-off", id, from, to],
      queryFn: async () => (await api.listTimeOff(id, within)).items,
    })),
    combine: (answers) => answers.flatMap(({ data }) => data ?? []),
  });
  return { holds: holds.data ?? [], timeOff, closures: closures.data ?? [] };
}

/** Asks again for what others have changed beside appointments. */
export function useGroundChanges(): void {
  const client = useQueryClient();
  const { status } = useSyncStatus();
  const askAgain = (kinds: string[]) => {
    for (const kind of kinds) void client.invalidateQueries({ queryKey: [kind] });
  };
  useRealtimeSync("practice", (told) => {
    const kind = told === null ? undefined : CONCERNED[told.kind];
    if (told === null) askAgain(Object.values(CONCERNED));
    else if (kind !== undefined) askAgain([kind]);
  });
  // What changed between the answer and the subscription, or while there was none, was not told.
  useEffect(() => {
    if (status !== "live") return;
    for (const kind of Object.values(CONCERNED)) void client.invalidateQueries({ queryKey: [kind] });
  }, [status, client]);
}
