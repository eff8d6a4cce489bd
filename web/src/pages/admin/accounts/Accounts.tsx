import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { SearchField } from "react-aria-components/SearchField";
import { Button } from "../../../shared/Button";
import { Empty } from "../../../shared/Empty";
import fieldStyles from "../../../shared/Field.module.css";
import { Message } from "../../../shared/Message";
import { Waiting } from "../../../shared/Waiting";
import { inWords } from "../../../words/refusals";
import { Row, Rows } from "../Rows";
import { type Account, useProfessionWords, useRoleWords } from "./roles";

const PAGE = 50;

/** Who can sign in: found by name or address. */
export function Accounts() {
  const { t } = useLingui();
  const { q = "" } = useSearch({ from: "/admin" });
  const navigate = useNavigate({ from: "/admin" });
  const wanted = q.trim();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, isPlaceholderData } = useInfiniteQuery({
    queryKey: ["accounts", wanted],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...(wanted && { q: wanted }), ...(pageParam && { after: pageParam }) };
      return realtimeSyncService.api.listUsers(query, { signal });
    },
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });
  const accounts = data?.pages.flatMap(({ items }) => items);
  return (
    <>
      <SearchField
        className={fieldStyles["field"] ?? ""}
        value={q}
        onChange={(text) =>
          void navigate({ search: ({ q: _, ...rest }) => (text === "" ? rest : { ...rest, q: text }), replace: true })
        }
      >
        <Label className={fieldStyles["label"] ?? ""}>
          <Trans>Find an account</Trans>
        </Label>
        <Input className={fieldStyles["input"] ?? ""} placeholder={t`Name or e-mail`} autoComplete="off" />
      </SearchField>
      {error && <Message kind="danger">{inWords(error)}</Message>}
      {accounts === undefined && !error && <Waiting />}
      {accounts?.length === 0 && !isPlaceholderData && (
        <Empty level="h2" title={<Trans>No account found</Trans>}>
          <p>
            <Trans>Try fewer letters, or a part of the e-mail address.</Trans>
          </p>
        </Empty>
      )}
      {accounts !== undefined && accounts.length > 0 && (
        <Rows label={t`Accounts`} isBusy={isPlaceholderData}>
          {accounts.map((account) => (
            <One key={account.id} account={account} />
          ))}
        </Rows>
      )}
      {hasNextPage && (
        <Button isBusy={isFetchingNextPage} onPress={() => void fetchNextPage()}>
          <Trans>Show more</Trans>
        </Button>
      )}
    </>
  );
}

function One({ account }: { account: Account }) {
  const { t } = useLingui();
  const roles = useRoleWords();
  const professions = useProfessionWords();
  const { id, name, email, role, profession, active } = account;
  const what = profession === undefined ? roles[role] : professions[profession];
  return <Row id={id} name={name} facts={`${what} · ${email}`} mark={active ? undefined : t`Switched off`} />;
}
