import type { Appointment } from "@dental-sync/client";
import { Plural, Trans } from "@lingui/react/macro";
import { Button } from "../shared/Button";
import { dayOf, timeOf } from "../shared/times";
import { isFreed } from "../sheet/layout";
import card from "../sheet/Card.module.css";
import { isForcible } from "../sheet/changing";
import { whyNot } from "./handOver";
import styles from "./Rows.module.css";
import { ToDay } from "./ToDay";

interface GoingOverProps {
  going: Appointment[];
  /** What the colleague has in the span. */
  taken: Appointment[];
  /** Codes by id, once it was tried. */
  refused: ReadonlyMap<string, string> | null;
  zone: string;
  /** Null while no colleague is chosen, and for who may not. */
  onForce: ((appointment: Appointment) => void) | null;
}

/** Those that go to a colleague, with what the colleague has at that time; of those that were refused why, and what to do. */
export function GoingOver({ going, taken, refused, zone, onForce }: GoingOverProps) {
  return (
    <>
      <h3 className={card["soft"]}>
        <Plural value={going.length} one="# appointment" other="# appointments" />
      </h3>
      <ul className={styles["rows"]}>
        {going.map((appointment) => {
          const { id, patientName, startsAt } = appointment;
          const code = refused?.get(id);
          const clash = code === undefined ? taken.find((other) => overlaps(appointment, other)) : undefined;
          return (
            <li key={id} className={styles["row"]} data-refused-code={code}>
              <p>
                <ToDay appointment={appointment} zone={zone}>
                  {patientName}
                </ToDay>
                <span className={card["soft"]}>
                  {dayOf(startsAt, zone)}, {timeOf(startsAt, zone)}
                </span>
              </p>
              {clash !== undefined && (
                <p className={styles["why"]}>
                  <Trans>
                    {clash.dentistName} has {clash.patientName} then
                  </Trans>
                </p>
              )}
              {code !== undefined && <p className={styles["why"]}>{whyNot(code)}</p>}
              {code !== undefined && isForcible(code) && onForce !== null && (
                <Button size="small" look="danger" onPress={() => onForce(appointment)}>
                  <Trans>Put it in anyway</Trans>
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}

function overlaps(one: Appointment, other: Appointment): boolean {
  return !isFreed(other) && one.startsAt < other.endsAt && other.startsAt < one.endsAt;
}
