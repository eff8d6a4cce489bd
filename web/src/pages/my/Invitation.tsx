import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components/Form";
import { Button } from "../../shared/Button";
import { Field } from "../../shared/Field";
import { accept } from "../../shared/invitation";
import { Message } from "../../shared/Message";
import { More } from "../../shared/More";
import { toast } from "../../shared/toasts";
import { inWords } from "../../words/refusals";
import styles from "./Invitation.module.css";

/** A code of the practice joins the account to a record that is there: one's own, or a child's. */
export function Invitation() {
  const { t } = useLingui();
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    if (isBusy) return;
    setBusy(true);
    setRefusal("");
    try {
      const names = await accept(String(new FormData(form).get("code")).trim());
      form.reset();
      toast({ kind: "done", text: t`The code is accepted. This account is for: ${names}.` });
    } catch (error) {
      setRefusal(inWords(error));
    }
    setBusy(false);
  }

  return (
    <div className={styles["invitation"]} data-print="none">
      <More summary={<Trans>I have an invitation code</Trans>}>
        {() => (
          <Form className={styles["form"] ?? ""} onSubmit={(event) => void send(event)}>
            {refusal && <Message kind="danger">{refusal}</Message>}
            <Field
              label={t`Invitation code`}
              name="code"
              autoComplete="off"
              hint={t`The practice has given it to you, for yourself or for a child.`}
              isRequired
            />
            <Button type="submit" isBusy={isBusy}>
              <Trans>Use the code</Trans>
            </Button>
          </Form>
        )}
      </More>
    </div>
  );
}
