import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../../shared/Button";
import { Confirm } from "../../../shared/Confirm";
import { Field } from "../../../shared/Field";
import { toast } from "../../../shared/toasts";
import card from "../../../sheet/Card.module.css";
import { inStaffWords } from "../../../staff/refusals";
import { PatientSearch } from "../PatientSearch";
import type { Patient } from "../search";
import styles from "./Record.module.css";

const ASK_EVERY_MS = 15_000;

/** Who acts for a patient beside the patient: granted and ended at the desk. */
export function Guardians({ patient }: { patient: Patient }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const queryKey = ["patient", patient.id, "guardians"];
  const { data } = useQuery({
    queryKey,
    queryFn: async () => (await realtimeSyncService.api.listGuardians(patient.id)).items,
    // What other desks and guardians change is told to the accounts alone that it concerns.
    refetchInterval: ASK_EVERY_MS,
  });
  const [isAdding, setAdding] = useState(false);

  async function end(userId: string, name: string): Promise<void> {
    try {
      await realtimeSyncService.api.endGuardian(patient.id, userId);
      toast({ kind: "done", text: t`${name} no longer acts for ${patient.name}.` });
    } catch (problem) {
      toast({ kind: "refused", text: inStaffWords(problem) });
    }
    await client.invalidateQueries({ queryKey });
  }

  async function grant(guardian: Patient, relation: string): Promise<void> {
    try {
      const granted = { patientId: guardian.id, ...(relation && { relation }) };
      await realtimeSyncService.api.grantGuardian(patient.id, granted);
      setAdding(false);
      toast({ kind: "done", text: t`${guardian.name} acts for ${patient.name} from now on.` });
    } catch (problem) {
      toast({ kind: "refused", text: inStaffWords(problem) });
    }
    await client.invalidateQueries({ queryKey });
  }

  return (
    <div className={styles["part"]} data-guardians="">
      <h3>
        <Trans>Who acts for this patient</Trans>
      </h3>
      {data?.length === 0 && (
        <p className={card["soft"]}>
          <Trans>Nobody else</Trans>
        </p>
      )}
      {data !== undefined && data.length > 0 && (
        <ul>
          {data.map(({ userId, name, relation }) => (
            <li key={userId} className={styles["row"]}>
              <span>
                {name}
                {relation && <span className={card["soft"]}>{relation}</span>}
              </span>
              <Confirm
                trigger={
                  <Button size="small" look="quiet" aria-label={t`End it: ${name}`}>
                    <Trans>End it</Trans>
                  </Button>
                }
                title={<Trans>Shall {name} no longer act for this patient?</Trans>}
                action={<Trans>End it</Trans>}
                onConfirm={() => void end(userId, name)}
              >
                <p>
                  <Trans>{name} sees and changes these appointments no more, from this moment on.</Trans>
                </p>
              </Confirm>
            </li>
          ))}
        </ul>
      )}
      {isAdding ? (
        <Grant onGrant={grant} onClose={() => setAdding(false)} />
      ) : (
        <Button size="small" onPress={() => setAdding(true)}>
          <Trans>Add somebody</Trans>
        </Button>
      )}
    </div>
  );
}

interface GrantProps {
  onGrant: (guardian: Patient, relation: string) => Promise<void>;
  onClose: () => void;
}

function Grant({ onGrant, onClose }: GrantProps) {
  const { t } = useLingui();
  const [guardian, setGuardian] = useState<Patient | null>(null);
  const [relation, setRelation] = useState("");
  const [isBusy, setBusy] = useState(false);
  if (guardian === null) {
    return (
      <>
        <PatientSearch label={t`Somebody with an account here`} onChoose={setGuardian} autoFocus />
        <Button size="small" look="quiet" onPress={onClose}>
          <Trans>Leave it as it is</Trans>
        </Button>
      </>
    );
  }
  return (
    <form
      aria-label={t`Add somebody`}
      onSubmit={(event) => {
        event.preventDefault();
        if (isBusy) return;
        setBusy(true);
        void onGrant(guardian, relation.trim()).finally(() => setBusy(false));
      }}
    >
      <p>
        <strong>{guardian.name}</strong>
      </p>
      <Field
        label={t`What they are to the patient (optional)`}
        hint={t`Mother, father, carer …`}
        value={relation}
        onChange={setRelation}
        maxLength={100}
        autoFocus
      />
      <div className={card["actions"]}>
        <Button size="small" type="submit" look="main" isBusy={isBusy}>
          <Trans>Let them act for the patient</Trans>
        </Button>
        <Button size="small" onPress={onClose}>
          <Trans>Leave it as it is</Trans>
        </Button>
      </div>
    </form>
  );
}
