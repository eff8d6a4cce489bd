import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useNow } from "../../../shared/now";
import { Choose } from "../../../staff/Choose";
import { Hours } from "../../../staff/Hours";
import { TimeOff } from "../../../staff/TimeOff";
import { type Profession, useProfessionWords } from "../accounts/roles";
import { allOf } from "../all";
import { Beside, Part } from "../forms/Part";
import { RecordForm } from "../forms/RecordForm";
import { ZoneChoice } from "../forms/ZoneChoice";
import { useDraft } from "../forms/draft";
import { saving } from "../forms/saving";
import { OffersForm } from "./OffersForm";
import type { Dentist } from "./dentists";

interface DentistRecordProps {
  dentist: Dentist;
  practiceZone: string;
}

export function DentistRecord({ dentist, practiceZone }: DentistRecordProps) {
  const now = useNow();
  return (
    <>
      <DentistFacts dentist={dentist} practiceZone={practiceZone} />
      {dentist.profession !== "assistant" && <OffersForm dentist={dentist} />}
      <Hours dentist={dentist} now={now} />
      <TimeOff dentist={dentist} now={now} />
    </>
  );
}

interface Facts {
  /** Null follows the practice's. */
  timeZone: string | null;
  profession: Profession;
  active: boolean;
}

function DentistFacts({ dentist, practiceZone }: DentistRecordProps) {
  const { t } = useLingui();
  const client = useQueryClient();
  const words = useProfessionWords();
  const { id, name, timeZone, profession, active } = dentist;
  const draft = useDraft<Facts>({ timeZone: timeZone === practiceZone ? null : timeZone, profession, active });

  async function change(changes: Partial<Facts>, force: boolean): Promise<void> {
    await realtimeSyncService.api.changeDentist(id, { ...changes, force });
    await client.invalidateQueries({ queryKey: ["dentist"] });
  }

  return (
    <RecordForm label={name} draft={draft} zone={timeZone} onSave={saving({ name, draft, change })}>
      <Part title={<Trans>Who it is</Trans>}>
        <ToAccount dentist={dentist} />
        <Beside>
          <Choose
            label={t`Profession`}
            value={draft.values.profession}
            options={(["dentist", "hygienist", "assistant"] as const).map((each) => ({ id: each, name: words[each] }))}
            onChange={(each) => draft.set({ profession: each as Profession })}
          />
          <Choose
            label={t`Bookings`}
            value={draft.values.active ? "taken" : "none"}
            options={[
              { id: "taken", name: t`Takes bookings` },
              { id: "none", name: t`Takes no bookings` },
            ]}
            onChange={(bookings) => draft.set({ active: bookings === "taken" })}
          />
        </Beside>
        <ZoneChoice
          label={t`Time zone`}
          hint={t`By whose clock the weekly hours are.`}
          value={draft.values.timeZone ?? ""}
          none={t`As the practice: ${practiceZone}`}
          onChange={(zone) => draft.set({ timeZone: zone === "" ? null : zone })}
        />
      </Part>
    </RecordForm>
  );
}

/** The name and the way to sign in are the account's. */
function ToAccount({ dentist }: { dentist: Dentist }) {
  const { data } = useQuery({
    queryKey: ["accounts", "with a diary"],
    queryFn: () => allOf((page) => realtimeSyncService.api.listUsers({ role: "dentist", ...page })),
  });
  const account = data?.find(({ dentistId }) => dentistId === dentist.id);
  if (account === undefined) return null;
  return (
    <p>
      <Link to="/admin" search={{ view: "accounts", id: account.id }}>
        <Trans>Name and sign-in: {account.email}</Trans>
      </Link>
    </p>
  );
}
