import type { Slot } from "@dental-sync/client";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { type PointerEvent, useRef } from "react";
import { ButtonLink } from "../../shared/ButtonLink";
import { Icon } from "../../shared/Icon";
import { dayOf, dayOfMonth, monthOf, shifted, weekdayOf } from "../../shared/times";
import styles from "./Week.module.css";
import { on } from "./weeks";

interface WeekProps {
  days: string[];
  day: string;
  today: string;
  /** Undefined while it is not known yet. */
  free: Slot[] | undefined;
  zone: string;
}

const SWIPE_PX = 50;

/** Seven days to choose one of, by arrow keys, a touch, or a swipe to those before and after; and which one is shown. */
export function Week({ days, day, today, free, zone }: WeekProps) {
  const { t } = useLingui();
  const navigate = useNavigate({ from: "/book" });
  const start = useRef<number | null>(null);
  const first = days[0] as string;
  const before = first > today ? shifted(first, -days.length) : undefined;
  const after = shifted(first, days.length);
  const show = (date: string, replace = false) =>
    void navigate({ to: "/book", search: (now) => ({ ...now, date }), replace, resetScroll: false });

  function swiped({ clientX, pointerType }: PointerEvent): void {
    const moved = start.current === null || pointerType === "mouse" ? 0 : clientX - start.current;
    start.current = null;
    if (moved <= -SWIPE_PX) show(after);
    if (moved >= SWIPE_PX && before !== undefined) show(before);
  }

  return (
    <div className={styles["strip"]}>
      <ButtonLink
        from="/book"
        to="/book"
        search={(now) => ({ ...now, date: before ?? first })}
        size="small"
        resetScroll={false}
        disabled={before === undefined}
        aria-label={t`Seven days earlier`}
        className={styles["page"] ?? ""}
      >
        <Icon name="back" />
      </ButtonLink>
      <fieldset
        className={styles["days"]}
        onPointerDown={({ clientX }) => (start.current = clientX)}
        onPointerUp={swiped}
        onPointerCancel={() => (start.current = null)}
      >
        <legend className="unseen">
          <Trans>Day</Trans>
        </legend>
        {days.map((date) => {
          const noon = `${date}T12:00:00Z`;
          const count = free === undefined ? undefined : on(date, free, zone).length;
          return (
            <label key={date} className={styles["day"]} data-empty={count === 0 || undefined}>
              <input type="radio" name="day" className="unseen" checked={date === day} onChange={() => show(date, true)} />
              <span className="unseen">{dayOf(noon, "UTC")}, </span>
              <span aria-hidden="true" className={styles["weekday"]}>
                {date === today ? t`Today` : weekdayOf(noon, "UTC")}
              </span>
              <span aria-hidden="true" className={styles["number"]}>
                {dayOfMonth(noon, "UTC")}
              </span>
              <span aria-hidden="true" className={styles["month"]}>
                {monthOf(noon, "UTC")}
              </span>
              <span className={styles["count"]}>
                {count === undefined ? " " : count === 0 ? t`none` : <Plural value={count} one="# free" other="# free" />}
              </span>
            </label>
          );
        })}
      </fieldset>
      <ButtonLink
        from="/book"
        to="/book"
        search={(now) => ({ ...now, date: after })}
        size="small"
        resetScroll={false}
        aria-label={t`Seven days later`}
        className={styles["page"] ?? ""}
      >
        <Icon name="arrow" />
      </ButtonLink>
      <h2 id="day" className={styles["title"]} tabIndex={-1}>
        {dayOf(`${day}T12:00:00Z`, "UTC")}
      </h2>
    </div>
  );
}
