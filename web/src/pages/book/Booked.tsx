import type { Appointment } from "@dental-sync/client";
import { useRealtimeSync } from "@dental-sync/client/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { api } from "../../api";
import { useAccount } from "../../session";
import { Button } from "../../shared/Button";
import { ButtonLink } from "../../shared/ButtonLink";
import { Freshness } from "../../shared/Freshness";
import { Message } from "../../shared/Message";
import { Status } from "../../shared/Status";
import { Waiting } from "../../shared/Waiting";
import { useSessionEnd } from "../../shared/following";
import { useNow } from "../../shared/now";
import { dayOf, timeOf } from "../../shared/times";
import { inWords } from "../../words/refusals";
import page from "./Book.module.css";
import { Contact } from "./Contact";
import styles from "./Take.module.css";
import { calendarEntry } from "./calendar";
import type { Place } from "./place";

// As long as a patient may take back a booking.
const TO_UNDO_MS = 300_000;

/** What was booked, as it is now, and what to do with it. */
export function Booked({ id, place }: { id: string; place: Place }) {
  useSessionEnd();
  const key = ["booked", id];
  const client = useQueryClient();
  const { data, error } = useQuery({ queryKey: key, queryFn: () => api.getAppointment(id) });
  useRealtimeSync("appointments", (told) => {
    if (told === null || told === id) void client.invalidateQueries({ queryKey: key });
    else if (typeof told !== "string" && told.id === id) client.setQueryData(key, told);
  });
  if (error !== null) return <Message kind="danger">{inWords(error)}</Message>;
  if (data === undefined) return <Waiting />;
  return (
    <>
      <header className={page["head"]}>
        <Contact place={place} />
        <Freshness />
      </header>
      <Shown appointment={data} place={place} onChanged={(changed) => client.setQueryData(key, changed)} />
    </>
  );
}

interface ShownProps {
  appointment: Appointment;
  place: Place;
  onChanged: (appointment: Appointment) => void;
}

function Shown({ appointment, place, onChanged }: ShownProps) {
  const { t } = useLingui();
  const account = useAccount();
  const { moved } = useSearch({ from: "/book" });
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { id, status, startsAt, endsAt, treatmentIds, dentistName, patientId, patientName } = appointment;
  const zone = place.timeZone;
  const treatments = treatmentIds.map((treatment) => place.treatments.find((one) => one.id === treatment)?.name);
  const isNew = useNow().getTime() - Date.parse(appointment.createdAt) < TO_UNDO_MS && appointment.version === 1;
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<unknown>(null);
  const isForOther = patientId !== account?.patientId;

  async function undo(): Promise<void> {
    setBusy(true);
    setRefusal(null);
    try {
      onChanged(await api.undo(id));
    } catch (error) {
      setRefusal(error);
    }
    setBusy(false);
  }

  function save(): void {
    const where = [place.name, place.address].filter(Boolean).join(", ");
    const file = calendarEntry(appointment, { summary: t`Dental appointment`, location: where.replace(/\s*\n\s*/g, ", ") });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([file], { type: "text/calendar" }));
    link.download = `${startsAt.slice(0, 10)}.ics`;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  return (
    <section className={styles["take"]} data-appointment-id={id} data-status={status}>
      <h1 ref={heading} tabIndex={-1} className={styles["done"]}>
        <Title status={status} isMoved={moved === true} />
      </h1>
      <div className={styles["panel"]}>
        <Status status={status} />
        <p className={styles["when"]}>
          {dayOf(startsAt, zone)}
          <span className={styles["time"]}>
            {timeOf(startsAt, zone)}–{timeOf(endsAt, zone)}
          </span>
        </p>
        <p className={styles["what"]}>{[...treatments, dentistName].filter(Boolean).join(" · ")}</p>
        {isForOther && (
          <p className={styles["what"]}>
            <Trans>for {patientName}</Trans>
          </p>
        )}
        {status === "pending" && (
          <p>
            <Trans>The practice has still to say yes. The time is kept for you until then, and this page shows the answer.</Trans>
          </p>
        )}
        {refusal !== null && <Message kind="danger">{inWords(refusal)}</Message>}
        <div className={styles["actions"]} data-print="none">
          {status !== "cancelled" && (
            <Button onPress={save}>
              <Trans>Add to calendar</Trans>
            </Button>
          )}
          <ButtonLink to="/my" look="main">
            <Trans>My appointments</Trans>
          </ButtonLink>
          <ButtonLink to="/book" search={({ lang }) => ({ lang })} look="quiet">
            <Trans>Book another one</Trans>
          </ButtonLink>
          {isNew && status !== "cancelled" && (
            <Button look="danger" isBusy={isBusy} onPress={() => void undo()}>
              <Trans>Undo the booking</Trans>
            </Button>
          )}
        </div>
      </div>
    </section>
  );
}

function Title({ status, isMoved }: { status: Appointment["status"]; isMoved: boolean }) {
  if (status === "pending") return <Trans>Your wish is with the practice</Trans>;
  if (status === "cancelled") return <Trans>This appointment is cancelled</Trans>;
  return isMoved ? <Trans>It is moved</Trans> : <Trans>It is booked</Trans>;
}
