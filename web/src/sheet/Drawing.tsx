import type { ShownAppointment } from "@dental-sync/client/react";
import { useLingui } from "@lingui/react/macro";
import { type CSSProperties, type HTMLAttributes, type ReactNode, type Ref, memo, useMemo } from "react";
import { timeOf } from "../shared/times";
import { Column } from "./Column";
import styles from "./Sheet.module.css";
import { type SheetColumn, isSameList, kept } from "./columns";
import type { Treatment } from "./ground";
import { useKept } from "./kept";
import { hoursOf, longest, minuteRem, minutes, ownHours } from "./layout";

export interface DrawingProps {
  zone: string;
  /** The grid, in minutes. */
  step: number;
  columns: readonly SheetColumn[];
  /** Those of each column, in order. */
  appointments: readonly ShownAppointment[][];
  treatments: readonly Treatment[];
  /** Where the dentists are not said by the columns. */
  withDentist: boolean;
  /** Null where it is not the present that is shown. */
  now: Date | null;
  changed: ReadonlySet<string>;
  chosen: string | null;
  refused: string | null;
  held: string | null;
  reached: string | null;
  canMove: boolean;
  /** How narrow a column may be, in rem. */
  narrowest?: number | undefined;
  /** What stands at the head of a column; its name where nothing is said. */
  head?: ((column: SheetColumn) => ReactNode) | undefined;
}

interface FrameProps extends DrawingProps {
  scroller: Ref<HTMLDivElement>;
  area: Ref<HTMLDivElement>;
  /** What the area listens to. */
  on: HTMLAttributes<HTMLDivElement>;
  /** What lies over the columns. */
  children: ReactNode;
}

/** The sheet without what moves on it: heads, the hours, the columns side by side, and the time of day. */
export function Drawing({ scroller, area, on, children, ...props }: FrameProps) {
  const { now, head, narrowest = USUAL_REM, ...drawn } = props;
  const { zone, step, columns } = drawn;
  const { t } = useLingui();
  const long = minutes(longest(columns));
  const axis = columns[0]?.frame ?? { from: 0, to: 0 };
  const first = columns.findIndex(({ frame }) => isIn(frame, now));
  const today = columns.filter(({ frame }) => isIn(frame, now)).length;
  const since = columns[first]?.frame.from;
  const clock = now !== null && since !== undefined ? { "--from": minutes(now.getTime() - since) } : null;
  const isNarrow = narrowest < USUAL_REM;
  const sheet = { "--columns": columns.length, "--narrowest": `${narrowest}rem`, "--minutes": long, "--step": step, "--minute": `${minuteRem(step)}rem` };
  return (
    <div className={styles["sheet"]} style={sheet as CSSProperties} data-narrow={isNarrow || undefined}>
      <div ref={scroller} className={styles["scroller"]} role="group" aria-label={t`Day sheet`} data-sheet="">
        <div className={styles["heads"]}>
          <span />
          {columns.map((column) => (
            <h2 key={column.id} className={styles["head"]}>
              {head?.(column) ?? column.name}
            </h2>
          ))}
        </div>
        <div className={styles["body"]}>
          <div className={styles["axis"]} aria-hidden="true">
            {hoursOf(axis).map((hour) => (
              <span
                key={hour}
                className={styles["hour"]}
                style={{ "--from": minutes(hour - axis.from) } as CSSProperties}
              >
                {timeOf(new Date(hour).toISOString(), zone)}
              </span>
            ))}
            {clock && now && (
              <span className={styles["clock"]} style={clock as CSSProperties}>
                {timeOf(now.toISOString(), zone)}
              </span>
            )}
          </div>
          <div ref={area} className={styles["area"]} {...on}>
            <Columns {...drawn} isNarrow={isNarrow} />
            {clock && (
              <div
                className={styles["now"]}
                style={{ ...clock, "--column": first, "--wide": today } as CSSProperties}
                aria-hidden="true"
              />
            )}
            {children}
          </div>
        </div>
      </div>
    </div>
  );
}

// How narrow a column may be where a time and a name stand beside each other in it.
const USUAL_REM = 10;

function isIn({ from, to }: SheetColumn["frame"], now: Date | null): boolean {
  return now !== null && now.getTime() >= from && now.getTime() < to;
}

const Columns = memo(function Columns(props: Omit<DrawingProps, "now" | "head" | "narrowest"> & { isNarrow: boolean }) {
  const { zone, columns, appointments, changed, chosen, refused, held, reached } = props;
  const axis = columns[0]?.frame;
  const hours = useMemo(() => {
    const clock = (at: number) => timeOf(new Date(at).toISOString(), zone);
    return columns.map(({ frame }) => ownHours(frame, axis ?? frame, clock));
  }, [columns, axis, zone]);
  const news = useKept<readonly string[][]>(
    appointments.map((each) => each.map(({ id }) => id).filter((id) => changed.has(id))),
    (before, after) => kept(before, after, isSameList),
  );
  return columns.map((column, index) => {
    const its = appointments[index] ?? NONE;
    // Each is told of its own alone, so that no other is rendered.
    const own = (id: string | null) => (its.some((each) => each.id === id) ? id : null);
    return (
      <Column
        key={column.id}
        column={column}
        zone={zone}
        step={props.step}
        appointments={its}
        treatments={props.treatments}
        withDentist={props.withDentist}
        changed={news[index] ?? NO_IDS}
        chosen={own(chosen)}
        refused={own(refused)}
        held={own(held)}
        reached={own(reached)}
        isNarrow={props.isNarrow}
        canMove={props.canMove}
        hours={hours[index]?.length ? hours[index] : NO_HOURS}
      />
    );
  });
});

const NONE: ShownAppointment[] = [];
const NO_IDS: string[] = [];
const NO_HOURS: number[] = [];
