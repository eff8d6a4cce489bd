import { Trans, useLingui } from "@lingui/react/macro";
import { ButtonLink } from "./ButtonLink";
import { Empty } from "./Empty";
import { useTitle } from "./title";

export function Nowhere() {
  const { t } = useLingui();
  useTitle(t`There is no such page`);
  return (
    <Empty title={<Trans>There is no such page</Trans>}>
      <p>
        <Trans>The address may be mistyped, or the page has moved.</Trans>
      </p>
      <ButtonLink to="/">
        <Trans>To the start page</Trans>
      </ButtonLink>
    </Empty>
  );
}
