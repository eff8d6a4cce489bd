import { Trans, useLingui } from "@lingui/react/macro";
import { useSearch } from "@tanstack/react-router";
import { ButtonLink } from "../../../shared/ButtonLink";
import { Empty } from "../../../shared/Empty";
import { Message } from "../../../shared/Message";
import { Waiting } from "../../../shared/Waiting";
import { usePractice } from "../../../shared/following";
import { inStaffWords } from "../../../staff/refusals";
import { Record, Row, Rows } from "../Rows";
import { useProfessionWords } from "../accounts/roles";
import { DentistRecord } from "./DentistRecord";
import { type Dentist, useEverybody } from "./dentists";

/** Who treats patients and who assists: what they offer, when they work, and whether they are booked. */
export function Dentists() {
  const { t } = useLingui();
  const { id } = useSearch({ from: "/admin" });
  const everybody = useEverybody();
  const practice = usePractice();
  const back = <Trans>All dentists and assistants</Trans>;
  const problem = everybody.error ?? practice.error;
  if (problem) return <Message kind="danger">{inStaffWords(problem)}</Message>;
  if (everybody.data === undefined || practice.data === undefined) return <Waiting />;
  const open = everybody.data.find((dentist) => dentist.id === id);
  if (id !== undefined) {
    return open ? (
      <Record back={back} title={open.name} mark={open.active ? undefined : t`Takes no bookings`}>
        <DentistRecord key={open.id} dentist={open} practiceZone={practice.data.timeZone} />
      </Record>
    ) : (
      <Record back={back} title={<Trans>There is no such person</Trans>}>
        <p>
          <Trans>The address may be mistyped. Choose somebody from the list.</Trans>
        </p>
      </Record>
    );
  }
  return (
    <>
      <div>
        <ButtonLink to="/admin" search={{ view: "accounts", id: "new" }} look="main">
          <Trans>Invite somebody</Trans>
        </ButtonLink>
      </div>
      {everybody.data.length === 0 ? (
        <Empty level="h2" title={<Trans>Nobody can be booked yet</Trans>}>
          <p>
            <Trans>Invite whoever treats patients; then say here when they work and what they offer.</Trans>
          </p>
        </Empty>
      ) : (
        <Rows label={t`Dentists`}>
          {everybody.data.map((dentist) => (
            <One key={dentist.id} dentist={dentist} practiceZone={practice.data.timeZone} />
          ))}
        </Rows>
      )}
    </>
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
