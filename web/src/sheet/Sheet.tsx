import type { Appointment, Change, Slot } from "@dental-sync/client";
import type { ShownAppointment } from "@dental-sync/client/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import { timeOf } from "../shared/times";
import { Drawing, type DrawingProps } from "./Drawing";
import { Over } from "./Over";
import { useCarrying, useHeld } from "./carrying";
import { type SheetColumn, filled, isSameColumn, isSameList, kept } from "./columns";
import { useFocusKept } from "./focus";
import { type Found, useGestures } from "./gestures";
import { type Held, type Spot, changeOf } from "./held";
import { useKept } from "./kept";
import { useKeys } from "./keys";
import { MINUTE_MS, type Range, snapped } from "./layout";

/** A time that is being booked, and for how many minutes. */
export interface Draft {
  dentistId: string;
  chairId?: string | null;
  from: number;
  minutes: number;
}

export interface SheetProps
  extends Pick<DrawingProps, "zone" | "step" | "now" | "treatments" | "chosen" | "head" | "narrowest"> {
  columns: readonly SheetColumn[];
  /** The column at which it begins, by id, where there is no room for all. */
  first?: string | undefined;
  appointments: readonly ShownAppointment[];
  withDentist?: boolean;
  changed?: ReadonlySet<string>;
  draft?: Draft | null;
  /** The one whose change was refused. */
  refused?: string | null | undefined;
  /** Times to take in place of one that was refused. */
  alternatives?: readonly (Slot & { chairId?: string | null })[];
  onChoose: (id: string) => void;
  /** The details of the chosen one are wanted by key. */
  onDetails?: () => void;
  /** An appointment is dropped elsewhere; without it nothing is moved. */
  onMove?: ((appointment: Appointment, change: Change) => void) | undefined;
  /** A free time is chosen. */
  onPick?: ((column: SheetColumn, at: number) => void) | undefined;
  onTake?: (slot: Slot) => void;
}

/** The day sheet: columns of dentists, chairs or days, time downwards. It knows what it is given, and follows nothing. */
export function Sheet(props: SheetProps) {
  const { zone, now, step, draft, alternatives = NONE, changed = NOBODY, onChoose, onMove, onPick } = props;
  const { t } = useLingui();
  const area = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const carrying = useCarrying();
  const [cursor, setCursor] = useState<Spot>({ column: 0, time: 0 });
  const [reached, setReached] = useState<string | null>(null);
  const [said, setSaid] = useState("");

  const columns = useKept(props.columns, (before, next) => kept(before, next, isSameColumn));
  const appointments = useKept<readonly ShownAppointment[][]>(
    useMemo(() => filled(columns, props.appointments), [columns, props.appointments]),
    (before, next) => kept(before, next, isSameList),
  );
  const grid = useMemo(() => ({ step, columns }), [step, columns]);
  const find = useCallback((id: string) => found(appointments, id), [appointments]);
  const first = appointments.find((each) => each.length > 0)?.[0]?.id ?? null;
  const canMove = onMove !== undefined;
  const held = useHeld(carrying, (each) => each?.appointment.id);
  const at = spotWithin(cursor, columns);

  function drop(last: Held): void {
    carrying.set(null);
    const change = changeOf(last, grid);
    if (change !== null) onMove?.(last.appointment, change);
    // Picked up and put down again by keys: looked at.
    else if (last.by === "keys") onChoose(last.appointment.id);
  }
  const pick =
    onPick &&
    (({ column, time }: Spot) => {
      const picked = columns[column];
      if (picked) onPick(picked, snapped(time, picked.frame, step, Math.floor));
    });
  const describe = ({ from, to, column }: Range & { column: number }) =>
    t`${timeOf(new Date(from).toISOString(), zone)} to ${timeOf(new Date(to).toISOString(), zone)}, ${columns[column]?.name ?? ""}`;

  useGestures(area, scroller, { grid, canMove, find, carrying, onDrop: drop, onPick: (spot) => pick?.(spot) });
  const keys = useKeys({
    area,
    grid,
    carrying,
    cursor: at,
    canMove,
    find,
    appointments,
    onHold: (next) => {
      carrying.set(next);
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
  useBeginning(scroller, area, columns, now, props.first);

  return (
    <>
      <Drawing
        scroller={scroller}
        area={area}
        on={{
          onKeyDown: keys,
          onBlur: ({ relatedTarget }) => {
            // Left behind for something else on the page, and not for another window.
            if (carrying.get()?.by === "keys" && relatedTarget !== null) carrying.set(null);
          },
          onFocus: ({ target }) => setReached(target.dataset["appointmentId"] ?? null),
          onClick: ({ target }) => {
            const id = (target as Element).closest<HTMLElement>("[data-appointment-id]")?.dataset["appointmentId"];
            if (id !== undefined) onChoose(id);
          },
        }}
        zone={zone}
        step={step}
        now={now}
        columns={columns}
        appointments={appointments}
        treatments={props.treatments}
        withDentist={props.withDentist ?? false}
        changed={changed}
        chosen={props.chosen}
        refused={props.refused ?? null}
        held={held ?? null}
        reached={reached ?? first}
        canMove={canMove}
        head={props.head}
        narrowest={props.narrowest}
      >
        <Over
          grid={grid}
          zone={zone}
          carrying={carrying}
          cursor={at}
          onPick={pick}
          draft={draft ?? null}
          alternatives={alternatives}
          onTake={(slot) => props.onTake?.(slot)}
        />
      </Drawing>
      {canMove && (
        <p id="sheet-how" className="unseen">
          <Trans>
            Enter picks it up, arrows move it, Shift with up and down changes its end, Enter drops it, Escape puts it
            back. D shows the details.
          </Trans>
        </p>
      )}
      <p className="unseen" aria-live="assertive">
        {said}
      </p>
    </>
  );
}

const NONE: Slot[] = [];
const NOBODY: ReadonlySet<string> = new Set();

function found(columns: readonly ShownAppointment[][], id: string): Found | undefined {
  for (const [column, its] of columns.entries()) {
    const appointment = its.find((each) => each.id === id);
    if (appointment !== undefined) return { appointment, column };
  }
  return undefined;
}

/** The same place on another sheet. */
function spotWithin({ column, time }: Spot, columns: readonly SheetColumn[]): Spot {
  const within = Math.min(column, columns.length - 1);
  const { from = 0, to = 0 } = columns[within]?.frame ?? {};
  return { column: Math.max(within, 0), time: time >= from && time < to ? time : from };
}

/** Scrolls to where the sheet begins to be of interest: a column, and now or the first opening. */
function useBeginning(
  scroller: RefObject<HTMLElement | null>,
  area: RefObject<HTMLElement | null>,
  columns: readonly SheetColumn[],
  now: Date | null,
  first: string | undefined,
): void {
  const hasBegun = useRef(false);
  useLayoutEffect(() => {
    if (hasBegun.current || scroller.current === null || area.current === null) return;
    hasBegun.current = true;
    const time = now?.getTime() ?? 0;
    const frame = columns.find(({ frame: { from, to } }) => time >= from && time < to)?.frame;
    const column = columns.findIndex(({ id }) => id === first);
    if (column > 0) scroller.current.scrollLeft = (column / columns.length) * area.current.offsetWidth;
    if (frame === undefined) return;
    const share = (time - frame.from) / (frame.to - frame.from);
    scroller.current.scrollTop = share * area.current.offsetHeight - scroller.current.clientHeight / 3;
  });
}
