import type { Appointment, Change, Slot } from "@dental-sync/client";
import type { ShownAppointment } from "@dental-sync/client/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { type CSSProperties, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import { timeOf } from "../shared/times";
import { Column } from "./Column";
import { Cursor, Ghost, SlotGhost } from "./Over";
import styles from "./Sheet.module.css";
import { useGestures } from "./gestures";
import type { Dentist, Ground, Treatment } from "./ground";
import { type Grid, type Held, type Spot, changeOf } from "./held";
import { useKeys } from "./keys";
import {
  type Lane,
  MINUTE_MS,
  type Range,
  frameOf,
  hoursOf,
  lanesOf,
  minutes,
  openingsOf,
  rangeOf,
  snapped,
} from "./layout";

/** A time that is being booked, and for how many minutes. */
export interface Draft {
  dentistId: string;
  from: number;
  minutes: number;
}

export interface SheetProps {
  date: string;
  day: { from: string; to: string };
  zone: string;
  now: Date;
  /** The grid, in minutes. */
  step: number;
  dentists: Dentist[];
  appointments: ShownAppointment[];
  ground: Ground;
  treatments: readonly Treatment[];
  changed: ReadonlySet<string>;
  chosen: string | null;
  draft?: Draft | null;
  /** Times to take in place of one that was refused. */
  alternatives?: Slot[];
  canMove: boolean;
  onChoose: (id: string) => void;
  /** The details of the chosen one are wanted by key. */
  onDetails?: () => void;
  onMove: (appointment: Appointment, change: Change) => void;
  onPick?: (dentistId: string, at: number) => void;
  onTake?: (slot: Slot) => void;
}

