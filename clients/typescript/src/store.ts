/** Where a session is kept: one text, or null. The next read, in any tab, returns what was written. */
export interface SessionStore {
  read(): Promise<string | null>;
  write(text: string | null): Promise<void>;
}

/** Gone with the page, and every page has its own. */
export function memoryStore(): SessionStore {
  let kept: string | null = null;
  return {
    read: async () => kept,
    write: async (text) => {
      kept = text;
    },
  };
}

const TABLE = "session";

/**
 * The browser's, shared by all tabs of an origin, until the user signs out; scripts of the page can read it. IndexedDB,
 * for a tab may read from `localStorage` what another one has replaced already. Where there is no browser, in Node or
 * while a page is rendered on a server, it is a `memoryStore()`.
 */
export function browserStore(name = "dental-sync"): SessionStore {
  if (globalThis.indexedDB === undefined) return memoryStore();
  const opened = (): Promise<IDBDatabase> => {
    const opening = indexedDB.open(name);
    opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
    return outcome(opening);
  };
  const inTable = async (mode: IDBTransactionMode, act: (table: IDBObjectStore) => IDBRequest): Promise<unknown> => {
    const database = await opened();
    try {
      const transaction = database.transaction(TABLE, mode);
      const request = act(transaction.objectStore(TABLE));
      await new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
      });
      return request.result;
    } finally {
      database.close();
    }
  };
  return {
    read: async () => ((await inTable("readonly", (table) => table.get(TABLE))) as string | undefined) ?? null,
    write: async (text) => {
      await inTable("readwrite", (table) => (text === null ? table.delete(TABLE) : table.put(text, TABLE)));
    },
  };
}

function outcome<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
