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
export type Chair = Schemas["ChairAnswer"];
export type ChairTimeOff = Schemas["ChairTimeOffAnswer"];

/** What a sheet shows beside appointments; empty until it is known. */
export interface Ground {
  holds: Hold[];
  timeOff: TimeOff[];
  chairTimeOff: ChairTimeOff[];
  closures: Closure[];
}

// Which queries have to be asked again when a record of a kind has changed.
const CONCERNED: Record<string, string> = {
  hold: "holds",
  "time-off": "time-off",
  closure: "closures",
  chair: "chairs",
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

/** The chairs that are used, by name; none until they are known. */
export function useChairs(): Chair[] {
  const { data } = useQuery({
    queryKey: ["chairs"],
    queryFn: async () => (await realtimeSyncService.api.listChairs(ALL)).items,
  });
  return data ?? NO_CHAIRS;
}

const NO_CHAIRS: Chair[] = [];

/** Chairs that are not used any more, as soon as they are known. */
export function useFormerChairs(ids: readonly string[]): Chair[] {
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: ["chairs", id],
      queryFn: async () => [await realtimeSyncService.api.getChair(id)],
    })),
    combine: all,
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

/** The holds, time off and closures of a time; the time off of some dentists and chairs. */
export function useGround(
  time: { from: string; to: string },
  dentistIds: readonly string[],
  chairIds: readonly string[] = NO_IDS,
): Ground {
  const { api } = realtimeSyncService;
  const { from, to } = time;
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
    combine: all,
  });
  const chairTimeOff = useQueries({
    queries: chairIds.map((id) => ({
      queryKey: ["time-off", "chair", id, from, to],
      queryFn: async () => (await api.listChairTimeOff(id, within)).items,
    })),
    combine: all,
  });
  return { holds: holds.data ?? [], timeOff, chairTimeOff, closures: closures.data ?? [] };
}

const NO_IDS: string[] = [];

// One function for all renders, so that its result is the same as long as the answers are.
function all<Each>(answers: { data?: Each[] | undefined }[]): Each[] {
  return answers.flatMap(({ data }) => data ?? []);
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
