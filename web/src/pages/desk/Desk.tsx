import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useAccount } from "../../session";
import { ButtonLink } from "../../shared/ButtonLink";
import { Empty } from "../../shared/Empty";
import { Freshness } from "../../shared/Freshness";
import { Message } from "../../shared/Message";
import { Waiting } from "../../shared/Waiting";
import { usePractice, useSessionEnd } from "../../shared/following";
import { useNow } from "../../shared/now";
import { todayIn } from "../../shared/times";
import { useTitle } from "../../shared/title";
import { Toasts } from "../../shared/toasts";
import { DayTitle } from "../../sheet/Days";
import { weekOf } from "../../sheet/columns";
import { useDentists, useGroundChanges } from "../../sheet/ground";
import { usualStep } from "../../sheet/step";
import { OfflineNote } from "../../staff/Offline";
import { Unsaved } from "../../staff/Unsaved";
import { inWords } from "../../words/refusals";
import styles from "./Desk.module.css";
import { DeskDay } from "./DeskDay";
import { Tools } from "./Tools";

/** The front desk: everybody's day, `?date=YYYY-MM-DD` or today by the practice's clock, as it changes. */
export function Desk() {
  const { t } = useLingui();
  useTitle(t`Front desk`);
  useSessionEnd();
  useGroundChanges();
  const account = useAccount();
  const { date, view } = useSearch({ from: "/desk" });
  const navigate = useNavigate({ from: "/desk" });
  const now = useNow();
  const practice = usePractice();
  const dentists = useDentists();
  const problem = practice.error ?? dentists.error;
  const zone = practice.data?.timeZone;
  const today = zone === undefined ? undefined : todayIn(zone, now);
  const day = date ?? today;
  const monday = day !== undefined && view === "week" ? weekOf(day)[0] : undefined;
  return (
    <div className={styles["page"]} data-wide="">
      <header className={styles["head"]}>
        <div className={styles["title"]}>
          <h1>
            <DayTitle day={day} monday={monday} />
          </h1>
          <Freshness />
          {account?.role === "admin" && (
            <ButtonLink to="/admin" look="quiet" size="small">
              <Trans>Administration</Trans>
            </ButtonLink>
          )}
        </div>
        {day !== undefined && today !== undefined && (
          <Tools
            day={day}
            today={today}
            step={monday === undefined ? 1 : 7}
            onGo={(to) =>
              void navigate({ search: ({ date: _, ...rest }) => (to === today ? rest : { ...rest, date: to }) })
            }
          />
        )}
      </header>
      {zone !== undefined && <Unsaved zone={zone} />}
      {problem && <Message kind="danger">{inWords(problem)}</Message>}
      {!problem &&
        (day === undefined || today === undefined || dentists.data === undefined || practice.data === undefined) && (
          <Waiting />
        )}
      {dentists.data?.length === 0 && (
        <Empty level="h2" title={<Trans>Nobody can be booked yet</Trans>}>
          <p>
            <Trans>An admin adds dentists; their days appear here then.</Trans>
          </p>
        </Empty>
      )}
      {day !== undefined &&
        today !== undefined &&
        practice.data !== undefined &&
        dentists.data !== undefined &&
        dentists.data.length > 0 && (
          <DeskDay
            monday={monday}
            day={day}
            today={today}
            zone={practice.data.timeZone}
            now={now}
            usualStep={usualStep(practice.data.slotStepMinutes)}
            dentists={dentists.data}
          />
        )}
      <OfflineNote />
      <Toasts />
    </div>
  );
}
