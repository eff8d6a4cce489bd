import { type components, realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../../shared/Button";
import { Field } from "../../../shared/Field";
import { SendForm } from "../../../shared/SendForm";
import { toast } from "../../../shared/toasts";
import { useWrong } from "../../../shared/wrong";
import { Check } from "../../../staff/Check";
import { inStaffWords } from "../../../staff/refusals";
import type { Patient } from "../search";
import styles from "./Record.module.css";
import { type Typed, changesOf, typedOf } from "./typed";

type Changes = components["schemas"]["PatientChanges"];

/** What the desk knows of a patient, to be corrected: another phone number, a name that was heard wrongly. */
export function Correct({ patient }: { patient: Patient }) {
  // As it was when somebody began: what others change meanwhile is not taken back by saving.
  const [before, setBefore] = useState<Patient | null>(null);
  return (
    <div className={styles["part"]} data-correct="">
      {before === null ? (
        <Button size="small" onPress={() => setBefore(patient)}>
          <Trans>Correct the record</Trans>
        </Button>
      ) : (
        <Fields before={before} onClose={() => setBefore(null)} />
      )}
    </div>
  );
}

function Fields({ before, onClose }: { before: Patient; onClose: () => void }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const shown = typedOf(before);
  const [isBarred, setBarred] = useState(before.onlineBookingBarred);
  const { wrong, named, take, forget } = useWrong();

  async function change(changes: Changes): Promise<void> {
    const changed = await realtimeSyncService.api.changePatient(before.id, changes);
    client.setQueryData(["patient", before.id], changed);
  }

  async function send(text: (name: string) => string): Promise<void> {
    const typed: Typed = { ...shown };
    for (const name of Object.keys(shown) as (keyof Typed)[]) typed[name] = text(name);
    const changes: Changes = { ...changesOf(shown, typed), ...(isBarred !== before.onlineBookingBarred && { onlineBookingBarred: isBarred }) };
    if (Object.keys(changes).length === 0) {
      onClose();
      return;
    }
    forget();
    await change(changes);
    const back: Changes = { ...changesOf(typed, shown), ...("onlineBookingBarred" in changes && { onlineBookingBarred: !isBarred }) };
    const undo = () => void change(back).catch((error) => toast({ kind: "refused", text: inStaffWords(error) }));
    toast({ kind: "done", text: t`Saved: ${typed.name}.`, undo });
    onClose();
  }

  const say = (error: unknown) => (Object.keys(take(error)).length === 0 ? inStaffWords(error) : "");

  return (
    <>
      <SendForm action={<Trans>Save</Trans>} onSend={send} say={say} wrong={wrong}>
        <Field label={t`Name`} {...named("name")} defaultValue={shown.name} isRequired autoComplete="off" autoFocus />
        <Field label={t`Phone`} {...named("phone")} type="tel" defaultValue={shown.phone} autoComplete="off" />
        <Field label={t`E-mail`} {...named("email")} type="email" defaultValue={shown.email} autoComplete="off" />
        <Field label={t`Date of birth`} {...named("birthDate")} type="date" defaultValue={shown.birthDate} />
        <Field
          label={t`Remark`}
          {...named("remark")}
          defaultValue={shown.remark}
          hint={t`Only who works here sees it.`}
          autoComplete="off"
        />
        <Check label={t`May not book online`} isChecked={isBarred} onChange={setBarred} />
      </SendForm>
      <Button size="small" look="quiet" onPress={onClose}>
        <Trans>Leave it as it is</Trans>
      </Button>
    </>
  );
}
