import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../shared/Button";
import { Field } from "../../shared/Field";
import fieldStyles from "../../shared/Field.module.css";
import { dateOf, timeOf } from "../../shared/times";
import type { Dentist, Treatment } from "../../sheet/ground";
import { MINUTE_MS } from "../../sheet/layout";
import card from "../../sheet/Card.module.css";
import { type Wanted, offersOf } from "./booking";
import { PatientSearch } from "./PatientSearch";
import { Repeat } from "./Repeat";
import { type Patient, known } from "./search";
import { type Repetition, isPossible } from "./series";

interface BookingProps {
  wanted: Wanted;
  dentist: Dentist;
  /** Who can be chosen instead, where the time was chosen in a chair and not with somebody. */
  dentists?: readonly Dentist[] | undefined;
  treatments: readonly Treatment[];
  zone: string;
  /** Whose record is open: for whom it is, unless somebody else is chosen. */
  initial: Patient | undefined;
  onChange: (wanted: Wanted) => void;
  /** A refusal is shown where it is refused; it does not reject. */
  onBook: (wanted: Wanted, patient: Patient, reason: string) => Promise<void>;
  onBookSeries: (wanted: Wanted, patient: Patient, reason: string, repetition: Repetition) => Promise<void>;
  onRefused: (refusal: unknown) => void;
  onClose: () => void;
}

/** Books a caller: the time is chosen already, then the patient, the treatment, and Enter. */
export function Booking({ wanted, dentist, dentists, treatments, zone, initial, onChange, ...props }: BookingProps) {
  const { onBook, onBookSeries, onRefused, onClose } = props;
  const { t } = useLingui();
  const [patient, setPatient] = useState(initial ?? null);
  const [fresh, setFresh] = useState<ReturnType<typeof known> | null>(null);
  const [reason, setReason] = useState("");
  const [repetition, setRepetition] = useState<Repetition | null>(null);
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const offers = offersOf(dentist, treatments);
  const until = timeOf(new Date(wanted.from + wanted.minutes * MINUTE_MS).toISOString(), zone);

  // At each time that is picked for the same caller: what is to be done next.
  const column = dentists === undefined ? wanted.dentistId : wanted.chairId;
  const isKnown = patient !== null;
  const isFresh = fresh !== null;
  useEffect(() => {
    if (isKnown) form.current?.querySelector<HTMLElement>("[type=submit]")?.focus();
    else if (!isFresh) form.current?.querySelector<HTMLElement>("[data-patient-search]")?.focus();
  }, [column, wanted.from, isKnown, isFresh]);

  async function book(): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    try {
      const who = patient ?? (await added());
      if (repetition === null) await onBook(wanted, who, reason.trim());
      else await onBookSeries(wanted, who, reason.trim(), repetition);
    } catch (refusal) {
      onRefused(refusal);
    } finally {
      setBusy(false);
    }
  }

  async function added(): Promise<Patient> {
    const { name = "", phone, birthDate } = fresh ?? {};
    const made = await realtimeSyncService.api.addPatient({ name, phone: phone || null, birthDate: birthDate || null });
    // Booking again after a refusal is for the record that was made.
    setPatient(made);
    return made;
  }

  const isSomebody = patient !== null || (fresh !== null && fresh.name.trim() !== "");
  const isReady = isSomebody && (repetition === null || isPossible(repetition));
  return (
    <form
      ref={form}
      className={card["card"]}
      aria-label={t`New appointment`}
      data-booking=""
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void book();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <header className={card["cardHead"]}>
        <h2>
          <Trans>New appointment</Trans>
        </h2>
        <p className={card["when"]}>
          {timeOf(new Date(wanted.from).toISOString(), zone)}–{until} · {dentist.name}
        </p>
      </header>
      {dentists && (
        <label className={fieldStyles["field"]}>
          <span className={fieldStyles["label"]}>
            <Trans>Dentist</Trans>
          </span>
          <select
            className={fieldStyles["input"]}
            value={dentist.id}
            onChange={({ target }) => onChange({ ...wanted, dentistId: target.value })}
          >
            {dentists.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {patient === null && fresh === null && (
        <PatientSearch
          label={t`Patient`}
          onChoose={(chosen) => {
            setPatient(chosen);
          }}
          onNew={(typed) => setFresh(known(typed))}
        />
      )}
      {patient !== null && (
        <div className={card["chosen"]}>
          <p>
            <strong>{patient.name}</strong>
            <span className={card["soft"]}>{patient.phone}</span>
          </p>
          <Button size="small" onPress={() => setPatient(null)}>
            <Trans>Somebody else</Trans>
          </Button>
          {patient.remark && <p className={card["remark"]}>{patient.remark}</p>}
        </div>
      )}
      {patient === null && fresh !== null && (
        <>
          <Field
            label={t`Name`}
            value={fresh.name}
            onChange={(name) => setFresh({ ...fresh, name })}
            isRequired
            autoFocus={fresh.name === ""}
          />
          <Field
            label={t`Phone`}
            type="tel"
            value={fresh.phone}
            onChange={(phone) => setFresh({ ...fresh, phone })}
            autoFocus={fresh.name !== ""}
          />
          <Field
            label={t`Day of birth`}
            type="date"
            value={fresh.birthDate}
            onChange={(birthDate) => setFresh({ ...fresh, birthDate })}
          />
        </>
      )}
      <label className={fieldStyles["field"]}>
        <span className={fieldStyles["label"]}>
          <Trans>Treatment</Trans>
        </span>
        <select
          className={fieldStyles["input"]}
          value={wanted.treatmentId ?? ""}
          onChange={({ target }) => {
            const offer = offers.find(({ id }) => id === target.value);
            onChange({ ...wanted, treatmentId: offer?.id ?? null, ...(offer && { minutes: offer.minutes }) });
          }}
        >
          {wanted.treatmentId === null && (
            <option value="">
              {t`Emergency`} · {wanted.minutes} min
            </option>
          )}
          {offers.map(({ id, name, minutes }) => (
            <option key={id} value={id}>
              {name} · {minutes} min
            </option>
          ))}
        </select>
      </label>
      <Field label={t`Reason (optional)`} value={reason} onChange={setReason} maxLength={500} />
      <Repeat
        date={dateOf(new Date(wanted.from).toISOString(), zone)}
        value={repetition}
        onChange={setRepetition}
      />
      <div className={card["actions"]}>
        <Button type="submit" look="main" isBusy={isBusy} isDisabled={!isReady}>
          <Trans>Book</Trans>
        </Button>
        <Button onPress={onClose}>
          <Trans>Close</Trans>
        </Button>
      </div>
    </form>
  );
}
