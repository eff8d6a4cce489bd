import type { Account } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { renew } from "../../session";
import { Field } from "../../shared/Field";
import { SendForm } from "../../shared/SendForm";
import { toast } from "../../shared/toasts";
import { Waiting } from "../../shared/Waiting";
import { atFields, inWords } from "../../words/refusals";
import styles from "./Account.module.css";
import { Section } from "./Section";

/** Name, phone and the language of mails. */
export function OwnData({ account }: { account: Account }) {
  const { patientId } = account;
  // The phone is in a patient's record; who works here has none.
  const record = useQuery({
    queryKey: ["patient", patientId],
    queryFn: () => api.getPatient(patientId ?? ""),
    enabled: patientId !== undefined,
  });
  const phone = patientId === undefined ? null : record.data?.phone;
  return (
    <Section title={<Trans>Who you are</Trans>}>
      {phone === undefined && !record.error ? (
        <Waiting />
      ) : (
        <Facts
          // What somebody else has changed is shown, and what is half typed then is not kept.
          key={`${account.name} ${phone} ${account.language}`}
          account={account}
          phone={phone ?? null}
          onSaved={() => void record.refetch()}
        />
      )}
    </Section>
  );
}

interface FactsProps {
  account: Account;
  phone: string | null;
  onSaved: () => void;
}

function Facts({ account, phone, onSaved }: FactsProps) {
  const { t } = useLingui();
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const isPatient = account.patientId !== undefined;

  async function save(text: (name: string) => string): Promise<void> {
    setWrong({});
    const name = text("name").trim();
    const language = text("language") === "en" ? "en" : "de";
    const given = text("phone").trim() || null;
    await api.changeMe({ name, language, ...(isPatient && { phone: given }) });
    // These are what the session knows of the account.
    if (name !== account.name || language !== account.language) await renew();
    if (given !== phone) onSaved();
    toast({ kind: "done", text: t`Saved.` });
  }

  function say(error: unknown): string {
    const fields = atFields(error);
    setWrong(fields);
    return Object.keys(fields).length === 0 ? inWords(error) : "";
  }

  return (
    <div className={styles["form"]}>
      <SendForm action={<Trans>Save</Trans>} onSend={save} say={say} wrong={wrong}>
        <Field label={t`Name`} name="name" autoComplete="name" defaultValue={account.name} isRequired />
        {isPatient && (
          <Field
            label={t`Phone (optional)`}
            name="phone"
            type="tel"
            autoComplete="tel"
            defaultValue={phone ?? ""}
            hint={t`For the practice, if something changes.`}
          />
        )}
        <label className={styles["choice"]}>
          <span>
            <Trans>Mails are written in</Trans>
          </span>
          <select name="language" defaultValue={account.language}>
            <option value="de" lang="de">
              Deutsch
            </option>
            <option value="en" lang="en">
              English
            </option>
          </select>
        </label>
      </SendForm>
    </div>
  );
}
