import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api";
import { Asking } from "../../shared/Asking";
import { DemoMail } from "../../shared/DemoMail";
import { Field } from "../../shared/Field";
import { SendForm } from "../../shared/SendForm";
import { useTitle } from "../../shared/title";
import { Done } from "./Done";

/** Has a code mailed with which another password is set; what is answered tells nobody who has an account. */
export function Forgotten() {
  const { t } = useLingui();
  useTitle(t`Forgotten password`);
  const [sentTo, setSentTo] = useState<string | null>(null);

  return (
    <Asking title={<Trans>Forgotten your password?</Trans>}>
      {sentTo !== null ? (
        <Done
          message={
            <Trans>If there is an account with this address, a mail is on its way to it. Its link is good for half an hour, and once.</Trans>
          }
        >
          <DemoMail to={sentTo} />
          <p>
            <Trans>Nothing came? Look among the unwanted mails, or call the practice.</Trans>
          </p>
        </Done>
      ) : (
        <SendForm
          action={<Trans>Send me a mail</Trans>}
          onSend={async (text) => {
            const email = text("email").trim();
            await api.forgottenPassword({ email });
            setSentTo(email);
          }}
        >
          <p>
            <Trans>Write the address with which you sign in. A mail is sent there, with a link to set another password.</Trans>
          </p>
          <Field label={t`E-mail`} name="email" type="email" autoComplete="username" isRequired autoFocus />
        </SendForm>
      )}
      <Link to="/password">
        <Trans>I have a code already</Trans>
      </Link>
    </Asking>
  );
}
