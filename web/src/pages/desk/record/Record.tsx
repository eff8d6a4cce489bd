import { ApiError } from "@dental-sync/client";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef } from "react";
import { Button } from "../../../shared/Button";
import { Message } from "../../../shared/Message";
import { longDate } from "../../../shared/times";
import card from "../../../sheet/Card.module.css";
import { useHasRoom } from "../../../sheet/Side";
import { inStaffWords } from "../../../staff/refusals";
import { Correct } from "./Correct";
import { Duplicates } from "./Duplicates";
import { Guardians } from "./Guardians";
import { Invite } from "./Invite";
import { Merges } from "./Merges";
import styles from "./Record.module.css";
import { ToCome } from "./ToCome";
import { usePatientQuery } from "./patient";

interface RecordProps {
  patientId: string;
  zone: string;
  onClose: () => void;
  /** Another record is to be shown in its place. */
  onOpen: (patientId: string) => void;
}

/** A patient's record at the desk: who it is, when they come, who acts for them, and what may be the same person's. */
export function Record({ patientId, zone, onClose, onOpen }: RecordProps) {
  const { t } = useLingui();
  const { data: patient, error } = usePatientQuery(patientId);
  const isBeside = useHasRoom();
  const region = useRef<HTMLElement>(null);
  const isThere = patient !== undefined;
  // Whoever opened it by keys goes on in it.
  useEffect(() => {
    if (isThere) region.current?.focus({ preventScroll: true });
  }, [isThere, patientId]);
  return (
    <section
      ref={region}
      className={card["card"]}
      aria-label={t`Patient`}
      tabIndex={-1}
      data-record={patientId}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      {error && (
        <Message kind="danger">
          {error instanceof ApiError && error.code === "not-found" ? t`This record is no longer there.` : inStaffWords(error)}
        </Message>
      )}
      {!error && !isThere && <p aria-busy="true">…</p>}
      {patient !== undefined && (
        <>
          <header className={card["cardHead"]}>
            <h2>{patient.name}</h2>
            {patient.birthDate && <p className={card["soft"]}>{longDate(patient.birthDate)}</p>}
            {patient.phone && (
              <p>
                <a href={`tel:${patient.phone.replace(/[^\d+]/g, "")}`}>{patient.phone}</a>
              </p>
            )}
            {patient.email && <p className={card["soft"]}>{patient.email}</p>}
            {patient.remark && <p className={card["remark"]}>{patient.remark}</p>}
            {patient.noShows !== undefined && patient.noShows > 0 && (
              <p className={card["soft"]}>
                <Trans>
                  Did not come: <Plural value={patient.noShows} one="once" other="# times" />
                </Trans>
              </p>
            )}
          </header>
          <div className={styles["part"]}>
            <h3>
              <Trans>Appointments ahead</Trans>
            </h3>
            <ToCome key={patientId} patientId={patientId} zone={zone} />
            {isBeside && (
              <p className={card["soft"]}>
                <Trans>A click on a free time books it for this patient.</Trans>
              </p>
            )}
          </div>
          <Correct key={`correct ${patientId}`} patient={patient} />
          <Merges patientId={patientId} zone={zone} />
          <Duplicates patient={patient} zone={zone} onMerged={onOpen} />
          <Guardians patient={patient} />
          <Invite patient={patient} />
        </>
      )}
      <div className={card["actions"]}>
        <Button size="small" look="quiet" onPress={onClose}>
          <Trans>Close</Trans>
        </Button>
      </div>
    </section>
  );
}
