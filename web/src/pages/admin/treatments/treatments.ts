import { type components, realtimeSyncService } from "@dental-sync/client";
import { useQuery } from "@tanstack/react-query";
import { allOf } from "../all";

type Schemas = components["schemas"];
export type Treatment = Schemas["TreatmentAnswer"];

/** What can be said about a treatment; null is the practice's rule, or no kind of chair. */
export interface Facts {
  name: string;
  durationMinutes: number | null;
  bufferBeforeMinutes: number | null;
  bufferAfterMinutes: number | null;
  requiresApproval: boolean;
  chairKind: string | null;
  needsAssistant: boolean;
  public: boolean;
  slotStepMinutes: number | null;
  minimumNoticeMinutes: number | null;
  furthestAdvanceDays: number | null;
}

export const NEW: Facts = {
  name: "",
  durationMinutes: 30,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 0,
  requiresApproval: false,
  chairKind: null,
  needsAssistant: false,
  public: true,
  slotStepMinutes: null,
  minimumNoticeMinutes: null,
  furthestAdvanceDays: null,
};

/** What a treatment says, with null where it says nothing. */
export function factsOf(treatment: Treatment): Facts {
  return Object.assign({}, ...Object.keys(NEW).map((name) => ({ [name]: treatment[name as keyof Facts] ?? null })));
}

/** All treatments, those that are no longer offered too, by name; undefined until they are known. */
export function useAllTreatments() {
  return useQuery({
    queryKey: ["treatments", "all"],
    queryFn: () => allOf((page) => realtimeSyncService.api.listTreatments({ includeInactive: true, ...page })),
  });
}
