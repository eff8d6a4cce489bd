import type { Appointment } from "@dental-sync/client";
import { Trans } from "@lingui/react/macro";
import { useStatusWords } from "../../shared/Status";
import { timeOf } from "../../shared/times";
import { type SheetColumn, filled } from "../../sheet/columns";
import styles from "./DayList.module.css";

interface DayListProps {
  columns: readonly SheetColumn[];
  appointments: Appointment[];
  /** The treatments, and the dentist where the columns do not say it. */
  whatOf: (appointment: Appointment) => string;
  zone: string;
}

/** The sheet on paper: a table for each column. */
export function DayList({ columns, appointments, whatOf, zone }: DayListProps) {
  const words = useStatusWords();
  const its = filled(columns, appointments);
  return columns.map(({ id, name }, index) => (
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
        {its[index]?.map((appointment) => (
          <tr key={appointment.id} data-appointment-id={appointment.id} data-status={appointment.status}>
            <td>
              {timeOf(appointment.startsAt, zone)}–{timeOf(appointment.endsAt, zone)}
            </td>
            <td>{appointment.patientName}</td>
            <td>{[whatOf(appointment), appointment.reason].filter(Boolean).join(" · ")}</td>
            <td>{words[appointment.status]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  ));
}
