import { realtimeSyncService } from "@dental-sync/client";
import { useRealtimeSync } from "@dental-sync/client/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { SearchField } from "react-aria-components/SearchField";
import { Button } from "../../../shared/Button";
import { Empty } from "../../../shared/Empty";
import fieldStyles from "../../../shared/Field.module.css";
import { Message } from "../../../shared/Message";
import { Waiting } from "../../../shared/Waiting";
import { Choose } from "../../../staff/Choose";
import { inStaffWords } from "../../../staff/refusals";
import { AddLink } from "../Records";
import { Opened, Row, Rows } from "../Rows";
import { Beside } from "../forms/Part";
import { AccountRecord } from "./AccountRecord";
import { NewAccount } from "./NewAccount";
import { type Account, useProfessionWords, useRoleWords } from "./roles";

const PAGE = 50;
// Who works here is not lost among patients.
const WORKING = "admin,receptionist,dentist,chatbot";

/** Who can sign in: found by name or address, invited, changed, and switched off. */
export function Accounts() {
  const { id } = useSearch({ from: "/admin" });
  const client = useQueryClient();
  // Accounts are no records of the practice: what is told is that somebody's record has been made or changed with one.
  useRealtimeSync("practice", (told) => {
    if (told === null || told.kind === "dentist" || told.kind === "patient") {
      void client.invalidateQueries({ queryKey: ["accounts"] });
    }
  });
  const back = <Trans>All accounts</Trans>;
  if (id === "new") {
    return (
      <Opened back={back} title={<Trans>New account</Trans>}>
        <NewAccount />
      </Opened>
    );
  }
  if (id !== undefined) return <AccountRecord key={id} id={id} back={back} />;
  return <List />;
}

function List() {
  const { t } = useLingui();
  const { q = "", role = WORKING } = useSearch({ from: "/admin" });
  const wanted = q.trim();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, isPlaceholderData } = useInfiniteQuery({
    queryKey: ["accounts", role, wanted],
    queryFn: ({ pageParam, signal }) => {
      const query = { role, limit: PAGE, ...(wanted && { q: wanted }), ...(pageParam && { after: pageParam }) };
      return realtimeSyncService.api.listUsers(query, { signal });
    },
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: true,
  });
  const accounts = data?.pages.flatMap(({ items }) => items);
  return (
    <>
      <div>
        <AddLink>
          <Trans>Invite somebody</Trans>
        </AddLink>
      </div>
      <Finder q={q} role={role} />
      {error && <Message kind="danger">{inStaffWords(error)}</Message>}
      {accounts === undefined && !error && <Waiting />}
      {accounts?.length === 0 && !isPlaceholderData && (
        <Empty level="h2" title={<Trans>No account found</Trans>}>
          <p>
            <Trans>Try fewer letters, a part of the e-mail address, or everybody.</Trans>
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
        <div>
          <Button isBusy={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            <Trans>Show more</Trans>
          </Button>
        </div>
      )}
    </>
  );
}

function Finder({ q, role }: { q: string; role: string }) {
  const { t } = useLingui();
  const navigate = useNavigate({ from: "/admin" });
  const roles = useRoleWords();
  const find = (text: string) =>
    void navigate({ search: ({ q: _, ...rest }) => (text === "" ? rest : { ...rest, q: text }), replace: true });
  const choose = (which: string) =>
    void navigate({ search: ({ role: _, ...rest }) => (which === WORKING ? rest : { ...rest, role: which }), replace: true });
  return (
    <Beside>
      <SearchField className={fieldStyles["field"] ?? ""} value={q} onChange={find}>
        <Label className={fieldStyles["label"] ?? ""}>
          <Trans>Find an account</Trans>
        </Label>
        <Input className={fieldStyles["input"] ?? ""} placeholder={t`Name or e-mail`} autoComplete="off" />
      </SearchField>
      <Choose
        label={t`Whose`}
        value={role}
        options={[
          { id: WORKING, name: t`Everybody who works here` },
          ...(["admin", "receptionist", "dentist", "patient", "chatbot"] as const).map((each) => ({
            id: each,
            name: roles[each],
          })),
        ]}
        onChange={choose}
      />
    </Beside>
  );
}

function One({ account }: { account: Account }) {
  const { t } = useLingui();
  const roles = useRoleWords();
  const professions = useProfessionWords();
  const { id, name, email, role, profession, active } = account;
  const what = profession === undefined ? roles[role] : professions[profession];
  return <Row id={id} name={name} facts={[what, email]} mark={active ? undefined : t`Switched off`} />;
}
