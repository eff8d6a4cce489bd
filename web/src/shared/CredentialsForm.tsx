import { SyncError } from "@dental-sync/client";
import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";
import { Field } from "./Field";
import { SendForm } from "./SendForm";

interface CredentialsFormProps {
  action: ReactNode;
  /** Rejects as signing in does. */
  onSend: (email: string, password: string, code: string | undefined) => Promise<void>;
  /** Whose password is asked for; without it the address is asked for too. */
  email?: string;
  autoFocus?: boolean;
}

/** E-mail and password, and a code where the account has a second factor. */
export function CredentialsForm({ action, onSend, email, autoFocus = false }: CredentialsFormProps) {
  const { t } = useLingui();
  const [needsCode, setNeedsCode] = useState(false);

  async function send(text: (name: string) => string): Promise<void> {
    try {
      await onSend(text("email"), text("password"), text("code") || undefined);
    } catch (error) {
      const asksForCode = error instanceof SyncError && error.code === "second-factor-required";
      setNeedsCode(asksForCode);
      // The first time it is a question, and no mistake.
      if (!asksForCode || needsCode) throw error;
    }
  }

  return (
    <SendForm action={action} onSend={send}>
      {email === undefined ? (
        <Field label={t`E-mail`} name="email" type="email" autoComplete="username" isRequired autoFocus={autoFocus} />
      ) : (
        // So that a password manager knows whose it is.
        <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
      )}
      <Field
        label={t`Password`}
        name="password"
        type="password"
        autoComplete="current-password"
        isRequired
        autoFocus={autoFocus && email !== undefined}
      />
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
  );
}
