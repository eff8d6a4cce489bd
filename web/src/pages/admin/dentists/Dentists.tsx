import { Trans, useLingui } from "@lingui/react/macro";
import { ButtonLink } from "../../../shared/ButtonLink";
import { Empty } from "../../../shared/Empty";
import { usePractice } from "../../../shared/following";
import { Records } from "../Records";
import { Row } from "../Rows";
import { useProfessionWords } from "../accounts/roles";
import { DentistRecord } from "./DentistRecord";
import { type Dentist, useEverybody } from "./dentists";

/** Who treats patients and who assists: what they offer, when they work, and whether they are booked. */
export function Dentists() {
  const { t } = useLingui();
  const everybody = useEverybody();
  const practice = usePractice();
  const practiceZone = practice.data?.timeZone;
  return (
    <Records
      label={t`Dentists`}
      items={practiceZone === undefined ? undefined : everybody.data}
      error={everybody.error ?? practice.error}
      back={<Trans>All dentists and assistants</Trans>}
      add={
        <ButtonLink to="/admin" search={{ view: "accounts", id: "new" }} look="main">
          <Trans>Invite somebody</Trans>
        </ButtonLink>
      }
      row={(dentist) => <One key={dentist.id} dentist={dentist} practiceZone={practiceZone ?? ""} />}
      open={(dentist) => <DentistRecord dentist={dentist} practiceZone={practiceZone ?? ""} />}
      markOf={({ active }) => (active ? undefined : t`Takes no bookings`)}
      empty={
        <Empty level="h2" title={<Trans>Nobody can be booked yet</Trans>}>
          <p>
            <Trans>Invite whoever treats patients; then say here when they work and what they offer.</Trans>
          </p>
        </Empty>
      }
      missing={{
        title: <Trans>There is no such person</Trans>,
        hint: <Trans>The address may be mistyped. Choose somebody from the list.</Trans>,
      }}
    />
  );
}

function One({ dentist, practiceZone }: { dentist: Dentist; practiceZone: string }) {
  const { t } = useLingui();
  const professions = useProfessionWords();
  const { id, name, profession, timeZone, workingHours, active } = dentist;
  const facts = [
    professions[profession],
    timeZone !== practiceZone && timeZone,
    active && workingHours.length === 0 && profession !== "assistant" && t`no hours yet: nobody can be booked`,
  ].filter(Boolean);
  return <Row id={id} name={name} facts={facts} mark={active ? undefined : t`Takes no bookings`} />;
}
