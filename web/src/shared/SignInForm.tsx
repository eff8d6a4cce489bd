import type { Account } from "@dental-sync/client";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { signIn } from "../session";
import { CredentialsForm } from "./CredentialsForm";

interface SignInFormProps {
  onSignedIn: (account: Account) => void | Promise<void>;
  autoFocus?: boolean;
}

/** Signs in, or leads to where a forgotten password is set. */
export function SignInForm({ onSignedIn, autoFocus = false }: SignInFormProps) {
  return (
    <>
      <CredentialsForm
        action={<Trans>Sign in</Trans>}
        onSend={async (email, password, code) => onSignedIn(await signIn(email, password, code))}
        autoFocus={autoFocus}
      />
      <Link to="/forgotten">
        <Trans>Forgotten your password?</Trans>
      </Link>
    </>
  );
}