/** The day sheet: a column for each dentist, time downwards. */
export function Sheet(props: SheetProps) {
  const {
    date,
    day,
    zone,
    now,
    step,
    dentists,
    appointments,
    ground,
    draft,
    alternatives = [],
    onChoose,
    onMove,
    onPick,
  } = props;
  const { t } = useLingui();
  const area = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<Held | null>(null);
  const [cursor, setCursor] = useState<Spot | null>(null);
  const [reached, setReached] = useState<string | null>(null);
  const [said, setSaid] = useState("");

  const { from, to } = useMemo(() => {
    const whole = { from: Date.parse(day.from), to: Date.parse(day.to) };
    return frameOf(whole, [...dentists.flatMap((each) => openingsOf(each, date)), ...appointments.map(rangeOf)]);
  }, [day, date, dentists, appointments]);
  // The same object as long as it is the same: each message makes another list, and seldom another frame.
  const frame = useMemo(() => ({ from, to }), [from, to]);
  const grid = useMemo<Grid>(
    () => ({ frame, step, dentistIds: dentists.map(({ id }) => id) }),
    [frame, step, dentists],
  );
  const columns = useMemo(() => byDentist(appointments, ground, dentists), [appointments, ground, dentists]);
  const find = useCallback((id: string) => appointments.find((each) => each.id === id), [appointments]);
  const first = useMemo(
    () => dentists.map(({ id }) => columns.get(id)?.appointments[0]?.id).find(Boolean) ?? null,
    [columns, dentists],
  );
  const place = (range: Range) => ({
    "--from": minutes(range.from - frame.from),
    "--for": minutes(range.to - range.from),
  });

  function drop(last: Held): void {
    setHeld(null);
    const change = changeOf(last, grid);
    if (change !== null) onMove(last.appointment, change);
    // Picked up and put down again by keys: looked at.
    else if (last.by === "keys") onChoose(last.appointment.id);
  }
  const pick =
    onPick &&
    (({ column, time }: Spot) => onPick(grid.dentistIds[column] ?? "", snapped(time, frame, step, Math.floor)));
  const describe = ({ from, to, column }: Range & { column: number }) =>
    t`${timeOf(new Date(from).toISOString(), zone)} to ${timeOf(new Date(to).toISOString(), zone)}, ${dentists[column]?.name ?? ""}`;

  useGestures(area, scroller, {
    grid,
    canMove: props.canMove,
    find,
    onHold: setHeld,
    onDrop: drop,
    onPick: (spot) => pick?.(spot),
  });
  const keys = useKeys({
    area,
    grid,
    held,
    cursor: cursor ?? { column: 0, time: frame.from },
    canMove: props.canMove,
    find,
    columns: dentists.map(({ id }) => columns.get(id)?.appointments ?? []),
    onHold: (next) => {
      setHeld(next);
      setSaid(next === null ? t`Put back.` : describe(next));
    },
    onDrop: drop,
    onCursor: (spot) => {
      setCursor(spot);
      setSaid(describe({ from: spot.time, to: spot.time + step * MINUTE_MS, column: spot.column }));
    },
    onPick: (spot) => pick?.(spot),
    onChoose,
    onDetails: () => props.onDetails?.(),
  });
  useFocusKept(area);

  // Where the day begins to be of interest: now, or its first opening.
  const isNow = now.getTime() >= frame.from && now.getTime() < frame.to;
  const begin = useRef("");
  useLayoutEffect(() => {
    if (scroller.current === null || begin.current === date) return;
    begin.current = date;
    const share = (now.getTime() - frame.from) / (frame.to - frame.from);
    scroller.current.scrollTop =
      isNow && area.current !== null ? share * area.current.offsetHeight - scroller.current.clientHeight / 3 : 0;
  });

  return (
    <div
      className={styles["sheet"]}
      style={
        { "--columns": dentists.length, "--minutes": minutes(frame.to - frame.from), "--step": step } as CSSProperties
      }
    >
      <div ref={scroller} className={styles["scroller"]} role="group" aria-label={t`Day sheet`} data-sheet="">
        <div className={styles["heads"]}>
          <span />
          {dentists.map(({ id, name }) => (
            <h2 key={id} className={styles["head"]}>
              {name}
            </h2>
          ))}
        </div>
        <div className={styles["body"]}>
          <div className={styles["axis"]} aria-hidden="true">
            {hoursOf(frame).map((hour) => (
              <span
                key={hour}
                className={styles["hour"]}
                style={{ "--from": minutes(hour - frame.from) } as CSSProperties}
              >
                {timeOf(new Date(hour).toISOString(), zone)}
              </span>
            ))}
            {isNow && (
              <span
                className={styles["clock"]}
                style={{ "--from": minutes(now.getTime() - frame.from) } as CSSProperties}
              >
                {timeOf(now.toISOString(), zone)}
              </span>
            )}
          </div>
          <div
            ref={area}
            className={styles["area"]}
            data-holding={held?.mode}
            data-from={new Date(frame.from).toISOString()}
            data-to={new Date(frame.to).toISOString()}
            onKeyDown={keys}
            onBlur={({ relatedTarget }) => {
              // Left behind for something else on the page, and not for another window.
              if (held?.by === "keys" && relatedTarget !== null) setHeld(null);
            }}
            onFocus={({ target }) => setReached(target.dataset["appointmentId"] ?? null)}
            onClick={({ target }) => {
              const id = (target as Element).closest<HTMLElement>("[data-appointment-id]")?.dataset["appointmentId"];
              if (id !== undefined) onChoose(id);
            }}
          >
            {dentists.map((dentist) => (
              <Column
                key={dentist.id}
                dentist={dentist}
                date={date}
                zone={zone}
                frame={frame}
                {...(columns.get(dentist.id) ?? EMPTY)}
                treatments={props.treatments}
                changed={props.changed}
                chosen={props.chosen}
                held={held?.appointment.id ?? null}
                reached={reached ?? first}
                canMove={props.canMove}
              />
            ))}
            {isNow && (
              <div
                className={styles["now"]}
                style={{ "--from": minutes(now.getTime() - frame.from) } as CSSProperties}
                aria-hidden="true"
              />
            )}
            {pick && (
              <Cursor
                spot={cursor ?? { column: 0, time: frame.from }}
                onPick={pick}
                grid={grid}
                zone={zone}
                name={dentists[cursor?.column ?? 0]?.name ?? ""}
              />
            )}
            {draft && grid.dentistIds.includes(draft.dentistId) && (
              <Ghost
                column={grid.dentistIds.indexOf(draft.dentistId)}
                style={place({ from: draft.from, to: draft.from + draft.minutes * MINUTE_MS })}
                kind="draft"
              >
                {timeOf(new Date(draft.from).toISOString(), zone)} <Trans>New appointment</Trans>
              </Ghost>
            )}
            {offered(alternatives, grid).map(({ slot, column, lane }) => (
              <SlotGhost
                key={slot.dentistId + slot.startsAt}
                slot={slot}
                column={column}
                lane={lane}
                style={place(rangeOf(slot))}
                zone={zone}
                name={dentists[column]?.name ?? ""}
                onTake={() => props.onTake?.(slot)}
              />
            ))}
            {held && (
              <Ghost column={held.column} style={place(held)} kind="held">
                {timeOf(new Date(held.from).toISOString(), zone)}–{timeOf(new Date(held.to).toISOString(), zone)}{" "}
                {held.appointment.patientName}
              </Ghost>
            )}
          </div>
        </div>
      </div>
      <p id="sheet-how" className="unseen">
        <Trans>
          Enter picks it up, arrows move it, Shift with up and down changes its end, Enter drops it, Escape puts it
          back. D shows the details.
        </Trans>
      </p>
      <p className="unseen" aria-live="assertive">
        {said}
      </p>
    </div>
  );
}

