import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Message } from "../../../shared/Message";
import { Waiting } from "../../../shared/Waiting";
import { useNow } from "../../../shared/now";
import { toast } from "../../../shared/toasts";
import type { AbsenceWish } from "../../../staff/AbsenceForm";
import { type Absence, Absences } from "../../../staff/Absences";
import { inStaffWords } from "../../../staff/refusals";
import { saidRange } from "../../../staff/said";
import type { Chair } from "./chairs";

/** When a chair cannot be used, from now on: listed, entered and taken back. */
export function ChairAway({ chair, zone }: { chair: Chair; zone: string }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const now = useNow();
  const { api } = realtimeSyncService;
  const { id, name } = chair;
  const list = useQuery({
    queryKey: ["time-off", "chair", id],
    queryFn: async () => (await api.listChairTimeOff(id, { from: new Date().toISOString(), limit: 200 })).items,
  });
  const askAgain = () => client.invalidateQueries({ queryKey: ["time-off", "chair", id] });

  async function enter({ startsAt, endsAt, reason, force }: AbsenceWish): Promise<void> {
    const made = await api.takeChairAway(id, { startsAt, endsAt, reason, force });
    await askAgain();
    toast({ kind: "done", text: t`${name} is away: ${saidRange(made, zone)}.`, undo: () => void remove(made) });
  }

  async function remove(absence: Absence): Promise<void> {
    try {
      await api.bringChairBack(id, absence.id);
      await askAgain();
      const undo = () => void enter({ ...absence, force: true }).catch(refused);
      toast({ kind: "done", text: t`${name} is there after all: ${saidRange(absence, zone)}.`, undo });
    } catch (problem) {
      refused(problem);
    }
  }

  function refused(problem: unknown): void {
    toast({ kind: "refused", text: inStaffWords(problem) });
  }

  if (list.error) return <Message kind="danger">{inStaffWords(list.error)}</Message>;
  if (list.data === undefined) return <Waiting />;
  return (
    <Absences
      title={<Trans>Away</Trans>}
      label={t`When it is away: ${name}`}
      action={<Trans>Enter a time</Trans>}
      none={<Trans>It can be used at all times.</Trans>}
      reasonHint={t`For the front desk; patients do not see it.`}
      whose={{ chairId: id }}
      zone={zone}
      now={now}
      absences={list.data}
      onEnter={enter}
      onRemove={(absence) => void remove(absence)}
    />
  );
}
