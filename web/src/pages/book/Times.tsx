import type { Slot } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { ownTime, timeOf } from "../../shared/times";
import { Slots } from "./Slots";
import { useGone } from "./gone";
import styles from "./Times.module.css";
import { inOrder, nearest } from "./weeks";

const NOON = 12;
const OFFERED = 2;

interface TimesProps {
  slots: Slot[];
  /** Names the list: what another one lacks was not taken. */
  list: string;
  zone: string;
  /** Who it is with, where that is to be said. */
  name: (dentistId: string) => string | undefined;
}

/** The free times of a day; one that is taken fades while the next ones are named. */
export function Times({ slots, list, zone, name }: TimesProps) {
  const { t } = useLingui();
  const gone = useGone(slots, list);
  const all = inOrder([...slots, ...gone]);
  const isMorning = ({ startsAt }: Slot) => Number(timeOf(startsAt, zone).slice(0, 2)) < NOON;
  const parts = [
    { title: t`Morning`, slots: all.filter(isMorning) },
    { title: t`Afternoon`, slots: all.filter((slot) => !isMorning(slot)) },
  ];
  return (
    <>
      <p className={styles["taken"]} aria-live="polite">
        <Taken gone={gone.at(-1)} slots={slots} zone={zone} />
      </p>
      <Zones slots={slots} zone={zone} />
      {parts
        .filter((part) => part.slots.length > 0)
        .map((part) => (
          <div key={part.title} className={styles["part"]}>
            <h3>{part.title}</h3>
            <Slots slots={part.slots} gone={gone} zone={zone} name={name} />
          </div>
        ))}
    </>
  );
}

function Taken({ gone, slots, zone }: { gone: Slot | undefined; slots: Slot[]; zone: string }) {
  if (gone === undefined) return null;
  const time = timeOf(gone.startsAt, zone);
  const others = nearest(slots, gone.startsAt, OFFERED).map(({ startsAt }) => timeOf(startsAt, zone));
  if (others.length === 0) return <Trans>{time} has just been taken.</Trans>;
  const free = others.join(", ");
  return <Trans>{time} has just been taken. The nearest free times: {free}.</Trans>;
}

/** Whose clock it is, where the visitor's own shows another time. */
function Zones({ slots: [first], zone }: { slots: Slot[]; zone: string }) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (first === undefined || ownTime(first.startsAt, zone) === null) return null;
  return (
    <p className={styles["zones"]}>
      <Trans>
        Times are by the practice's clock ({zone}), and small below by yours ({own}).
      </Trans>
    </p>
  );
}
