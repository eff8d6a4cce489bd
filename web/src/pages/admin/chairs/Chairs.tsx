import { Trans, useLingui } from "@lingui/react/macro";
import { Empty } from "../../../shared/Empty";
import { AddLink, Records } from "../Records";
import { Row } from "../Rows";
import { EditChair, NewChair } from "./ChairForms";
import { type Chair, useAllChairs } from "./chairs";

/** Where patients are treated: listed, added, changed, away for some time, and no longer used. */
export function Chairs() {
  const { t } = useLingui();
  const { data, error } = useAllChairs();
  const markOf = ({ active }: Chair) => (active ? undefined : t`No longer used`);
  return (
    <Records
      label={t`Chairs`}
      items={data}
      error={error}
      back={<Trans>All chairs</Trans>}
      add={
        <AddLink>
          <Trans>Add a chair</Trans>
        </AddLink>
      }
      fresh={{ title: <Trans>New chair</Trans>, form: <NewChair /> }}
      row={(chair) => <Row key={chair.id} id={chair.id} name={chair.name} facts={[chair.kind]} mark={markOf(chair)} />}
      open={(chair) => <EditChair chair={chair} />}
      markOf={markOf}
      empty={
        <Empty level="h2" title={<Trans>No chairs are needed</Trans>}>
          <p>
            <Trans>
              Without chairs only the dentists' time is booked. Add them where there are fewer rooms than dentists, or where
              a treatment needs a special one.
            </Trans>
          </p>
        </Empty>
      }
      missing={{
        title: <Trans>There is no such chair</Trans>,
        hint: <Trans>The address may be mistyped. Choose one from the list.</Trans>,
      }}
    />
  );
}
