import type { Appointment } from "@dental-sync/client";
import { Trans } from "@lingui/react/macro";
import { useStatusWords } from "../../shared/Status";
import { timeOf } from "../../shared/times";
import type { Dentist } from "../../sheet/ground";
import styles from "./DayList.module.css";

interface DayListProps {
  dentists: Dentist[];
  appointments: Appointment[];
  treatmentsOf: (appointment: Appointment) => string;
  zone: string;
}

/** The day on paper: a table for each dentist. */
export function DayList({ dentists, appointments, treatmentsOf, zone }: DayListProps) {
  const words = useStatusWords();
  return dentists.map(({ id, name }) => (
    <table key={id} className={styles["table"]}>
      <caption className={styles["caption"]}>{name}</caption>
      <thead>
        <tr>
          <th scope="col">
            <Trans>Time</Trans>
          </th>
          <th scope="col">
            <Trans>Patient</Trans>
          </th>
          <th scope="col">
            <Trans>Treatment</Trans>
          </th>
          <th scope="col">
            <Trans>State</Trans>
          </th>
        </tr>
      </thead>
      <tbody>
        {appointments
          .filter(({ dentistId }) => dentistId === id)
          .map((appointment) => (
            <tr key={appointment.id} data-appointment-id={appointment.id} data-status={appointment.status}>
              <td>
                {timeOf(appointment.startsAt, zone)}–{timeOf(appointment.endsAt, zone)}
              </td>
              <td>{appointment.patientName}</td>
              <td>{[treatmentsOf(appointment), appointment.reason].filter(Boolean).join(" · ")}</td>
              <td>{words[appointment.status]}</td>
            </tr>
          ))}
      </tbody>
    </table>
  ));
}
