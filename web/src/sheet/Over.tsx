import type { Slot } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import type { CSSProperties, ReactNode } from "react";
import { timeOf } from "../shared/times";
import styles from "./Over.module.css";
import type { Grid, Spot } from "./held";
import { type Lane, minutes } from "./layout";

type Place = Record<"--from" | "--for", number>;

interface GhostProps {
  column: number;
  style: Place;
  kind: "held" | "draft";
  children: ReactNode;
}

/** Where something would be. */
export function Ghost({ column, style, kind, children }: GhostProps) {
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
export function SlotGhost({ slot, column, lane, style, zone, name, onTake }: SlotGhostProps) {
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
export function Cursor({ spot, onPick, grid, zone, name }: CursorProps) {
  const { t } = useLingui();
  const time = timeOf(new Date(spot.time).toISOString(), zone);
  const style = { "--column": spot.column, "--from": minutes(spot.time - grid.frame.from), "--for": grid.step };
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
