import { Trans, useLingui } from "@lingui/react/macro";
import { useSearch } from "@tanstack/react-router";
import { ButtonLink } from "../../../shared/ButtonLink";
import { Empty } from "../../../shared/Empty";
import { Message } from "../../../shared/Message";
import { Waiting } from "../../../shared/Waiting";
import { inStaffWords } from "../../../staff/refusals";
import { Record, Row, Rows } from "../Rows";
import { EditChair, NewChair } from "./ChairForms";
import { useAllChairs } from "./chairs";

/** Where patients are treated: listed, added, changed, away for some time, and no longer used. */
export function Chairs() {
  const { t } = useLingui();
  const { id } = useSearch({ from: "/admin" });
  const { data: chairs, error } = useAllChairs();
  const back = <Trans>All chairs</Trans>;
  if (error) return <Message kind="danger">{inStaffWords(error)}</Message>;
  if (chairs === undefined) return <Waiting />;
  if (id === "new") {
    return (
      <Record back={back} title={<Trans>New chair</Trans>}>
        <NewChair />
      </Record>
    );
  }
  const open = chairs.find((chair) => chair.id === id);
  if (id !== undefined) {
    return open ? (
      <Record back={back} title={open.name} mark={open.active ? undefined : t`No longer used`}>
        <EditChair key={open.id} chair={open} />
      </Record>
    ) : (
      <Record back={back} title={<Trans>There is no such chair</Trans>}>
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
          <Trans>Add a chair</Trans>
        </ButtonLink>
      </div>
      {chairs.length === 0 ? (
        <Empty level="h2" title={<Trans>No chairs are needed</Trans>}>
          <p>
            <Trans>
              Without chairs only the dentists' time is booked. Add them where there are fewer rooms than dentists, or where
              a treatment needs a special one.
            </Trans>
          </p>
        </Empty>
      ) : (
        <Rows label={t`Chairs`}>
          {chairs.map(({ id: chairId, name, kind, active }) => (
            <Row key={chairId} id={chairId} name={name} facts={[kind]} mark={active ? undefined : t`No longer used`} />
          ))}
        </Rows>
      )}
    </>
  );
}
