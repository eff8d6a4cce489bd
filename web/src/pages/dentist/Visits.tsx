import type { Appointment } from "@dental-sync/client";
import { type ShownAppointment, useAppointments } from "@dental-sync/client/react";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useMemo, useState } from "react";
import { Changed } from "../../staff/Changed";
import { Empty } from "../../shared/Empty";
import { Message } from "../../shared/Message";
import { Waiting } from "../../shared/Waiting";
import { useChanges, useTreatmentNames } from "../../shared/following";
import { movesOf } from "../../staff/moves";
import { span } from "../../shared/times";
import { WhileOnline } from "../../staff/Offline";
import { useMoves } from "../../staff/useMoves";
import { inWords } from "../../words/refusals";
import { Next } from "./Next";
import { toBeSeen } from "./next";
import styles from "./Visits.module.css";
import { Visit } from "./Visit";

interface VisitsProps {
  day: string;
  zone: string;
  now: Date;
  isToday: boolean;
  isAssistant: boolean;
}

/** The appointments of a day, in order, each with what can be done next. */
export function Visits({ day, zone, now, isToday, isAssistant }: VisitsProps) {
  const { t } = useLingui();
  const wanted = useMemo(() => span(day, zone), [day, zone]);
  const { appointments, error } = useAppointments(wanted);
  const treatmentName = useTreatmentNames();
  const { ids: justChanged, last, own } = useChanges();
  const { moving, move } = useMoves(own);
  const [open, setOpen] = useState<string | null>(null);

  if (error) return <Message kind="danger">{inWords(error)}</Message>;
  if (appointments === undefined) return <Waiting />;
  const [next] = isToday ? toBeSeen(appointments, now) : [];
  const treatmentsOf = ({ treatmentIds }: Appointment) => treatmentIds.map(treatmentName).filter((name) => name !== undefined);
  return (
    <WhileOnline>
      {appointments.length === 0 && (
        <Empty level="h2" title={<Trans>Nothing on this day</Trans>}>
          <p>
            <Trans>What is booked appears here by itself.</Trans>
          </p>
        </Empty>
      )}
      {appointments.length > 0 && isToday && (
        <Next
          appointments={appointments}
          zone={zone}
          now={now}
          treatmentsOf={(appointment) => treatmentsOf(appointment).join(", ")}
          isAssistant={isAssistant}
          isMoving={(id) => moving.has(id)}
          onMove={(how, appointment) => void move(how, appointment)}
        />
      )}
      {appointments.length > 0 && <Summary appointments={appointments} />}
      {appointments.length > 0 && (
        <ol className={styles["list"]} aria-label={t`Appointments of the day`}>
          {appointments.map((appointment) => (
            <Visit
              key={appointment.id}
              appointment={appointment}
              zone={zone}
              treatments={treatmentsOf(appointment)}
              moves={movesOf(appointment, zone, now, isAssistant)}
              isNext={appointment.id === next?.id}
              isNew={justChanged.has(appointment.id)}
              isMoving={moving.has(appointment.id)}
              isOpen={open === appointment.id}
              onMove={(how) => void move(how, appointment)}
              {...(!isAssistant && { onOpen: (isOpen: boolean) => setOpen(isOpen ? appointment.id : null) })}
            />
          ))}
        </ol>
      )}
      {/* Always there: what is announced has to come into a region that is. */}
      <p className="unseen" aria-live="polite">
        {last !== null && <Changed appointment={last} zone={zone} />}
      </p>
    </WhileOnline>
  );
}

function Summary({ appointments }: { appointments: ShownAppointment[] }) {
  const count = (...wanted: Appointment["status"][]) =>
    appointments.filter(({ status }) => wanted.includes(status)).length;
  const all = appointments.length - count("cancelled", "noshow");
  const here = count("arrived", "checked-in");
  const done = count("fulfilled");
  return (
    <p className={styles["summary"]}>
      <Plural value={all} one="# appointment" other="# appointments" />
      {" · "}
      <Trans>{here} here</Trans>
      {" · "}
      <Trans>{done} done</Trans>
    </p>
  );
}
