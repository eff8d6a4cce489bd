import { type components, realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ButtonLink } from "../../../shared/ButtonLink";
import { Field } from "../../../shared/Field";
import { Choose } from "../../../staff/Choose";
import { Options } from "../forms/Options";
import { Beside, Part } from "../forms/Part";
import { RecordForm } from "../forms/RecordForm";
import { useDraft } from "../forms/draft";
import { Invited } from "./Invited";
import { type Profession, type Role, useProfessionWords, useRoleWords } from "./roles";

type Made = components["schemas"]["NewAccountAnswer"];

interface Facts {
  name: string;
  email: string;
  role: Role;
  profession: Profession;
}

/** Makes an account, whose password the invited person sets with a code that is shown here once. */
export function NewAccount() {
  const { t } = useLingui();
  const client = useQueryClient();
  const draft = useDraft<Facts>({ name: "", email: "", role: "receptionist", profession: "dentist" });
  const [made, setMade] = useState<Made | null>(null);

  async function save(): Promise<void> {
    const { profession, ...facts } = draft.values;
    const account = await realtimeSyncService.api.createUser({ ...facts, ...(facts.role === "dentist" && { profession }) });
    // What was typed is stored: there is nothing to ask about before this is left.
    draft.discard();
    setMade(account);
    await client.invalidateQueries({ queryKey: ["accounts"] });
  }

  if (made !== null) {
    return (
      <>
        <Invited name={made.name} email={made.email} invitation={made.invitation ?? null} />
        {made.dentistId !== undefined && (
          <div>
            <ButtonLink to="/admin" search={{ view: "dentists", id: made.dentistId }} look="main">
              <Trans>Enter hours and treatments</Trans>
            </ButtonLink>
          </div>
        )}
      </>
    );
  }
  return (
    <RecordForm label={t`New account`} draft={draft} action={<Trans>Invite</Trans>} isNew onSave={save}>
      <AccountFields values={draft.values} onChange={draft.set} />
    </RecordForm>
  );
}

function AccountFields({ values, onChange }: { values: Facts; onChange: (typed: Partial<Facts>) => void }) {
  const { t } = useLingui();
  const words = useRoleWords();
  const professions = useProfessionWords();
  return (
    <Part title={<Trans>Who it is for</Trans>} lead={<Trans>The invitation is mailed, and shown here once.</Trans>}>
      <Beside>
        <Field label={t`Name`} name="name" value={values.name} onChange={(name) => onChange({ name })} maxLength={500} isRequired />
        <Field
          label={t`E-mail`}
          name="email"
          type="email"
          autoComplete="off"
          value={values.email}
          onChange={(email) => onChange({ email })}
          isRequired
        />
      </Beside>
      <Options
        label={<Trans>What they do here</Trans>}
        value={values.role}
        options={[
          { value: "receptionist", name: words.receptionist, hint: t`Every diary and every patient; no clinical notes, no settings.` },
          { value: "dentist", name: words.dentist, hint: t`The own diary and its patients, with notes.` },
          { value: "admin", name: words.admin, hint: t`Everything, also accounts and settings.` },
          { value: "patient", name: words.patient, hint: t`Books for the own record.` },
          { value: "chatbot", name: words.chatbot, hint: t`Reads what is free, and nothing about anybody.` },
        ]}
        onChange={(role) => onChange({ role })}
      />
      {values.role === "dentist" && (
        <Choose
          label={t`Profession`}
          value={values.profession}
          options={(["dentist", "hygienist", "assistant"] as const).map((each) => ({ id: each, name: professions[each] }))}
          onChange={(profession) => onChange({ profession: profession as Profession })}
        />
      )}
    </Part>
  );
}
