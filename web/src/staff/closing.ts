import { realtimeSyncService } from "@dental-sync/client";
import { useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { toast } from "../shared/toasts";
import type { AbsenceWish } from "./AbsenceForm";
import type { Absence } from "./Absences";
import { inStaffWords } from "./refusals";
import { saidRange } from "./said";

/** When the practice is closed, from now on; what was entered, changed or taken back is said, with the way back. */
export function useClosures(zone: string) {
  const { t } = useLingui();
  const client = useQueryClient();
  const { api } = realtimeSyncService;
  const { data, error } = useQuery({
    queryKey: ["closures", "ahead"],
    queryFn: async () => (await api.listClosures({ from: new Date().toISOString(), limit: 200 })).items,
  });
  // The message that tells of it may come later than the answer.
  const askAgain = () => client.invalidateQueries({ queryKey: ["closures"] });

  async function isClosed(closure: Absence, undo: () => void): Promise<void> {
    await askAgain();
    const when = saidRange(closure, zone);
    toast({ kind: "done", text: t`The practice is closed: ${when}.`, undo });
  }

  /** Rejects where it is refused; so does `change`. */
  async function enter({ startsAt, endsAt, reason, force }: AbsenceWish): Promise<void> {
    const made = await api.addClosure({ startsAt, endsAt, reason, force });
    await isClosed(made, () => void remove(made));
  }

  async function change(closure: Absence, { startsAt, endsAt, reason, force }: AbsenceWish): Promise<void> {
    const changed = await api.changeClosure(closure.id, { startsAt, endsAt, reason, force });
    await isClosed(changed, () => void change(changed, { ...closure, force: true }).catch(refused));
  }

  async function remove(closure: Absence): Promise<void> {
    try {
      await api.withdrawClosure(closure.id);
      await askAgain();
      const when = saidRange(closure, zone);
      const undo = () => void enter({ ...closure, force: true }).catch(refused);
      toast({ kind: "done", text: t`The practice is open after all: ${when}.`, undo });
    } catch (problem) {
      refused(problem);
    }
  }

  return { closures: data, error, enter, change, remove };
}

function refused(problem: unknown): void {
  toast({ kind: "refused", text: inStaffWords(problem) });
}
