import type { AppointmentsShown, ShownAppointment } from "@dental-sync/client/react";
import { useAppointments } from "@dental-sync/client/react";
import { useMemo } from "react";
import { span } from "../../shared/times";
import { dayName } from "../../sheet/Days";
import { NO_CHAIR, type SheetColumn, byChair, byDay, byDentist, weekSpan } from "../../sheet/columns";
import { type Chair, type Dentist, useFormerChairs, useGround } from "../../sheet/ground";
import { isFreed } from "../../sheet/layout";
import type { View } from "./view";

interface Options {
  day: string;
  zone: string;
  dentists: readonly Dentist[];
  chairs: readonly Chair[];
  view: View;
  /** What the column of those without a chair is called. */
  withoutChair: string;
}

interface Shown extends Pick<AppointmentsShown, "error" | "reschedule" | "cancel"> {
  appointments: ShownAppointment[] | undefined;
  columns: SheetColumn[];
}

/** What a view shows: its columns, and the appointments from its first instant to its last. */
export function useShown({ day, zone, dentists, chairs, view, withoutChair }: Options): Shown {
  const { by, isWeek, one } = view;
  const time = useMemo(() => (isWeek ? weekSpan(day, zone) : span(day, zone)), [day, zone, isWeek]);
  const wanted = useMemo(() => (isWeek ? { ...time, ...asked(one) } : time), [time, isWeek, one]);
  const { appointments, error, reschedule, cancel } = useAppointments(wanted);
  const shown = useMemo(() => (by === "chair" || one === null ? dentists : dentists.filter(({ id }) => id === one.id)), [dentists, by, one]);
  // Chairs that are not used any more stand there while they are taken.
  const former = useFormerChairs(
    useMemo(() => {
      const taken = (appointments ?? []).flatMap((each) => (by === "chair" && !isFreed(each) && each.chairId) || []);
      return [...new Set(taken)].filter((id) => !chairs.some((chair) => chair.id === id));
    }, [appointments, by, chairs]),
  );
  const allChairs = useMemo(() => [...chairs, ...former], [chairs, former]);
  const ground = useGround(
    time,
    useMemo(() => (by === "dentist" ? shown.map(({ id }) => id) : []), [by, shown]),
    useMemo(() => (by === "chair" ? allChairs.map(({ id }) => id) : []), [by, allChairs]),
  );
  const columns = useMemo(() => {
    const all = { date: day, zone, dentists: shown, appointments: appointments ?? [], ground };
    if (isWeek) return byDay(all, one?.place ?? {}, dayName);
    if (by === "dentist") return byDentist(all, one === null);
    const found = byChair(all, allChairs, withoutChair);
    return one === null ? found : found.filter(({ id }) => id === one.id);
  }, [day, zone, shown, appointments, ground, isWeek, one, by, allChairs, withoutChair]);
  return { appointments, error, reschedule, cancel, columns };
}

/** The service is asked for those of one dentist or chair; not for those without a chair. */
function asked(one: View["one"]): { dentistId?: string; chairId?: string } {
  if (one === null || one.id === NO_CHAIR) return {};
  return one.place.dentistId === undefined ? { chairId: one.id } : { dentistId: one.id };
}
