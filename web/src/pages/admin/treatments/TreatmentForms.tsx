import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button } from "../../../shared/Button";
import { RecordForm } from "../forms/RecordForm";
import { useDraft } from "../forms/draft";
import { done, refused, saving, undo } from "../forms/saving";
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
    done(t`Added: ${name}.`);
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
  const draft = useDraft(factsOf(treatment));
  const { id, name } = treatment;

  async function change(changes: Partial<Facts> | { active: boolean }): Promise<void> {
    await realtimeSyncService.api.changeTreatment(id, changes as Changes);
    await client.invalidateQueries({ queryKey: ["treatments"] });
  }

  async function offer(active: boolean): Promise<void> {
    try {
      await change({ active });
      const text = active ? t`${name} is offered again.` : t`${name} is no longer offered. Appointments that have it keep it.`;
      done(text, () => undo(name, change({ active: !active })));
    } catch (refusal) {
      refused(refusal);
    }
  }

  return (
    <>
      <RecordForm label={name} draft={draft} onSave={saving({ name, draft, change })}>
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
