import { type Account, Session } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { apiUrl } from "../place";
import { router } from "../routes";
import { signOut } from "../session";
import { Asking } from "../shared/Asking";
import { Button } from "../shared/Button";
import { CredentialsForm } from "../shared/CredentialsForm";
import { useTitle } from "../shared/title";
import { tellTouched } from "./idle";
import { uncover } from "./cover";

/** In place of a page that nobody has touched for a while: the same person goes on, or somebody else signs in. */
export function Lock({ account: { name, email } }: { account: Account }) {
  const { t } = useLingui();
  useTitle(t`Locked`);
  const [isLeaving, setLeaving] = useState(false);

  async function leave(): Promise<void> {
    setLeaving(true);
    const from = router.state.location.href;
    await signOut();
    await router.navigate({ to: "/sign-in", search: { from } });
  }

  return (
    <main data-lock="">
      <Asking title={<Trans>Locked</Trans>}>
        <p>
          <Trans>{name} is signed in here. Everything is as you left it, and up to date.</Trans>
        </p>
        <CredentialsForm
          email={email}
          action={<Trans>Unlock</Trans>}
          onSend={async (_, password, code) => {
            await prove(email, password, code);
            tellTouched();
            uncover();
          }}
          autoFocus
        />
        <Button look="quiet" isBusy={isLeaving} onPress={() => void leave()}>
          <Trans>Sign in as somebody else</Trans>
        </Button>
      </Asking>
    </main>
  );
}

/** Signs in and out again beside the session that goes on. Rejects with ApiError where that is not allowed. */
async function prove(email: string, password: string, code: string | undefined): Promise<void> {
  const proof = new Session({ url: apiUrl });
  await proof.signIn(email, password, { code });
  void proof.signOut();
}
