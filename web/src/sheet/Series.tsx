import type { Appointment } from "@dental-sync/client";
import { useAppointments } from "@dental-sync/client/react";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useMemo, useState } from "react";
import { Button } from "../shared/Button";
import { Confirm } from "../shared/Confirm";
import { Field } from "../shared/Field";
import { Message } from "../shared/Message";
import { Status } from "../shared/Status";
import { dayOf, timeOf } from "../shared/times";
import { codeInWords } from "../staff/refusals";
import { instantOf, localOf } from "../staff/spans";
import card from "./Card.module.css";
import styles from "./Series.module.css";
import { followers, standing, useFollowers } from "./following";

interface SeriesProps {
  appointment: Appointment;
  zone: string;
  own: (changed: Appointment) => void;
}

/** Which one of its series an appointment is, the others, and what can be done with those that follow it. */
export function Series({ appointment, zone, own }: SeriesProps) {
  const { seriesId } = appointment;
  const { appointments } = useAppointments(useMemo(() => ({ seriesId: seriesId ?? "" }), [seriesId]));
  const following = useFollowers(appointment, own);
  if (appointments === undefined) {
    return (
      <p aria-busy="true">
        <Trans>One of a series</Trans>
      </p>
    );
  }
  const series = standing(appointments);
  const number = series.findIndex(({ id }) => id === appointment.id) + 1;
  const changed = followers(appointments, appointment);
  const isFirstOfMore = changed.length > 1 && changed.some(({ id }) => id === appointment.id);
  return (
    <section className={styles["series"]} aria-labelledby="series" data-series="">
      <h3 id="series">
        {number > 0 ? (
          <Trans>
            {number} of {series.length} in a series
          </Trans>
        ) : (
          <Trans>One of a series</Trans>
        )}
      </h3>
      <details>
        <summary>
          <Trans>All of them</Trans>
        </summary>
        <ol className={styles["all"]}>
          {appointments.map(({ id, startsAt, status }) => (
            <li key={id} aria-current={id === appointment.id || undefined}>
              {dayOf(startsAt, zone)}, {timeOf(startsAt, zone)}{" "}
              {status !== "booked" && <Status status={status} />}
            </li>
          ))}
        </ol>
      </details>
      {isFirstOfMore && <Following appointment={appointment} count={changed.length} zone={zone} {...following} />}
      {following.refused.length > 0 && (
        <Message kind="danger">
          <Plural value={following.refused.length} one="# stays as it was:" other="# stay as they were:" />
          <ul>
            {following.refused.map(({ id, code }) => (
              <li key={id}>
                <When appointment={appointments.find((each) => each.id === id)} zone={zone} /> {codeInWords(code)}
              </li>
            ))}
          </ul>
        </Message>
      )}
    </section>
  );
}

function When({ appointment, zone }: { appointment: Appointment | undefined; zone: string }) {
  if (appointment === undefined) return null;
  return (
    <strong>
      {dayOf(appointment.startsAt, zone)}, {timeOf(appointment.startsAt, zone)}:
    </strong>
  );
}

interface FollowingProps extends ReturnType<typeof useFollowers> {
  appointment: Appointment;
  /** How many are changed, this one among them. */
  count: number;
  zone: string;
}

function Following({ appointment: { startsAt }, count, zone, isBusy, move, cancel }: FollowingProps) {
  const { t } = useLingui();
  const [to, setTo] = useState<string | null>(null);
  const begin = to === null ? null : instantOf(to, zone);
  const isElsewhere = begin !== null && Date.parse(begin) !== Date.parse(startsAt);
  return (
    <>
      {to !== null && (
        <form
          className={styles["move"]}
          aria-label={t`Move this and all that follow`}
          onSubmit={(event) => {
            event.preventDefault();
            if (!isElsewhere || isBusy) return;
            setTo(null);
            void move(begin);
          }}
        >
          <Field
            label={t`This one begins`}
            hint={t`Those that follow move by as much.`}
            type="datetime-local"
            value={to}
            onChange={setTo}
            autoFocus
            isRequired
          />
          <div className={card["actions"]}>
            <Button size="small" type="submit" look="main" isDisabled={!isElsewhere}>
              <Plural value={count} one="Move # appointment" other="Move # appointments" />
            </Button>
            <Button size="small" onPress={() => setTo(null)}>
              <Trans>Leave it as it is</Trans>
            </Button>
          </div>
        </form>
      )}
      <div className={card["actions"]}>
        {to === null && (
          <Button size="small" isBusy={isBusy} data-following="move" onPress={() => setTo(localOf(startsAt, zone))}>
            <Trans>Move this and all that follow</Trans>
          </Button>
        )}
        <Confirm
          trigger={
            <Button size="small" look="danger" isBusy={isBusy} data-following="cancel">
              <Trans>Cancel this and all that follow</Trans>
            </Button>
          }
          title={<Plural value={count} one="Cancel # appointment?" other="Cancel # appointments?" />}
          action={<Trans>Cancel them</Trans>}
          onConfirm={() => void cancel()}
        >
          <p>
            <Trans>Their times are free at once, for others too.</Trans>
          </p>
        </Confirm>
      </div>
    </>
  );
}
