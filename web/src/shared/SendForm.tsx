import { type FormEvent, type ReactNode, useState } from "react";
import { Form } from "react-aria-components/Form";
import { inWords } from "../words/refusals";
import { Button } from "./Button";
import { Message } from "./Message";
import styles from "./SendForm.module.css";

interface SendFormProps {
  /** What the button says. */
  action: ReactNode;
  /** Given what is in the fields, by their names. */
  onSend: (text: (name: string) => string) => Promise<void>;
  /** What is said where `onSend` rejects, empty for nothing; the refusal's usual words unless given. */
  say?: (error: unknown) => string;
  /** What is wrong with which field, by its name. */
  wrong?: Record<string, string>;
  children?: ReactNode;
}

/** A form that is sent once at a time, and says in words what was refused. */
export function SendForm({ action, onSend, say = inWords, wrong = {}, children }: SendFormProps) {
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (isBusy) return;
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setRefusal("");
    try {
      await onSend((name) => String(form.get(name) ?? ""));
    } catch (error) {
      setRefusal(say(error));
    }
    setBusy(false);
  }

  return (
    <Form className={styles["form"] ?? ""} validationErrors={wrong} onSubmit={(event) => void send(event)}>
      {refusal && <Message kind="danger">{refusal}</Message>}
      {children}
      <Button look="main" type="submit" isBusy={isBusy}>
        {action}
      </Button>
    </Form>
  );
}
