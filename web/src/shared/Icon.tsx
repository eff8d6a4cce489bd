import styles from "./Icon.module.css";

/** Drawn on 16 by 16, in the colour of the words beside them. */
const PATHS = {
  dot: "M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3Z",
  question: "M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.8-1.1 1.6M8 12.5v.1",
  arrow: "M2.5 8h10m-4-4 4 4-4 4",
  back: "M13.5 8h-10m4-4-4 4 4 4",
  tick: "m3 8.5 3.5 3.5L13 4.5",
  ticks: "m1.5 8.5 3 3 6-7m-2.5 6 1.5 1.5 5-6.5",
  cross: "m4 4 8 8m0-8-8 8",
  dash: "M3.5 8h9",
  plus: "M8 3.5v9m-4.5-4.5h9",
} as const;

export type IconName = keyof typeof PATHS;

/** A sign beside words, or in place of words that are said otherwise. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className={`${styles["icon"]} ${name === "dot" ? styles["full"] : ""}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
