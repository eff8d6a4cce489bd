import { useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ButtonLink } from "../../shared/ButtonLink";
import { Message } from "../../shared/Message";
import { Waiting } from "../../shared/Waiting";
import { inStaffWords } from "../../staff/refusals";
import { Opened, Rows } from "./Rows";

interface RecordsProps<Item> {
  label: string;
  /** Undefined until they are known. */
  items: readonly Item[] | undefined;
  /** Why they are not known. */
  error: Error | null;
  /** What the list is called where one of them is open. */
  back: ReactNode;
  /** The way to make another one. */
  add: ReactNode;
  /** The form for another one, where it is made here. */
  fresh?: { title: ReactNode; form: ReactNode };
  row: (item: Item) => ReactNode;
  open: (item: Item) => ReactNode;
  /** What is not as usual about one. */
  markOf: (item: Item) => string | undefined;
  /** Where there are none, and where none has the id of the address. */
  empty: ReactNode;
  missing: { title: ReactNode; hint: ReactNode };
}

/** The records of a view: their list, or the one that `?id=` opens, or a new one. */
export function Records<Item extends { id: string; name: string }>(props: RecordsProps<Item>) {
  const { label, items, error, back, add, fresh, row, open, markOf, empty, missing } = props;
  const { id } = useSearch({ from: "/admin" });
  if (error) return <Message kind="danger">{inStaffWords(error)}</Message>;
  if (items === undefined) return <Waiting />;
  if (id === "new" && fresh !== undefined) {
    return (
      <Opened back={back} title={fresh.title}>
        {fresh.form}
      </Opened>
    );
  }
  if (id !== undefined) {
    const item = items.find((each) => each.id === id);
    return item === undefined ? (
      <Opened back={back} title={missing.title}>
        <p>{missing.hint}</p>
      </Opened>
    ) : (
      <Opened key={id} back={back} title={item.name} mark={markOf(item)}>
        {open(item)}
      </Opened>
    );
  }
  return (
    <>
      <div>{add}</div>
      {items.length === 0 ? empty : <Rows label={label}>{items.map(row)}</Rows>}
    </>
  );
}

/** The way to the form for another record of this view. */
export function AddLink({ children }: { children: ReactNode }) {
  return (
    <ButtonLink from="/admin" to="/admin" search={(now) => ({ ...now, id: "new" })} look="main">
      {children}
    </ButtonLink>
  );
}
