import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api";
import { account, signOut } from "../../session";
import { Asking } from "../../shared/Asking";
import { Button } from "../../shared/Button";
import { ButtonLink } from "../../shared/ButtonLink";
import { Field } from "../../shared/Field";
import { useTitle } from "../../shared/title";
import { CodeForm } from "./CodeForm";
import styles from "./Codes.module.css";
import { Done } from "./Done";

/** Sets a password with a mailed code: in place of one that was forgotten, or the first of who was invited. */
export function Password() {
  const { t } = useLingui();
  useTitle(t`Set a password`);
  const [isDone, setDone] = useState(false);

  async function send(code: string, text: (name: string) => string): Promise<void> {
    await api.resetPassword({ code, email: text("email").trim(), password: text("password") });
    // Every session of that account has ended; whoever is signed in here goes on as the one whose password this is.
    if (account() !== null) await signOut();
    setDone(true);
  }

  return (
    <Asking title={<Trans>Set a password</Trans>}>
      {isDone ? (
        <Done message={<Trans>The password is set. Every device is signed out; sign in with the new one.</Trans>}>
          <ButtonLink to="/sign-in" look="main">
            <Trans>Sign in</Trans>
          </ButtonLink>
        </Done>
      ) : (
        <>
          <CodeForm
            page="/password"
            action={<Trans>Set the password</Trans>}
            words={{ "unknown-code": t`This code is not for this address, or no longer good. Check both, or have a new code sent.` }}
            onSend={send}
          >
            <p>
              <Trans>For the account to whose address the code was mailed.</Trans>
            </p>
            <Field label={t`E-mail`} name="email" type="email" autoComplete="username" isRequired autoFocus />
            <NewPassword />
          </CodeForm>
          <Link to="/forgotten">
            <Trans>Have a new code sent</Trans>
          </Link>
        </>
      )}
    </Asking>
  );
}

function NewPassword() {
  const { t } = useLingui();
  const [isShown, setShown] = useState(false);
  return (
    <div className={styles["secret"]}>
      <Field
        label={t`New password`}
        name="password"
        type={isShown ? "text" : "password"}
        autoComplete="new-password"
        hint={t`At least 8 characters.`}
        minLength={8}
        isRequired
      />
      <Button size="small" onPress={() => setShown(!isShown)}>
        {isShown ? <Trans>Hide the password</Trans> : <Trans>Show the password</Trans>}
      </Button>
    </div>
  );
}
