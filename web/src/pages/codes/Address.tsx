import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { ownPage } from "../../access";
import { api } from "../../api";
import { renew, useAccount } from "../../session";
import { Asking } from "../../shared/Asking";
import { ButtonLink } from "../../shared/ButtonLink";
import { useTitle } from "../../shared/title";
import { CodeForm } from "./CodeForm";
import { Done } from "./Done";

/** Makes the address to which a code was mailed the one with which the account signs in. */
export function Address() {
  const { t } = useLingui();
  useTitle(t`Confirm an address`);
  const account = useAccount();
  const [address, setAddress] = useState<string | null>(null);
  const name = account?.name;

  return (
    <Asking title={<Trans>Confirm your e-mail address</Trans>}>
      {address !== null && account !== null ? (
        <Done message={<Trans>The address is confirmed. You sign in with {address}.</Trans>}>
          <ButtonLink to={ownPage(account.role)} look="main">
            <Trans>Go on</Trans>
          </ButtonLink>
        </Done>
      ) : (
        <CodeForm
          page="/address"
          action={<Trans>Confirm the address</Trans>}
          onSend={async (code) => {
            const { email } = await api.confirmAddress({ code });
            // Before it is said: then the code is forgotten, and a link that is opened after that keeps its own.
            await renew();
            setAddress(email);
          }}
        >
          <p>
            <Trans>{name} is signed in here. Once you confirm, this account signs in with the address to which the code was mailed.</Trans>
          </p>
        </CodeForm>
      )}
    </Asking>
  );
}
