import type { Account } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components/Form";
import { api } from "../../api";
import { Button } from "../../shared/Button";
import { DemoMail } from "../../shared/DemoMail";
import { Field } from "../../shared/Field";
import { Message } from "../../shared/Message";
import { inWords } from "../../words/refusals";
import { Phone } from "./Contact";
import { isCode } from "./refused";
import styles from "./Take.module.css";

interface ProofProps {
  account: Account;
  /** The practice's. */
  phone: string | null;
  onProved: () => void;
}

/** The practice asks whose the address is: a code is mailed to it, and typed here. */
export function Proof({ account: { email }, phone, onProved }: ProofProps) {
  const { t } = useLingui();
  const [isSent, setSent] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (isBusy) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    setBusy(true);
    setRefusal("");
    try {
      if (isSent) {
        await api.confirmAddress({ code: text("code").trim() });
        onProved();
      } else {
        await api.askForAddress({ email, password: text("password") });
        setSent(true);
      }
    } catch (error) {
      setRefusal(isCode(error, "forbidden") ? t`The password is wrong. Check it and try again.` : inWords(error));
    }
    setBusy(false);
  }

  return (
    <Form key={isSent ? "code" : "password"} className={styles["form"] ?? ""} onSubmit={(event) => void send(event)}>
      <h2>
        <Trans>Confirm your e-mail address</Trans>
      </h2>
      <p>
        {isSent ? (
          <Trans>A code was sent to {email}. It is good for half an hour.</Trans>
        ) : (
          <Trans>This practice takes bookings from confirmed addresses. A code is sent to {email}; then the time is kept for you.</Trans>
        )}
      </p>
      {refusal && <Message kind="danger">{refusal}</Message>}
      {isSent ? (
        <Field label={t`Code from the mail`} name="code" autoComplete="one-time-code" isRequired autoFocus />
      ) : (
        <Field label={t`Password`} name="password" type="password" autoComplete="current-password" isRequired />
      )}
      {isSent && <DemoMail to={email} />}
      {isSent && phone !== null && (
        <p className={styles["said"]}>
          <Trans>Nothing came? Look among the unwanted mails, or call the practice:</Trans> <Phone number={phone} />
        </p>
      )}
      <Button look="main" type="submit" isBusy={isBusy}>
        {isSent ? <Trans>Confirm the address</Trans> : <Trans>Send me a code</Trans>}
      </Button>
    </Form>
  );
}
