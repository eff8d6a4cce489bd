import { SyncError } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components/Form";
import { ownPage } from "../../access";
import { basePath } from "../../place";
import { signIn } from "../../session";
import { Button } from "../../shared/Button";
import { Field } from "../../shared/Field";
import { Message } from "../../shared/Message";
import { useTitle } from "../../shared/title";
import { inWords } from "../../words/refusals";
import styles from "./SignIn.module.css";

/** Signs in, and goes back to where somebody was sent here from. */
export function SignIn() {
  const { t } = useLingui();
  useTitle(t`Sign in`);
  const { from } = useSearch({ from: "/sign-in" });
  const router = useRouter();
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
      const account = await signIn(text("email"), text("password"), text("code") || undefined);
      if (from === undefined) await router.navigate({ to: ownPage(account.role) });
      else router.history.push(basePath + from);
    } catch (error) {
      const asksForCode = error instanceof SyncError && error.code === "second-factor-required";
      // The first time it is a question, and no mistake.
      if (!asksForCode || needsCode) setRefusal(inWords(error));
      setNeedsCode(asksForCode);
      setBusy(false);
    }
  }

  return (
    <section className={styles["card"]}>
      <h1>
        <Trans>Sign in</Trans>
      </h1>
      <Form className={styles["form"] ?? ""} onSubmit={(event) => void send(event)}>
        {refusal && <Message kind="danger">{refusal}</Message>}
        <Field label={t`E-mail`} name="email" type="email" autoComplete="username" isRequired autoFocus />
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
    </section>
  );
}
