import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "../../shared/Button";
import { dateOf, dayOf, longDate, timeOf } from "../../shared/times";
import card from "../../sheet/Card.module.css";
import { PatientSearch } from "./PatientSearch";
import type { Patient } from "./search";

const SHOWN = 5;

/** Finds a patient by name, phone or day of birth, and when they are to come. */
export function Finder({ zone }: { zone: string }) {
  const { t } = useLingui();
  const [patient, setPatient] = useState<Patient | null>(null);
  return (
    <section className={card["card"]} aria-label={t`Find a patient`} data-finder="">
      {patient === null ? (
        <PatientSearch label={t`Find a patient`} onChoose={setPatient} />
      ) : (
        <>
          <header className={card["cardHead"]}>
            <h2>{patient.name}</h2>
            <p className={card["soft"]}>
              {[patient.phone, patient.birthDate && longDate(patient.birthDate)].filter(Boolean).join(" · ")}
            </p>
            {patient.remark && <p className={card["remark"]}>{patient.remark}</p>}
          </header>
          <ToCome patient={patient} zone={zone} />
          <Button size="small" onPress={() => setPatient(null)}>
            <Trans>Somebody else</Trans>
          </Button>
        </>
      )}
    </section>
  );
}

function ToCome({ patient, zone }: { patient: Patient; zone: string }) {
  const { data } = useQuery({
    queryKey: ["to-come", patient.id],
    queryFn: () => {
      const wanted = { patientId: patient.id, from: new Date().toISOString(), status: "pending,booked" };
      return realtimeSyncService.api.listAppointments({ ...wanted, limit: SHOWN });
    },
    staleTime: 0,
  });
  if (data === undefined) return null;
  if (data.items.length === 0) {
    return (
      <p>
        <Trans>No appointment ahead</Trans>
      </p>
    );
  }
  return (
    <ul>
      {data.items.map(({ id, startsAt, dentistName }) => (
        <li key={id}>
          <Link to="/desk" search={(now) => ({ ...now, date: dateOf(startsAt, zone) })}>
            {dayOf(startsAt, zone)}, {timeOf(startsAt, zone)}
          </Link>{" "}
          <span className={card["soft"]}>{dentistName}</span>
        </li>
      ))}
    </ul>
  );
}
