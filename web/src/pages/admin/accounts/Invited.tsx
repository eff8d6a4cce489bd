import type { components } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { apiUrl } from "../../../place";
import { Button } from "../../../shared/Button";
import { Message } from "../../../shared/Message";
import { dateOf, longDate } from "../../../shared/times";
import { toast } from "../../../shared/toasts";
import { Part } from "../forms/Part";
import styles from "./Invited.module.css";

interface InvitedProps {
  name: string;
  email: string;
  /** Null where it was answered before, and only the account is known. */
  invitation: components["schemas"]["InvitationAnswer"] | null;
}

/** The code with which somebody sets the password of an account: nobody can show it again. */
export function Invited({ name, email, invitation }: InvitedProps) {
  const { t } = useLingui();
  if (invitation === null) {
    return (
      <Message kind="info">
        <Trans>The account of {name} is there. Its invitation was mailed to {email}; open the account to make another one.</Trans>
      </Message>
    );
  }
  const { code } = invitation;
  const link = invitation.url ?? `${apiUrl}/password#${code}`;
  const until = longDate(dateOf(invitation.expiresAt, Intl.DateTimeFormat().resolvedOptions().timeZone));

  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      toast({ kind: "done", text: t`Copied.` });
    } catch {
      // Without TLS browsers let no page copy.
      toast({ kind: "refused", text: t`This browser does not let the page copy. Mark the text and copy it.` });
    }
  }

  return (
    <Part
      title={<Trans>{name} is invited</Trans>}
      lead={<Trans>Shown this once. It is mailed to {email} too, where the practice sends mails, and is good until {until}.</Trans>}
    >
      <dl className={styles["facts"]} data-invitation="">
        <div>
          <dt>
            <Trans>Link</Trans>
          </dt>
          <dd className={styles["link"]}>{link}</dd>
          <dd>
            <Button size="small" onPress={() => void copy(link)}>
              <Trans>Copy the link</Trans>
            </Button>
          </dd>
        </div>
        <div>
          <dt>
            <Trans>Code</Trans>
          </dt>
          <dd className={styles["code"]}>{code}</dd>
          <dd>
            <Button size="small" onPress={() => void copy(code)}>
              <Trans>Copy the code</Trans>
            </Button>
          </dd>
        </div>
      </dl>
    </Part>
  );
}
