import { type Account, ApiError, type Hold, newKey } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { Form } from "react-aria-components/Form";
import { api } from "../../api";
import { Button } from "../../shared/Button";
import { Field } from "../../shared/Field";
import { Message } from "../../shared/Message";
import { inWords } from "../../words/refusals";
import { Phone } from "./Contact";
import { Others } from "./Others";
import { Proof } from "./Proof";
import type { TakeProps } from "./Take";
import styles from "./Take.module.css";
import { useHold } from "./holding";
import { alternativesOf, isCode } from "./refused";

// What calling the practice helps with.
const TO_CALL = new Set(["booking-barred", "too-many-bookings"]);

/** The time is kept for the account, for a while, and booked with a press. */
export function Held({ at, dentistId, treatment, place, slots, account }: TakeProps & { account: Account }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  // For whom the account acts may have changed since somebody has signed in.
  const { data: { patients } = account } = useQuery({ queryKey: ["me", account.id], queryFn: () => api.me() });
  const [patientId, setPatientId] = useState(account.patientId ?? null);
  const [key, setKey] = useState(newKey);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<unknown>(null);
  const time = { dentistId, startsAt: at, treatmentId: treatment.id, patientId };
  const { hold, refusal: notHeld, again, used } = useHold(time);
  const left = useSecondsLeft(hold);
  const isOver = left === 0 || isCode(refusal, "hold-expired");
  const asksForProof = isCode(notHeld, "address-not-confirmed");
  const problem = notHeld ?? refusal;

  async function book(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (isBusy || hold === undefined) return;
    const reason = String(new FormData(event.currentTarget).get("reason") ?? "").trim() || null;
    setBusy(true);
    setRefusal(null);
    try {
      const { id } = await api.book({ ...time, holdId: hold.id, reason }, { idempotencyKey: key });
      used();
      await navigate({ to: "/book", search: ({ lang }) => ({ lang, booked: id }), replace: true });
    } catch (error) {
      setRefusal(error);
      // What was refused is asked anew with what has changed; what is still decided keeps its name.
      if (error instanceof ApiError) setKey(newKey());
      setBusy(false);
    }
  }

  return (
    <section className={styles["panel"]}>
      {patients.length > 1 && (
        <fieldset className={styles["whom"]}>
          <legend>
            <Trans>Who is coming?</Trans>
          </legend>
          {patients.map(({ id, name }) => (
            <label key={id} className={styles["person"]}>
              <input
                type="radio"
                name="patient"
                value={id}
                checked={id === patientId}
                onChange={() => {
                  setPatientId(id);
                  setRefusal(null);
                }}
              />
              {name}
            </label>
          ))}
        </fieldset>
      )}
      {asksForProof ? (
        <Proof account={account} phone={place.phone} onProved={again} />
      ) : isOver ? (
        <Over
          onAgain={() => {
            setRefusal(null);
            again();
          }}
        />
      ) : (
        problem !== undefined && problem !== null && (
          <Message kind="danger">
            {inWords(problem)}{" "}
            {problem instanceof ApiError && TO_CALL.has(problem.code) && place.phone !== null && <Phone number={place.phone} />}
          </Message>
        )
      )}
      {(isOver || isCode(problem, "slot-taken") || isCode(problem, "patient-double-booked")) && (
        <Others at={at} slots={alternativesOf(problem) ?? slots} place={place} />
      )}
      {!isOver && (notHeld === undefined || notHeld === null) && (
        <>
          <Countdown left={left} />
          <Form className={styles["form"] ?? ""} onSubmit={(event) => void book(event)}>
            <Field
              label={t`What is it about? (optional)`}
              name="reason"
              maxLength={500}
              autoComplete="off"
              hint={t`Pain, or anything the practice should know.`}
            />
            <Button look="main" type="submit" isBusy={isBusy || hold === undefined}>
              <Trans>Book this time</Trans>
            </Button>
          </Form>
        </>
      )}
    </section>
  );
}

/** Whole seconds until it expires, by this machine's clock. */
function useSecondsLeft(hold: Hold | undefined): number | undefined {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (hold === undefined) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [hold]);
  return hold === undefined ? undefined : Math.max(0, Math.ceil((Date.parse(hold.expiresAt) - now) / 1000));
}

const SOON_SECONDS = 60;

function Countdown({ left }: { left: number | undefined }) {
  if (left === undefined) {
    return (
      <p className={styles["countdown"]} role="status">
        <Trans>One moment …</Trans>
      </p>
    );
  }
  const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return (
    <>
      <p className={styles["countdown"]} role="timer" data-soon={left <= SOON_SECONDS || undefined}>
        <Trans>
          Kept for you for another <span className={styles["clock"]}>{clock}</span>
        </Trans>
      </p>
      <p className="unseen" role="status">
        {left <= SOON_SECONDS ? <Trans>Less than a minute is left to book this time.</Trans> : <Trans>The time is kept for you.</Trans>}
      </p>
    </>
  );
}

function Over({ onAgain }: { onAgain: () => void }) {
  return (
    <>
      <Message kind="danger">
        <Trans>The time was kept for you for a few minutes, and they are over. Keep it again if it is still free, or choose another one.</Trans>
      </Message>
      <Button look="main" onPress={onAgain}>
        <Trans>Keep it again</Trans>
      </Button>
    </>
  );
}
