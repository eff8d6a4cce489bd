import { type components, realtimeSyncService } from "@dental-sync/client";
import { useQuery } from "@tanstack/react-query";
import { allOf } from "../all";

export type Dentist = components["schemas"]["DentistAnswer"];

/** Everybody with a diary, those who assist and those who take no bookings too, by name; undefined until they are known. */
export function useEverybody() {
  return useQuery({
    queryKey: ["dentist", "everybody"],
    queryFn: async () => {
      const { api } = realtimeSyncService;
      const [booked, assisting] = await Promise.all([
        allOf((page) => api.listDentists(page)),
        allOf((page) => api.listDentists({ profession: "assistant", ...page })),
      ]);
      return [...booked, ...assisting].sort((a, b) => a.name.localeCompare(b.name));
    },
  });
}
