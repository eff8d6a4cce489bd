import { Trans, useLingui } from "@lingui/react/macro";
import { inWords } from "../words/refusals";
import { Empty } from "./Empty";
import { NativeButton } from "./NativeButton";
import { useTitle } from "./title";

/** In place of a page that could not be shown. */
export function Failed({ error }: { error: unknown }) {
  const { t } = useLingui();
  useTitle(t`This page cannot be shown`);
  return (
    <Empty title={<Trans>This page cannot be shown</Trans>}>
      <p role="alert">{inWords(error)}</p>
      <NativeButton onClick={() => location.reload()}>
        <Trans>Load it again</Trans>
      </NativeButton>
    </Empty>
  );
}
