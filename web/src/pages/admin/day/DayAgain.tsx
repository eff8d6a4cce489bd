import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { Button } from "../../../shared/Button";
import { Message } from "../../../shared/Message";
import { Waiting } from "../../../shared/Waiting";
import { useChanges, usePractice } from "../../../shared/following";
import { useNow } from "../../../shared/now";
import { longDate, span, todayIn } from "../../../shared/times";
import { Sheet } from "../../../sheet/Sheet";
import { byDentist } from "../../../sheet/columns";
import { type Dentist, type Ground, useDentists, useTreatments } from "../../../sheet/ground";
import { Days } from "../../../staff/Days";
import { inStaffWords } from "../../../staff/refusals";
import { Changes } from "./Changes";
import styles from "./DayAgain.module.css";
import { Player } from "./Player";
import { type Past, countAt, dayAt, everOn, positionAt } from "./history";
import { usePastDay } from "./past";
import { usePosition } from "./playing";
import { deedOf, momentIn } from "./words";

/** A day as it was, `?date=YYYY-MM-DD` or today by the practice's clock, at the position `?at=` of the log or as it is. */
export function DayAgain() {
  const { date } = useSearch({ from: "/admin" });
  const navigate = useNavigate({ from: "/admin" });
  const { t } = useLingui();
  const now = useNow();
  const practice = usePractice();
  const dentists = useDentists();
  const zone = practice.data?.timeZone;
  const problem = practice.error ?? dentists.error;
  if (problem) return <Message kind="danger">{inStaffWords(problem)}</Message>;
  if (zone === undefined || dentists.data === undefined) return <Waiting />;
  const today = todayIn(zone, now);
  const day = date ?? today;
  return (
    <>
      <div className={styles["bar"]}>
        <h2 className={styles["date"]}>{longDate(day)}</h2>
        <nav className={styles["days"]} aria-label={t`Days`} data-print="none">
          <Days
            day={day}
            today={today}
            onGo={(to) =>
              void navigate({
                search: ({ date: _date, at: _at, ...rest }) => (to === today ? rest : { ...rest, date: to }),
              })
            }
          />
        </nav>
      </div>
      <OneDay
        key={day}
        day={day}
        zone={zone}
        now={now}
        step={Math.min(30, Math.max(5, practice.data?.slotStepMinutes ?? 15))}
        dentists={dentists.data}
      />
    </>
  );
}

interface OneDayProps {
  day: string;
  zone: string;
  now: Date;
  step: number;
  dentists: Dentist[];
}

function OneDay({ day, zone, ...props }: OneDayProps) {
  const within = useMemo(() => {
    const { from, to } = span(day, zone);
    return { from: Date.parse(from), to: Date.parse(to) };
  }, [day, zone]);
  const { past, earliest, error, ...older } = usePastDay(day, within);
  if (error) return <Message kind="danger">{inStaffWords(error)}</Message>;
  if (past === undefined) return <Waiting />;
  return <Replay day={day} zone={zone} within={within} past={past} earliest={earliest} older={older} {...props} />;
}

interface ReplayProps extends OneDayProps {
  within: { from: number; to: number };
  past: Past;
  earliest: number;
  older: { hasOlder: boolean; isFetchingOlder: boolean; fetchOlder: () => void };
}

function Replay({ day, zone, within, past, earliest, older, now, step, dentists }: ReplayProps) {
  const { t } = useLingui();
  const treatments = useTreatments();
  const [position, setPosition] = usePosition();
  const [chosen, setChosen] = useState<string | null>(null);
  const { changes } = past;
  const count = countAt(changes, position);
  const isLive = count === changes.length;
  const last = changes[count - 1];
  const appointments = useMemo(
    () => dayAt(past, within, position ?? Number.POSITIVE_INFINITY),
    [past, within, position],
  );
  // As high as the day ever was, so that nothing jumps while it is played.
  const columns = useMemo(
    () => byDentist({ date: day, zone, dentists, appointments: everOn(past, within), ground: BARE }, true),
    [day, zone, dentists, past, within],
  );
  const { ids: news } = useChanges();
  const marked = useMemo(() => new Set(last && [last.appointmentId]), [last]);
  const listed = chosen === null ? changes : changes.filter(({ appointmentId }) => appointmentId === chosen);
  const moment = last && momentIn(last.occurredAt, zone);
  const isTooOld = position !== undefined && position < earliest;
  const isBeforeKnown = position !== undefined && position < (changes[0]?.position ?? 0);

  useEffect(() => {
    if (isBeforeKnown && !isTooOld && older.hasOlder && !older.isFetchingOlder) older.fetchOlder();
  }, [isBeforeKnown, isTooOld, older]);

  return (
    <>
      {isTooOld && (
        <Message kind="info">
          <Trans>What was before is not kept any more. The day is shown as far back as it is known.</Trans>
        </Message>
      )}
      <Player
        count={changes.length}
        value={count}
        moment={isLive ? t`Live, as it is now` : (moment ?? t`Before all of these changes`)}
        beginning={changes[0] ? momentIn(changes[0].occurredAt, zone) : ""}
        onGo={(value) => setPosition(positionAt(changes, value))}
      />
      <div className={styles["replay"]}>
        <div className={styles["sheet"]} data-past={isLive ? undefined : ""}>
          <Sheet
            zone={zone}
            now={isLive ? now : last ? new Date(last.occurredAt) : null}
            step={step}
            columns={columns}
            appointments={appointments}
            treatments={treatments}
            changed={isLive ? news : marked}
            chosen={chosen}
            onChoose={(id) => setChosen((before) => (before === id ? null : id))}
          />
          <p className={styles["note"]}>
            <Trans>Working hours are today's.</Trans>
          </p>
        </div>
        <section className={styles["side"]} aria-labelledby="changes">
          <header className={styles["sideHead"]}>
            <h2 id="changes">
              {chosen === null ? <Trans>What changed</Trans> : <Trans>What changed about it</Trans>}
            </h2>
            {chosen !== null && (
              <Button size="small" look="quiet" onPress={() => setChosen(null)}>
                <Trans>Show all</Trans>
              </Button>
            )}
          </header>
          {listed.length === 0 && (
            <p className={styles["note"]}>
              <Trans>Nothing, as far back as is kept. What changes from now on appears here by itself.</Trans>
            </p>
          )}
          <Changes
            changes={listed}
            current={isLive ? undefined : last?.position}
            zone={zone}
            treatments={treatments}
            hasOlder={older.hasOlder}
            isFetchingOlder={older.isFetchingOlder}
            onOlder={older.fetchOlder}
            onGo={setPosition}
          />
        </section>
      </div>
      <p className="unseen" aria-live="polite">
        {last && `${deedOf(last)}: ${(last.after ?? last.before)?.patientName ?? ""}`}
      </p>
    </>
  );
}

/** What was held, and who was away, is not in the log. */
const BARE: Ground = { holds: [], timeOff: [], chairTimeOff: [], closures: [] };
