import { type components, realtimeSyncService } from "@dental-sync/client";
import { useQuery } from "@tanstack/react-query";
import { allOf } from "../all";

export type Chair = components["schemas"]["ChairAnswer"];

/** All chairs, those that are no longer used too, by name; undefined until they are known. */
export function useAllChairs() {
  return useQuery({
    queryKey: ["chairs", "all"],
    queryFn: () => allOf((page) => realtimeSyncService.api.listChairs({ includeInactive: true, ...page })),
  });
}

/** The kinds of the chairs that are used, and another one that is set already. */
export function useKinds(also: string | null = null): string[] {
  const { data = [] } = useAllChairs();
  const used = data.filter(({ active }) => active).map(({ kind }) => kind);
  return [...new Set(also === null ? used : [...used, also])].sort((a, b) => a.localeCompare(b));
}
