import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useAccount } from "../../../session";
import { ButtonLink } from "../../../shared/ButtonLink";
import { Field } from "../../../shared/Field";
import { Message } from "../../../shared/Message";
import { Waiting } from "../../../shared/Waiting";
import { Choose } from "../../../staff/Choose";
import { inStaffWords } from "../../../staff/refusals";
import { Opened } from "../Rows";
import { Beside, Part } from "../forms/Part";
import { RecordForm } from "../forms/RecordForm";
import { useDraft } from "../forms/draft";
import { saving } from "../forms/saving";
import { SignIn } from "./SignIn";
import { type Account, type Role, useRoleWords } from "./roles";

/** One account: its name and role, and whether and how somebody signs in with it. */
export function AccountRecord({ id, back }: { id: string; back: ReactNode }) {
  const { t } = useLingui();
  const { data: account, error } = useQuery({
    queryKey: ["accounts", "one", id],
    queryFn: () => realtimeSyncService.api.getUser(id),
    refetchOnWindowFocus: true,
  });
  return (
    <Opened back={back} title={account?.name ?? "…"} mark={account === undefined || account.active ? undefined : t`Switched off`}>
      {error && <Message kind="danger">{inStaffWords(error)}</Message>}
      {account === undefined && !error && <Waiting />}
      {account !== undefined && (
        <>
          <NameAndRole account={account} />
          <SignIn account={account} />
        </>
      )}
    </Opened>
  );
}

function NameAndRole({ account }: { account: Account }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const words = useRoleWords();
  const isOwn = useAccount()?.id === account.id;
  const { id, name, email, role, dentistId } = account;
  const draft = useDraft({ name, role });

  async function change(changes: Partial<Pick<Account, "name" | "role">>): Promise<void> {
    await realtimeSyncService.api.updateUser(id, changes);
    await client.invalidateQueries({ queryKey: ["accounts"] });
  }

  return (
    <RecordForm label={name} draft={draft} onSave={saving({ name, draft, change })}>
      <Part title={<Trans>Name and role</Trans>} lead={email}>
        <Beside>
          <Field label={t`Name`} name="name" value={draft.values.name} onChange={(typed) => draft.set({ name: typed })} maxLength={500} isRequired />
          {!isOwn && (
            <Choose
              label={t`What they do here`}
              value={draft.values.role}
              options={(["admin", "receptionist", "dentist", "patient", "chatbot"] as const).map((each) => ({ id: each, name: words[each] }))}
              onChange={(each) => draft.set({ role: each as Role })}
            />
          )}
        </Beside>
        {"role" in draft.changes && (
          <Message kind="info">
            <Trans>Another role signs {name} out everywhere. Appointments stay as they are.</Trans>
          </Message>
        )}
        {dentistId !== undefined && (
          <div>
            <ButtonLink to="/admin" search={{ view: "dentists", id: dentistId }} size="small">
              <Trans>Hours and treatments</Trans>
            </ButtonLink>
          </div>
        )}
      </Part>
    </RecordForm>
  );
}
