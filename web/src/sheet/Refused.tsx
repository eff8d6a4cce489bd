import type { Slot } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "../shared/Button";
import { Message } from "../shared/Message";
import { dateOf, dayOf, timeOf } from "../shared/times";
import styles from "./Refused.module.css";

/** Something that was refused, and what can be done instead. */
export interface Refusal {
  text: string;
  alternatives: Slot[];
  /** The appointment that was to be changed. */
  appointmentId?: string | undefined;
  /** In whose column they are offered, where the columns are chairs. */
  chairId?: string | null;
  take: (slot: Slot) => void;
  /** Do it in spite of it, where staff may. */
  force?: (() => void) | undefined;
}

interface RefusedProps {
  refusal: Refusal;
  /** The day that is shown. */
  day: string;
  zone: string;
  nameOf: (dentistId: string) => string;
  onClose: () => void;
}

const SHOWN = 4;

export function Refused({ refusal, day, zone, nameOf, onClose }: RefusedProps) {
  const { t } = useLingui();
  const { text, alternatives, take, force } = refusal;
  return (
    <section className={styles["bar"]} aria-label={t`Refused`} data-refused="">
      <Message kind="danger">{text}</Message>
      <div className={styles["choices"]}>
        {alternatives.slice(0, SHOWN).map((slot) => (
          <Button
            key={slot.dentistId + slot.startsAt}
            size="small"
            data-slot={slot.startsAt}
            data-dentist-id={slot.dentistId}
            onPress={() => take(slot)}
          >
            {dateOf(slot.startsAt, zone) !== day && `${dayOf(slot.startsAt, zone)}, `}
            {timeOf(slot.startsAt, zone)} · {nameOf(slot.dentistId)}
          </Button>
        ))}
        {force && (
          <Button size="small" look="danger" data-force="" onPress={force}>
            <Trans>Do it anyway</Trans>
          </Button>
        )}
        <Button size="small" look="quiet" onPress={onClose}>
          <Trans>Leave it as it is</Trans>
        </Button>
      </div>
    </section>
  );
}
