import type { Appointment } from "@dental-sync/client";
import { realtimeSyncService } from "@dental-sync/client";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode, Ref } from "react";
import { Button } from "../shared/Button";
import { Confirm } from "../shared/Confirm";
import { Status } from "../shared/Status";
import { type Move, movesOf } from "../staff/moves";
import { dayOf, longDate, timeOf } from "../shared/times";
import { useMoveWords } from "../staff/useMoves";
import { Notebook } from "../staff/Notebook";
import { WhileOnline } from "../staff/Offline";
import styles from "./Card.module.css";
import { Series } from "./Series";

interface PanelProps {
  appointment: Appointment;
  dentistName: string;
  chairName?: string | undefined;
  treatments: string;
  zone: string;
  now: Date;
  isBusy: boolean;
  isAssistant?: boolean;
  ref?: Ref<HTMLElement>;
  onMove: (move: Move) => void;
  onCancel: () => void;
  /** For those who may strike out what was entered in error. */
  onDelete?: () => void;
  onClose: () => void;
  /** Opens the patient's record, where there is a place for it. */
  onRecord?: () => void;
  /** Is told of each appointment that is changed here, so that it is not marked. */
  own: (changed: Appointment) => void;
}

const TO_CANCEL = new Set<string>(["pending", "booked", "arrived"]);

/** The chosen appointment, and what can be done with it. */
export function Panel({
  appointment,
  dentistName,
  chairName,
  treatments,
  zone,
  now,
  isBusy,
  isAssistant = false,
  ref,
  onMove,
  onCancel,
  onDelete,
  onClose,
  onRecord,
  own,
}: PanelProps) {
  const { t } = useLingui();
  const words = useMoveWords();
  const { id, patientId, patientName, status, startsAt, endsAt, reason, overbooked, cancelReason } = appointment;
  const { data: patient } = useQuery({
    queryKey: ["patient", patientId],
    queryFn: () => realtimeSyncService.api.getPatient(patientId),
    enabled: !isAssistant,
  });
  const time = timeOf(startsAt, zone);
  return (
    <section ref={ref} className={styles["card"]} aria-label={t`Chosen appointment`} tabIndex={-1} data-panel="">
      <header className={styles["cardHead"]}>
        <Status status={status} />
        <h2>{patientName}</h2>
        <p className={styles["when"]}>
          {dayOf(startsAt, zone)}, {time}–{timeOf(endsAt, zone)}
        </p>
        <p className={styles["soft"]}>{[dentistName, chairName, treatments].filter(Boolean).join(" · ")}</p>
        {reason && <p>{reason}</p>}
        {cancelReason && <p>{cancelReason}</p>}
        {overbooked && (
          <p className={styles["remark"]}>
            <Trans>Shares its time with another appointment</Trans>
          </p>
        )}
      </header>
      {patient && (
        <dl className={styles["facts"]}>
          <Fact name={t`Phone`}>
            {patient.phone && <a href={`tel:${patient.phone.replace(/[^\d+]/g, "")}`}>{patient.phone}</a>}
          </Fact>
          <Fact name={t`Day of birth`}>{patient.birthDate && longDate(patient.birthDate)}</Fact>
          <Fact name={t`Remark`}>{patient.remark}</Fact>
          <Fact name={t`Did not come`}>
            {patient.noShows ? <Plural value={patient.noShows} one="once" other="# times" /> : null}
          </Fact>
        </dl>
      )}
      {appointment.seriesId !== null && !isAssistant && (
        <Series key={appointment.id} appointment={appointment} zone={zone} own={own} />
      )}
      <div className={styles["actions"]}>
        <WhileOnline>
          {movesOf(appointment, zone, now, isAssistant).map((move, index) => (
            <Button
              key={move}
              size="small"
              look={index === 0 ? "main" : "plain"}
              isBusy={isBusy}
              data-move={move}
              onPress={() => onMove(move)}
            >
              {words[move]}
            </Button>
          ))}
          {TO_CANCEL.has(status) && !isAssistant && (
            <Button size="small" look="danger" isBusy={isBusy} data-move="cancel" onPress={onCancel}>
              <Trans>Cancel</Trans>
            </Button>
          )}
          {onDelete && (
            <Confirm
              trigger={
                <Button size="small" look="danger" data-move="delete">
                  <Trans>Delete</Trans>
                </Button>
              }
              title={<Trans>Delete this appointment?</Trans>}
              action={<Trans>Delete it</Trans>}
              onConfirm={onDelete}
            >
              <p>
                <Trans>
                  {patientName}, {time}. Only for what was entered in error: it is gone for everybody, as if it had never
                  been. Otherwise cancel it.
                </Trans>
              </p>
            </Confirm>
          )}
        </WhileOnline>
        {onRecord && (
          <Button size="small" data-open-record="" onPress={onRecord}>
            <Trans>Patient's record</Trans>
          </Button>
        )}
        <Button size="small" look="quiet" onPress={onClose}>
          <Trans>Close</Trans>
        </Button>
      </div>
      {!isAssistant && <Notebook key={id} appointment={appointment} zone={zone} />}
    </section>
  );
}

/** What is known; nothing where it is not. */
function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
