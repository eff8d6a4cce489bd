import { realtimeSyncService } from "@dental-sync/client";
import { useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { toast } from "../shared/toasts";
import type { Dentist } from "../sheet/ground";
import type { AbsenceWish } from "./AbsenceForm";
import type { Absence } from "./Absences";
import { inStaffWords } from "./refusals";
import { saidRange } from "./said";

/** When a dentist is away, from now on; what was entered or taken back is said, with the way back. */
export function useTimeOff({ id, name, timeZone }: Dentist) {
  const { t } = useLingui();
  const client = useQueryClient();
  const { api } = realtimeSyncService;
  const { data, error } = useQuery({
    queryKey: ["time-off", id, "ahead"],
    queryFn: async () => (await api.listTimeOff(id, { from: new Date().toISOString(), limit: 200 })).items,
  });
  // The message that tells of it may come later than the answer.
  const askAgain = () => client.invalidateQueries({ queryKey: ["time-off", id] });

  /** Rejects where it is refused. */
  async function enter({ startsAt, endsAt, reason, force }: AbsenceWish): Promise<void> {
    const made = await api.takeTimeOff(id, { startsAt, endsAt, reason, force });
    await askAgain();
    const when = saidRange(made, timeZone);
    toast({ kind: "done", text: t`${name} is away: ${when}.`, undo: () => void remove(made) });
  }

  async function remove(absence: Absence): Promise<void> {
    try {
      await api.cancelTimeOff(id, absence.id);
      await askAgain();
      const when = saidRange(absence, timeZone);
      const undo = () => void enter({ ...absence, force: true }).catch(refused);
      toast({ kind: "done", text: t`${name} is there after all: ${when}.`, undo });
    } catch (problem) {
      refused(problem);
    }
  }

  return { absences: data, error, enter, remove };
}

function refused(problem: unknown): void {
  toast({ kind: "refused", text: inStaffWords(problem) });
}
