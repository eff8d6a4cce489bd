import type { Account } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { renew } from "../../session";
import { Button } from "../../shared/Button";
import { ButtonLink } from "../../shared/ButtonLink";
import { Confirm } from "../../shared/Confirm";
import { toast } from "../../shared/toasts";
import { spoken } from "../../words/language";
import { inWords } from "../../words/refusals";
import styles from "./Account.module.css";
import { Section } from "./Section";
import { save } from "./save";

type Patient = Account["patients"][number];

/** For whom the account acts, who else does, and all that is kept of each. */
export function People({ account }: { account: Account }) {
  return (
    <Section title={<Trans>For whom you book</Trans>}>
      <ul className={styles["list"]}>
        {account.patients.map((patient) => (
          <Person key={patient.id} patient={patient} userId={account.id} />
        ))}
      </ul>
      <p className={styles["words"]}>
        <Trans>Do you look after a child, or somebody else? The practice gives you a code for that.</Trans>
      </p>
      <div>
        <ButtonLink to="/invitation" size="small">
          <Trans>Use an invitation code</Trans>
        </ButtonLink>
      </div>
    </Section>
  );
}

function Person({ patient: { id, name, relation }, userId }: { patient: Patient; userId: string }) {
  const { t } = useLingui();
  const isSelf = relation === "self";
  const guardians = useQuery({ queryKey: ["guardians", id], queryFn: async () => (await api.listGuardians(id)).items });
  const others = (guardians.data ?? []).filter((guardian) => guardian.userId !== userId);

  async function end(guardianId: string, done: string): Promise<void> {
    try {
      await api.endGuardian(id, guardianId);
      if (guardianId === userId) await renew();
      else await guardians.refetch();
      toast({ kind: "done", text: done });
    } catch (error) {
      toast({ kind: "refused", text: inWords(error) });
    }
  }

  return (
    <li className={styles["row"]} data-patient-id={id}>
      <div className={styles["facts"]}>
        <span>{name}</span>
        <span className={styles["small"]}>{isSelf ? t`You yourself` : (relation ?? t`You act for them`)}</span>
      </div>
      <div className={styles["actions"]}>
        <Download id={id} name={name} />
        {!isSelf && (
          <Confirm
            trigger={
              <Button size="small" aria-label={t`Stop booking for ${name}`}>
                <Trans>Stop</Trans>
              </Button>
            }
            title={<Trans>Stop booking for {name}?</Trans>}
            action={<Trans>Stop</Trans>}
            onConfirm={() => void end(userId, t`You do not book for ${name} any more.`)}
          >
            <p>
              <Trans>You will not see these appointments any more. Only the practice can give you that back.</Trans>
            </p>
          </Confirm>
        )}
      </div>
      {others.map((other) => (
        <Guardian
          key={other.userId}
          name={other.relation === null ? other.name : `${other.name} (${other.relation})`}
          patientName={name}
          {...(isSelf && { onEnd: () => void end(other.userId, t`${other.name} does not book for you any more.`) })}
        />
      ))}
    </li>
  );
}

interface GuardianProps {
  name: string;
  patientName: string;
  onEnd?: () => void;
}

/** Somebody else who books for a patient. */
function Guardian({ name, patientName, onEnd }: GuardianProps) {
  const { t } = useLingui();
  return (
    <div className={styles["row"]}>
      <span className={styles["small"]}>
        {onEnd ? <Trans>{name} books for you too.</Trans> : <Trans>{name} books for {patientName} too.</Trans>}
      </span>
      {onEnd && (
        <Confirm
          trigger={
            <Button size="small" aria-label={t`End: ${name} books for you`}>
              <Trans>End</Trans>
            </Button>
          }
          title={<Trans>Shall {name} not book for you any more?</Trans>}
          action={<Trans>End it</Trans>}
          onConfirm={onEnd}
        >
          <p>
            <Trans>Your appointments are not shown there any more, at once.</Trans>
          </p>
        </Confirm>
      )}
    </div>
  );
}

/** All that the practice keeps of a patient, as a file. */
function Download({ id, name }: { id: string; name: string }) {
  const { t } = useLingui();
  const [isBusy, setBusy] = useState(false);

  async function download(): Promise<void> {
    setBusy(true);
    try {
      save(await api.exportPatient(id, { lang: spoken() }), `${name}.zip`);
      toast({ kind: "done", text: t`The file is with your downloads: to read, and for programs.` });
    } catch (error) {
      toast({ kind: "refused", text: inWords(error) });
    }
    setBusy(false);
  }

  return (
    <Button size="small" isBusy={isBusy} aria-label={t`Download the data of ${name}`} onPress={() => void download()}>
      <Trans>Download the data</Trans>
    </Button>
  );
}
