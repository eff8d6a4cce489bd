import type { ShownAppointment } from "@dental-sync/client/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { type CSSProperties, memo, useMemo } from "react";
import { timeOf } from "../shared/times";
import { Block } from "./Block";
import type { SheetColumn } from "./columns";
import { type Treatment, namesOf } from "./ground";
import { isMovable } from "./held";
import { type Range, buffersOf, clipped, isFreed, lanesOf, minutes, rangeOf, without } from "./layout";
import styles from "./Sheet.module.css";

interface ColumnProps {
  column: SheetColumn;
  zone: string;
  /** The grid, in minutes. */
  step: number;
  appointments: ShownAppointment[];
  treatments: readonly Treatment[];
  /** Where the dentist is not said by the column. */
  withDentist: boolean;
  /** Those that somebody else has just changed, by id. */
  changed: readonly string[];
  chosen: string | null;
  refused: string | null;
  held: string | null;
  /** The one that Tab comes to. */
  reached: string | null;
  isNarrow: boolean;
  canMove: boolean;
  /** Hours of the clock that are elsewhere than on the axis. */
  hours: readonly number[];
}

/** A column: when it is open, what is held, and the appointments. */
export const Column = memo(function Column(props: ColumnProps) {
  const { column, zone, appointments, treatments, withDentist } = props;
  const { name, frame, open, holds, timeOff, closures } = column;
  const { t } = useLingui();
  const shut = useMemo(() => without(frame, open), [frame, open]);
  const laid = useMemo(() => laidOut(appointments), [appointments]);
  const style = (range: Range) =>
    ({ "--from": minutes(range.from - frame.from), "--for": minutes(range.to - range.from) }) as CSSProperties;
  const [from, to] = [frame.from, frame.to].map((edge) => new Date(edge).toISOString());
  const away = [
    ...timeOff.map((each) => ({ ...each, kind: "time-off" as const })),
    ...closures.map((each) => ({ ...each, kind: "closure" as const })),
  ];
  return (
    <div
      role="group"
      className={styles["column"]}
      style={{ "--long": minutes(frame.to - frame.from) } as CSSProperties}
      aria-label={name}
      data-from={from}
      data-to={to}
    >
      {props.hours.map((hour) => (
        <span
          key={hour}
          className={styles["ownHour"]}
          style={{ "--from": minutes(hour - frame.from) } as CSSProperties}
          aria-hidden="true"
        >
          {timeOf(new Date(hour).toISOString(), zone)}
        </span>
      ))}
      {shut.map((range) => (
        <div key={range.from} className={styles["shut"]} style={style(range)} aria-hidden="true" />
      ))}
      {away.map((each) => {
        const range = clipped(rangeOf(each), frame);
        if (range === null) return null;
        return (
          <p key={each.id} className={styles["away"]} style={style(range)} data-kind={each.kind}>
            <span className={styles["tag"]}>
              {each.kind === "closure" ? <Trans>Closed</Trans> : <Trans>Away</Trans>}
              {each.reason && `: ${each.reason}`}
            </span>
          </p>
        );
      })}
      {holds.map((hold) => {
        const range = clipped(rangeOf(hold), frame);
        const until = timeOf(hold.expiresAt, zone);
        return (
          range && (
            <p key={hold.id} className={styles["held"]} style={style(range)} data-hold-id={hold.id}>
              <span className={styles["tag"]}>
                <Trans>Held until {until}</Trans>
              </span>
            </p>
          )
        );
      })}
      <ul aria-label={t`Appointments: ${name}`}>
        {laid.map(({ appointment, lane, lanes, isBeside }) => {
          const range = clipped(rangeOf(appointment), frame);
          if (range === null) return null;
          const buffers = isFreed(appointment) ? NO_BUFFERS : buffersOf(appointment.treatmentIds, treatments);
          return (
            <Block
              key={appointment.id}
              appointment={appointment}
              zone={zone}
              step={props.step}
              treatments={[withDentist && appointment.dentistName, namesOf(appointment.treatmentIds, treatments)]
                .filter(Boolean)
                .join(" · ")}
              from={minutes(range.from - frame.from)}
              length={minutes(range.to - range.from)}
              {...buffers}
              lane={lane}
              lanes={lanes}
              isCrowded={lanes > (props.isNarrow ? 1 : 2)}
              isBeside={isBeside}
              isChosen={appointment.id === props.chosen}
              isRefused={appointment.id === props.refused}
              isHeld={appointment.id === props.held}
              isNew={props.changed.includes(appointment.id)}
              isReached={appointment.id === props.reached}
              canMove={props.canMove && isMovable(appointment)}
            />
          );
        })}
      </ul>
    </div>
  );
});

const NO_BUFFERS = { before: 0, after: 0 };

/** What was cancelled or missed stands in a strip at the side: its time is free, and may have been taken since. */
function laidOut(appointments: ShownAppointment[]) {
  const freed = appointments.filter(isFreed);
  const taking = appointments.filter((each) => !isFreed(each));
  const lay = (some: ShownAppointment[]) => {
    const lanes = lanesOf(some.map(rangeOf));
    return some.map((appointment, index) => ({ appointment, lane: 0, lanes: 1, ...lanes[index] }));
  };
  const isBeside = ({ startsAt, endsAt }: ShownAppointment) =>
    freed.some(
      (each) => Date.parse(each.startsAt) < Date.parse(endsAt) && Date.parse(each.endsAt) > Date.parse(startsAt),
    );
  return [
    ...lay(taking).map((each) => ({ ...each, isBeside: isBeside(each.appointment) })),
    ...lay(freed).map((each) => ({ ...each, isBeside: false })),
  ].sort((a, b) => Date.parse(a.appointment.startsAt) - Date.parse(b.appointment.startsAt));
}
