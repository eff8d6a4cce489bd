import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button } from "../../../shared/Button";
import { toast } from "../../../shared/toasts";
import { inStaffWords } from "../../../staff/refusals";
import { RecordForm } from "../forms/RecordForm";
import { former, useDraft } from "../forms/draft";
import { TreatmentFields } from "./TreatmentFields";
import { type Facts, NEW, type Treatment, factsOf } from "./treatments";

type Changes = Parameters<typeof realtimeSyncService.api.changeTreatment>[1];
type New = Parameters<typeof realtimeSyncService.api.addTreatment>[0];

export function NewTreatment() {
  const { t } = useLingui();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/admin" });
  const draft = useDraft<Facts>(NEW);

  async function save(): Promise<void> {
    const { name } = await realtimeSyncService.api.addTreatment(draft.values as New);
    await client.invalidateQueries({ queryKey: ["treatments"] });
    toast({ kind: "done", text: t`Added: ${name}.` });
    await navigate({ search: ({ id: _, ...rest }) => rest });
  }

  return (
    <RecordForm label={t`New treatment`} draft={draft} action={<Trans>Add the treatment</Trans>} isNew onSave={save}>
      <TreatmentFields values={draft.values} onChange={draft.set} />
    </RecordForm>
  );
}

export function EditTreatment({ treatment }: { treatment: Treatment }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const saved = factsOf(treatment);
  const draft = useDraft(saved);
  const { id, name } = treatment;

  async function change(changes: Partial<Facts> | { active: boolean }): Promise<void> {
    await realtimeSyncService.api.changeTreatment(id, changes as Changes);
    await client.invalidateQueries({ queryKey: ["treatments"] });
  }

  /** Takes it back from a toast. */
  async function undo(changes: Partial<Facts> | { active: boolean }): Promise<void> {
    await change(changes).then(
      () => toast({ kind: "done", text: t`Undone: ${name}.` }),
      (refusal) => toast({ kind: "refused", text: inStaffWords(refusal) }),
    );
  }

  async function save(): Promise<void> {
    const back = former(saved, draft.changes);
    await change(draft.changes);
    draft.discard();
    toast({ kind: "done", text: t`Saved: ${name}.`, undo: () => void undo(back) });
  }

  async function offer(active: boolean): Promise<void> {
    try {
      await change({ active });
      const text = active ? t`${name} is offered again.` : t`${name} is no longer offered. Appointments that have it keep it.`;
      toast({ kind: "done", text, undo: () => void undo({ active: !active }) });
    } catch (refusal) {
      toast({ kind: "refused", text: inStaffWords(refusal) });
    }
  }

  return (
    <>
      <RecordForm label={name} draft={draft} onSave={save}>
        <TreatmentFields values={draft.values} onChange={draft.set} />
      </RecordForm>
      <div>
        {treatment.active ? (
          <Button look="danger" onPress={() => void offer(false)}>
            <Trans>No longer offer it</Trans>
          </Button>
        ) : (
          <Button onPress={() => void offer(true)}>
            <Trans>Offer it again</Trans>
          </Button>
        )}
      </div>
    </>
  );
}
