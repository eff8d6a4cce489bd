import { type components, realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAccount } from "../../../session";
import { Button } from "../../../shared/Button";
import { Confirm } from "../../../shared/Confirm";
import { Part } from "../forms/Part";
import { done, refused } from "../forms/saving";
import { Invited } from "./Invited";
import styles from "./SignIn.module.css";
import type { Account } from "./roles";

type Invitation = components["schemas"]["InvitationAnswer"];

/** Whether and how somebody signs in with an account: invited anew, without the second factor, switched off and on. */
export function SignIn({ account }: { account: Account }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const { api } = realtimeSyncService;
  const isOwn = useAccount()?.id === account.id;
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const { id, name, email, active, secondFactor } = account;

  /** Says what was done, or why not. */
  async function make(change: Parameters<typeof api.updateUser>[1], text: string, undo?: () => Promise<void>): Promise<void> {
    try {
      await api.updateUser(id, change);
      await client.invalidateQueries({ queryKey: ["accounts"] });
      done(text, undo);
    } catch (refusal) {
      refused(refusal);
    }
  }

  const switchOn = () => make({ active: true }, t`${name} can sign in again.`);

  async function invite(): Promise<void> {
    try {
      setInvitation(await api.inviteUser(id));
    } catch (refusal) {
      refused(refusal);
    }
  }

  if (isOwn) {
    return (
      <p className={styles["soft"]}>
        <Trans>This is your own account: its role and whether it is switched on is for another admin to change.</Trans>
      </p>
    );
  }
  return (
    <>
      {invitation !== null && <Invited name={name} email={email} invitation={invitation} />}
      <Part title={<Trans>Signing in</Trans>}>
        <div className={styles["actions"]}>
          {active && (
            <Confirm
              trigger={
                <Button>
                  <Trans>Reset the password</Trans>
                </Button>
              }
              title={<Trans>Let {name} set another password?</Trans>}
              action={<Trans>Invite</Trans>}
              onConfirm={() => void invite()}
            >
              <p>
                <Trans>A code is shown here once and mailed. Until it is used the former password stays.</Trans>
              </p>
            </Confirm>
          )}
          {secondFactor && (
            <Confirm
              trigger={
                <Button look="danger">
                  <Trans>Take the second factor away</Trans>
                </Button>
              }
              title={<Trans>Take the second factor of {name} away?</Trans>}
              action={<Trans>Take it away</Trans>}
              onConfirm={() => void make({ secondFactor: false }, t`${name} has no second factor any more.`)}
            >
              <p>
                <Trans>For a phone that is lost. Everything of this account is signed out; make sure who has asked for it.</Trans>
              </p>
            </Confirm>
          )}
          {active ? (
            <Confirm
              trigger={
                <Button look="danger">
                  <Trans>Switch off</Trans>
                </Button>
              }
              title={<Trans>Switch the account of {name} off?</Trans>}
              action={<Trans>Switch it off</Trans>}
              onConfirm={() => void make({ active: false }, t`${name} is signed out and cannot sign in.`, switchOn)}
            >
              <p>
                <Trans>It is signed out everywhere at once. Appointments and records stay; whoever treats patients takes no bookings any more.</Trans>
              </p>
            </Confirm>
          ) : (
            <Button look="main" onPress={() => void switchOn()}>
              <Trans>Switch on again</Trans>
            </Button>
          )}
        </div>
      </Part>
    </>
  );
}
