import { Trans, useLingui } from "@lingui/react/macro";
import type { Slot } from "@dental-sync/client";
import { Button } from "../../shared/Button";
import { dayOf, timeOf } from "../../shared/times";
import { inWords } from "../../words/refusals";
import styles from "./Demo.module.css";
import type { Stage } from "./stage";
import type { Booker, Report as Reported, Took } from "./stories";

interface ReportProps {
  stage: Stage;
  report: Reported;
  onTake: (who: Booker, time: Slot) => void;
}

/** What came of a story. */
export function Report({ stage, report, onTake }: ReportProps) {
  const { people, zone } = stage;
  const patient = people.patient.account.name;
  const other = stage.other.name;
  if (report.kind === "nothing") return <Trans>Nothing is free in the next weeks. Cancel something at the front desk, then try again.</Trans>;
  if (report.kind === "back") {
    const ms = Math.round(report.took);
    return <Trans>The dentist's screen is connected again and complete after {ms} ms, with what was booked meanwhile.</Trans>;
  }
  const { booked } = report;
  const day = dayOf(booked.startsAt, zone);
  const time = timeOf(booked.startsAt, zone);
  if (report.kind === "raced") {
    return (
      <>
        {report.refused === "desk" ? (
          <Trans>
            {patient} was first and has {time}. The front desk is told:
          </Trans>
        ) : (
          <Trans>
            The front desk was first, and {other} has {time}. {patient} is told:
          </Trans>
        )}{" "}
        <q>{inWords(report.refusal)}</q>
        <Offers {...report} stage={stage} onTake={onTake} />
      </>
    );
  }
  const name = booked.patientName;
  return (
    <>
      <Trans>
        Booked: {name}, {day}, {time}.
      </Trans>{" "}
      {report.kind === "cut" ? (
        <Trans>The dentist's screen does not know it, and says as of when it is true.</Trans>
      ) : (
        <Where took={report.took} />
      )}
    </>
  );
}

function Where({ took: { dentist, desk } }: { took: Took }) {
  const [atDentist, atDesk] = [Math.round(dentist ?? 0), Math.round(desk ?? 0)];
  return (
    <>
      {dentist !== undefined && <Trans>On the dentist's screen after {atDentist} ms.</Trans>}{" "}
      {desk !== undefined && <Trans>At the front desk after {atDesk} ms.</Trans>}
    </>
  );
}

interface OffersProps extends Extract<Reported, { kind: "raced" }> {
  stage: Stage;
  onTake: (who: Booker, time: Slot) => void;
}

/** The times that a refusal offers instead, each a press away for whoever was refused. */
function Offers({ refused, refusal, stage: { zone, dentists }, onTake }: OffersProps) {
  const { t } = useLingui();
  return (
    <span className={styles["offers"]} role="group" aria-label={t`Offered instead`}>
      {refusal.alternatives.map((slot) => (
        <Button
          key={slot.dentistId + slot.startsAt}
          size="small"
          data-slot={slot.startsAt}
          data-dentist-id={slot.dentistId}
          onPress={() => onTake(refused, slot)}
        >
          {timeOf(slot.startsAt, zone)} · {dentists.get(slot.dentistId)}
        </Button>
      ))}
    </span>
  );
}
