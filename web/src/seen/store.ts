/** Something that was seen, as it was last known. */
export interface Seen {
  /** The account that has seen it. */
  account: string;
  name: string;
  data: unknown;
  /** When it was true, in milliseconds. */
  at: number;
}

const DATABASE = "dental-sync seen";
const TABLE = "seen";
const LONGEST_MS = 7 * 24 * 3_600_000;
/** Of an account; the oldest go first. */
const MOST = 100;

export async function read(account: string, name: string, now = Date.now()): Promise<Seen | null> {
  const found = (await inTable("readonly", (table) => table.get([account, name]))) as Seen | undefined;
  return found === undefined || isOver(found, now) ? null : found;
}

export async function write(all: Seen[]): Promise<void> {
  await inTable("readwrite", (table) => all.map((seen) => table.put(seen)).at(-1));
}

/** Deletes what is not this account's, what is too old and what is too much; everything where nobody is signed in. */
export async function sweep(account: string | null, now = Date.now()): Promise<void> {
  if (account === null) {
    await inTable("readwrite", (table) => table.clear());
    return;
  }
  const all = (await inTable("readonly", (table) => table.getAll())) as Seen[];
  const kept = new Set(staying(all, account, now));
  const gone = all.filter((seen) => !kept.has(seen));
  await inTable("readwrite", (table) => gone.map((seen) => table.delete([seen.account, seen.name])).at(-1));
}

/** Those that may stay. */
export function staying(all: Seen[], account: string, now: number): Seen[] {
  const own = all.filter((seen) => seen.account === account && !isOver(seen, now));
  return own.sort((a, b) => b.at - a.at).slice(0, MOST);
}

function isOver({ at }: Seen, now: number): boolean {
  return now - at > LONGEST_MS;
}

/** Resolves, once it is stored for good, to what the last request gave. */
async function inTable(mode: IDBTransactionMode, ask: (table: IDBObjectStore) => IDBRequest | undefined): Promise<unknown> {
  const database = await opened();
  try {
    const transaction = database.transaction(TABLE, mode);
    const request = ask(transaction.objectStore(TABLE));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    return request?.result;
  } finally {
    database.close();
  }
}

function opened(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE, { keyPath: ["account", "name"] });
  return new Promise((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}
