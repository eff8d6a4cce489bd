import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";
import { Button } from "../shared/Button";
import { AbsenceForm, type AbsenceWish } from "./AbsenceForm";
import { useBookings } from "./bookings";
import { InTheWay } from "./InTheWay";
import { saidRange } from "./said";
import styles from "./Staff.module.css";
import { type Whose, within } from "./stranded";

/** A time off, or a closure. */
export interface Absence {
  id: string;
  startsAt: string;
  endsAt: string;
  reason: string | null;
}

interface AbsencesProps {
  /** Null where what is around it says what it is. */
  title: ReactNode;
  /** What the form is called. */
  label: string;
  action: ReactNode;
  none: ReactNode;
  reasonHint: string;
  /** Whose appointments can be in the way; null is everybody's. */
  whose: Whose;
  zone: string;
  now: Date;
  /** From now on; undefined until they are known. */
  absences: readonly Absence[] | undefined;
  /** Rejects where it is refused; so does `onChange`. */
  onEnter: (wish: AbsenceWish) => Promise<void>;
  onChange?: (absence: Absence, wish: AbsenceWish) => Promise<void>;
  onRemove: (absence: Absence) => void;
  /** What can be done about the appointments in one. */
  beside?: ((absence: Absence) => ReactNode) | undefined;
  /** A link to a day is followed. */
  onLeave?: (() => void) | undefined;
}

/** Times at which nobody is there: to be entered and taken back, each with the appointments that are still booked in it. */
export function Absences(props: AbsencesProps) {
  const { title, label, action, none, reasonHint, whose, zone, now, absences, onEnter, onChange } = props;
  // The one that is changed, or that another one is entered.
  const [open, setOpen] = useState<Absence | "new" | null>(null);
  const close = () => setOpen(null);
  const shared = { whose, zone, now, reasonHint, label, onClose: close };
  const ahead = absences?.filter(({ endsAt }) => Date.parse(endsAt) > now.getTime());
  return (
    <section className={styles["section"]} aria-label={label}>
      <header className={styles["head"]}>
        {title !== null && <h2>{title}</h2>}
        <Button size="small" aria-expanded={open === "new"} onPress={() => setOpen(open === "new" ? null : "new")}>
          {action}
        </Button>
      </header>
      {open === "new" && <AbsenceForm {...shared} onSend={(wish) => onEnter(wish).then(close)} />}
      {ahead?.length === 0 && open !== "new" && <p className={styles["soft"]}>{none}</p>}
      {ahead !== undefined && ahead.length > 0 && (
        <ul className={styles["records"]}>
          {ahead.map((absence) => (
            <li key={absence.id} className={styles["record"]} data-absence-id={absence.id}>
              {open !== "new" && open?.id === absence.id && onChange ? (
                <AbsenceForm {...shared} before={absence} onSend={(wish) => onChange(absence, wish).then(close)} />
              ) : (
                <Entry {...props} absence={absence} {...(onChange && { onOpen: () => setOpen(absence) })} />
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Entry({
  absence,
  whose,
  zone,
  now,
  onRemove,
  beside,
  onLeave,
  onOpen,
}: AbsencesProps & { absence: Absence; onOpen?: () => void }) {
  const { t } = useLingui();
  const range = { from: Date.parse(absence.startsAt), to: Date.parse(absence.endsAt) };
  const booked = within(useBookings(whose, range) ?? [], range, now.getTime());
  const said = saidRange(absence, zone);
  return (
    <>
      <div>
        <p className={styles["when"]}>{said}</p>
        {absence.reason && <p className={styles["soft"]}>{absence.reason}</p>}
      </div>
      <div className={styles["row"]}>
        {onOpen && (
          <Button size="small" aria-label={t`Change: ${said}`} onPress={onOpen}>
            <Trans>Change</Trans>
          </Button>
        )}
        <Button size="small" aria-label={t`Take back: ${said}`} onPress={() => onRemove(absence)}>
          <Trans>Take back</Trans>
        </Button>
      </div>
      {booked.length > 0 && (
        <>
          <p className={styles["warning"]}>
            <Plural value={booked.length} one="# appointment is still booked then:" other="# appointments are still booked then:" />
          </p>
          <InTheWay
            label={t`Still booked: ${said}`}
            appointments={booked}
            zone={zone}
            withDentist={whose === null || "chairId" in whose}
            onLeave={onLeave}
          />
          {beside?.(absence)}
        </>
      )}
    </>
  );
}
