import { Trans, useLingui } from "@lingui/react/macro";
import { useRouter, useRouterState } from "@tanstack/react-router";
import { useState } from "react";
import { codeOf, forget } from "../../mailed";
import { signOut, useAccount } from "../../session";
import { Asking } from "../../shared/Asking";
import { Button } from "../../shared/Button";
import { ButtonLink } from "../../shared/ButtonLink";
import { RegisterForm } from "../../shared/RegisterForm";
import { accept } from "../../shared/invitation";
import { tell } from "../../shared/notice";
import { useTitle } from "../../shared/title";
import { CodeForm } from "./CodeForm";

/** Lets an account act for the patient of an invitation: for oneself, a child or somebody whom one cares for. */
export function Invitation() {
  const { t } = useLingui();
  useTitle(t`Invitation`);
  const account = useAccount();
  return (
    <Asking title={<Trans>Your access to the practice</Trans>}>
      <p>
        <Trans>
          The practice has invited you. With the code you see and change the appointments in your record here, or those of a child or
          of somebody for whom you act.
        </Trans>
      </p>
      {account === null && <SignedOut />}
      {account !== null && (account.role === "patient" ? <Join name={account.name} /> : <NoPatient name={account.name} />)}
    </Asking>
  );
}

function SignedOut() {
  const { t } = useLingui();
  const router = useRouter();
  const here = useRouterState({ select: ({ location }) => location.href });
  const [isNew, setNew] = useState(false);
  if (isNew) {
    return (
      <>
        <RegisterForm
          asksInvitation={codeOf("/invitation") === ""}
          invitation={codeOf("/invitation")}
          autoFocus
          onRegistered={async () => {
            forget("/invitation");
            tell(t`Your account is made. You sign in with your e-mail address and your password.`);
            await router.navigate({ to: "/my" });
          }}
        />
        <Button look="quiet" onPress={() => setNew(false)}>
          <Trans>Use your account</Trans>
        </Button>
      </>
    );
  }
  return (
    <>
      <p>
        <Trans>Sign in with your account, or make one; the code is kept meanwhile.</Trans>
      </p>
      <ButtonLink to="/sign-in" search={(now) => ({ ...now, from: here })} look="main">
        <Trans>Sign in</Trans>
      </ButtonLink>
      <Button onPress={() => setNew(true)}>
        <Trans>Make an account</Trans>
      </Button>
    </>
  );
}

function NoPatient({ name }: { name: string }) {
  return (
    <>
      <p>
        <Trans>{name} is signed in here, and works at the practice. Invitations are for patients' accounts.</Trans>
      </p>
      <Button onPress={() => void signOut()}>
        <Trans>Sign out</Trans>
      </Button>
    </>
  );
}

function Join({ name }: { name: string }) {
  const { t } = useLingui();
  const router = useRouter();

  async function join(code: string): Promise<void> {
    const names = await accept(code);
    tell(t`The code is accepted. This account is for: ${names}.`);
    await router.navigate({ to: "/my" });
  }

  return (
    <CodeForm
      page="/invitation"
      action={<Trans>Use the code</Trans>}
      words={{ "bookings-in-the-way": t`There are two records with appointments at the same time. Please call the practice.` }}
      onSend={join}
    >
      <p>
        <Trans>{name} is signed in here. The code will be used for this account.</Trans>
      </p>
    </CodeForm>
  );
}
