import type { Slot } from "@dental-sync/client";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { dateOf, dayOf, ownTime, timeOf } from "../../shared/times";
import styles from "./Times.module.css";

interface SlotsProps {
  slots: Slot[];
  gone?: Slot[];
  zone: string;
  name: (dentistId: string) => string | undefined;
  /** Where they are not all of one day, each says which. */
  saysDay?: boolean;
}

/** Times to take one of; each is a place in the address. */
export function Slots({ slots, gone = [], zone, name, saysDay = false }: SlotsProps) {
  return (
    <ul className={`${styles["slots"]} ${saysDay ? styles["wide"] : ""}`}>
      {slots.map((slot) => {
        const { startsAt, dentistId } = slot;
        const own = ownTime(startsAt, zone);
        const facts = (
          <>
            {saysDay && <span className={styles["day"]}>{dayOf(startsAt, zone)}</span>}
            <time className={styles["clock"]} dateTime={startsAt}>
              {timeOf(startsAt, zone)}
            </time>
            {own !== null && (
              <span className={styles["own"]}>
                <Trans>{own} your time</Trans>
              </span>
            )}
            {name(dentistId) !== undefined && <span className={styles["who"]}>{name(dentistId)}</span>}
          </>
        );
        return (
          <li key={startsAt + dentistId}>
            {gone.includes(slot) ? (
              <span className={styles["gone"]} data-gone="">
                {facts}
                <span className="unseen">
                  <Trans>taken</Trans>
                </span>
              </span>
            ) : (
              <Link
                to="/book"
                search={(now) => ({ ...now, date: dateOf(startsAt, zone), at: startsAt, with: dentistId })}
                className={styles["slot"]}
                data-slot={startsAt}
                data-dentist-id={dentistId}
                activeProps={{}}
              >
                {facts}
              </Link>
            )}
          </li>
        );
      })}
    </ul>
  );
}
