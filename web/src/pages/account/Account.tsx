import { useRealtimeSync } from "@dental-sync/client/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { ownPage } from "../../access";
import { api } from "../../api";
import { useAccount } from "../../session";
import { ButtonLink } from "../../shared/ButtonLink";
import { Icon } from "../../shared/Icon";
import { useSessionEnd } from "../../shared/following";
import { useTitle } from "../../shared/title";
import { Toasts } from "../../shared/toasts";
import styles from "./Account.module.css";
import { Calendar } from "./Calendar";
import { OwnData } from "./OwnData";
import { People } from "./People";
import { SecondFactor } from "./SecondFactor";
import { SignIns } from "./SignIns";
import { SigningIn } from "./SigningIn";

/** The own account, whatever its role: who somebody is, for whom they act, and how they sign in. */
export function Account() {
  const { t } = useLingui();
  useTitle(t`My account`);
  useSessionEnd();
  const account = useAccount();
  const me = useQuery({ queryKey: ["me", account?.id], queryFn: () => api.me(), enabled: account !== null });
  // Followed, so that it is noticed here too where the sign-in ends elsewhere, or who is acted for is another.
  useRealtimeSync("appointments", (told) => void (told === null && me.refetch()));
  const shown = me.data ?? account;
  if (shown === null) return null;
  const { role, profession } = shown;
  const worksHere = role === "dentist" || role === "receptionist" || role === "admin";
  const hasCalendar = role === "patient" || role === "dentist" || profession === "assistant";
  return (
    <div className={styles["page"]}>
      <header className={styles["head"]}>
        <ButtonLink to={ownPage(role)} size="small" look="quiet">
          <Icon name="back" />
          {role === "patient" ? <Trans>My appointments</Trans> : <Trans>To my page</Trans>}
        </ButtonLink>
        <h1>
          <Trans>My account</Trans>
        </h1>
      </header>
      <OwnData account={shown} />
      {role === "patient" && <People account={shown} />}
      <SigningIn account={shown} />
      {worksHere && <SecondFactor />}
      <SignIns />
      {hasCalendar && <Calendar />}
      <Toasts />
    </div>
  );
}
