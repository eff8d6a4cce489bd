import type { Dentist } from "./dentists";

/** What is offered: everything, or these treatments, each with its own minutes or null for as long as the practice says. */
export interface Offers {
  everything: boolean;
  own: Readonly<Record<string, number | null>>;
}

export function offersOf({ treatments }: Pick<Dentist, "treatments">): Offers {
  const own = (treatments ?? []).map(({ treatmentId, durationMinutes }) => [treatmentId, durationMinutes] as const);
  return { everything: treatments === null, own: sorted(own) };
}

/** With a treatment that is offered for so many minutes, or not offered where they are undefined. */
export function withOffer(own: Offers["own"], treatmentId: string, minutes: number | null | undefined): Offers["own"] {
  const others = Object.entries(own).filter(([id]) => id !== treatmentId);
  return sorted(minutes === undefined ? others : [...others, [treatmentId, minutes]]);
}

/** As the API takes it. */
export function asTreatments({ everything, own }: Offers): Dentist["treatments"] {
  if (everything) return null;
  return Object.entries(own).map(([treatmentId, durationMinutes]) => ({ treatmentId, durationMinutes }));
}

/** By id, so that the same offers are equal in whatever order they were ticked. */
function sorted(entries: readonly (readonly [string, number | null])[]): Offers["own"] {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
