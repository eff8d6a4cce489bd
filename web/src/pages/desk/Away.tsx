import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useMemo, useState } from "react";
import { Button } from "../../shared/Button";
import { toast } from "../../shared/toasts";
import card from "../../sheet/Card.module.css";
import type { Dentist } from "../../sheet/ground";
import { clipped, openingsOf } from "../../sheet/layout";
import type { Absence } from "../../staff/Absences";
import { restOfDay } from "../../staff/absence";
import { useBookings } from "../../staff/bookings";
import { Choose } from "../../staff/Choose";
import { Closures } from "../../staff/Closures";
import { Fold } from "../../staff/Fold";
import { InTheWay } from "../../staff/InTheWay";
import { inStaffWords } from "../../staff/refusals";
import { endOf } from "../../staff/said";
import { within } from "../../staff/stranded";
import { TimeOff } from "../../staff/TimeOff";
import { useTimeOff } from "../../staff/timeOff";
import styles from "./Away.module.css";

interface AwayProps {
  dentists: Dentist[];
  /** The day of the practice's clock. */
  today: string;
  zone: string;
  now: Date;
  onHandOver: (dentist: Dentist, absence: Absence) => void;
  onClose: () => void;
}

/** Who is away and when the practice is closed: whoever is ill is away until tonight by one press. */
export function Away({ dentists, today, zone, now, onHandOver, onClose }: AwayProps) {
  const { t } = useLingui();
  const [chosenId, setChosenId] = useState("");
  const chosen = dentists.find(({ id }) => id === chosenId);
  const atWork = dentists.filter((each) => {
    const rest = restOfDay(now, each);
    return openingsOf(each, today).some((opening) => clipped(opening, rest) !== null);
  });
  const handOver = (dentist: Dentist) => (absence: Absence) => (
    <Button size="small" onPress={() => onHandOver(dentist, absence)}>
      <Trans>Hand over …</Trans>
    </Button>
  );
  return (
    <section
      className={card["card"]}
      aria-label={t`Away and closed`}
      data-away=""
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <header className={card["cardHead"]}>
        <h2>
          <Trans>Away and closed</Trans>
        </h2>
      </header>
      {atWork.length === 0 && (
        <p className={card["soft"]}>
          <Trans>Nobody works any more today.</Trans>
        </p>
      )}
      {atWork.length > 0 && (
        <ul className={styles["today"]} aria-label={t`At work today`}>
          {atWork.map((dentist) => (
            <Today key={dentist.id} dentist={dentist} now={now} handOver={handOver(dentist)} />
          ))}
        </ul>
      )}
      <div>
        <Fold summary={<Trans>Other days</Trans>}>
          {() => (
            <>
              <Choose
                label={t`Dentist`}
                value={chosenId}
                options={dentists}
                none={t`Choose a dentist`}
                onChange={setChosenId}
              />
              {chosen && <TimeOff key={chosen.id} dentist={chosen} now={now} beside={handOver(chosen)} />}
            </>
          )}
        </Fold>
        <Fold summary={<Trans>Closures of the practice</Trans>}>{() => <Closures zone={zone} now={now} />}</Fold>
      </div>
      <Button size="small" look="quiet" onPress={onClose}>
        <Trans>Close</Trans>
      </Button>
    </section>
  );
}

interface TodayProps {
  dentist: Dentist;
  now: Date;
  handOver: (absence: Absence) => ReactNode;
}

/** Somebody who is to work today, with the appointments that are still to come, and away from now on by a press. */
function Today({ dentist, now, handOver }: TodayProps) {
  const { t } = useLingui();
  const { id, name, timeZone } = dentist;
  const { absences, enter, remove } = useTimeOff(dentist);
  const [isBusy, setBusy] = useState(false);
  const rest = restOfDay(now, dentist);
  // The list is of all of the day, for it would be another one each minute.
  const from = useMemo(() => rest.to - DAY_MS, [rest.to]);
  const booked = within(useBookings(dentist, { from, to: rest.to }) ?? [], rest, now.getTime());
  const current = absences?.find(
    ({ startsAt, endsAt }) => Date.parse(startsAt) <= now.getTime() && Date.parse(endsAt) > now.getTime(),
  );

  async function leave(): Promise<void> {
    setBusy(true);
    const [startsAt, endsAt] = [new Date(rest.from).toISOString(), new Date(rest.to).toISOString()];
    try {
      await enter({ startsAt, endsAt, reason: null, force: booked.length > 0 });
    } catch (problem) {
      toast({ kind: "refused", text: inStaffWords(problem) });
    }
    setBusy(false);
  }

  return (
    <li className={styles["dentist"]} data-away-dentist={id}>
      <div className={styles["who"]}>
        <h3>{name}</h3>
        {current ? (
          <Button size="small" aria-label={t`Take back: ${name}`} onPress={() => void remove(current)}>
            <Trans>Take back</Trans>
          </Button>
        ) : (
          <Button size="small" look="danger" isBusy={isBusy} isDisabled={absences === undefined} onPress={() => void leave()}>
            <Trans>Away until tonight</Trans>
            <span className="unseen">: {name}</span>
          </Button>
        )}
      </div>
      {current && (
        <p className={styles["away"]}>
          <Trans>Away until {endOf(current.endsAt, timeZone)}</Trans>
        </p>
      )}
      {booked.length === 0 && (
        <p className={card["soft"]}>
          <Trans>No appointment until tonight</Trans>
        </p>
      )}
      {booked.length > 0 && (
        <Fold
          key={current?.id ?? ""}
          isOpen={current !== undefined}
          summary={<Plural value={booked.length} one="# appointment until tonight" other="# appointments until tonight" />}
        >
          {() => (
            <>
              <InTheWay label={t`Still booked: ${name}`} appointments={booked} zone={timeZone} />
              {current && <div>{handOver(current)}</div>}
            </>
          )}
        </Fold>
      )}
    </li>
  );
}

const DAY_MS = 86_400_000;
