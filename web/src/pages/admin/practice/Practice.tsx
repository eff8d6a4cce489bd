import { realtimeSyncService } from "@dental-sync/client";
import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { Message } from "../../../shared/Message";
import { Waiting } from "../../../shared/Waiting";
import { usePractice } from "../../../shared/following";
import { inStaffWords } from "../../../staff/refusals";
import { RecordForm } from "../forms/RecordForm";
import { useDraft } from "../forms/draft";
import { saving } from "../forms/saving";
import { Contact } from "./Contact";
import { Logo } from "./Logo";
import { Offered, Online } from "./Online";
import { type Facts, factsOf } from "./facts";

type Changes = Parameters<typeof realtimeSyncService.api.changePractice>[0];

/** What the practice says of itself, and by which rules it is booked. */
export function Practice() {
  const { data: practice, error } = usePractice();
  if (error) return <Message kind="danger">{inStaffWords(error)}</Message>;
  if (practice === undefined) return <Waiting />;
  return (
    <>
      <Settings saved={factsOf(practice)} />
      <Logo isPublic={practice.publicBooking !== "off"} />
    </>
  );
}

function Settings({ saved }: { saved: Facts }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const draft = useDraft(saved);

  async function change(changes: Partial<Facts>, force: boolean): Promise<void> {
    await realtimeSyncService.api.changePractice({ ...(changes as Changes), force });
    await client.invalidateQueries({ queryKey: ["practice"] });
  }

  return (
    <RecordForm label={t`Settings of the practice`} draft={draft} zone={saved.timeZone} onSave={saving({ name: saved.name, draft, change })}>
      <Contact values={draft.values} onChange={draft.set} />
      <Online values={draft.values} onChange={draft.set} />
      <Offered values={draft.values} onChange={draft.set} />
    </RecordForm>
  );
}
