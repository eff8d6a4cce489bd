import { useAppointments } from "@dental-sync/client/react";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { dateOf, dayOf, timeOf } from "../../../shared/times";
import card from "../../../sheet/Card.module.css";

const SHOWN = 5;

/** When a patient is to come, with the way there. */
export function ToCome({ patientId, zone }: { patientId: string; zone: string }) {
  // From one moment on: each other moment would be another list.
  const [from] = useState(() => new Date().toISOString());
  const { appointments } = useAppointments({ patientId, from, status: "pending,booked" });
  if (appointments === undefined) return <p aria-busy="true">…</p>;
  if (appointments.length === 0) {
    return (
      <p>
        <Trans>No appointment ahead</Trans>
      </p>
    );
  }
  return (
    <ul>
      {appointments.slice(0, SHOWN).map(({ id, startsAt, dentistName }) => (
        <li key={id}>
          <Link from="/desk" to="/desk" search={(now) => ({ ...now, date: dateOf(startsAt, zone), appointment: id })}>
            {dayOf(startsAt, zone)}, {timeOf(startsAt, zone)}
          </Link>{" "}
          <span className={card["soft"]}>{dentistName}</span>
        </li>
      ))}
      {appointments.length > SHOWN && (
        <li className={card["soft"]}>
          <Trans>and {appointments.length - SHOWN} more</Trans>
        </li>
      )}
    </ul>
  );
}
