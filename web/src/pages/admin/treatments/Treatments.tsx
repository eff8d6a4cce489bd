import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Empty } from "../../../shared/Empty";
import { AddLink, Records } from "../Records";
import { Row } from "../Rows";
import { EditTreatment, NewTreatment } from "./TreatmentForms";
import { type Treatment, useAllTreatments } from "./treatments";

/** What can be booked: listed, added, changed, and no longer offered. */
export function Treatments() {
  const { t } = useLingui();
  const { data, error } = useAllTreatments();
  return (
    <Records
      label={t`Treatments`}
      items={data}
      error={error}
      back={<Trans>All treatments</Trans>}
      add={
        <AddLink>
          <Trans>Add a treatment</Trans>
        </AddLink>
      }
      fresh={{ title: <Trans>New treatment</Trans>, form: <NewTreatment /> }}
      row={(treatment) => <One key={treatment.id} treatment={treatment} />}
      open={(treatment) => <EditTreatment treatment={treatment} />}
      markOf={({ active }) => (active ? undefined : t`No longer offered`)}
      empty={
        <Empty level="h2" title={<Trans>Nothing can be booked yet</Trans>}>
          <p>
            <Trans>Add what you treat and how long it takes. Patients choose from this list.</Trans>
          </p>
        </Empty>
      }
      missing={{
        title: <Trans>There is no such treatment</Trans>,
        hint: <Trans>The address may be mistyped. Choose one from the list.</Trans>,
      }}
    />
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
