import { type Account, SyncError } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { signIn } from "../session";
import { Field } from "./Field";
import { SendForm } from "./SendForm";

interface SignInFormProps {
  onSignedIn: (account: Account) => void | Promise<void>;
  autoFocus?: boolean;
}

/** E-mail and password, and a code where the account has a second factor. */
export function SignInForm({ onSignedIn, autoFocus = false }: SignInFormProps) {
  const { t } = useLingui();
  const [needsCode, setNeedsCode] = useState(false);

  async function send(text: (name: string) => string): Promise<void> {
    try {
      await onSignedIn(await signIn(text("email"), text("password"), text("code") || undefined));
    } catch (error) {
      const asksForCode = error instanceof SyncError && error.code === "second-factor-required";
      setNeedsCode(asksForCode);
      // The first time it is a question, and no mistake.
      if (!asksForCode || needsCode) throw error;
    }
  }

  return (
    <>
      <SendForm action={<Trans>Sign in</Trans>} onSend={send}>
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
      </SendForm>
      <Link to="/forgotten">
        <Trans>Forgotten your password?</Trans>
      </Link>
    </>
  );
}
