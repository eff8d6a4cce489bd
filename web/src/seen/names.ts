import type { Appointment, AppointmentsWanted } from "@dental-sync/client";
import type { QueryKey } from "@tanstack/react-query";

/** What is shown beside appointments, and is kept with them: nothing that is about one patient. */
const BESIDE = new Set(["practice", "treatments", "dentist", "chairs", "closures", "time-off"]);

/**
 * Under what name the answer of a query is kept; null for what is not kept. Lists of appointments that are open towards the
 * future have one name, from whenever they begin: each shows what the one before has shown.
 */
export function nameOf(key: QueryKey): string | null {
  const wanted = wantedOf(key);
  if (wanted === null) return BESIDE.has(String(key[0])) ? JSON.stringify(key) : null;
  const { from, ...filters } = wanted;
  return JSON.stringify(["appointments", filters.to === undefined ? filters : wanted]);
}

/** What was kept under its name, as this query would have it: without what is over before it begins. */
export function fitting(key: QueryKey, data: unknown): unknown {
  const from = wantedOf(key)?.from;
  if (from === undefined) return data;
  const list = data as { items: Appointment[] };
  return { ...list, items: list.items.filter(({ endsAt }) => Date.parse(endsAt) > Date.parse(from)) };
}

/** Which appointments a query of the client's hooks lists; null for other queries. */
function wantedOf([whose, , what, wanted]: QueryKey): AppointmentsWanted | null {
  return whose === "dental-sync" && what === "appointments" ? (wanted as AppointmentsWanted) : null;
}
