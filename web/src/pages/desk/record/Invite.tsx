import { type components, realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Button } from "../../../shared/Button";
import { Field } from "../../../shared/Field";
import { Message } from "../../../shared/Message";
import card from "../../../sheet/Card.module.css";
import { Choose } from "../../../staff/Choose";
import { inStaffWords } from "../../../staff/refusals";
import type { Patient } from "../search";
import { InvitationCard } from "./InvitationCard";
import styles from "./Record.module.css";

export type Invitation = components["schemas"]["InvitationAnswer"];

/** Makes an invitation for a patient, or for somebody who acts for them, and shows it as a card to print. */
export function Invite({ patient }: { patient: Patient }) {
  const { t } = useLingui();
  const [isAsking, setAsking] = useState(false);
  const [as, setAs] = useState<"self" | "guardian">("self");
  const [relation, setRelation] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [made, setMade] = useState<Invitation | null>(null);
  const whom = [
    { id: "self", name: t`The patient` },
    { id: "guardian", name: t`Somebody who acts for the patient` },
  ];

  async function invite(): Promise<void> {
    setBusy(true);
    setRefusal(null);
    try {
      const said = relation.trim();
      setMade(
        await realtimeSyncService.api.invite(patient.id, { as, ...(as === "guardian" && said && { relation: said }) }),
      );
      setAsking(false);
    } catch (problem) {
      setRefusal(inStaffWords(problem));
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className={styles["part"]} data-invite="">
      <h3>
        <Trans>Online account</Trans>
      </h3>
      {isAsking ? (
        <form
          aria-label={t`Invite to an online account`}
          onSubmit={(event) => {
            event.preventDefault();
            if (!isBusy) void invite();
          }}
        >
          <Choose
            label={t`Who is invited`}
            value={as}
            options={whom}
            autoFocus
            onChange={(id) => setAs(id as typeof as)}
          />
          {as === "guardian" && (
            <Field
              label={t`What they are to the patient (optional)`}
              hint={t`Mother, father, carer …`}
              value={relation}
              onChange={setRelation}
              maxLength={100}
            />
          )}
          {refusal !== null && <Message kind="danger">{refusal}</Message>}
          <p className={card["soft"]}>
            <Trans>The patient's last invitation ends with it.</Trans>
          </p>
          <div className={card["actions"]}>
            <Button size="small" type="submit" look="main" isBusy={isBusy}>
              <Trans>Make the invitation</Trans>
            </Button>
            <Button size="small" onPress={() => setAsking(false)}>
              <Trans>Leave it as it is</Trans>
            </Button>
          </div>
        </form>
      ) : (
        <Button size="small" onPress={() => setAsking(true)}>
          <Trans>Invite …</Trans>
        </Button>
      )}
      {made !== null && <InvitationCard invitation={made} patient={patient} as={as} onClose={() => setMade(null)} />}
    </div>
  );
}
