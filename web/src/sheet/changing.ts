import { ApiError, type Appointment, type Change } from "@dental-sync/client";
import type { AppointmentsShown } from "@dental-sync/client/react";
import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { timeOf } from "../shared/times";
import { toast } from "../shared/toasts";
import { inWords } from "../words/refusals";
import type { Refusal } from "./Refused";

const FORCED = new Set<string>(["slot-taken", "outside-working-hours"]);

/** Whether staff may do what was refused in spite of it, by `force`. */
export function isForcible(code: string): boolean {
  return FORCED.has(code);
}

interface Options extends Pick<AppointmentsShown, "reschedule" | "cancel"> {
  zone: string;
  own: (changed: Appointment) => void;
  undo: (moved: Appointment) => Promise<void>;
}

type About = Pick<Refusal, "appointmentId" | "chairId">;

export interface Changing {
  /** The last refusal, until it is left or another wish is made. */
  refusal: Refusal | null;
  leave: () => void;
  refuse: (problem: unknown, take: Refusal["take"], force?: () => void, about?: About) => void;
  change: (appointment: Appointment, wish: Change) => Promise<void>;
  callOff: (appointment: Appointment) => Promise<void>;
}

/** Changes appointments as they are dropped; says what was done, with the way back, or why not, with what to do instead. */
export function useChanging({ zone, reschedule, cancel, own, undo }: Options): Changing {
  const { t } = useLingui();
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  function refuse(problem: unknown, take: Refusal["take"], force?: () => void, about: About = {}): void {
    const isForced = problem instanceof ApiError && isForcible(problem.code);
    const alternatives = problem instanceof ApiError ? problem.alternatives : [];
    setRefusal({ text: inWords(problem), alternatives, take, force: isForced ? force : undefined, ...about });
  }

  async function change(appointment: Appointment, wish: Change): Promise<void> {
    setRefusal(null);
    try {
      const moved = await reschedule(appointment, wish);
      own(moved);
      const time = timeOf(moved.startsAt, zone);
      toast({
        kind: "done",
        text: t`Moved: ${moved.patientName}, ${time}, ${moved.dentistName}.`,
        undo: () => void undo(moved),
      });
    } catch (problem) {
      refuse(
        problem,
        ({ dentistId, startsAt, endsAt }) =>
          void change(appointment, { startsAt, endsAt, ...(dentistId !== appointment.dentistId && { dentistId }) }),
        () => void change(appointment, { ...wish, force: true }),
        // The service offers dentists' times, which leave the chair as it is.
        { appointmentId: appointment.id, chairId: appointment.chairId },
      );
    }
  }

  async function callOff(appointment: Appointment): Promise<void> {
    try {
      const cancelled = await cancel(appointment);
      own(cancelled);
      toast({ kind: "done", text: t`Cancelled: ${cancelled.patientName}.`, undo: () => void undo(cancelled) });
    } catch (problem) {
      toast({ kind: "refused", text: inWords(problem) });
    }
  }

  return { refusal, leave: () => setRefusal(null), refuse, change, callOff };
}
