import { type Account, SyncError } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components/Form";
import { signIn } from "../session";
import { inWords } from "../words/refusals";
import { Button } from "./Button";
import { Field } from "./Field";
import { Message } from "./Message";
import styles from "./SignInForm.module.css";

interface SignInFormProps {
  onSignedIn: (account: Account) => void | Promise<void>;
  autoFocus?: boolean;
}

/** E-mail and password, and a code where the account has a second factor. */
export function SignInForm({ onSignedIn, autoFocus = false }: SignInFormProps) {
  const { t } = useLingui();
  const [isBusy, setBusy] = useState(false);
  const [needsCode, setNeedsCode] = useState(false);
  const [refusal, setRefusal] = useState("");

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (isBusy) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    setBusy(true);
    setRefusal("");
    try {
      await onSignedIn(await signIn(text("email"), text("password"), text("code") || undefined));
    } catch (error) {
      const asksForCode = error instanceof SyncError && error.code === "second-factor-required";
      // The first time it is a question, and no mistake.
      if (!asksForCode || needsCode) setRefusal(inWords(error));
      setNeedsCode(asksForCode);
      setBusy(false);
    }
  }

  return (
    <Form className={styles["form"] ?? ""} onSubmit={(event) => void send(event)}>
      {refusal && <Message kind="danger">{refusal}</Message>}
      <Field label={t`E-mail`} name="email" type="email" autoComplete="username" isRequired autoFocus={autoFocus} />
      <Field label={t`Password`} name="password" type="password" autoComplete="current-password" isRequired />
      {needsCode && (
        <Field
          label={t`Code`}
          name="code"
          autoComplete="one-time-code"
          inputMode="numeric"
          hint={t`Six digits of your authenticator app, or a recovery code.`}
          isRequired
          autoFocus
        />
      )}
      <Button look="main" type="submit" isBusy={isBusy}>
        <Trans>Sign in</Trans>
      </Button>
    </Form>
  );
}
