import { useAppointments } from "@dental-sync/client/react";
import { useState } from "react";
import { said } from "./times";

export function Appointments({ timeZone }: { timeZone: string }) {
  // From today on: what lies behind is no longer asked for when the page is opened tomorrow.
  const [from] = useState(() => new Date().toISOString());
  const { appointments, error, cancel } = useAppointments({ from, status: "pending,booked" });
  const [refusal, setRefusal] = useState("");
  if (error) return <p role="alert">{error.message}</p>;
  return (
    <section>
      <h2>My appointments</h2>
      <p role="alert">{refusal}</p>
      {appointments?.length === 0 && <p>None.</p>}
      <ul aria-label="My appointments" aria-busy={appointments === undefined}>
        {appointments?.map((appointment) => (
          <li key={appointment.id} aria-busy={appointment.pendingWrite !== undefined}>
            <time dateTime={appointment.startsAt}>{said(appointment.startsAt, timeZone)}</time> {appointment.dentistName}
            {appointment.status === "pending" && " (to be approved)"}
            <button onClick={() => cancel(appointment).then(() => setRefusal(""), (why: Error) => setRefusal(why.message))}>
              Cancel
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
