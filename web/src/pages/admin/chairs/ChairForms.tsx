import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Field } from "../../../shared/Field";
import { usePractice } from "../../../shared/following";
import { Choose } from "../../../staff/Choose";
import { Beside, Part } from "../forms/Part";
import { RecordForm } from "../forms/RecordForm";
import { useDraft } from "../forms/draft";
import { done, saving } from "../forms/saving";
import { ChairAway } from "./ChairAway";
import { type Chair, useKinds } from "./chairs";

interface Facts {
  name: string;
  kind: string;
}

export function NewChair() {
  const { t } = useLingui();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/admin" });
  const draft = useDraft<Facts>({ name: "", kind: "" });

  async function save(): Promise<void> {
    const { name } = await realtimeSyncService.api.addChair(draft.values);
    await client.invalidateQueries({ queryKey: ["chairs"] });
    done(t`Added: ${name}.`);
    await navigate({ search: ({ id: _, ...rest }) => rest });
  }

  return (
    <RecordForm label={t`New chair`} draft={draft} action={<Trans>Add the chair</Trans>} isNew onSave={save}>
      <Part title={<Trans>What it is</Trans>}>
        <ChairFields values={draft.values} onChange={draft.set} />
      </Part>
    </RecordForm>
  );
}

type Changes = Partial<Facts & { active: boolean }>;

export function EditChair({ chair }: { chair: Chair }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const zone = usePractice().data?.timeZone;
  const { id, name } = chair;
  const draft = useDraft({ name, kind: chair.kind, active: chair.active === true });

  async function change(changes: Changes, force: boolean): Promise<void> {
    await realtimeSyncService.api.changeChair(id, { ...changes, force });
    await client.invalidateQueries({ queryKey: ["chairs"] });
  }

  return (
    <>
      <RecordForm label={name} draft={draft} {...(zone !== undefined && { zone })} onSave={saving({ name, draft, change })}>
        <Part title={<Trans>What it is</Trans>}>
          <ChairFields values={draft.values} onChange={draft.set} />
          <Choose
            label={t`Use`}
            value={draft.values.active ? "used" : "unused"}
            options={[
              { id: "used", name: t`Used` },
              { id: "unused", name: t`No longer used` },
            ]}
            onChange={(use) => draft.set({ active: use === "used" })}
          />
        </Part>
      </RecordForm>
      {zone !== undefined && <ChairAway chair={chair} zone={zone} />}
    </>
  );
}

function ChairFields({ values, onChange }: { values: Facts; onChange: (typed: Partial<Facts>) => void }) {
  const { t } = useLingui();
  const kinds = useKinds().join(", ");
  return (
    <Beside>
      <Field label={t`Name`} name="name" value={values.name} onChange={(name) => onChange({ name })} maxLength={500} isRequired />
      <Field
        label={t`Kind`}
        hint={kinds === "" ? t`A word such as surgery; treatments can ask for it.` : t`Treatments can ask for it. So far: ${kinds}.`}
        name="kind"
        value={values.kind}
        onChange={(kind) => onChange({ kind })}
        maxLength={500}
        isRequired
      />
    </Beside>
  );
}
