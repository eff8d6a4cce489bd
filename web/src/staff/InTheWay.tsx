import type { Appointment } from "@dental-sync/client";
import { Plural } from "@lingui/react/macro";
import { useState } from "react";
import { Button } from "../shared/Button";
import { Icon } from "../shared/Icon";
import { dayOf, timeOf } from "../shared/times";
import styles from "./InTheWay.module.css";
import { ToDay } from "./ToDay";

interface InTheWayProps {
  label: string;
  appointments: readonly Appointment[];
  zone: string;
  /** Whether it says with whom: where they are not one dentist's. */
  withDentist?: boolean;
  onLeave?: () => void;
}

const SHOWN = 5;

/** Appointments that a change leaves without anybody to treat them: who and when, each a link to its day on the sheet. */
export function InTheWay({ label, appointments, zone, withDentist = false, onLeave }: InTheWayProps) {
  const [showsAll, setShowsAll] = useState(false);
  const shown = showsAll ? appointments : appointments.slice(0, SHOWN);
  const hidden = appointments.length - shown.length;
  return (
    <div className={styles["list"]} data-in-the-way={appointments.length}>
      <ul aria-label={label}>
        {shown.map((appointment) => {
          const { id, status, patientName, startsAt, endsAt, dentistName } = appointment;
          return (
            <li key={id} className={styles["item"]} data-appointment-id={id} data-status={status}>
              <ToDay className={styles["link"]} appointment={appointment} zone={zone} onLeave={onLeave}>
                <span className={styles["name"]}>{patientName}</span>
                <span className={styles["when"]}>
                  {dayOf(startsAt, zone)}, {timeOf(startsAt, zone)}–{timeOf(endsAt, zone)}
                  {withDentist && ` · ${dentistName}`}
                </span>
                <span className={styles["go"]}>
                  <Icon name="arrow" />
                </span>
              </ToDay>
            </li>
          );
        })}
      </ul>
      {hidden > 0 && (
        <div className={styles["more"]}>
          <Button size="small" look="quiet" onPress={() => setShowsAll(true)}>
            <Plural value={hidden} one="Show # more" other="Show # more" />
          </Button>
        </div>
      )}
    </div>
  );
}
