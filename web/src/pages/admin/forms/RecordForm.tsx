import { Plural, Trans } from "@lingui/react/macro";
import { type FormEvent, type ReactNode, useState } from "react";
import { Form } from "react-aria-components/Form";
import { Button } from "../../../shared/Button";
import { Message } from "../../../shared/Message";
import { InTheWay } from "../../../staff/InTheWay";
import { Leaving } from "../../../staff/Leaving";
import { useNamed } from "../../../staff/bookings";
import { inStaffWords, inTheWay } from "../../../staff/refusals";
import { atFields } from "../../../words/refusals";

import styles from "./RecordForm.module.css";
import type { Draft } from "./draft";

interface RecordFormProps<Values extends object> {
  label: string;
  draft: Draft<Values>;
  /** The practice's or the dentist's: by whose clock appointments in the way are shown. */
  zone?: string;
  /** What the button says. */
  action?: ReactNode;
  /** A new record can be saved as it is. */
  isNew?: boolean;
  /** Rejects where it is refused; with `force` it is done although appointments are in the way, which were shown. */
  onSave: (force: boolean) => Promise<void>;
  children: ReactNode;
}

/**
 * The fields of one record, sent together. What is wrong with one is said at it; appointments that a change would strand are
 * listed, and it is sent again when somebody wants it all the same.
 */
export function RecordForm<Values extends object>(props: RecordFormProps<Values>) {
  const { label, draft, zone = "UTC", action = <Trans>Save</Trans>, isNew = false, onSave, children } = props;
  const { isBusy, refusal, wrong, stranded, send, reset } = useSending(onSave, draft.values);
  const appointments = useNamed([], stranded);
  const isInTheWay = stranded.length > 0;
  return (
    <Form
      className={styles["form"] ?? ""}
      aria-label={label}
      validationErrors={wrong}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void send();
      }}
    >
      {children}
      <div className={styles["outcome"]} role="status">
        {isInTheWay && (
          <p className={styles["warning"]}>
            <strong>
              <Plural
                value={stranded.length}
                one="# appointment is in the way."
                other="# appointments are in the way."
              />
            </strong>{" "}
            <Trans>Nothing is saved yet. If you do it anyway, they stay booked until somebody moves or cancels them.</Trans>
          </p>
        )}
      </div>
      {isInTheWay && <InTheWay label={label} appointments={appointments} zone={zone} withDentist />}
      {refusal && <Message kind="danger">{refusal}</Message>}
      {(isNew || draft.isChanged) && (
        <div className={styles["bar"]}>
          <Button type="submit" look={isInTheWay ? "danger" : "main"} isBusy={isBusy}>
            {isInTheWay ? <Trans>Do it anyway</Trans> : action}
          </Button>
          {!isNew && (
            <Button
              onPress={() => {
                draft.discard();
                reset();
              }}
            >
              <Trans>Discard the changes</Trans>
            </Button>
          )}
        </div>
      )}
      <Leaving isUnsaved={draft.isChanged && !isBusy} />
    </Form>
  );
}

interface Outcome {
  /** Of what: another value needs another answer. */
  of: string;
  refusal: string;
  wrong: Record<string, string>;
  stranded: readonly string[];
}

const NONE: Outcome = { of: "", refusal: "", wrong: {}, stranded: [] };

function useSending(onSave: RecordFormProps<object>["onSave"], values: object) {
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState(NONE);
  const of = JSON.stringify(values);
  const { refusal, wrong, stranded } = outcome.of === of ? outcome : NONE;

  async function send(): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    try {
      await onSave(stranded.length > 0);
      setOutcome(NONE);
    } catch (error) {
      const fields = atFields(error);
      const inWay = inTheWay(error);
      const isSaidElsewhere = inWay.length > 0 || Object.keys(fields).length > 0;
      setOutcome({ of, refusal: isSaidElsewhere ? "" : inStaffWords(error), wrong: fields, stranded: inWay });
    }
    setBusy(false);
  }

  return { isBusy, refusal, wrong, stranded, send, reset: () => setOutcome(NONE) };
}
