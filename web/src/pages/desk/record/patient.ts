import { realtimeSyncService } from "@dental-sync/client";
import { useQuery } from "@tanstack/react-query";
import type { Patient } from "../search";

/** A patient's record as it is; undefined until it is here, and where there is none. */
export function usePatient(patientId: string | undefined): Patient | undefined {
  return usePatientQuery(patientId).data;
}

export function usePatientQuery(patientId: string | undefined) {
  return useQuery({
    queryKey: ["patient", patientId],
    queryFn: () => realtimeSyncService.api.getPatient(patientId ?? ""),
    enabled: patientId !== undefined,
  });
}
