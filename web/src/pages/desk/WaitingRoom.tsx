import type { Appointment } from "@dental-sync/client";
import { useAppointments } from "@dental-sync/client/react";
import { Trans } from "@lingui/react/macro";
import { useMemo } from "react";
import { Status } from "../../shared/Status";
import { span, timeOf } from "../../shared/times";
import { minutes } from "../../sheet/layout";
import styles from "./Desk.module.css";
import card from "../../sheet/Card.module.css";

interface WaitingRoomProps {
  today: string;
  zone: string;
  now: Date;
  onChoose: (appointment: Appointment) => void;
}

/** Who is here today, whoever has waited longest first. */
export function WaitingRoom({ today, zone, now, onChoose }: WaitingRoomProps) {
  const { appointments } = useAppointments(useMemo(() => span(today, zone), [today, zone]));
  const here = (appointments ?? [])
    .filter(({ status }) => status === "arrived" || status === "checked-in")
    .map((appointment) => ({
      appointment,
      since: Date.parse(appointment.arrivedAt ?? appointment.checkedInAt ?? appointment.updatedAt),
    }))
    .sort((a, b) => a.since - b.since);
  return (
    <section className={card["card"]} aria-labelledby="waiting" data-waiting-room="">
      <h2 id="waiting">
        <Trans>Waiting room</Trans>
      </h2>
      {here.length === 0 ? (
        <p className={card["soft"]}>
          <Trans>Nobody is waiting. Who arrives appears here.</Trans>
        </p>
      ) : (
        <ul className={styles["waiting"]}>
          {here.map(({ appointment, since }) => {
            const waited = Math.max(0, minutes(now.getTime() - since));
            const time = timeOf(appointment.startsAt, zone);
            return (
              <li key={appointment.id}>
                <button type="button" className={styles["waiter"]} onClick={() => onChoose(appointment)}>
                  <span>
                    <strong>{appointment.patientName}</strong>
                    <span className={card["soft"]}>
                      {time} · {appointment.dentistName}
                    </span>
                  </span>
                  <span className={styles["since"]}>
                    <Status status={appointment.status} />
                    <span className={card["soft"]}>
                      <Trans>here {waited} min</Trans>
                    </span>
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
