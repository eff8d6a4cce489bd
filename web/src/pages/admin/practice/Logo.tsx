import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { apiUrl } from "../../../place";
import { Button } from "../../../shared/Button";
import { Confirm } from "../../../shared/Confirm";
import { Message } from "../../../shared/Message";
import { toast } from "../../../shared/toasts";
import { inStaffWords } from "../../../staff/refusals";
import { Part } from "../forms/Part";
import styles from "./Logo.module.css";
import { addressOf, fitting } from "./image";

/** The image beside the practice's name, changed at once. Who has no account, and so this page, sees it where it is public. */
export function Logo({ isPublic }: { isPublic: boolean }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const { api } = realtimeSyncService;
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");
  // What was chosen here is shown at once: browsers keep the other one for some minutes.
  const [chosen, setChosen] = useState<string | null>(null);
  const { data } = useQuery({ queryKey: ["practice", "public"], queryFn: () => api.publicPractice(), enabled: isPublic });
  const stored = data?.hasLogo ? `${apiUrl}/api/public/logo` : null;
  // Somebody else may have removed it since.
  const shown = data?.hasLogo === false ? null : (chosen ?? stored);

  const askAgain = () => client.invalidateQueries({ queryKey: ["practice", "public"] });

  async function put(file: File): Promise<void> {
    setBusy(true);
    setRefusal("");
    try {
      const image = await fitting(file);
      if (image === null) {
        setRefusal(t`This file is no image that can be shown. Choose a PNG, a JPEG or a WebP.`);
      } else {
        await api.setLogo(image);
        setChosen(await addressOf(image));
        await askAgain();
        toast({ kind: "done", text: t`The logo is changed.` });
      }
    } catch (error) {
      setRefusal(inStaffWords(error));
    }
    setBusy(false);
  }

  async function remove(): Promise<void> {
    try {
      await api.removeLogo();
      setChosen(null);
      await askAgain();
      toast({ kind: "done", text: t`The logo is removed.` });
    } catch (error) {
      setRefusal(inStaffWords(error));
    }
  }

  return (
    <Part title={<Trans>Logo</Trans>} lead={<Trans>Beside the name, where patients book. It is changed at once.</Trans>}>
      {refusal && <Message kind="danger">{refusal}</Message>}
      <div className={styles["logo"]}>
        <div className={styles["frame"]}>
          {shown !== null && <img src={shown} alt={t`The logo of the practice`} data-logo="" />}
        </div>
        <div className={styles["actions"]}>
          <FileTrigger
            acceptedFileTypes={["image/png", "image/jpeg", "image/webp"]}
            onSelect={(files) => {
              const [file] = files ?? [];
              if (file !== undefined) void put(file);
            }}
          >
            <Button isBusy={isBusy}>
              <Trans>Choose an image</Trans>
            </Button>
          </FileTrigger>
          {shown !== null && (
            <Confirm
              trigger={
                <Button look="danger">
                  <Trans>Remove it</Trans>
                </Button>
              }
              title={<Trans>Remove the logo?</Trans>}
              action={<Trans>Remove it</Trans>}
              onConfirm={() => void remove()}
            >
              <p>
                <Trans>Patients see the name alone then. To have it back you choose the file again.</Trans>
              </p>
            </Confirm>
          )}
        </div>
      </div>
      {!isPublic && (
        <p className={styles["hint"]}>
          <Trans>It is shown once those without an account may see what is free.</Trans>
        </p>
      )}
    </Part>
  );
}
