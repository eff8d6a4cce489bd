import type { Appointment } from "@dental-sync/client";
import { realtimeSyncService } from "@dental-sync/client";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useState } from "react";
import { Button } from "../shared/Button";
import { Message } from "../shared/Message";
import { todayIn } from "../shared/times";
import { toast } from "../shared/toasts";
import type { Dentist } from "../sheet/ground";
import { useBookings, useNamed } from "./bookings";
import { Extras } from "./Extras";
import { type Typed, hoursOf, isComplete, isSame, parted, typedOf } from "./hours";
import { InTheWay } from "./InTheWay";
import { Leaving } from "./Leaving";
import { inStaffWords, inTheWay } from "./refusals";
import styles from "./Staff.module.css";
import { leftOut, outside } from "./stranded";
import { WeekEditor } from "./WeekEditor";

interface HoursProps {
  dentist: Dentist;
  now: Date;
  /** A link to a day on the sheet is followed: what lies over it can close. */
  onLeave?: () => void;
}

/**
 * The weekly hours of a dentist, for that dentist and admins: which appointments other hours would leave outside is listed
 * as they are typed. Whatever page shows it gives the dentist as it is now (a query whose key begins with "dentist", which
 * `useGroundChanges()` asks again), and has `<Toasts />`: `<Hours key={dentist.id} dentist={dentist} now={useNow()} />`.
 */
export function Hours({ dentist, now, onLeave }: HoursProps) {
  const { t } = useLingui();
  const { id, timeZone: zone } = dentist;
  const [from] = useState(() => now.getTime());
  const ahead = useBookings(dentist, { from }) ?? NONE;
  const { typed, edit, discard, isChanged, isOutdated, save, isBusy, refusal, named } = useEditing(dentist);
  const wanted = useDeferredValue(useMemo(() => hoursOf(typed), [typed]));
  const isReady = isComplete(typed);
  const left = useMemo(() => {
    if (!isChanged) return outside(ahead, dentist, now.getTime());
    if (!isReady) return NONE;
    return leftOut(ahead, dentist, { timeZone: zone, workingHours: wanted as Dentist["workingHours"] }, now.getTime());
  }, [ahead, dentist, zone, wanted, isChanged, isReady, now]);
  const shown = useNamed(left, named);
  const isInTheWay = isChanged && shown.length > 0;
  return (
    <section className={styles["section"]} aria-label={t`Weekly hours: ${dentist.name}`} data-hours={id}>
      <header className={styles["head"]}>
        <h2>
          <Trans>Weekly hours</Trans>
        </h2>
        {zone !== Intl.DateTimeFormat().resolvedOptions().timeZone && (
          <p className={styles["soft"]}>
            <Trans>By the clock of {zone}</Trans>
          </p>
        )}
      </header>
      {typed.weeks.map((week) => (
        <WeekEditor
          key={week.key}
          week={week}
          today={todayIn(zone, now)}
          onChange={(changed) =>
            edit({ ...typed, weeks: typed.weeks.map((each) => (each.key === week.key ? changed : each)) })
          }
          onPart={(date) =>
            edit({ ...typed, weeks: typed.weeks.flatMap((each) => (each.key === week.key ? parted(week, date) : each)) })
          }
          {...(typed.weeks.length > 1 && {
            onRemove: () => edit({ ...typed, weeks: typed.weeks.filter(({ key }) => key !== week.key) }),
          })}
        />
      ))}
      <Extras singles={typed.singles} today={todayIn(zone, now)} onChange={(singles) => edit({ ...typed, singles })} />
      {isOutdated && (
        <Message kind="info">
          <Trans>Somebody else has changed these hours meanwhile. Saving yours replaces theirs.</Trans>
        </Message>
      )}
      <Left appointments={shown} isChanged={isChanged} zone={zone} onLeave={onLeave} />
      {refusal && <Message kind="danger">{refusal}</Message>}
      {isChanged && (
        <div className={styles["bar"]}>
          <Button
            look={isInTheWay ? "danger" : "main"}
            isBusy={isBusy}
            isDisabled={!isReady}
            onPress={() => void save(isInTheWay)}
          >
            {isInTheWay ? <Trans>Save anyway</Trans> : <Trans>Save the hours</Trans>}
          </Button>
          <Button onPress={discard}>
            <Trans>Discard</Trans>
          </Button>
          <p className={styles[isReady ? "soft" : "wrong"]}>
            {!isReady && <Trans>Some times are still missing.</Trans>}
            {isInTheWay && <Plural value={shown.length} one="# appointment in the way" other="# appointments in the way" />}
          </p>
        </div>
      )}
      <Leaving isUnsaved={isChanged} />
    </section>
  );
}

const NONE: Appointment[] = [];

interface LeftProps {
  appointments: readonly Appointment[];
  isChanged: boolean;
  zone: string;
  onLeave?: (() => void) | undefined;
}

/** The appointments that the hours leave outside: those that are typed, or else those that are stored. */
function Left({ appointments, isChanged, zone, onLeave }: LeftProps) {
  const { t } = useLingui();
  const count = appointments.length;
  return (
    <>
      <p role="status" className={count > 0 ? styles["warning"] : "unseen"}>
        {count > 0 &&
          (isChanged ? (
            <Plural
              value={count}
              one="# appointment would lie outside these hours. It stays booked until it is moved, handed over or cancelled."
              other="# appointments would lie outside these hours. They stay booked until they are moved, handed over or cancelled."
            />
          ) : (
            <Plural
              value={count}
              one="# appointment is booked outside these hours."
              other="# appointments are booked outside these hours."
            />
          ))}
      </p>
      {count > 0 && (
        <InTheWay label={t`Outside these hours`} appointments={appointments} zone={zone} onLeave={onLeave} />
      )}
    </>
  );
}

/** The hours as they are typed, from those that are stored, until they are stored or discarded. */
function useEditing({ id, workingHours }: Dentist) {
  const { t } = useLingui();
  const client = useQueryClient();
  const [draft, setDraft] = useState<{ typed: Typed; before: Dentist["workingHours"] } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");
  const [named, setNamed] = useState<string[]>([]);
  const stored = useMemo(() => typedOf(workingHours), [workingHours]);
  const typed = draft?.typed ?? stored;
  const isChanged = draft !== null && !isSame(hoursOf(typed), workingHours);

  function forget(): void {
    setNamed([]);
    setRefusal("");
  }

  async function store(hours: ReturnType<typeof hoursOf>, force: boolean, undo?: () => void): Promise<void> {
    await realtimeSyncService.api.setHours(id, { hours, force });
    await client.invalidateQueries({ queryKey: ["dentist"] });
    toast({ kind: "done", text: undo ? t`The hours are saved.` : t`The hours are as they were.`, ...(undo && { undo }) });
  }

  async function save(force: boolean): Promise<void> {
    forget();
    setBusy(true);
    try {
      await store(hoursOf(typed), force, () => void store(workingHours, true).catch(refused));
      setDraft(null);
    } catch (problem) {
      setNamed(inTheWay(problem));
      if (inTheWay(problem).length === 0) setRefusal(inStaffWords(problem));
    }
    setBusy(false);
  }

  function refused(problem: unknown): void {
    toast({ kind: "refused", text: inStaffWords(problem) });
  }

  return {
    typed,
    edit: (changed: Typed) => {
      forget();
      setDraft({ typed: changed, before: draft?.before ?? workingHours });
    },
    discard: () => {
      forget();
      setDraft(null);
    },
    isChanged,
    isOutdated: isChanged && !isSame(draft.before, workingHours),
    save,
    isBusy,
    refusal,
    named,
  };
}
