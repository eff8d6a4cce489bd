import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Button } from "../shared/Button";
import confirmStyles from "../shared/Confirm.module.css";
import styles from "./Keys.module.css";

/** A key, and what it does. */
type Key = [string, string];

interface KeysProps {
  /** Whether free times can be booked on the sheet. */
  canBook?: boolean;
  /** What keys do on this page beside the sheet. */
  more?: Key[];
}

/** What keys do on a page with a day sheet; `?` shows it too. */
export function Keys({ canBook = false, more = [] }: KeysProps) {
  const { t } = useLingui();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const open = ({ key, target }: KeyboardEvent) => {
      const isTyping = target instanceof Element && target.closest("input, select, textarea") !== null;
      if (key === "?" && !isTyping) setOpen(true);
    };
    window.addEventListener("keydown", open);
    return () => window.removeEventListener("keydown", open);
  }, []);
  const keys: Key[] = [
    ["Tab", canBook ? t`To the appointments, then to the free times` : t`To the appointments`],
    [t`Arrows`, t`Another time, or the next appointment`],
    ["Enter", canBook ? t`On a free time: book. On an appointment: pick it up, and drop it` : t`Pick an appointment up, and drop it`],
    [t`Shift and arrows`, t`A later or earlier end of what is picked up`],
    ["Esc", t`Put it back, or close`],
    ["D", t`The details of the appointment`],
    ...more,
    ["?", t`This list`],
  ];
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <Button size="small" look="quiet" aria-label={t`Keys`}>
        <kbd>?</kbd>
      </Button>
      <ModalOverlay className={confirmStyles["veil"] ?? ""} isDismissable>
        <Modal className={confirmStyles["modal"] ?? ""}>
          <Dialog className={confirmStyles["dialog"] ?? ""}>
            {({ close }) => (
              <>
                <Heading slot="title" level={2}>
                  <Trans>Keys</Trans>
                </Heading>
                <dl className={styles["keys"]}>
                  {keys.map(([key, what]) => (
                    <div key={key}>
                      <dt>
                        <kbd>{key}</kbd>
                      </dt>
                      <dd>{what}</dd>
                    </div>
                  ))}
                </dl>
                <Button onPress={close}>
                  <Trans>Close</Trans>
                </Button>
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
