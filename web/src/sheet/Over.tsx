import type { Slot } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import type { CSSProperties, ReactNode } from "react";
import { timeOf } from "../shared/times";
import styles from "./Over.module.css";
import { type Carrying, useHeld } from "./carrying";
import type { Draft } from "./Sheet";
import { type SheetColumn, columnOf } from "./columns";
import type { Grid, Spot } from "./held";
import { type Lane, MINUTE_MS, type Range, lanesOf, minutes, rangeOf } from "./layout";

interface OverProps {
  grid: Grid;
  zone: string;
  carrying: Carrying;
  cursor: Spot;
  onPick: ((spot: Spot) => void) | undefined;
  draft: Draft | null;
  alternatives: readonly Offer[];
  onTake: (slot: Slot) => void;
}

type Offer = Slot & { chairId?: string | null };

/** What lies over the columns: what is moved, booked or offered, and where keys would book. */
export function Over({ grid, zone, carrying, cursor, onPick, draft, alternatives, onTake }: OverProps) {
  const { columns } = grid;
  return (
    <>
      {onPick && <Cursor spot={cursor} onPick={onPick} grid={grid} zone={zone} name={columns[cursor.column]?.name ?? ""} />}
      {draft && <DraftGhost draft={draft} columns={columns} zone={zone} />}
      {offered(alternatives, columns).map(({ slot, column, lane, place }) => (
        <SlotGhost
          key={slot.dentistId + slot.startsAt}
          slot={slot}
          column={column}
          lane={lane}
          style={place}
          zone={zone}
          name={columns[column]?.name ?? ""}
          onTake={() => onTake(slot)}
        />
      ))}
      <HeldGhost carrying={carrying} columns={columns} zone={zone} />
    </>
  );
}

function placeOf({ from, to }: Range, { frame }: SheetColumn): Place {
  return { "--from": minutes(from - frame.from), "--for": minutes(to - from) };
}

/** The alternatives that lie on the sheet, beside each other where they overlap. */
function offered(alternatives: readonly Offer[], columns: readonly SheetColumn[]) {
  return columns.flatMap((each, column) => {
    const slots = alternatives.filter((slot) => columnOf(columns, slot) === column);
    const lanes = lanesOf(slots.map(rangeOf));
    return slots.map((slot, index) => ({
      slot,
      column,
      lane: lanes[index] ?? ALONE,
      place: placeOf(rangeOf(slot), each),
    }));
  });
}

const ALONE: Lane = { lane: 0, lanes: 1 };

type Place = Record<"--from" | "--for", number>;

interface GhostProps {
  column: number;
  style: Place;
  kind: "held" | "draft";
  children: ReactNode;
}

/** Where something would be. */
function Ghost({ column, style, kind, children }: GhostProps) {
  return (
    <div
      className={`${styles["over"]} ${styles[kind]}`}
      style={{ ...style, "--column": column } as CSSProperties}
      data-ghost={kind}
      aria-hidden="true"
    >
      {children}
    </div>
  );
}

interface DraftGhostProps {
  draft: Draft;
  columns: readonly SheetColumn[];
  zone: string;
}

/** What is being booked, where it will be. */
function DraftGhost({ draft: { from, minutes: long, dentistId, chairId = null }, columns, zone }: DraftGhostProps) {
  const to = from + long * MINUTE_MS;
  const [startsAt, endsAt] = [new Date(from).toISOString(), new Date(to).toISOString()];
  const at = columnOf(columns, { dentistId, chairId, startsAt, endsAt });
  const column = columns[at];
  if (column === undefined) return null;
  return (
    <Ghost column={at} style={placeOf({ from, to }, column)} kind="draft">
      {timeOf(startsAt, zone)} <Trans>New appointment</Trans>
    </Ghost>
  );
}

interface HeldGhostProps {
  carrying: Carrying;
  columns: readonly SheetColumn[];
  zone: string;
}

/** What is being moved, where it would go. */
function HeldGhost({ carrying, columns, zone }: HeldGhostProps) {
  const held = useHeld(carrying, (each) => each);
  const column = held && columns[held.column];
  if (!column) return null;
  return (
    <>
      <Ghost column={held.column} style={placeOf(held, column)} kind="held">
        {timeOf(new Date(held.from).toISOString(), zone)}–{timeOf(new Date(held.to).toISOString(), zone)}{" "}
        {held.appointment.patientName}
      </Ghost>
      {held.by === "pointer" && <div className={styles["veil"]} data-mode={held.mode} />}
    </>
  );
}

interface SlotGhostProps {
  slot: Slot;
  column: number;
  lane: Lane;
  style: Place;
  zone: string;
  name: string;
  onTake: () => void;
}

/** A time that is free in place of the one that was refused. */
function SlotGhost({ slot, column, lane, style, zone, name, onTake }: SlotGhostProps) {
  const time = timeOf(slot.startsAt, zone);
  return (
    <button
      type="button"
      className={`${styles["over"]} ${styles["slot"]}`}
      style={{ ...style, "--column": column, "--lane": lane.lane, "--lanes": lane.lanes } as CSSProperties}
      data-slot={slot.startsAt}
      data-dentist-id={slot.dentistId}
      onClick={onTake}
    >
      <Trans>Rather {time}</Trans>
      <span className="unseen">, {name}</span>
    </button>
  );
}

interface CursorProps {
  spot: Spot;
  onPick: (spot: Spot) => void;
  grid: Grid;
  zone: string;
  name: string;
}

/** Chooses an empty time by keys. */
function Cursor({ spot, onPick, grid, zone, name }: CursorProps) {
  const { t } = useLingui();
  const time = timeOf(new Date(spot.time).toISOString(), zone);
  const from = grid.columns[spot.column]?.frame.from ?? spot.time;
  const style = { "--column": spot.column, "--from": minutes(spot.time - from), "--for": grid.step };
  return (
    <button
      type="button"
      className={`${styles["over"]} ${styles["cursor"]}`}
      style={style as CSSProperties}
      data-cursor=""
      onClick={({ detail }) => {
        // Pressed by a screen reader, and not by a pointer.
        if (detail === 0) onPick(spot);
      }}
      aria-label={t`New appointment at ${time}, ${name}. Arrows choose another time, Enter books.`}
    >
      + {time}
    </button>
  );
}
