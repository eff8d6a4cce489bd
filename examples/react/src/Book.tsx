import { ApiError, type Slot, realtimeSyncService } from "@dental-sync/client";
import { useAppointments, useAvailability } from "@dental-sync/client/react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { inDays, said } from "./times";

const SHOWN = 12;

export function Book({ timeZone }: { timeZone: string }) {
  const { api } = realtimeSyncService;
  const treatments = useQuery({ queryKey: ["treatments"], queryFn: () => api.listTreatments({ limit: 200 }) });
  const dentists = useQuery({ queryKey: ["dentists"], queryFn: () => api.listDentists({ limit: 200 }) });
  const [chosen, setChosen] = useState("");
  const [week, setWeek] = useState(0);
  const [today] = useState(() => new Date());
  const treatmentId = chosen || treatments.data?.items[0]?.id;
  const wanted = treatmentId && { from: inDays(today, 7 * week), to: inDays(today, 7 * week + 7), treatmentId };
  const { slots, error } = useAvailability(wanted || null);
  const { book } = useAppointments({ from: today.toISOString(), status: "pending,booked" });
  const [problem, setProblem] = useState("");
  const nameOf = (dentistId: string): string => dentists.data?.items.find(({ id }) => id === dentistId)?.name ?? "";

  async function take({ dentistId, startsAt, endsAt }: Slot): Promise<void> {
    if (!treatmentId) return;
    setProblem("");
    try {
      await book({ dentistId, startsAt, treatmentId }, { shown: { dentistName: nameOf(dentistId), endsAt } });
    } catch (refusal) {
      const others = refusal instanceof ApiError ? refusal.alternatives : [];
      const rather = others.map((slot) => said(slot.startsAt, timeZone)).join("; ");
      setProblem(`${(refusal as Error).message}${rather && ` Free then: ${rather}.`}`);
    }
  }

  return (
    <section>
      <h2>Book</h2>
      <label>
        Treatment
        <select value={treatmentId} onChange={(event) => setChosen(event.target.value)}>
          {treatments.data?.items.map(({ id, name, durationMinutes }) => (
            <option key={id} value={id}>
              {name} ({durationMinutes} minutes)
            </option>
          ))}
        </select>
      </label>
      <p>
        <button disabled={week === 0} onClick={() => setWeek(week - 1)}>
          Earlier
        </button>
        <button disabled={week === 8} onClick={() => setWeek(week + 1)}>
          Later
        </button>
      </p>
      <p role="alert">{problem || (treatments.error ?? error)?.message}</p>
      {slots?.length === 0 && <p>Nothing is free in these seven days.</p>}
      <ul aria-label="Free times">
        {slots?.slice(0, SHOWN).map((slot) => (
          <li key={slot.dentistId + slot.startsAt}>
            <button onClick={() => void take(slot)}>
              {said(slot.startsAt, timeZone)}, {nameOf(slot.dentistId)}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
