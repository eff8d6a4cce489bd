import type { Account } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useRouter, useSearch } from "@tanstack/react-router";
import { ownPage } from "../../access";
import { basePath } from "../../place";
import { Asking } from "../../shared/Asking";
import { SignInForm } from "../../shared/SignInForm";
import { useTitle } from "../../shared/title";

/** Signs in, and goes back to where somebody was sent here from. */
export function SignIn() {
  const { t } = useLingui();
  useTitle(t`Sign in`);
  const { from } = useSearch({ from: "/sign-in" });
  const router = useRouter();

  async function goOn({ role }: Account): Promise<void> {
    if (from === undefined) await router.navigate({ to: ownPage(role) });
    else router.history.push(basePath + from);
  }

  return (
    <Asking title={<Trans>Sign in</Trans>}>
      <SignInForm onSignedIn={goOn} autoFocus />
    </Asking>
  );
}
