import type { Appointment } from "@dental-sync/client";
import { realtimeSyncService } from "@dental-sync/client";
import { useAppointments } from "@dental-sync/client/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { useAccount } from "../../session";
import { ButtonLink } from "../../shared/ButtonLink";
import { Empty } from "../../shared/Empty";
import { Freshness } from "../../shared/Freshness";
import { Message } from "../../shared/Message";
import { Waiting } from "../../shared/Waiting";
import { useChanges, usePractice, useSessionEnd, useTreatmentNames } from "../../shared/following";
import { dayOf, timeOf } from "../../shared/times";
import { useTitle } from "../../shared/title";
import { Toasts, toast } from "../../shared/toasts";
import { inWords } from "../../words/refusals";
import { OfflineNote } from "../../staff/Offline";
import { Card } from "./Card";
import { Invitation } from "./Invitation";
import styles from "./My.module.css";

/** A patient's appointments from now on, of everybody for whom the account acts, as they change. */
export function My() {
  const { t } = useLingui();
  useTitle(t`My appointments`);
  useSessionEnd();
  const account = useAccount();
  const practice = usePractice();
  const [from] = useState(() => new Date().toISOString());
  const { appointments, cancel, error } = useAppointments({ from });
  const treatmentName = useTreatmentNames();
  const { ids: justChanged, last, own } = useChanges();
  const zone = practice.data?.timeZone;
  const actsForOthers = appointments?.some(({ patientId }) => patientId !== account?.patientId) ?? false;
  const problem = (practice.data ? null : practice.error) ?? error;

  async function undo(cancelled: Appointment): Promise<void> {
    try {
      own(await realtimeSyncService.api.undo(cancelled.id));
      toast({ kind: "done", text: t`The appointment is booked again.` });
    } catch (refusal) {
      toast({ kind: "refused", text: inWords(refusal) });
    }
  }

  async function callOff(appointment: Appointment): Promise<void> {
    try {
      const cancelled = await cancel(appointment);
      own(cancelled);
      toast({ kind: "done", text: t`The appointment is cancelled.`, undo: () => void undo(cancelled) });
    } catch (refusal) {
      toast({ kind: "refused", text: inWords(refusal) });
    }
  }

  return (
    <div className={styles["page"]}>
      <header className={styles["head"]}>
        <div>
          <h1>
            <Trans>My appointments</Trans>
          </h1>
          <Freshness />
        </div>
        {appointments !== undefined && appointments.length > 0 && (
          <ButtonLink to="/book" size="small">
            <Trans>Book an appointment</Trans>
          </ButtonLink>
        )}
      </header>
      {problem && <Message kind="danger">{inWords(problem)}</Message>}
      {!problem && (appointments === undefined || zone === undefined) && <Waiting />}
      {zone !== undefined && appointments?.length === 0 && (
        <Empty level="h2" title={<Trans>No appointment ahead</Trans>}>
          <p>
            <Trans>As soon as one is booked for you, it is here.</Trans>
          </p>
          <ButtonLink to="/book" look="main">
            <Trans>Book an appointment</Trans>
          </ButtonLink>
        </Empty>
      )}
      {zone !== undefined && appointments !== undefined && appointments.length > 0 && (
        <ul className={styles["list"]} aria-label={t`My appointments`}>
          {appointments.map((appointment) => (
            <Card
              key={appointment.id}
              appointment={appointment}
              zone={zone}
              treatments={appointment.treatmentIds.map(treatmentName).filter((name) => name !== undefined)}
              namesPatient={actsForOthers}
              isNew={justChanged.has(appointment.id)}
              onCancel={() => void callOff(appointment)}
            />
          ))}
        </ul>
      )}
      <p className="unseen" aria-live="polite">
        {last !== null && zone !== undefined && <Changed appointment={last} zone={zone} />}
      </p>
      <Invitation />
      <OfflineNote />
      <Toasts />
    </div>
  );
}

function Changed({ appointment, zone }: { appointment: Appointment; zone: string }) {
  const day = dayOf(appointment.startsAt, zone);
  const time = timeOf(appointment.startsAt, zone);
  if (appointment.status === "cancelled") return <Trans>The appointment on {day} at {time} is cancelled.</Trans>;
  return <Trans>Changed: the appointment is on {day} at {time}.</Trans>;
}
