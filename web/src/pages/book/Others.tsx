import type { Slot } from "@dental-sync/client";
import { Trans } from "@lingui/react/macro";
import { Slots } from "./Slots";
import styles from "./Take.module.css";
import type { Place } from "./place";
import { nearest } from "./weeks";

const OFFERED = 3;

interface OthersProps {
  at: string;
  slots: Slot[] | undefined;
  place: Place;
}

/** Other times, a press away: the nearest to the one that was wanted. */
export function Others({ at, slots, place }: OthersProps) {
  const others = nearest((slots ?? []).filter(({ startsAt }) => startsAt !== at), at, OFFERED);
  if (others.length === 0) return null;
  return (
    <section className={styles["others"]} aria-labelledby="others">
      <h2 id="others">
        <Trans>Free near it</Trans>
      </h2>
      <Slots slots={others} zone={place.timeZone} name={(id) => place.dentists.find((one) => one.id === id)?.name} saysDay />
    </section>
  );
}