type OfColumn = Ground & { appointments: ShownAppointment[] };
const EMPTY: OfColumn = { appointments: [], holds: [], timeOff: [], closures: [] };

function byDentist(
  appointments: ShownAppointment[],
  { holds, timeOff, closures }: Ground,
  dentists: Dentist[],
): Map<string, OfColumn> {
  const of = <Each extends { dentistId: string }>(all: Each[], id: string) =>
    all.filter(({ dentistId }) => dentistId === id);
  return new Map(
    dentists.map(({ id }) => [
      id,
      { appointments: of(appointments, id), holds: of(holds, id), timeOff: of(timeOff, id), closures },
    ]),
  );
}

/** The alternatives that lie on the sheet, beside each other where they overlap. */
function offered(alternatives: Slot[], { frame, dentistIds }: Grid): { slot: Slot; column: number; lane: Lane }[] {
  return dentistIds.flatMap((id, column) => {
    const slots = alternatives.filter(({ dentistId, startsAt, endsAt }) => {
      return dentistId === id && Date.parse(startsAt) >= frame.from && Date.parse(endsAt) <= frame.to;
    });
    const lanes = lanesOf(slots.map(rangeOf));
    return slots.map((slot, index) => ({ slot, column, lane: lanes[index] ?? ALONE }));
  });
}

const ALONE: Lane = { lane: 0, lanes: 1 };

/** An appointment that goes to another column is another element: it keeps the focus. */
function useFocusKept(area: React.RefObject<HTMLElement | null>): void {
  const focused = useRef<string | null>(null);
  useLayoutEffect(() => {
    const listened = area.current;
    const keep = ({ target }: FocusEvent) => {
      focused.current = (target as HTMLElement).dataset["appointmentId"] ?? null;
    };
    const forget = ({ target }: FocusEvent) => {
      if ((target as HTMLElement).isConnected) focused.current = null;
    };
    listened?.addEventListener("focusin", keep);
    listened?.addEventListener("focusout", forget);
    return () => {
      listened?.removeEventListener("focusin", keep);
      listened?.removeEventListener("focusout", forget);
    };
  }, [area]);
  useLayoutEffect(() => {
    if (focused.current === null || document.activeElement !== document.body) return;
    area.current
      ?.querySelector<HTMLElement>(`[data-appointment-id="${focused.current}"]`)
      ?.focus({ preventScroll: true });
  });
}
