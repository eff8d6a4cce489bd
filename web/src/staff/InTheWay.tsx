import type { Appointment } from "@dental-sync/client";
import { Plural } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useAccount } from "../session";
import { Button } from "../shared/Button";
import { Icon } from "../shared/Icon";
import { dateOf, dayOf, timeOf } from "../shared/times";
import styles from "./InTheWay.module.css";

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
              <ToDay appointment={appointment} zone={zone} onLeave={onLeave}>
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

interface ToDayProps extends Pick<InTheWayProps, "zone" | "onLeave"> {
  appointment: Appointment;
  children: ReactNode;
}

/** To the sheet of its day, on the page that is the account's: there it is moved. */
function ToDay({ appointment: { startsAt, dentistId }, zone, onLeave, children }: ToDayProps) {
  const isDentist = useAccount()?.role === "dentist";
  const date = dateOf(startsAt, zone);
  const common = { className: styles["link"], onClick: onLeave };
  if (isDentist) {
    return (
      <Link to="/dentist" search={{ date, view: "sheet" }} {...common}>
        {children}
      </Link>
    );
  }
  return (
    <Link to="/desk" search={{ date, dentist: dentistId }} {...common}>
      {children}
    </Link>
  );
}
