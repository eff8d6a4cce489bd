import type { Appointment } from "@dental-sync/client";
import type { ShownAppointment } from "@dental-sync/client/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "../../shared/Button";
import { ButtonLink } from "../../shared/ButtonLink";
import { Confirm } from "../../shared/Confirm";
import { Status } from "../../shared/Status";
import { useOffline } from "../../shared/online";
import { dayOf, dayOfMonth, monthOf, timeOf } from "../../shared/times";
import { WhileOnline } from "../../staff/Offline";
import styles from "./Card.module.css";

interface CardProps {
  appointment: ShownAppointment;
  zone: string;
  treatments: string[];
  /** Where not all are the account's own, each says whose it is. */
  namesPatient: boolean;
  isNew: boolean;
  onCancel: () => void;
}

export function Card({ appointment, zone, treatments, namesPatient, isNew, onCancel }: CardProps) {
  const { id, status, startsAt, endsAt, dentistName, patientName, pendingWrite } = appointment;
  const day = dayOf(startsAt, zone);
  const time = timeOf(startsAt, zone);
  return (
    <li
      className={styles["card"]}
      data-appointment-id={id}
      data-status={status}
      data-just-changed={isNew || undefined}
      aria-busy={pendingWrite !== undefined}
    >
      <div className={styles["date"]} aria-hidden="true">
        <span className={styles["month"]}>{monthOf(startsAt, zone)}</span>
        <span className={styles["day"]}>{dayOfMonth(startsAt, zone)}</span>
      </div>
      <div className={styles["facts"]}>
        <h2 className={styles["when"]}>
          <time dateTime={startsAt}>
            {day}
            <span className={styles["time"]}>
              {time}–{timeOf(endsAt, zone)}
            </span>
          </time>
        </h2>
        <p className={styles["what"]}>
          {[...treatments, dentistName].join(" · ")}
          {namesPatient && (
            <>
              {" · "}
              <Trans>for {patientName}</Trans>
            </>
          )}
        </p>
        <Said appointment={appointment} />
      </div>
      <div className={styles["side"]}>
        <Status status={status} />
        {(status === "booked" || status === "pending") && (
          <div className={styles["actions"]} data-print="none">
            <Move appointment={appointment} day={day} time={time} />
            <WhileOnline>
              <Cancel day={day} time={time} dentistName={dentistName} onConfirm={onCancel} />
            </WhileOnline>
          </div>
        )}
      </div>
    </li>
  );
}

/** What a patient needs to know beside the state. */
function Said({ appointment: { status, cancelledBy } }: { appointment: Appointment }) {
  if (status === "pending") {
    return (
      <p className={styles["said"]}>
        <Trans>The practice has still to say yes. The time is kept for you until then.</Trans>
      </p>
    );
  }
  if (status === "cancelled" && cancelledBy !== "patient") {
    return (
      <p className={styles["said"]}>
        <Trans>The practice has cancelled this appointment. Call to find another time.</Trans>
      </p>
    );
  }
  return null;
}

function Move({ appointment: { id, dentistId }, day, time }: { appointment: Appointment; day: string; time: string }) {
  const { t } = useLingui();
  const isOffline = useOffline();
  return (
    <ButtonLink
      to="/book"
      search={({ lang }) => ({ lang, move: id, dentist: dentistId })}
      size="small"
      disabled={isOffline}
      aria-label={t`Move: ${day}, ${time}`}
    >
      <Trans>Move</Trans>
    </ButtonLink>
  );
}

function Cancel({ day, time, dentistName, onConfirm }: { day: string; time: string; dentistName: string; onConfirm: () => void }) {
  const { t } = useLingui();
  return (
    <Confirm
      trigger={
        <Button size="small" aria-label={t`Cancel: ${day}, ${time}`}>
          <Trans>Cancel</Trans>
        </Button>
      }
      title={<Trans>Cancel this appointment?</Trans>}
      action={<Trans>Cancel the appointment</Trans>}
      onConfirm={onConfirm}
    >
      <p>
        {day}, {time}, {dentistName}
      </p>
      <p>
        <Trans>The time is free for others at once. For five minutes you can still undo it.</Trans>
      </p>
    </Confirm>
  );
}
