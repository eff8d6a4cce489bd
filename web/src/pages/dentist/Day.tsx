import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useAccount } from "../../session";
import { ButtonLink } from "../../shared/ButtonLink";
import { Freshness } from "../../shared/Freshness";
import { Icon } from "../../shared/Icon";
import { Message } from "../../shared/Message";
import { Waiting } from "../../shared/Waiting";
import { useSessionEnd } from "../../shared/following";
import { useNow } from "../../shared/now";
import { shifted, todayIn } from "../../shared/times";
import { useTitle } from "../../shared/title";
import { Toasts } from "../../shared/toasts";
import { DayTitle } from "../../sheet/Days";
import { weekOf } from "../../sheet/columns";
import { Unsaved } from "../../staff/Unsaved";
import { inWords } from "../../words/refusals";
import { Keys } from "../../staff/Keys";
import { OfflineNote } from "../../staff/Offline";
import styles from "./Day.module.css";
import { OwnHours } from "./OwnHours";
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
  if (me.error && me.data === undefined) return <Message kind="danger">{inWords(me.error)}</Message>;
  const isAssistant = account?.profession === "assistant";
  const zone = me.data?.timeZone;
  const today = zone === undefined ? undefined : todayIn(zone, now);
  const day = date ?? today;
  const shown = isAssistant && view === "hours" ? undefined : view;
  const monday = day !== undefined && view === "week" ? weekOf(day)[0] : undefined;
  return (
    <div className={styles["page"]}>
      <Head day={day} monday={monday} isToday={day === today} view={shown} />
      {day !== undefined && today !== undefined && (
        <nav className={styles["days"]} aria-label={t`Days`} data-print="none">
          {shown !== "hours" && <Days day={day} today={today} step={shown === "week" ? 7 : 1} />}
          <Views view={shown} hasHours={!isAssistant} />
          {shown === "sheet" && <Keys />}
        </nav>
      )}
      {zone !== undefined && <Unsaved zone={zone} />}
      {(day === undefined || me.data === undefined || zone === undefined) && <Waiting />}
      {me.data !== undefined && shown === "hours" && <OwnHours dentist={me.data} now={now} />}
      {day !== undefined && me.data !== undefined && (shown === "sheet" || shown === "week") && (
        <OwnSheet
          key={monday ?? day}
          dentist={me.data}
          day={day}
          now={now}
          isAssistant={isAssistant}
          isWeek={shown === "week"}
        />
      )}
      {day !== undefined && zone !== undefined && shown === undefined && (
        <Visits key={day} day={day} zone={zone} now={now} isToday={day === today} isAssistant={isAssistant} />
      )}
      <OfflineNote />
      <Toasts />
    </div>
  );
}

type View = "sheet" | "week" | "hours" | undefined;

interface HeadProps {
  day: string | undefined;
  /** With which the week begins that is shown. */
  monday: string | undefined;
  isToday: boolean;
  view: View;
}

function Head({ day, monday, isToday, view }: HeadProps) {
  return (
    <header className={styles["head"]}>
      <div>
        <p className={styles["kicker"]}>
          {isToday && view !== "hours" && view !== "week" ? <Trans>Today</Trans> : <Trans>My day</Trans>}
        </p>
        <h1>{view === "hours" ? <Trans>Hours and time off</Trans> : <DayTitle day={day} monday={monday} />}</h1>
      </div>
      <Freshness />
    </header>
  );
}

function Days({ day, today, step }: { day: string; today: string; step: number }) {
  return (
    <>
      <ButtonLink from="/dentist" to="/dentist" search={(now) => ({ ...now, date: shifted(day, -step) })} size="small">
        <Icon name="back" />
        <Trans>Earlier</Trans>
      </ButtonLink>
      {day !== today && (
        <ButtonLink from="/dentist" to="/dentist" search={({ date: _, ...now }) => now} size="small">
          <Trans>Today</Trans>
        </ButtonLink>
      )}
      <ButtonLink from="/dentist" to="/dentist" search={(now) => ({ ...now, date: shifted(day, step) })} size="small">
        <Trans>Later</Trans>
        <Icon name="arrow" />
      </ButtonLink>
    </>
  );
}

/** The ways to look at it, but the one that is shown. */
function Views({ view, hasHours }: { view: View; hasHours: boolean }) {
  const views: [View, ReactNode][] = [
    [undefined, <Trans key="list">As a list</Trans>],
    ["sheet", <Trans key="sheet">As a day sheet</Trans>],
    ["week", <Trans key="week">As a week</Trans>],
    ...(hasHours ? [["hours", <Trans key="hours">Hours and time off</Trans>] as [View, ReactNode]] : []),
  ];
  return views
    .filter(([each]) => each !== view)
    .map(([each, words]) => (
      <ButtonLink
        key={each ?? "list"}
        from="/dentist"
        to="/dentist"
        search={({ view: _, ...now }) => (each === undefined ? now : { ...now, view: each })}
        size="small"
        look="quiet"
      >
        {words}
      </ButtonLink>
    ));
}
