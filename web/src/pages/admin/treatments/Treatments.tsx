import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useSearch } from "@tanstack/react-router";
import { ButtonLink } from "../../../shared/ButtonLink";
import { Empty } from "../../../shared/Empty";
import { Message } from "../../../shared/Message";
import { Waiting } from "../../../shared/Waiting";
import { inStaffWords } from "../../../staff/refusals";
import { Record, Row, Rows } from "../Rows";
import { EditTreatment, NewTreatment } from "./TreatmentForms";
import { type Treatment, useAllTreatments } from "./treatments";

/** What can be booked: listed, added, changed, and no longer offered. */
export function Treatments() {
  const { t } = useLingui();
  const { id } = useSearch({ from: "/admin" });
  const { data: treatments, error } = useAllTreatments();
  const back = <Trans>All treatments</Trans>;
  if (error) return <Message kind="danger">{inStaffWords(error)}</Message>;
  if (treatments === undefined) return <Waiting />;
  if (id === "new") {
    return (
      <Record back={back} title={<Trans>New treatment</Trans>}>
        <NewTreatment />
      </Record>
    );
  }
  const open = treatments.find((treatment) => treatment.id === id);
  if (id !== undefined) {
    return open ? (
      <Record back={back} title={open.name} mark={open.active ? undefined : t`No longer offered`}>
        <EditTreatment key={open.id} treatment={open} />
      </Record>
    ) : (
      <Record back={back} title={<Trans>There is no such treatment</Trans>}>
        <p>
          <Trans>The address may be mistyped. Choose one from the list.</Trans>
        </p>
      </Record>
    );
  }
  return (
    <>
      <div>
        <ButtonLink from="/admin" to="/admin" search={(now) => ({ ...now, id: "new" })} look="main">
          <Trans>Add a treatment</Trans>
        </ButtonLink>
      </div>
      {treatments.length === 0 ? (
        <Empty level="h2" title={<Trans>Nothing can be booked yet</Trans>}>
          <p>
            <Trans>Add what you treat and how long it takes. Patients choose from this list.</Trans>
          </p>
        </Empty>
      ) : (
        <Rows label={t`Treatments`}>
          {treatments.map((treatment) => (
            <One key={treatment.id} treatment={treatment} />
          ))}
        </Rows>
      )}
    </>
  );
}

function One({ treatment }: { treatment: Treatment }) {
  const { t } = useLingui();
  const { id, name, durationMinutes, requiresApproval, chairKind, needsAssistant, active } = treatment;
  const facts = [
    <Plural value={durationMinutes} one="# minute" other="# minutes" />,
    !treatment.public && t`for staff to book`,
    requiresApproval && t`has to be approved`,
    chairKind && t`needs: ${chairKind}`,
    needsAssistant && t`needs an assistant`,
  ].filter(Boolean);
  return <Row id={id} name={name} facts={facts} mark={active ? undefined : t`No longer offered`} />;
}
