import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components/Form";
import { Label } from "react-aria-components/Label";
import { Button } from "../shared/Button";
import { Field } from "../shared/Field";
import field from "../shared/Field.module.css";
import { Message } from "../shared/Message";
import { shifted, todayIn } from "../shared/times";
import { type Away, allDay, awayOf, daysOfNextWeek, isTyped, rangeOfAway } from "./absence";
import { useBookings, useNamed, useSettled } from "./bookings";
import { Check } from "./Check";
import { InTheWay } from "./InTheWay";
import { inStaffWords, inTheWay } from "./refusals";
import styles from "./Staff.module.css";
import { type Whose, within } from "./stranded";
import { TimeInput } from "./TimeInput";

export interface AbsenceWish {
  startsAt: string;
  endsAt: string;
  reason: string | null;
  /** Although appointments are in the way, which were shown. */
  force: boolean;
}

interface AbsenceFormProps {
  label: string;
  /** Whose appointments can be in the way; null is everybody's. */
  whose: Whose;
  zone: string;
  now: Date;
  /** What is changed; without it something is entered. */
  before?: Omit<AbsenceWish, "force">;
  reasonHint: string;
  /** Rejects where it is refused. */
  onSend: (wish: AbsenceWish) => Promise<void>;
  onClose: () => void;
}

/** From when to when, and which appointments are in the way: listed as it is typed, before anything is stored. */
export function AbsenceForm({ label, whose, zone, now, before, reasonHint, onSend, onClose }: AbsenceFormProps) {
  const { t } = useLingui();
  const today = todayIn(zone, now);
  const [away, setAway] = useState<Away>(() => (before ? awayOf(before, zone) : allDay(today)));
  const [reason, setReason] = useState(before?.reason ?? "");
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");
  const [named, setNamed] = useState<string[]>([]);
  const range = rangeOfAway(away, zone);
  const appointments = useStranded(whose, range, now, before, named);
  const isInTheWay = appointments.length > 0;

  function change(next: Partial<Away>): void {
    setNamed([]);
    setRefusal("");
    setAway((last) => {
      const changed = { ...last, ...next };
      return { ...changed, to: changed.to < changed.from ? changed.from : changed.to };
    });
  }

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (range === null || isBusy) return;
    const [startsAt, endsAt] = [new Date(range.from).toISOString(), new Date(range.to).toISOString()];
    setBusy(true);
    setRefusal("");
    try {
      await onSend({ startsAt, endsAt, reason: reason.trim() || null, force: isInTheWay });
    } catch (problem) {
      setNamed(inTheWay(problem));
      setRefusal(inTheWay(problem).length === 0 ? inStaffWords(problem) : "");
    }
    setBusy(false);
  }

  return (
    <Form className={styles["form"] ?? ""} aria-label={label} onSubmit={(event) => void send(event)}>
      {before === undefined && (
        <div className={styles["row"]}>
          <Button size="small" onPress={() => change(allDay(today))}>
            <Trans>Today</Trans>
          </Button>
          <Button size="small" onPress={() => change(allDay(shifted(today, 1)))}>
            <Trans>Tomorrow</Trans>
          </Button>
          <Button size="small" onPress={() => change(allDay(...daysOfNextWeek(today)))}>
            <Trans>Next week</Trans>
          </Button>
        </div>
      )}
      <Check label={t`Whole days`} isChecked={away.isAllDay} onChange={(isAllDay) => change({ isAllDay })} />
      <div className={styles["range"]}>
        <Field label={t`From`} type="date" value={away.from} onChange={(from) => change({ from })} isRequired autoFocus />
        {!away.isAllDay && (
          <TimeInput value={away.fromTime} onChange={(fromTime) => change({ fromTime })}>
            <Label className={field["label"] ?? ""}>{t`From (time)`}</Label>
          </TimeInput>
        )}
        <Field
          label={away.isAllDay ? t`Last day` : t`Until`}
          type="date"
          value={away.to}
          onChange={(to) => change({ to })}
          isRequired
        />
        {!away.isAllDay && (
          <TimeInput value={away.toTime} onChange={(toTime) => change({ toTime })}>
            <Label className={field["label"] ?? ""}>{t`Until (time)`}</Label>
          </TimeInput>
        )}
      </div>
      <Field label={t`Reason (optional)`} value={reason} onChange={setReason} maxLength={500} hint={reasonHint} />
      <div role="status" className={styles["way"]}>
        {range === null && isTyped(away) && (
          <p className={styles["wrong"]}>
            <Trans>The end must come after the beginning.</Trans>
          </p>
        )}
        {isInTheWay && (
          <p className={styles["warning"]}>
            <strong>
              <Plural
                value={appointments.length}
                one="# appointment is in this time."
                other="# appointments are in this time."
              />
            </strong>{" "}
            <Trans>They stay booked until they are moved, handed over or cancelled.</Trans>
          </p>
        )}
      </div>
      {isInTheWay && (
        <InTheWay
          label={t`Appointments in the way`}
          appointments={appointments}
          zone={zone}
          withDentist={whose === null || "chairId" in whose}
        />
      )}
      {refusal && <Message kind="danger">{refusal}</Message>}
      <div className={styles["row"]}>
        <Button type="submit" look={isInTheWay ? "danger" : "main"} isBusy={isBusy}>
          {isInTheWay ? <Trans>Enter it anyway</Trans> : <Trans>Enter it</Trans>}
        </Button>
        <Button onPress={onClose}>
          <Trans>Leave it</Trans>
        </Button>
      </div>
    </Form>
  );
}

/** Those in the way: what is known of the time that is typed, and what a refusal has named. */
function useStranded(
  whose: Whose,
  range: ReturnType<typeof rangeOfAway>,
  now: Date,
  before: AbsenceFormProps["before"],
  named: readonly string[],
) {
  const settled = useSettled(range, { from: now.getTime(), to: now.getTime() + 1 });
  const bookings = useBookings(whose, settled) ?? [];
  const known = range === null ? [] : within(bookings, range, now.getTime());
  // What was in the way before was listed then.
  const stayed = before && { from: Date.parse(before.startsAt), to: Date.parse(before.endsAt) };
  const alreadyThere = new Set(stayed && within(known, stayed, 0).map(({ id }) => id));
  return useNamed(
    known.filter(({ id }) => !alreadyThere.has(id)),
    range === null ? [] : named,
  );
}
