import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Button } from "../../shared/Button";
import { Message } from "../../shared/Message";
import { dateOf, dayOf, timeOf } from "../../shared/times";
import card from "../../sheet/Card.module.css";
import { codeInWords } from "../../staff/refusals";
import styles from "../../staff/Rows.module.css";
import type { SeriesOutcome } from "./series";

interface SeriesBookedProps {
  outcome: SeriesOutcome;
  zone: string;
  onClose: () => void;
}

/** What could not be had of a series, and the way to another time on that day for the same patient. */
export function SeriesBooked({ outcome: { patientId, patientName, booked, refused }, zone, onClose }: SeriesBookedProps) {
  const { t } = useLingui();
  return (
    <section className={card["card"]} aria-label={t`Series`} data-series-booked="">
      <header className={card["cardHead"]}>
        <h2>
          <Trans>Series for {patientName}</Trans>
        </h2>
        <p className={card["soft"]}>
          <Plural value={booked} one="# appointment is booked." other="# appointments are booked." />
        </p>
      </header>
      <Message kind="danger">
        <Plural
          value={refused.length}
          one="# could not be had. Its day shows what else is free; a click on a time books it for the same patient."
          other="# could not be had. Their days show what else is free; a click on a time books it for the same patient."
        />
      </Message>
      <ul className={styles["rows"]}>
        {refused.map(({ startsAt, code }) => (
          <li key={startsAt} className={styles["row"]} data-refused-code={code}>
            <Link
              from="/desk" to="/desk"
              search={(now) => ({ ...now, date: dateOf(startsAt, zone), patient: patientId })}
              activeProps={{}}
            >
              {dayOf(startsAt, zone)}, {timeOf(startsAt, zone)}
            </Link>
            <p className={styles["why"]}>{codeInWords(code)}</p>
          </li>
        ))}
      </ul>
      <div className={card["actions"]}>
        <Button onPress={onClose}>
          <Trans>Close</Trans>
        </Button>
      </div>
    </section>
  );
}
