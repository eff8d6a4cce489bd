import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useAccount } from "../../session";
import { ButtonLink } from "../../shared/ButtonLink";
import { Freshness } from "../../shared/Freshness";
import { Icon } from "../../shared/Icon";
import { Message } from "../../shared/Message";
import { Waiting } from "../../shared/Waiting";
import { useSessionEnd } from "../../shared/following";
import { useNow } from "../../shared/now";
import { longDate, shifted, todayIn } from "../../shared/times";
import { useTitle } from "../../shared/title";
import { Toasts } from "../../shared/toasts";
import { inWords } from "../../words/refusals";
import styles from "./Day.module.css";
import { OwnSheet } from "./OwnSheet";
import { Visits } from "./Visits";

/** A dentist's own day, `?date=YYYY-MM-DD` or today by the dentist's clock, as it changes. */
export function Day() {
  const { t } = useLingui();
  useTitle(t`My day`);
  useSessionEnd();
  const account = useAccount();
  const { date, view } = useSearch({ from: "/dentist" });
  const now = useNow();
  const me = useQuery({
    queryKey: ["dentist", account?.dentistId],
    queryFn: () => realtimeSyncService.api.getDentist(account?.dentistId ?? ""),
    enabled: account !== null,
  });
  if (me.error) return <Message kind="danger">{inWords(me.error)}</Message>;
  const isAssistant = account?.profession === "assistant";
  const zone = me.data?.timeZone;
  const today = zone === undefined ? undefined : todayIn(zone, now);
  const day = date ?? today;
  return (
    <div className={styles["page"]}>
      <header className={styles["head"]}>
        <div>
          <p className={styles["kicker"]}>{day === today ? <Trans>Today</Trans> : <Trans>My day</Trans>}</p>
          <h1>{day === undefined ? "…" : longDate(day)}</h1>
        </div>
        <Freshness />
      </header>
      {day !== undefined && today !== undefined && <Days day={day} today={today} isSheet={view === "sheet"} />}
      {(day === undefined || me.data === undefined || zone === undefined) && <Waiting />}
      {day !== undefined && me.data !== undefined && view === "sheet" && (
        <OwnSheet key={day} dentist={me.data} day={day} now={now} isAssistant={isAssistant} />
      )}
      {day !== undefined && zone !== undefined && view !== "sheet" && (
        <Visits key={day} day={day} zone={zone} now={now} isToday={day === today} isAssistant={isAssistant} />
      )}
      <Toasts />
    </div>
  );
}

function Days({ day, today, isSheet }: { day: string; today: string; isSheet: boolean }) {
  const { t } = useLingui();
  return (
    <nav className={styles["days"]} aria-label={t`Days`} data-print="none">
      <ButtonLink from="/dentist" to="/dentist" search={(now) => ({ ...now, date: shifted(day, -1) })} size="small">
        <Icon name="back" />
        <Trans>Earlier</Trans>
      </ButtonLink>
      {day !== today && (
        <ButtonLink from="/dentist" to="/dentist" search={({ date: _, ...now }) => now} size="small">
          <Trans>Today</Trans>
        </ButtonLink>
      )}
      <ButtonLink from="/dentist" to="/dentist" search={(now) => ({ ...now, date: shifted(day, 1) })} size="small">
        <Trans>Later</Trans>
        <Icon name="arrow" />
      </ButtonLink>
      <ButtonLink
        from="/dentist"
        to="/dentist"
        search={({ view: _, ...now }) => (isSheet ? now : { ...now, view: "sheet" as const })}
        size="small"
        look="quiet"
      >
        {isSheet ? <Trans>As a list</Trans> : <Trans>As a day sheet</Trans>}
      </ButtonLink>
    </nav>
  );
}
