import type { Appointment, Slot } from "@dental-sync/client";
import { Trans } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api";
import { Button } from "../../shared/Button";
import { Message } from "../../shared/Message";
import { dayOf, timeOf } from "../../shared/times";
import { inWords } from "../../words/refusals";
import { Others } from "./Others";
import styles from "./Take.module.css";
import type { Place } from "./place";
import { alternativesOf, isCode } from "./refused";

interface MoveProps {
  appointment: Appointment;
  at: string;
  dentistId: string;
  place: Place;
  slots: Slot[] | undefined;
}

/** An appointment gets the time that was chosen; until then it keeps its own. */
export function Move({ appointment, at, dentistId, place, slots }: MoveProps) {
  const navigate = useNavigate();
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<unknown>(null);

  const before = `${dayOf(appointment.startsAt, place.timeZone)}, ${timeOf(appointment.startsAt, place.timeZone)}, ${appointment.dentistName}`;

  async function move(): Promise<void> {
    setBusy(true);
    setRefusal(null);
    const { id, version } = appointment;
    try {
      await api.reschedule(id, { startsAt: at, ...(dentistId !== appointment.dentistId && { dentistId }) }, { version });
      await navigate({ to: "/book", search: ({ lang }) => ({ lang, booked: id, moved: true }), replace: true });
    } catch (error) {
      setRefusal(error);
      setBusy(false);
    }
  }

  return (
    <section className={styles["panel"]}>
      <p className={styles["what"]}>
        <Trans>Now: {before}</Trans>
      </p>
      {refusal !== null && <Message kind="danger">{inWords(refusal)}</Message>}
      {(isCode(refusal, "slot-taken") || isCode(refusal, "patient-double-booked")) && (
        <Others at={at} slots={alternativesOf(refusal) ?? slots} place={place} />
      )}
      <Button look="main" isBusy={isBusy} onPress={() => void move()}>
        <Trans>Move it here</Trans>
      </Button>
    </section>
  );
}
