import { type Appointment, realtimeSyncService } from "@dental-sync/client";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Button } from "../../shared/Button";
import { Status } from "../../shared/Status";
import { type Move, movesOf } from "../../staff/moves";
import { timeOf, todayIn } from "../../shared/times";
import { useMoveWords } from "../../staff/useMoves";
import styles from "./Next.module.css";
import { ageOn, beginsIn, hereFor, toBeSeen } from "./next";

interface NextProps {
  /** Those of today. */
  appointments: readonly Appointment[];
  zone: string;
  now: Date;
  treatmentsOf: (appointment: Appointment) => string;
  isAssistant: boolean;
  isMoving: (id: string) => boolean;
  onMove: (move: Move, appointment: Appointment) => void;
}

/** The patient whose turn it is: who, when, what for, and whether they are here. Then who comes after them. */
export function Next({ appointments, zone, now, treatmentsOf, isAssistant, isMoving, onMove }: NextProps) {
  const { t } = useLingui();
  const words = useMoveWords();
  const [first, second] = toBeSeen(appointments, now);
  if (first === undefined) return null;
  const { id, status, patientName, startsAt, endsAt, reason } = first;
  const [move] = movesOf(first, zone, now, isAssistant);
  return (
    <section className={styles["next"]} aria-label={t`Next patient`} data-next-patient={id}>
      <div className={styles["who"]}>
        <p className={styles["kicker"]}>
          {status === "checked-in" ? <Trans>Now</Trans> : <Trans>Next patient</Trans>}
        </p>
        <h2>{patientName}</h2>
        <p>
          {[`${timeOf(startsAt, zone)}–${timeOf(endsAt, zone)}`, treatmentsOf(first), reason].filter(Boolean).join(" · ")}
        </p>
        {!isAssistant && <About patientId={first.patientId} today={todayIn(zone, now)} />}
      </div>
      <div className={styles["state"]}>
        <Status status={status} />
        <p className={styles["since"]}>
          <Since appointment={first} now={now} />
        </p>
        {move && (
          <Button look="main" isBusy={isMoving(id)} data-move={move} onPress={() => onMove(move, first)}>
            {words[move]}
          </Button>
        )}
      </div>
      {second && (
        <p className={styles["then"]}>
          <Trans>Then</Trans>{" "}
          <strong>
            {timeOf(second.startsAt, zone)} {second.patientName}
          </strong>
          {" · "}
          <Since appointment={second} now={now} />
        </p>
      )}
    </section>
  );
}

/** How long somebody has been here, or when they are to come. */
function Since({ appointment, now }: { appointment: Appointment; now: Date }) {
  const waited = hereFor(appointment, now);
  const ahead = beginsIn(appointment, now);
  if (waited !== null) return <Plural value={waited} one="here for # minute" other="here for # minutes" />;
  if (ahead >= 60) return <Trans>not here yet</Trans>;
  if (ahead > 0) return <Plural value={ahead} one="not here yet, begins in # minute" other="not here yet, begins in # minutes" />;
  if (ahead === 0) return <Trans>not here yet, begins now</Trans>;
  return <Plural value={-ahead} one="not here yet, # minute late" other="not here yet, # minutes late" />;
}

/** What has to be known before the patient comes in. */
function About({ patientId, today }: { patientId: string; today: string }) {
  const { data } = useQuery({
    queryKey: ["patient", patientId],
    queryFn: () => realtimeSyncService.api.getPatient(patientId),
  });
  if (data === undefined) return null;
  const { birthDate, phone, remark } = data;
  return (
    <>
      {(birthDate || phone) && (
        <p className={styles["soft"]}>
          {birthDate && <Plural value={ageOn(birthDate, today)} one="# year old" other="# years old" />}
          {birthDate && phone && " · "}
          {phone && <a href={`tel:${phone.replace(/[^\d+]/g, "")}`}>{phone}</a>}
        </p>
      )}
      {remark && <p className={styles["remark"]}>{remark}</p>}
    </>
  );
}
