import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { NO_CHAIR, type Place } from "../../sheet/columns";
import type { Chair, Dentist } from "../../sheet/ground";

/** What the address says of the sheet: columns of dentists, or of chairs; a day, or a week of one of them. */
export interface View {
  by: "dentist" | "chair";
  isWeek: boolean;
  /** The one that is shown alone; null where there are all. */
  one: { id: string; place: Place } | null;
  /** Those that can be shown alone, with their names; all first, where there can be all. */
  choices: readonly (readonly [id: string, name: string])[];
  /** Shows another one, or a day of the week. */
  show: (other: { by?: View["by"]; isWeek?: boolean; one?: string; date?: string }) => void;
}

interface Options {
  dentists: readonly Dentist[];
  chairs: readonly Chair[];
  /** Whether there is room for all. */
  canBeAll: boolean;
  words: { allDentists: string; allChairs: string; withoutChair: string };
}

export function useView({ dentists, chairs, canBeAll, words }: Options): View {
  const { by = "dentist", view, dentist, chair } = useSearch({ from: "/desk" });
  const navigate = useNavigate({ from: "/desk" });
  const isWeek = view === "week";
  const wanted = by === "chair" ? chair : dentist;
  return useMemo(() => {
    const each: (readonly [string, string])[] =
      by === "chair"
        ? [
            ...chairs.map(({ id, name }) => [id, name] as const),
            [NO_CHAIR, words.withoutChair],
          ]
        : dentists.map(({ id, name }) => [id, name]);
    const isAll = canBeAll && !isWeek;
    const id = each.find(([known]) => known === wanted)?.[0] ?? (isAll ? null : (each[0]?.[0] ?? null));
    return {
      by,
      isWeek,
      one: id === null ? null : { id, place: by === "chair" ? { chairId: id === NO_CHAIR ? null : id } : { dentistId: id } },
      choices: isAll ? [["", by === "chair" ? words.allChairs : words.allDentists], ...each] : each,
      show: (other) =>
        void navigate({
          search: ({ by: _, view: _view, dentist: _dentist, chair: _chair, ...rest }) => {
            const next = { by, isWeek, one: wanted, ...other };
            // Who was shown alone is none of the chairs, and the other way round.
            const kept = next.by === by || other.one !== undefined ? next.one : undefined;
            return {
              ...rest,
              ...(next.by === "chair" && { by: next.by }),
              ...(next.isWeek && { view: "week" as const }),
              ...(kept && { [next.by]: kept }),
              ...(other.date && { date: other.date }),
            };
          },
          replace: true,
        }),
    };
  }, [by, isWeek, wanted, dentists, chairs, canBeAll, words.allChairs, words.allDentists, words.withoutChair, navigate]);
}
